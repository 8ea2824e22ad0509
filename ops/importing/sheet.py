"""A file as rows that can be filed: its best sheet, in Unicode, by its header, its places chosen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from ops.importing.cells import UnreadCellError, product_code
from ops.importing.columns import Column, Header, columns, header_of, plain
from ops.importing.encodings import Converted, in_unicode
from ops.importing.examining import examined
from ops.importing.places import Gazetteer, Named, Option, key
from ops.importing.rows import ReadRow, RowReader, is_title, title_of
from ops.importing.titles import Titles
from ops.importing.workbook import Cell, Sheet, UnreadableSheetError, read_sheets, shown
from ops.language import marked
from services.evaluation.rulebook import load_rulebook
from shared.scopes import Scope

#: Says which of several communes is meant; None where nobody does.
Choose = Callable[[Named, Sequence[Option]], str | None]


#: What stands in a column of marks where there is none.
_NO_MARKS = frozenset({"", "0", "-", "–"})


@dataclass(frozen=True)
class OpenedSheet:
    """The sheet of a file that is read: its header, what was read in old encodings, other sheets with a header."""

    sheet: Sheet
    header: Header
    converted: tuple[Converted, ...]
    titles: Titles
    others: tuple[str, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Return whether nothing was guessed."""
        return not self.header.guesses and not self.converted and not self.decision

    @property
    def decision(self) -> tuple[str, date] | None:
        """The decision that the sheet's titles name, where no column does."""
        return None if any(each.column.name == "decision" for each in self.header.headed) else self.titles.decision

    @property
    def headers(self) -> dict[str, str]:
        """What heads each column: here, or in the template."""
        here = {each.column.name: each.header for each in self.header.headed}
        return {name: here.get(name, column.title) for name, column in columns().items()}

    @property
    def has_products(self) -> bool:
        """Return whether it has a column of products' names."""
        return any(each.column.name == "product_name" for each in self.header.headed)

    def example(self, position: int) -> str:
        """Return the first value of a column, empty where there is none."""
        rows = self.sheet.rows[self.header.ends :]
        products = (row for row in rows if not is_title(row) and not title_of(row))
        cells = (shown(row[position]).strip() for row in products if position < len(row))
        return next(filter(None, cells), "")

    @property
    def missing(self) -> tuple[Column, ...]:
        """Return the columns that every row needs and the sheet has not got."""
        here = {each.column.name for each in self.header.headed} | ({"decision"} if self.decision else set())
        return tuple(each for each in columns().values() if each.is_needed and each.name not in here)


def opened(file: Path, named: Mapping[str, str], sheet_name: str | None) -> OpenedSheet:
    """Return the sheet whose header has most columns, a hidden one where there is no other, or the one that is named.

    Raises:
        UnreadableSheetError: there is none.
    """
    sheets = [each for each in read_sheets(file) if sheet_name in {None, each.name}]
    if not sheets:
        if sheet_name:
            raise UnreadableSheetError(marked("has no sheet {name} with anything in it"), name=sheet_name)
        raise UnreadableSheetError(marked("has nothing in it"))
    found = [_opened(each, named) for each in sheets]
    with_header = [each for each in found if each]
    if not with_header:
        raise UnreadableSheetError(
            marked("has no row that heads the columns of products: name them with --map, or use --template")
        )
    best = max(with_header, key=lambda each: (not each.sheet.is_hidden, len(each.header.headed), len(each.sheet.rows)))
    others = tuple(each.sheet.name for each in with_header if each is not best and each.has_products)
    return replace(best, others=others)


def rows_of(
    open_sheet: OpenedSheet,
    scope: Scope,
    today: date,
    *,
    home: str | None,
    chosen: Mapping[str, str],
    choose: Choose,
    progress: Callable[[], None] = lambda: None,
) -> list[ReadRow]:
    """Return the rows that are products, with all that is wrong with each. Each undecided place is asked for once."""
    said = {key(name): code for name, code in chosen.items()}
    rows = _read(open_sheet, Gazetteer(home, said))
    for named, options in _undecided(rows):
        if code := choose(named, options):
            said[key(named.text)] = code
    if len(said) > len(chosen):
        rows = _read(open_sheet, Gazetteer(home, said))
    return [_examined(row, scope, open_sheet.headers, today, progress) for row in rows]


def _opened(sheet: Sheet, named: Mapping[str, str]) -> OpenedSheet | None:
    unicode, converted = in_unicode(sheet)
    header = header_of(unicode.rows, named)
    if header is None:
        return None
    if header.marked:
        below = [_with_stars(row, header) for row in unicode.rows[header.ends :]]
        unicode = replace(unicode, rows=[*unicode.rows[: header.ends], *below])
    above = (title for row in unicode.rows[: header.ends] if (title := title_of(row)))
    return OpenedSheet(unicode, _with_codes(header, unicode.rows[header.ends :]), converted, Titles.above(above))


def _with_stars(row: list[Cell], header: Header) -> list[Cell]:
    """Return a row with its stars in words in the first of the columns of which one has a mark."""
    if is_title(row) or title_of(row):
        return row
    width = max(at for at, _ in header.marked) + 1
    filled: list[Cell] = [*row, *[""] * (width - len(row))]
    stars = [f"{number} sao" for at, number in header.marked if shown(filled[at]).strip() not in _NO_MARKS]
    filled[min(at for at, _ in header.marked)] = ", ".join(stars)
    return filled


def _with_codes(header: Header, rows: Sequence[Sequence[Cell]]) -> Header:
    """Return a header without a column of codes with the first one that has nothing but codes below it, if any does."""
    if any(each.column.name == "product_code" for each in header.headed):
        return header
    for position, _header in header.unknown:
        below = [row[position] for row in rows if position < len(row) and not is_title(row) and shown(row[position])]
        if below and all(map(_is_code, below)):
            return header.with_guess(position, columns()["product_code"])
    return header


def _is_code(cell: Cell) -> bool:
    try:
        return bool(product_code(cell))
    except UnreadCellError:
        return False


def _read(open_sheet: OpenedSheet, gazetteer: Gazetteer) -> list[ReadRow]:
    reader = RowReader(open_sheet.header, gazetteer, set_named, open_sheet.titles)
    return list(reader.rows(open_sheet.sheet.rows, open_sheet.header.ends))


def _undecided(rows: Iterable[ReadRow]) -> list[tuple[Named, tuple[Option, ...]]]:
    """Return the places that somebody has to choose for, each once."""
    found = {key(row.undecided[0].text): row.undecided for row in rows if row.undecided}
    return list(found.values())


def _examined(
    row: ReadRow, scope: Scope, headers: Mapping[str, str], today: date, progress: Callable[[], None]
) -> ReadRow:
    progress()
    return examined(row, scope, headers, today)


def set_named(name: str) -> int | None:
    """Return the product set that a name is of, None where it is of none."""
    return _sets().get(plain(name))


@cache
def _sets() -> dict[str, int]:
    """Return the product sets by their Vietnamese and English names, without marks."""
    found: dict[str, int] = {}
    for number, sheet in load_rulebook().sheets.items():
        found |= {plain(sheet.name.vi): number, plain(sheet.name.en): number}
    return found
