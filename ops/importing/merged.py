"""The merged cells of an OpenDocument spreadsheet, which calamine does not tell."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

Range = tuple[tuple[int, int], tuple[int, int]]

_TABLE, _ROW, _CELLS = "table:table", "table:table-row", ("table:table-cell", "table:covered-table-cell")
#: bytes that are read at a time, and at most
_CHUNK, _MOST = 2**16, 2**29


def merged_in(file: Path, sheet: str) -> list[Range]:
    """Return the merged ranges of a sheet, (row, column) of the first and the last cell each, counted from 0.

    Nothing but tags and their attributes is looked at; no entity is expanded.
    """
    reader = _Reader(sheet)
    try:
        with ZipFile(file) as archive, archive.open("content.xml") as content:
            for chunk in _chunks(content):
                reader.parser.Parse(chunk)
    except (BadZipFile, KeyError, expat.ExpatError):
        return []
    return reader.found


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    taken = 0
    while taken < _MOST and (chunk := content.read(_CHUNK)):
        taken += len(chunk)
        yield chunk


class _Reader:
    """Counts rows and cells of the one sheet, and keeps what spans several."""

    def __init__(self, sheet: str) -> None:
        self.found: list[Range] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._begins
        self._sheet, self._is_in_it = sheet, False
        self._row, self._next_row, self._column = 0, 0, 0

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _TABLE:
            self._is_in_it = attributes.get("table:name") == self._sheet
            self._next_row = 0
        elif tag == _ROW:
            self._row, self._column = self._next_row, 0
            self._next_row += _number(attributes, "table:number-rows-repeated")
        elif tag in _CELLS:
            if self._is_in_it:
                self._note(attributes)
            self._column += _number(attributes, "table:number-columns-repeated")

    def _note(self, attributes: dict[str, str]) -> None:
        rows, columns = (_number(attributes, f"table:number-{name}-spanned") for name in ("rows", "columns"))
        if rows * columns > 1:
            last = (self._row + rows - 1, self._column + columns - 1)
            self.found.append(((self._row, self._column), last))


def _number(attributes: dict[str, str], name: str) -> int:
    return int(attributes.get(name, "1"))
