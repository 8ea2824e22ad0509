"""`./ocop` of a clone in which nothing is installed yet: it answers what needs nothing, and says what it installs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.version import VERSION

ROOT = Path(__file__).parents[2]
HELP = ROOT / "docs" / "help"
INSTALLING = 77


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone without .venv, in which `make` only says that it would have installed."""
    for part in ("ocop", "shared/version.py", "docs/help"):
        source, target = ROOT / part, tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    make = tmp_path / "bin" / "make"
    make.parent.mkdir()
    make.write_text(f"#!/bin/sh\nexit {INSTALLING}\n", "ascii")
    make.chmod(0o755)
    return tmp_path


def ocop(clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "ocop", *arguments],
        cwd="/",
        env={"PATH": f"{clone / 'bin'}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "shown", "code"),
    [
        ("", "ocop", 2),
        ("--help", "ocop", 0),
        ("score --help", "ocop-score", 0),
        ("dead --help", "ocop-dead", 0),
        ("dead list --help", "ocop-dead-list", 0),
        ("score examples/dossiers --json --help", "ocop-score", 0),
    ],
)
def test_help_is_shown_without_installing(clone: Path, arguments: str, shown: str, code: int) -> None:
    ran = ocop(clone, *arguments.split())

    assert (ran.returncode, ran.stdout, ran.stderr) == (code, (HELP / f"{shown}.txt").read_text("utf-8"), "")


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        ("due --help", {"LANG": "vi_VN.UTF-8"}),
        ("due --help", {"LANG": "en_US.UTF-8", "OCOP_LANG": "vi"}),
        ("--lang vi due --help", {}),
        ("--lang=vi due --help", {"LC_ALL": "C.UTF-8"}),
    ],
)
def test_help_is_shown_in_vietnamese_to_who_asks_for_it(
    clone: Path, arguments: str, environment: dict[str, str]
) -> None:
    ran = ocop(clone, *arguments.split(), **environment)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, (HELP / "vi/ocop-due.txt").read_text("utf-8"), "")


def test_the_version_is_shown_without_installing(clone: Path) -> None:
    ran = ocop(clone, "--version")

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"ocop {VERSION}\n", "")


def test_a_shell_that_completes_a_word_installs_nothing(clone: Path) -> None:
    ran = ocop(clone, "sc", _OCOP_COMPLETE="complete_bash")

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("arguments", ["score examples", "queues", "journal --version-of-nothing"])
def test_before_it_installs_it_says_what(clone: Path, arguments: str) -> None:
    ran = ocop(clone, *arguments.split())

    assert (ran.returncode, ran.stdout) == (INSTALLING, "")
    assert f"it installs what it needs into {clone}/.venv" in ran.stderr


def test_the_texts_are_what_the_command_says(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tools.help_texts", tmp_path], cwd=ROOT, check=True)

    due, there = (
        {file.relative_to(folder): file.read_text("utf-8") for file in folder.rglob("*.txt")}
        for folder in (tmp_path, HELP)
    )
    assert there == due, "make help-texts writes them anew"
