"""What somebody at the terminal is shown and asked before anything is filed: the columns, encodings, places."""

import sys
from collections.abc import Sequence
from shlex import quote

import typer
from rich.console import Console
from rich.text import Text

from ops.commands import wrong_usage
from ops.importing.columns import columns
from ops.importing.encodings import Converted
from ops.importing.places import Named, Option
from ops.importing.sheet import OpenedSheet
from ops.language import gettext as _
from ops.named import one_line
from ops.tables import table, uncut

#: characters of an example that a table shows
_SHOWN = 40
#: characters of a text that shows an encoding
_TEXT = 80


def show_columns(console: Console, open_sheet: OpenedSheet) -> None:
    """Print what each column is taken for, what is not read, and which texts were in an old encoding."""
    rows: list[tuple[str, ...]] = [
        (
            _place(each.position),
            each.header,
            columns()[each.column.name].title,
            each.column.name,
            _("guess") if each.is_guess else "",
            one_line(open_sheet.example(each.position)[:_SHOWN]),
        )
        for each in open_sheet.header.headed
    ]
    rows += [
        (_place(position), header, "", "", _("not read"), one_line(open_sheet.example(position)[:_SHOWN]))
        for position, header in open_sheet.header.unknown
    ]
    rows.sort(key=lambda row: (len(row[0]), row[0]))
    heads = (uncut(_("Column")), _("Header"), _("Read as"), uncut(_("Name for --map")), _("How"), _("First value"))
    console.print(table(*heads, rows=rows))
    for line in _lines(open_sheet):
        console.print(Text(line))


def confirm_columns(console: Console, open_sheet: OpenedSheet, *, yes: bool) -> None:
    """Show what was guessed, and ask whether it is right.

    Raises:
        Exit: with 2 where nobody can be asked, with 1 where it is not right.
    """
    show_columns(console, open_sheet)
    if yes or open_sheet.is_certain:
        return
    if not sys.stdin.isatty():
        raise wrong_usage(
            _("headers, an encoding or the decision were guessed, and nobody can be asked: add --yes, or --map")
        )
    if not typer.confirm(_("Is it read rightly?"), err=True):
        typer.echo(_("ocop: say it with --map 'Header=name'; nothing was filed"), err=True)
        raise typer.Exit(1)


class Choosing:
    """Asks which of several communes is meant, and remembers what was answered."""

    def __init__(self, *, may_ask: bool) -> None:
        self.answers: dict[str, str] = {}
        self._may_ask = may_ask and sys.stdin.isatty()

    def __call__(self, named: Named, options: Sequence[Option]) -> str | None:
        """Return the code that somebody chooses; None where nobody can be asked, or nobody knows."""
        if not self._may_ask:
            return None
        typer.echo(_("{place} may be:").format(place=one_line(named.text)), err=True)
        for number, option in enumerate(options, 1):
            typer.echo(f"  {number}. {option.code} {option.name}, {option.province}{_formerly(option)}", err=True)
        asked = _("Which one? 0: leave it open")
        answer = -1
        while answer not in range(len(options) + 1):
            answer = typer.prompt(asked, type=int, default=0, err=True)
        if not answer:
            return None
        code = options[answer - 1].code
        self.answers[named.text] = code
        return code

    @property
    def as_options(self) -> str:
        """What to add to the command, so that it need not ask again; empty where nothing was asked."""
        return " ".join(f"--place {quote(f'{name}={code}')}" for name, code in self.answers.items())


def _formerly(option: Option) -> str:
    former = option.formerly
    if former is None:
        return ""
    where = ", ".join(filter(None, (former.name, former.district, former.province_name)))
    said = _(" (has a part of {unit})") if former.is_split else _(" (was {unit})")
    return said.format(unit=where)


def _lines(open_sheet: OpenedSheet) -> list[str]:
    lines = [_converted(each) for each in open_sheet.converted]
    if open_sheet.decision:
        number, day = open_sheet.decision
        said = _("no column for the decision: by the title it is {number} of {day}")
        lines.append(said.format(number=one_line(number), day=f"{day:%d/%m/%Y}"))
    if open_sheet.missing:
        said = _("no column for: {columns}")
        lines.append(said.format(columns=", ".join(f"{each.title} ({each.name})" for each in open_sheet.missing)))
    if open_sheet.others:
        said = _("other sheets have products too: {sheets}; --sheet reads one of them")
        lines.append(said.format(sheets=", ".join(open_sheet.others)))
    return lines


def _place(position: int) -> str:
    """Return a column's letters: A, B, …, Z, AA."""
    letters = ""
    while position >= 0:
        letters, position = chr(ord("A") + position % 26) + letters, position // 26 - 1
    return letters


def _converted(found: Converted) -> str:
    said = _("{number} texts are in {encoding}: “{before}” is read as “{after}”")
    before, after = one_line(found.before[:_TEXT]), one_line(found.after[:_TEXT])
    return said.format(number=found.number, encoding=found.encoding, before=before, after=after)
