"""Decide: whether the text of a dossier can be read, or was broken on its way from one encoding to another.

Most often it is UTF-8 that was read in another encoding: “BÃ¡nh” for “Bánh”. For each encoding that it may have been
read in, what looks like the bytes of a letter of Vietnamese is read as that letter. It was so where this makes a word
of Vietnamese; in the code page of Western Europe, by far the commonest, a letter or sign of another language is enough
(“CafÃ©”, “Â®”).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Any

from services.registry.old_encodings import has_lost_letters, in_old_encoding
from services.registry.spelling import LETTERS, is_word, mixes_cases
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault
from shared.masking import mask_text

Path = tuple[str | int, ...]

_REPLACEMENT = "\ufffd"
#: characters of the longest text that a dossier may have.
_LONGEST_TEXT = 4000
#: broken texts; whoever has more of them has to convert the whole file, and each takes up to a millisecond.
_MOST_FAULTS = 50
#: characters; what a text would read as is not repeated where it is longer.
_LONGEST_READING = 300

_WESTERN = ("cp1252", "latin-1")
#: Code pages of one byte a character, as Python's codecs.
_CODE_PAGES = (
    *_WESTERN,
    *("cp1258", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"),
    *("mac_roman", "cp437", "cp850", "cp852", "cp874", "koi8_r"),
)
#: Encodings of East Asia, of two bytes a character.
_EAST_ASIAN = ("gbk", "big5", "shift_jis", "cp949")
_SIGNS = "€™–—‘’“”…•"
_SAID = (*LETTERS, *_SIGNS, *map(chr, range(0xA0, 0x100)))
#: The byte before that of a hard space in “à”; the hard space may have become a plain one or have been trimmed.
_BEFORE_HARD_SPACE, _HARD_SPACE = 0xC3, "\xa0"

_FOREIGN = rf"[^\x00-\x7f\u0300-\u036f{LETTERS}]"
_EASTERN = "\u2e80-\uffdc"
#: Two bytes of UTF-8 look like two characters beyond ASCII in every code page, and not both of Vietnamese but for those
#: of ơ in two code pages of DOS.
_DOUBTFUL = re.compile(
    rf"{_FOREIGN}[^\x00-\x7f]|[^\x00-\x7f]{_FOREIGN}|[ãĂ]í"
    rf"|[a-z‘][ÃĂĆ](?: |\Z)|[A-Za-z][{_EASTERN}]|[{_EASTERN}][A-Za-z]"
)
_EASTERN_WORD = re.compile(rf"(?=[{_EASTERN}]*[A-Za-z])[A-Za-z]*[{_EASTERN}][A-Za-z{_EASTERN}]*")
_WORD = re.compile(r"[^\W\d_]+")
#: A word in capitals that ends in Ã, Â or Ă, and signs or a hard space behind it: no bytes of UTF-8, but by chance.
_BRAND = re.compile(r"(?<!\w)(?:[^\W\d_]+|(?<=[“«]))[ÃÂĂ](?:[®™’”»…–—]+(?!\w)|\xa0[^\W\d_])")
#: Quoted, so that “»” and what is behind it are no bytes of “á»…”.
_QUOTED = re.compile(r"(?<![^\s(])«([^«»]*)»")


def text_faults(filed: dict[str, Any]) -> list[Fault]:
    """Return the fault of each text that is broken, among the fields that a dossier has; of the first of very many."""
    found = ((path, _broken(text, path)) for path, text in _doubtful_texts(filed, ()))
    return list(islice((_fault(path, *sentences) for path, sentences in found if sentences), _MOST_FAULTS))


def _doubtful_texts(value: dict[str, Any] | list[Any], path: Path, within: str = "") -> Iterator[tuple[Path, str]]:
    """Yield every text that is not plain ASCII, in the fields that a dossier has; `within` is the path by its name."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        field = f"{within}{'*' if isinstance(step, int) else step}"
        if isinstance(inner, str):
            if _is_doubtful(inner) and field in names.FIELDS:
                yield (*path, step), inner
        elif isinstance(inner, dict | list):
            yield from _doubtful_texts(inner, (*path, step), f"{field}/")


def _is_doubtful(text: str) -> bool:
    return (not text.isascii() or "?" in text) and len(text) <= _LONGEST_TEXT


def _broken(text: str, path: Path) -> tuple[str, str] | None:
    """Return what is wrong with a text, in Vietnamese and English; None where nothing is."""
    if _REPLACEMENT in text:
        return _LOST
    if (twice := decoded_twice(text)) is not None:
        return _converted(_TWICE, twice.reading, path)
    if (old := in_old_encoding(text)) is not None:
        names_of = " / ".join(old.encodings)
        return _converted((_OLD[0].format(names_of), _OLD[1].format(names_of)), old.reading, path)
    return _LOST if has_lost_letters(text) else None


def _converted(sentences: tuple[str, str], reading: str | None, path: Path) -> tuple[str, str]:
    """Add what a text would read as, unless it may name a person or say how to reach one."""
    vi, en = sentences
    if reading is None or _REPLACEMENT in reading or len(reading) > _LONGEST_READING or path[0] == "producer":
        return vi, en
    if mask_text(reading) != reading:
        return vi, en
    return f"{vi} Chữ này có lẽ là “{reading}”.", f"{en} It would read “{reading}”."


