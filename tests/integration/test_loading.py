"""What a command loads: help and scores need no broker, no database and no framework."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What it takes a second to load, and a help text needs none of.
HEAVY = {"aio_pika", "aiormq", "cloudevents", "faststream", "motor", "pydantic", "pymongo", "services", "yaml"}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ("--help", set()),
        ("--version", set()),
        ("certificate --help", {"pydantic"}),  # Typer's own, of a command within a group
        ("score --help", {"cloudevents", "pydantic", "services", "yaml"}),
        ("score examples/dossiers/01-banh-te-hung-van.json", {"cloudevents", "pydantic", "services", "yaml"}),
    ],
)
def test_no_more_is_loaded_than_the_command_needs(arguments: str, allowed: set[str]) -> None:
    asked = f"import sys; sys.argv[1:] = {arguments.split()}; from tools.cli import app"
    told = "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    code = f"{asked}\ntry:\n    app(prog_name='ocop')\nfinally:\n    {told}"

    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert set(ran.stderr.split()) & HEAVY == allowed
