"""The help of the commands in the language that is spoken: translated as it is shown, a paragraph at a time."""

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from ops.language import gettext as _
from ops.language import marked

#: What Typer says beside ours, by its names for it, which it reads when it is loaded and not when it speaks.
TYPERS = {
    "ARGUMENTS_PANEL_TITLE": marked("Arguments"),
    "OPTIONS_PANEL_TITLE": marked("Options"),
    "COMMANDS_PANEL_TITLE": marked("Commands"),
    "ERRORS_PANEL_TITLE": marked("Error"),
    "DEFAULT_STRING": marked("[default: {}]"),
    "REQUIRED_LONG_STRING": marked("[required]"),
    "RICH_HELP": marked("Try [blue]'{command_path} {help_option}'[/] for help."),
}
#: What it says of every command.
TYPERS_USAGE = (
    marked("Show this message and exit."),
    marked("Install completion for the current shell."),
    marked("Show completion for the current shell, to copy it or customize the installation."),
    marked("[OPTIONS]"),
    marked("COMMAND [ARGS]..."),
)
#: How the last paragraph of a help begins.
_EXAMPLE = marked("Example:")


class _Formatter(typer.Context.formatter_class):  # type: ignore[misc, valid-type]
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or _("Usage: "))


class SpokenContext(typer.Context):
    """The context of a command whose help is in the language that is spoken when it is shown."""

    formatter_class = _Formatter

    def make_formatter(self) -> Any:
        """Return what writes the usage, with which every help and every wrong usage begins, and translate the help."""
        _translate_typers()
        shown = self.command
        if shown.options_metavar:
            shown.options_metavar = _(shown.options_metavar)
        if isinstance(shown, TyperGroup):
            shown.subcommand_metavar = _(shown.subcommand_metavar)
            for each in shown.commands.values():
                each.help = spoken(each.help)
        shown.help = spoken(shown.help)
        for parameter in shown.get_params(self):
            if isinstance(parameter, TyperArgument | TyperOption):
                parameter.help = _(parameter.help) if parameter.help else None
        return super().make_formatter()


def spoken(text: str | None) -> str:
    """Return a help in the language that is spoken."""
    return "\n\n".join(map(_paragraph, paragraphs(text)))


def paragraphs(text: str | None) -> Iterator[str]:
    """Yield the paragraphs of a help, each as one line."""
    return (" ".join(each.split()) for each in (text or "").split("\n\n") if each.strip())


def speaks(command: TyperCommand | TyperGroup) -> None:
    """Let a command's help, and those of its own commands, be in the language that is spoken."""
    command.context_class = SpokenContext
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            speaks(each)  # type: ignore[arg-type]


def _paragraph(text: str) -> str:
    if text.startswith(_EXAMPLE):
        return _(_EXAMPLE) + text.removeprefix(_EXAMPLE)
    return _(text)


def _translate_typers() -> None:
    from typer import rich_utils  # noqa: PLC0415  # it takes long to load, and is where a help is shown

    for name, text in TYPERS.items():
        setattr(rich_utils, name, _(text))
