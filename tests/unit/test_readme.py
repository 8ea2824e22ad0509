"""What the README has its reader type is there, and is run by the tests of the pages that it comes from."""

import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from ops.on_use import LoadedOnUse
from tools.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"(?:\./ocop|\brun --rm(?: -v \S+)? ocop) ([a-z][a-z ]*[a-z])", README)))


def test_its_programs_are_those_that_the_tests_of_the_page_on_integrating_run() -> None:
    typed = re.findall(r"^\S*/python (examples/clients/.*)$", README, re.MULTILINE)
    page = (ROOT / "docs" / "integrating.md").read_text("utf-8")

    assert typed
    assert [line for line in typed if f"python3 {line}\n" not in page] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_its_commands_are_commands(words: str) -> None:
    command = typer.main.get_command(app)
    for word in words.split():
        if not isinstance(command, TyperGroup):
            break
        assert word in command.commands, f"ocop {words}"
        command = command.commands[word]
        if isinstance(command, LoadedOnUse):
            command = command.loaded()


def test_there_are_commands_to_look_at() -> None:
    assert {"score", "submit", "sheets", "doctor", "dead"} <= {words.split()[0] for words in COMMANDS}
