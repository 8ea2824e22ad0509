"""The help of every command as a file, which `./ocop` prints where nothing is installed yet: `make help-texts`.

`ocop dead list --help` is `ocop-dead-list.txt`, in Vietnamese the one in `vi`.
They are made with a terminal of 80 columns and without colours.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from ops.language import Language
from ops.on_use import LoadedOnUse
from tools.cli import app

FOLDER = Path(__file__).parents[1] / "docs" / "help"

_TERMINAL = {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}


def publish(folder: Path = FOLDER) -> None:
    """Write the files anew, and remove those of commands that are gone."""
    for language, place in ((Language.EN, folder), (Language.VI, folder / Language.VI)):
        place.mkdir(parents=True, exist_ok=True)
        for file in place.glob("*.txt"):
            file.unlink()
        for words in _commands(typer.main.get_command(app), ()):
            (place / f"{'-'.join(('ocop', *words))}.txt").write_text(_help_of(words, language), "utf-8")


def _commands(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Return what one types after `ocop` for every command and group of commands."""
    if isinstance(command, LoadedOnUse):
        command = command.loaded()
    yield words
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from _commands(each, (*words, name))


def _help_of(words: tuple[str, ...], language: Language) -> str:
    shown = CliRunner().invoke(app, ["--lang", language, *words, "--help"], prog_name="ocop", env=_TERMINAL)
    lines = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown.output).splitlines()]
    return "\n".join(lines).strip("\n") + "\n"


if __name__ == "__main__":
    os.chdir(FOLDER.parents[1])  # paths of the clone are shown as they are seen from there
    publish(*map(Path, sys.argv[1:]))
