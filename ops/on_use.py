"""Commands that are loaded when they are used, so that help and completion load nothing but what they list."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from ops.language import language_of, speaking
from ops.pipes import while_somebody_reads
from ops.spoken_help import SpokenContext, speaks
from ops.spoken_usage import wrong_usage_is_spoken

Command = TyperCommand | TyperGroup

#: What is still understood under the name that it had; no list has it.
_RENAMED = {"alert": "alerts"}


@dataclass(frozen=True)
class Listed:
    """A command as the help lists it, and where it is.

    `place` is `module:name` of a function or of a Typer application, `help` what its own help begins with.
    """

    name: str
    place: str
    help: str
    hidden: bool = False

    def load(self) -> Command:
        """Import the command with all that it needs."""
        module, _, name = self.place.partition(":")
        found, group = getattr(import_module(module), name), application()
        if not gc.isenabled():  # what was loaded stays: to look through it again and again took a tenth of the start
            gc.freeze()
            gc.enable()
        if isinstance(found, typer.Typer):
            group.add_typer(found, name=self.name)
        else:
            group.command(self.name)(found)
        command = cast("Command", typer.main.get_group(group).commands[self.name])
        speaks(command)
        return command


class Commands(TyperGroup):
    """Commands that speak the reader's language, and end quietly where nobody reads what they print."""

    context_class = SpokenContext

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name, or by the one that it had."""
        return super().get_command(ctx, _RENAMED.get(cmd_name, cmd_name))

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command, in the language of the environment unless `--lang` says otherwise. Raise SystemExit."""
        with speaking(language_of()):
            return super().main(*args, **options)

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Return the context, unless the help was asked for. Raise Exit."""
        with wrong_usage_is_spoken(), while_somebody_reads():
            return super().make_context(*args, **options)

    def invoke(self, *args: Any, **options: Any) -> Any:
        """Run the command that is asked for. Raise Exit."""
        with wrong_usage_is_spoken(), while_somebody_reads():
            return super().invoke(*args, **options)


class LoadedOnUse(TyperCommand):
    """A command of which only name and help are there, until it is used. Its callback is what loads it."""

    def make_context(self, *args: Any, **options: Any) -> Any:
        """Return the context of the command itself, which parses its arguments by its own options."""
        return self.loaded().make_context(*args, **options)

    def loaded(self) -> Command:
        """Return the command itself."""
        return cast("Callable[[], Command]", self.callback)()


def application(*listed: Listed) -> typer.Typer:
    """Return an application with these commands, none of which is loaded yet."""
    app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown")
    for each in listed:
        app.command(each.name, cls=LoadedOnUse, help=each.help, hidden=each.hidden)(each.load)
    return app
