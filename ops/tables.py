"""Tables on a terminal of any width: no cell is ever cut.

Where the columns have no room beside one another, each row becomes a block of lines, a line or more for each of its
cells. What untrusted senders wrote is shown as it is, and never read as rich's markup.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column, Table
from rich.text import Text

from ops.named import printable

#: characters; up to this length a cell that is to be whole stands on one line, and a word of another one
_WHOLE_CELL, _WHOLE_WORD = 40, 32
#: characters that a sentence has on a line at least: in fewer nobody reads it
_READABLE = 14
#: characters between a name and its value
_GAP = 2


@dataclass(frozen=True)
class Facts:
    """A line for each name with its value, folded beside it."""

    named: Sequence[tuple[str, Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines."""
        of_names = min(_longest(name for name, _ in self.named), options.max_width // 3)
        of_values = _longest(line for _, value in self.named for line in value.plain.splitlines())
        widths = (of_names, min(of_values, options.max_width - of_names - _GAP))
        columns = (Column(width=max(width, 1), overflow="fold") for width in widths)
        shown = Table(*columns, box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
        for name, value in self.named:
            shown.add_row(Text(name, "bold"), value)
        yield shown


class FittingTable(Table):
    """A table whose columns get what room there is, and folds what is longer; as blocks where there is too little."""

    def __init__(self, *columns: str | Column, whole: frozenset[int], **options: Any) -> None:
        super().__init__(*columns, **options)
        self._whole = whole
        self._is_in_blocks = False
        self._shown: list[Sequence[Text]] = []
        for column in self.columns:
            column.no_wrap, column.overflow = False, "fold"

    @property
    def texts(self) -> list[list[str]]:
        """What stands in each cell, row by row: for who shows the table otherwise."""
        return [[cell.plain for cell in row] for row in self._shown]

    def show(self, cells: Sequence[Text]) -> None:
        """Add a row; one without cells draws a line."""
        if cells:
            self._shown.append(cells)
            self.add_row(*cells)
        else:
            self.add_section()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, or the blocks."""
        if self._is_in_blocks or not self.has_room(options.max_width):
            yield from self._blocks()
            return
        for column, width in zip(self.columns, shared_out(self._room(options.max_width), self._needs()), strict=True):
            column.width = width
        yield from super().__rich_console__(console, options)

    def has_room(self, width: int) -> bool:
        """Return whether its columns have room beside one another on a terminal so wide."""
        return sum(least for least, _ in self._needs()) <= self._room(width)

    def show_in_blocks(self) -> None:
        """Show each row as a block of lines, however much room there is."""
        self._is_in_blocks = True

    def _needs(self) -> list[tuple[int, int]]:
        return [self._need(place) for place in range(len(self.columns))]

    def _room(self, width: int) -> int:
        return width - self._extra_width - sum(map(self._get_padding_width, range(len(self.columns))))

    def _need(self, place: int) -> tuple[int, int]:
        """Return the least width of a column, and that from which on it needs no more."""
        head, cells = str(self.columns[place].header), [row[place].plain for row in self._shown]
        longest = _longest(line for cell in cells for line in cell.splitlines())
        word = _longest(word for cell in cells for word in cell.split())
        folded = max(min(word, _WHOLE_WORD), min(longest, _READABLE))
        least = min(longest, _WHOLE_CELL) if place in self._whole else folded
        return max(least, _longest(head.split()), 1), max(longest, cell_len(head), 1)

    def _blocks(self) -> Iterator[Text | Facts]:
        if self.title:
            yield Text.assemble((str(self.title), "bold"), "\n")
        names = [str(column.header) for column in self.columns]
        for row in self._shown:
            yield Facts([(name, cell) for name, cell in zip(names, row, strict=True) if cell.plain])
            yield Text()


def table(
    *columns: str | Column, rows: Iterable[Iterable[str | Text]], title: str | Text | None = None, lines: bool = False
) -> FittingTable:
    """Return a table of texts. A row without cells draws a line, `lines` one between all rows."""
    whole = frozenset(place for place, column in enumerate(columns) if isinstance(column, Column) and column.no_wrap)
    named = Text(title) if isinstance(title, str) else title
    shown = FittingTable(*columns, whole=whole, title=named, title_justify="left", show_lines=lines)
    for row in rows:
        shown.show([cell if isinstance(cell, Text) else Text(cell) for cell in row])
    return shown


def alike(tables: Sequence[FittingTable], width: int) -> Sequence[FittingTable]:
    """Return tables of one kind that stand below one another: all in blocks where one of them has too little room."""
    if not all(each.has_room(width) for each in tables):
        for each in tables:
            each.show_in_blocks()
    return tables


def right(name: str) -> Column:
    """Return the column of a table for numbers."""
    return Column(name, justify="right")


def uncut(name: str) -> Column:
    """Return a column of a table whose cells stand on one line each: ids, codes, types, queues."""
    return Column(name, no_wrap=True)


def facts(named: Mapping[str, object]) -> Facts:
    """Return a line for each name with its value."""
    return Facts([(name, Text(printable("" if value is None else str(value)))) for name, value in named.items()])


def shared_out(room: int, needs: Sequence[tuple[int, int]]) -> list[int]:
    """Return how wide each column is: its least, and of what room is left as much as it needs, or an equal share."""
    widths = [least for least, _ in needs]
    left = room - sum(widths)
    by_want = sorted(range(len(needs)), key=lambda place: needs[place][1] - needs[place][0])
    for done, place in enumerate(by_want):
        more = min(needs[place][1] - widths[place], left // (len(needs) - done))
        widths[place] += more
        left -= more
    return widths


def to_the_second(moment: datetime | None) -> str:
    """Return a time as a cell shows it, empty where there is none."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _longest(texts: Iterable[str]) -> int:
    """Return how many columns of the terminal the longest of these texts takes, 0 where there is none."""
    return max(map(cell_len, texts), default=0)
