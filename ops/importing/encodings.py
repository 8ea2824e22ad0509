"""Text of a sheet that is not in Unicode: recognised for the sheet as a whole, and read.

One cell alone may be a word that could be in several encodings, or in none; the cells of a sheet come from one program.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.importing.workbook import Cell, Sheet
from services.registry.old_encodings import BEYOND_WINDOWS_1252, in_old_encoding, read_in
from services.registry.texts import decoded_twice
from shared.contracts.text import MOST_MARKS

#: What text is called that is UTF-8 and was read in another encoding.
TWICE = "UTF-8 (×2)"
#: characters of the longest text that is looked at: longer ones are no names
_LONGEST = 2000
#: What a spreadsheet puts in the place of a space, and what is no character at all.
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f", " ") | dict.fromkeys("\u200b\u200c\u200d\ufeff\u00ad"))


@dataclass(frozen=True)
class Converted:
    """How many texts were read in an encoding, and one of them: as it stood, and as it reads."""

    encoding: str
    number: int
    before: str
    after: str


def in_unicode(sheet: Sheet) -> tuple[Sheet, tuple[Converted, ...]]:
    """Return a sheet with its texts in Unicode, form NFC, and what was read in which encoding."""
    texts = dict.fromkeys(cell for row in sheet.rows for cell in row if isinstance(cell, str))
    readings = {text: _readings(text) for text in texts}
    old = _encoding_of(readings.values())
    read = {text: _read(text, found, old) for text, found in readings.items()}
    rows: list[list[Cell]] = [[read[cell][0] if isinstance(cell, str) else cell for cell in row] for row in sheet.rows]
    return Sheet(sheet.name, rows), tuple(_said(read))


def _readings(text: str) -> dict[str, str | None]:
    """Return the encodings that a text may be in, each with what it says then."""
    if text.isascii() or len(text) > _LONGEST:
        return {}
    if (twice := decoded_twice(text)) is not None:
        return {TWICE: twice.reading}
    old = in_old_encoding(text)
    return {} if old is None else {name: read_in(name, text) for name in old.encodings}


def _encoding_of(readings: Iterable[dict[str, str | None]]) -> str | None:
    """Return the old encoding that most of a sheet's texts may be in, None where none is."""
    votes = Counter(name for found in readings for name in found if name != TWICE)
    return max(votes, key=lambda name: votes[name], default=None)


def _read(text: str, readings: dict[str, str | None], old: str | None) -> tuple[str, str | None]:
    """Return a text in Unicode, and the encoding that it was in; one that cannot be read stays as it is."""
    composed = _composed(text)
    if (reading := readings.get(TWICE)) is not None:
        return _composed(reading), TWICE
    if old is None or composed.isascii() or TWICE in readings or BEYOND_WINDOWS_1252.search(composed):
        return composed, None
    reading = readings.get(old) or read_in(old, text)
    return (composed, None) if reading is None or reading == composed else (_composed(reading), old)


def _composed(text: str) -> str:
    if text.isascii():
        return text
    cleaned = text.translate(_SPACES)
    marks = sum(map(bool, map(unicodedata.combining, cleaned)))
    return cleaned if marks > MOST_MARKS * 10 else unicodedata.normalize("NFC", cleaned)


def _said(read: dict[str, tuple[str, str | None]]) -> Sequence[Converted]:
    of: dict[str, list[str]] = {}
    for text, (_, encoding) in read.items():
        if encoding:
            of.setdefault(encoding, []).append(text)
    return [Converted(name, len(texts), texts[0], read[texts[0]][0]) for name, texts in of.items()]
