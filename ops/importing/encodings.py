"""Text of a sheet that is not in Unicode: recognised for the sheet as a whole, and read.

One cell alone may be a word that could be in several encodings, or in none; the cells of a sheet come from one program.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ops.importing.columns import is_header
from ops.importing.workbook import Cell, Sheet
from services.registry.old_encodings import BEYOND_WINDOWS_1252, in_old_encoding, read_in
from services.registry.spelling import is_word
from services.registry.texts import decoded_twice
from shared.contracts.text import MOST_MARKS

#: What text is called that is UTF-8 and was read in another encoding.
TWICE = "UTF-8 (×2)"
#: characters of the longest text that is looked at: longer ones are no names
_LONGEST = 2000
_WORD = re.compile(r"[^\W\d_]+")
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
    votes = Counter(name for found in readings.values() for name in found if name != TWICE)
    old, number = max(votes.items(), key=lambda vote: vote[1], default=(None, 0))
    in_doubt = number > sum(map(_is_unicode, texts))
    read = {text: _read(text, found, old, in_doubt=in_doubt) for text, found in readings.items()}
    rows: list[list[Cell]] = [[read[cell][0] if isinstance(cell, str) else cell for cell in row] for row in sheet.rows]
    return replace(sheet, rows=rows), tuple(_said(read))


def _readings(text: str) -> dict[str, str | None]:
    """Return the encodings that a text may be in, each with what it says then."""
    if text.isascii() or len(text) > _LONGEST:
        return {}
    if (twice := decoded_twice(text)) is not None:
        return {TWICE: twice.reading}
    old = in_old_encoding(text)
    return {} if old is None else {name: read_in(name, text) for name in old.encodings}


def _read(text: str, readings: dict[str, str | None], old: str | None, *, in_doubt: bool) -> tuple[str, str | None]:
    """Return a text in Unicode, and the encoding that it was in; one that cannot be read stays as it is.

    `in_doubt`: whether a text that reads well in either is taken to be in the old encoding.
    """
    composed = _composed(text)
    if (reading := readings.get(TWICE)) is not None:
        return _composed(reading), TWICE
    if old is None or composed.isascii() or TWICE in readings or is_header(composed):  # a header may be typed anew
        return composed, None
    reading = readings.get(old)
    if reading is None and not _is_unicode(text) and (in_doubt or not _reads_well(composed)):
        reading = read_in(old, text)
    return (composed, None) if reading is None or reading == composed else (_composed(reading), old)


def _is_unicode(text: str) -> bool:
    """Return whether a text has a letter that no old encoding is read as."""
    return not text.isascii() and bool(BEYOND_WINDOWS_1252.search(_composed(text)))


def _reads_well(text: str) -> bool:
    """Return whether each word beyond ASCII is one of Vietnamese as it stands, and there is one."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return bool(words) and all(map(is_word, words))


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
