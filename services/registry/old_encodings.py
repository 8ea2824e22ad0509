"""What is left of Vietnamese where there is no Unicode: text in an older encoding, and text that lost its letters.

Text in an older encoding is recognised, and read where it can be read in one way only.

A word counts as a sign of an encoding where it is no syllable of Vietnamese as it stands and is one when it is read in
that encoding. Names of other languages do not become syllables (Café, Müller), and a sign of trade, a degree or a
fraction at the end of a word is what it seems to be. Text with a letter of Vietnamese that Windows-1252 has not got is
Unicode, and so are its other words, but for those that have a sign among their letters. The tables are in
`old_encodings.yaml`. Letters that an encoding has not got become question marks: “B?nh” for “Bánh”.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import islice, product
from typing import Any

from services.registry.spelling import FAMILIAR, LETTERS, ONSETS, RIMES, is_syllable, is_word, without_tone
from shared.yaml12 import load_yaml

#: Bytes 80 to FF as Windows-1252 reads them; those that it has not got stay what they are, as in Latin-1.
_WINDOWS_1252 = tuple(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100))
_BYTES = {character: byte for byte, character in enumerate(_WINDOWS_1252, 0x80)} | {
    chr(byte): byte for byte in range(0x80, 0x100)
}
#: What may stand before or behind a word and is no part of it.
_BEFORE = "«“‘„‹¡¿£€¥©°µ–—…•†‡"
_BEHIND = "»”’“›®©™°ºª¹²³¼½¾…–—•¢£¥€§¶†‡‰"
_WORD = re.compile(r"[^\s0-9!-/:-@\[-`{-~]+")
_WORD_BEYOND_ASCII = re.compile(r"[A-Za-z]*[^\x00-\x7f\s][^\s0-9!-/:-@\[-`{-~]*")
#: A letter that is no vowel where only a vowel can be, as in `Bß` and `cñ`.
_NO_VOWEL = re.compile("[bcdghklmnpqrstvx][ßñðþ]")
#: A word of ASCII with a sign behind it that is a letter in an old encoding; no quote that closes, no registered mark.
_SIGN_AT_END = re.compile(r"(?<![^\s(])[A-Za-z]+[¡-¬¯-º¼-¿](?!\w)")
#: What can become a syllable, by its letters of ASCII: consonants, vowels and one of the endings that there are.
_SHAPE = re.compile(
    r"[bcdghklmnpqrstvx\x80-\uffff]{0,4}[aeiouy\x80-\uffff]+(?:ch?|k|m|n[gh]?|p|t)?[\x80-\uffff]*", re.IGNORECASE
)
#: Characters that Unicode calls letters, and that stand for numbers and units.
_LETTERS_OF_NUMBERS = "ªºµ"
_ORDINALS = "ªº"
#: An ordinal behind a number, where many keyboards have it for the degree: “40ºN”, “4 ºC”.
_DEGREE = re.compile(r"(?<=\d)([ \xa0]?)[ªº]")
#: Icelandic letters that look like that of Vietnamese, and begin a syllable in its place.
_ETH = str.maketrans("Ðð", "Đđ")
#: A letter of Vietnamese that Windows-1252 has not got.
BEYOND_WINDOWS_1252 = re.compile(f"[{''.join(letter for letter in LETTERS if letter not in _BYTES)}]")
#: A sign between letters. No soft hyphen, which is a sign of nothing in Unicode.
_SIGN_WITHIN = re.compile(r"[A-Za-z][^\w\s\x00-\x7f\xad][A-Za-z]")
#: characters; a syllable has 7 letters at most, and an old encoding at most two characters for each.
_LONGEST_WORD = 16
#: doubtful words of a text that are read: text in an old encoding is in it from its first words on.
_MOST_WORDS = 20

#: A word with question marks in the place of letters.
_GAPPED_WORD = re.compile(r"""(?<![^\s(“‘"'«])(?=[^\W\d_]*\?)[^\W\d_?]*(?:\?+[^\W\d_?]*)+(?=[,.;:!)”’"'»]*(?:\s|\Z))""")
_VOWELS = frozenset("aeiouyăâêôơư")
#: words with question marks that are looked at: letters are lost from the beginning on.
_MOST_GAPPED_WORDS = 50


@dataclass(frozen=True)
class OldText:
    """Text in an old encoding. `reading`: what it says, None where that is not certain."""

    encodings: tuple[str, ...]
    reading: str | None


@dataclass(frozen=True, eq=False)
class _Encoding:
    """An encoding: what its letters look like when they are read as Windows-1252.

    `distinctive` is what nobody else writes; `domestic`: in use in Vietnam's offices, so that the others come second.
    """

    name: str
    letters: Mapping[str, str]
    distinctive: re.Pattern[str]
    domestic: bool
    codec: str | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(sorted(map(re.escape, self.letters), key=len, reverse=True)) + r"|[^\x00-\x7f]")

    def read(self, word: str) -> str | None:
        """Return what a word says in this encoding, None where it says nothing."""
        try:
            if self.codec:
                read = bytes(_BYTES.get(each, ord(each)) for each in word).decode(self.codec)
            else:
                read = self._pattern.sub(lambda found: self.letters[found[0]], word)
        except (KeyError, ValueError):
            return None
        return unicodedata.normalize("NFC", read)


def in_old_encoding(text: str) -> OldText | None:
    """Recognise text in an old encoding; None where it is in none, or where nobody could be sure."""
    text = _DEGREE.sub(r"\1°", unicodedata.normalize("NFC", text))
    doubtful = _doubtful_words(text)
    signed = _words_with_a_sign(text) if doubtful else []
    found = [encoding for encoding in _ENCODINGS if _speaks_for(encoding, doubtful, signed)] if doubtful else []
    if not found:
        return None
    readings = {encoding: _reading(encoding, text) for encoding in found}
    best = max(map(_likelihood, readings.items()))
    likely = [each for each in readings.items() if _likelihood(each) == best]
    names = tuple(encoding.name for encoding, _ in likely)
    said = {reading for _, reading in likely}
    return OldText(names, said.pop() if len(said) == 1 else None)


def read_in(encoding_name: str, text: str) -> str | None:
    """Return what a text says whose encoding is known, so that a single word is enough; None where it says nothing.

    A short word in capitals need be no syllable: “Q§” for “QĐ”.
    """
    encoding = next(each for each in _ENCODINGS if each.name == encoding_name)
    text = unicodedata.normalize("NFC", text)
    read = {
        word: _initials(encoding, word) or _word_reading(encoding, word) for word in _WORD_BEYOND_ASCII.findall(text)
    }
    return None if None in read.values() else _WORD.sub(lambda found: read.get(found[0]) or found[0], text)


def _initials(encoding: _Encoding, word: str) -> str | None:
    letters = [each for each in word if each.isascii()]
    few = 0 < len(letters) < _INITIALS and all(map(str.isupper, letters))
    read = encoding.read(word) if few and _syllable(encoding, word) is None else None
    return read.upper() if read and read.isalpha() else None


def _doubtful_words(text: str) -> list[str]:
    """Return the words that need an explanation, each once; of Unicode text those with a sign among their letters."""
    unicode = BEYOND_WINDOWS_1252.search(text)
    if unicode and not _SIGN_WITHIN.search(text):
        return []
    words = dict.fromkeys(_WORD_BEYOND_ASCII.findall(text))
    if unicode:
        return [word for word in words if _SIGN_WITHIN.search(word)]
    doubtful = (word for word in words if len(word) > _LONGEST_WORD or not _is_plain(word))
    return list(islice(doubtful, _MOST_WORDS))


def _likelihood(read: "tuple[_Encoding, str | None]") -> tuple[int, bool]:
    """Return how likely a reading is: the words of it that names of communes have, then where its encoding was used."""
    encoding, reading = read
    return sum(word in FAMILIAR for word in _WORD.findall((reading or "").casefold())), encoding.domestic


@lru_cache(8192)
def _is_plain(word: str) -> bool:
    """Return whether a word needs no explanation: ASCII or a syllable, but for what stands before and behind it."""
    core = word.lstrip(_BEFORE).rstrip(_BEHIND)
    if any(character in _ORDINALS and not before.isupper() for before, character, _ in _neighbours(word)):
        return len(word) == 1  # behind a number
    return core.isascii() or is_syllable(core.translate(_ETH))


def _words_with_a_sign(text: str) -> list[str]:
    """Return words such as “Ch¶”, whose sign behind the letters proves nothing by itself."""
    return list(islice(dict.fromkeys(_SIGN_AT_END.findall(text)), _MOST_WORDS))


def _speaks_for(encoding: _Encoding, words: list[str], signed: list[str]) -> bool:
    """Return whether one word is beyond doubt and no more words speak against it than for it, or two look like it.

    Of the two that look like it, one may be a word with a sign.
    """
    speaking = [word for word in words if _becomes_syllable(encoding, word)]
    against = len(words) - len(speaking)
    beyond_doubt = sum(_is_beyond_doubt(encoding, word) for word in speaking)
    if beyond_doubt:
        return against <= beyond_doubt
    return not against and len(speaking) + any(_becomes_syllable(encoding, word) for word in signed) > 1


def _becomes_syllable(encoding: _Encoding, word: str) -> bool:
    return _syllable(encoding, word) is not None


@lru_cache(8192)
def _syllable(encoding: _Encoding, word: str) -> str | None:
    """Return the syllable that a word becomes in this encoding, None where it becomes none."""
    read = encoding.read(word) if len(word) <= _LONGEST_WORD and _SHAPE.fullmatch(word) else None
    return _in_one_case(read) if read is not None and read != word and is_word(read) else None


def _is_beyond_doubt(encoding: _Encoding, word: str) -> bool:
    """Return whether a word that becomes a syllable can be nothing else."""
    several = sum(not character.isascii() for character in word) > 1
    odd = any(_is_odd(before, character, behind) for before, character, behind in _neighbours(word))
    return several or odd or bool(_NO_VOWEL.search(word.lower()) or encoding.distinctive.search(word.lower()))


def _neighbours(word: str) -> list[tuple[str, str, str]]:
    return list(zip(f" {word}", word, f"{word} "[1:], strict=False))


def _is_odd(before: str, character: str, behind: str) -> bool:
    """Return whether a character stands where no language has it: a sign for a letter, a capital within a word."""
    if character.isascii():
        return False
    if character.isalpha() and character not in _LETTERS_OF_NUMBERS:
        return character.isupper() and before.isalpha() and (before.islower() or behind.islower())
    return behind.isalpha() or (before.isalpha() and character not in _BEHIND)


def _reading(encoding: _Encoding, text: str) -> str | None:
    """Return what all of a text says, None where a word of it says nothing."""
    read = {word: _word_reading(encoding, word) for word in _WORD_BEYOND_ASCII.findall(text)}
    if None in read.values():
        return None
    return _WORD.sub(lambda found: read.get(found[0]) or found[0], text)


def _word_reading(encoding: _Encoding, word: str) -> str | None:
    if len(word) == 1 and word in _BEFORE + _BEHIND:
        return word
    return _syllable(encoding, word) or (word if _is_plain(word) else None)


def _in_one_case(word: str) -> str | None:
    """Return a word in capitals where its ASCII letters are: the fonts of TCVN3 have capitals with the small bytes."""
    plain = [character for character in word if character.isascii() and character.isalpha()]
    if len(plain) > 1 and all(character.isupper() for character in plain):
        return word.upper()
    return word if word in {word.lower(), word.upper(), word.capitalize()} else None


def _letters(table: Mapping[str, Any]) -> dict[str, str]:
    if "from_80" in table:
        letters = "".join(table["from_80"].split())
        pairs = [(form, letter) for form, letter in zip(_WINDOWS_1252, letters, strict=True) if letter != "·"]
        return dict(pairs) | {chr(_BYTES[form]): letter for form, letter in pairs}
    flat = table.get("pairs", "").split()
    small = dict(zip(flat[::2], flat[1::2], strict=True))
    capital = {form.upper(): letter.upper() for form, letter in small.items()}
    return small | capital | {form[0].upper() + form[1:]: letter.upper() for form, letter in small.items()}


def _encodings() -> tuple[_Encoding, ...]:
    tables = load_yaml(files("services.registry").joinpath("old_encodings.yaml").read_text("utf-8"))
    never = r"(?!)"
    return tuple(
        _Encoding(
            name=table["name"],
            letters=_letters(table),
            distinctive=re.compile(table.get("distinctive", never)),
            domestic=table["domestic"],
            codec=table.get("codec"),
        )
        for table in tables.values()
    )


_ENCODINGS = _encodings()


def has_lost_letters(text: str) -> bool:
    """Return whether letters of a word were lost and question marks stand in their place.

    Where a question would read the same (“to?i”), a second such word decides.
    """
    if "?" not in text:
        return False
    words = set(islice((found[0] for found in _GAPPED_WORD.finditer(text)), _MOST_GAPPED_WORDS))
    fitting = [word for word in words if _fits(word)]
    lost = any(map(_is_inside, fitting)) or (
        not BEYOND_WINDOWS_1252.search(text) and any(map(_is_at_the_edge, fitting))
    )
    return lost or (len(fitting) > 1 and any(map(_is_within, fitting)))


def _is_inside(word: str) -> bool:
    """Return whether a question mark stands within a word that cannot be two words."""
    return _is_within(word) and not all(map(is_syllable, re.split(r"\?+", word.rstrip("?"))))


def _is_within(word: str) -> bool:
    return "?" in word.strip("?") and not word.startswith("?")


def _is_at_the_edge(word: str) -> bool:
    """Return whether a question mark begins a word, or ends one that has no vowel: “?a”, “Tr?”."""
    if word.startswith("?"):
        return word.replace("?", "").islower()
    consonants = word.rstrip("?")
    in_one_case = consonants in {consonants.lower(), consonants.capitalize()}
    return len(consonants) > 1 and in_one_case and consonants.casefold() in ONSETS


def _fits(word: str) -> bool:
    """Return whether a word is one of Vietnamese, but for its question marks; no question that is asked with it."""
    folded = without_tone(word.casefold())[0]
    if is_syllable(folded.rstrip("?")) or not word.strip("?") or (len(word) == _INITIALS and word.isupper()):
        return False
    ends = [end for end in range(min(len(folded), 4)) if folded[:end] in _ONSETS]
    return folded in _FAMILIAR_WITH_GAPS or any(folded[end:] in _RIMES_WITH_GAPS for end in ends)


def _with_gaps(word: str) -> Iterator[str]:
    """Yield a word with question marks for any of the letters that can be lost: vowels, and those beyond ASCII."""
    choices = [(letter, "?") if letter in _VOWELS or not letter.isascii() else (letter,) for letter in word]
    return map("".join, product(*choices))


#: characters of initials with a question mark for the sign between them, “Q?A”.
_INITIALS = 3
#: The one consonant that can be lost is đ.
_ONSETS = ONSETS | {"?"}
_RIMES_WITH_GAPS = frozenset(gapped for rime in RIMES for gapped in _with_gaps(rime))
_FAMILIAR_WITH_GAPS = frozenset(
    gapped for word in FAMILIAR if not (word.isascii() or is_syllable(word)) for gapped in _with_gaps(word)
)