def _fault(path: Path, vi: str, en: str) -> Fault:
    vi_name, en_name = names.field(path)
    return fault(path, DossierFault.BROKEN_CHARACTERS, f"Mục “{vi_name}” {vi}", f"The {en_name} {en}")


_LOST = (
    "có chữ bị mất khi chuyển mã. Hãy gõ lại bằng tiếng Việt Unicode.",
    "has letters that were lost in a conversion. Type it again, in Unicode.",
)
_TWICE = (
    "bị sai mã: chữ UTF-8 đã được đọc bằng bảng mã khác. Hãy chuyển sang Unicode (UTF-8) rồi nộp lại.",
    "was decoded twice: UTF-8 was read in another encoding. Convert it to Unicode (UTF-8) and file again.",
)
_OLD = (
    "viết bằng bảng mã cũ ({}). Hãy chuyển sang Unicode rồi nộp lại.",
    "is in an old encoding ({}). Convert it to Unicode and file again.",
)


@dataclass(frozen=True)
class DecodedTwice:
    """Text that was decoded twice. `reading`: what it says, None where that is not certain."""

    reading: str | None


@dataclass(frozen=True, eq=False)
class _CodePage:
    codec: str

    @cached_property
    def _characters(self) -> list[str]:
        """What the bytes 80 to FF are read as: those that it has not got, as in Latin-1."""
        return [bytes([byte]).decode(self.codec, "ignore") or chr(byte) for byte in range(0x80, 0x100)]

    @cached_property
    def _letters(self) -> dict[str, str]:
        return {"".join(self._characters[byte - 0x80] for byte in said.encode()): said for said in _SAID}

    @cached_property
    def _bytes(self) -> re.Pattern[str]:
        firsts = {looks[0]: len(looks) for looks in self._letters}
        two, three = (re.escape("".join(first for first in firsts if firsts[first] == length)) for length in (2, 3))
        following = re.escape("".join(self._characters[:0x40]))
        return re.compile(f"[{two}][{following}]|[{three}][{following}]{{2}}")

    @cached_property
    def _lost_space(self) -> re.Pattern[str]:
        hard = self._characters[_BEFORE_HARD_SPACE - 0x80] + self._characters[ord(_HARD_SPACE) - 0x80]
        return re.compile(re.escape(hard[0]) + r"(?: |\Z)" if hard[1] == _HARD_SPACE else r"(?!)")

    @cached_property
    def _space_after_small_letter(self) -> re.Pattern[str]:
        return re.compile(rf"(?<=[a-z‘]){self._lost_space.pattern}")

    def read(self, text: str) -> str:
        """Return what text says that was read in this code page; text that was not stays what it is."""
        spaced = self._space_after_small_letter.sub("à ", text)
        return self._bytes.sub(lambda found: self._letters.get(found[0], found[0]), spaced)

    def is_certain(self, text: str) -> bool:
        """Return whether nothing was lost of text that was read in this code page."""
        return not self._lost_space.search(text)


@dataclass(frozen=True)
class _EastAsian:
    codec: str

    def read(self, text: str) -> str:
        """Return what text says that was read in this encoding; text that was not stays what it is."""
        return _EASTERN_WORD.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        try:
            return found[0].encode(self.codec).decode()
        except UnicodeError:
            return found[0]

    @staticmethod
    def is_certain(text: str) -> bool:
        """Return whether nothing was lost: bytes at the end of a word often are."""
        return not text


_ENCODINGS: tuple[_CodePage | _EastAsian, ...] = (*map(_CodePage, _CODE_PAGES), *map(_EastAsian, _EAST_ASIAN))


def decoded_twice(text: str) -> DecodedTwice | None:
    """Recognise text that was decoded twice; None where it was not."""
    text = unicodedata.normalize("NFC", text)
    if not _DOUBTFUL.search(text):
        return None
    seen = _QUOTED.sub(r"\1 ", _BRAND.sub(lambda found: " " if found[0].isupper() else found[0], text))
    readings = ((encoding, encoding.read(seen)) for encoding in _ENCODINGS)
    signs = {encoding: _signs(encoding, read, seen) for encoding, read in readings if read != seen}
    likely = max(signs, key=lambda encoding: signs[encoding], default=None)
    if likely is None or not signs[likely][0]:
        return None
    reading = likely.read(text)
    return DecodedTwice(reading if likely.is_certain(text) and not _DOUBTFUL.search(reading) else None)


def _signs(encoding: _CodePage | _EastAsian, read: str, text: str) -> tuple[int, int, int]:
    """Return what speaks for a reading: words of Vietnamese that appear, how little is left to be read, few capitals.

    Capitals count behind another letter: of BƠ and Bà, the one is rarer than the other.

    In Western code pages it is enough that anything appears.
    """
    appeared = set(_WORD.findall(read)).difference(_WORD.findall(text))
    words = sum(not word.isascii() and is_word(word) and not mixes_cases(word) for word in appeared)
    capitals = sum(before.isalpha() and behind.isupper() for before, behind in pairwise(read))
    return words or int(encoding.codec in _WESTERN), -len(_DOUBTFUL.findall(read)), -capitals
