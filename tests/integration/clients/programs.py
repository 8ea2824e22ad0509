"""The programs of examples/clients, ready to be started: compiled where they have to be, beside what they need."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLIENTS = ROOT / "examples" / "clients"
#: Where `tools/bootstrap.sh clients` puts what the Node.js client needs.
NODE_MODULES = ROOT / ".local" / "npm-clients" / "node_modules"
#: Where it has Debian put the libraries of the others.
JARS = [Path(f"/usr/share/java/{name}.jar") for name in ("amqp-client", "gson", "slf4j-api", "slf4j-nop")]
GO_PATH = Path("/usr/share/gocode")
PHP_LIBRARY = Path("/usr/share/php/PhpAmqpLib/autoload.php")
#: What is compiled is kept from run to run.
COMPILED = ROOT / ".local" / "clients"


def commands(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return name → command of each client."""
    for needed in (NODE_MODULES, GO_PATH, PHP_LIBRARY, *JARS):
        if not needed.exists():
            pytest.fail(f"{needed} is missing: run tools/bootstrap.sh clients (make test does)")
    return {
        "python": (sys.executable, str(CLIENTS / "python" / "ocop_client.py")),
        "node": ("node", str(_node_program(folder))),
        "go": (str(_go_program()),),
        "java": ("java", "-cp", _class_path(_java_program().parent), "OcopClient"),
        "php": ("php", str(CLIENTS / "php" / "ocop-client.php")),
        "curl": ("bash", str(CLIENTS / "curl" / "ocop-client.sh")),
    }


def _node_program(folder: Path) -> Path:
    """Return a copy of the Node.js client beside its package, as `npm ci` would have it."""
    program = folder / "ocop-client.mjs"
    program.write_bytes((CLIENTS / "node" / "ocop-client.mjs").read_bytes())
    (folder / "node_modules").symlink_to(NODE_MODULES)
    return program


def _go_program() -> Path:
    program, source = COMPILED / "ocop-client", CLIENTS / "go" / "main.go"
    _compile(source, program, "go", "build", "-o", str(program), str(source))
    return program


def _java_program() -> Path:
    program, source = COMPILED / "OcopClient.class", CLIENTS / "java" / "OcopClient.java"
    _compile(source, program, "javac", "-encoding", "UTF-8", "-cp", _class_path(), "-d", str(COMPILED), str(source))
    return program


def _class_path(*folders: Path) -> str:
    return ":".join(map(str, (*folders, *JARS)))


def _compile(source: Path, program: Path, *command: str) -> None:
    """Compile a program unless it is newer than its source. Others that want it at the same time wait."""
    COMPILED.mkdir(parents=True, exist_ok=True)
    with (COMPILED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(command, check=True, env=os.environ | go_environment())


def go_environment() -> dict[str, str]:
    """Return what lets Go find Debian's libraries, and keep what it has compiled."""
    return {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOCACHE": str(COMPILED / "go-cache")}
