"""Every command says how it is used, in one way; and which OCOP it is."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from ops.on_use import LoadedOnUse
from shared.version import VERSION
from tools.cli import app

ROOT = Path(__file__).parents[3]


def commands(command: object, path: str = "ocop") -> Iterator[tuple[str, str]]:
    """Return the help of every command, by what one types."""
    if isinstance(command, LoadedOnUse):
        command = command.loaded()
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from commands(each, f"{path} {name}")
    elif isinstance(command, TyperCommand):
        yield path, command.help or ""


HELP = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", HELP)
def test_the_help_of_a_command_ends_with_an_example(path: str) -> None:
    *_, last = HELP[path].strip().splitlines()

    assert last.startswith(f"Example: {path}")


def shown_commands() -> Iterator[str]:
    """Return the commands of the pages and of the examples."""
    for page in ("cli-live.md", "dead-letters.md", "importing.md"):
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL):
            yield from map(str.strip, block.strip().splitlines())
    for help in HELP.values():
        yield help.strip().splitlines()[-1].removeprefix("Example: ")


@pytest.mark.parametrize("command", sorted({re.split(" [|>] ", command)[0] for command in shown_commands()}))
def test_what_is_shown_can_be_typed(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands and options are known; the command itself does not run."""
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))  # the tests may run outside any
    name, *arguments = shlex.split(command)

    shown = CliRunner().invoke(app, [*arguments, "--help"], prog_name="ocop")

    assert (name, shown.exit_code) == ("ocop", 0), shown.output


def listed() -> list[LoadedOnUse]:
    ocop = typer.main.get_command(app)
    assert isinstance(ocop, TyperGroup)
    return [each for each in ocop.commands.values() if isinstance(each, LoadedOnUse)]


@pytest.mark.parametrize("command", listed(), ids=lambda command: command.name)
def test_what_is_listed_is_how_the_help_of_the_command_begins(command: LoadedOnUse) -> None:
    begins, *_ = (command.loaded().help or "").split("\n\n")

    assert command.help == " ".join(begins.split())


def test_it_says_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    shown = CliRunner().invoke(app, ["--version"], prog_name="ocop")

    assert (shown.exit_code, shown.output) == (0, f"ocop {VERSION}\n")
    assert project["version"] == VERSION


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ocop jo", "journal"),
        ("ocop dead list --queue evaluation.product-s", "evaluation.product-submitted"),
        ("ocop journal --type product.ra", "product.rated"),
    ],
)
def test_a_shell_is_offered_what_fits(words: str, offered: str) -> None:
    asked = {"_OCOP_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}

    shown = CliRunner().invoke(app, [], prog_name="ocop", env=asked)

    assert shown.output.split() == [offered]
