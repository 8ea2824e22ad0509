"""Decide: whether two products' names read the same. What a reader takes for the same word is the same word."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from services.registry.syllables import TONES, is_syllable, without_tone
from shared.contracts.blank import is_invisible
from shared.yaml12 import load_yaml

#: Marks of trade, and quotes: no part of a name.
_DROPPED = dict.fromkeys(map(ord, "®™©℠\"'`´‘’‚‛“”„‟«»‹›′″ʼʻʹ"))
#: Marks as other languages write them, in Unicode form NFD: a stroke, a caron for a breve, a perispomeni for a tilde.
_MARKS = {"d\u0335": "đ", "D\u0335": "Đ", "a\u030c": "a\u0306", "A\u030c": "A\u0306", "\u0342": "\u0303"}
_MARK = re.compile("|".join(_MARKS))
#: Vowels in Unicode form NFD, with the tone mark that stands on one of them.
_TONED = re.compile(f"[aeiouy\u0302\u0306\u031b{TONES}]+")
_TONE = re.compile(f"[{TONES}]")
_WORD = re.compile(r"[^\W\d_]+")
#: Rimes on whose either vowel a tone mark may stand; in `quy` the u belongs to the q.
_EITHER_VOWEL = re.compile(r"(?:o[ae]|(?<!q)uy)\Z", re.IGNORECASE)
#: A space that changes nothing for a reader: in “HưngVân”, but not between digits.
_SPACE = re.compile(r"(?<!\d) | (?!\d)")
#: Seen as spaces and dashes, though Unicode has them among the symbols.
_BLANK, _MINUS = "\u2800", "\u2212"


@lru_cache(1024)
def name_keys(name: str) -> tuple[str, ...]:
    """Return what names that read the same have in common: by today's folding first, then by the former one.

    What the register kept until 0.1.0 was folded formerly, as the name was spelt then. It is found under the spelling
    of today and under both styles of placing tone marks (Hòa, Hoà).
    """
    spellings = (name, *(_with_tones_placed(name, newer=newer) for newer in (False, True)))
    return tuple(dict.fromkeys((_folded(name), *map(_folded_formerly, spellings))))


def _folded(name: str) -> str:
    """Fold case, spaces, dashes, quotes, invisible characters, look-alike letters, and the place of a tone mark.

    Letters with and without marks are different words, and so are i and y (`mĩ`, `mỹ`).
    """
    latin = _latin(unicodedata.normalize("NFKC", name.translate(_DROPPED)))
    seen = "".join(map(_seen, latin)).casefold()
    placed = _TONED.sub(_tone_behind, unicodedata.normalize("NFD", _latin(seen)))
    return _SPACE.sub("", " ".join(placed.split()))


def _folded_formerly(name: str) -> str:
    """Fold case, spaces and characters of the category Cf, as up to 0.1.0: stored keys are made of it."""
    folded = unicodedata.normalize("NFC", name).casefold()
    folded = "".join(character for character in folded if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", " ".join(folded.split()))


def _latin(text: str) -> str:
    """Return text with Latin letters in the place of their look-alikes, in Unicode form NFC."""
    marked = _MARK.sub(lambda found: _MARKS[found[0]], unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", marked.translate(_LOOK_ALIKES))


def _seen(character: str) -> str:
    """Return a character as it is seen: nothing, a space for spaces and dashes, the digit of any script."""
    if character.isspace() or character in {_BLANK, _MINUS} or unicodedata.category(character) == "Pd":
        return " "
    if is_invisible(character):
        return ""
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _tone_behind(vowels: re.Match[str]) -> str:
    return _TONE.sub("", vowels[0]) + "".join(_TONE.findall(vowels[0]))


def _with_tones_placed(name: str, *, newer: bool) -> str:
    """Return a name with the tone marks on the second of two vowels (hoà, the newer style) or on the first (hòa)."""

    def placed(word: re.Match[str]) -> str:
        plain, tone = without_tone(word[0])
        rime = _EITHER_VOWEL.search(plain)
        if not (tone and rime and is_syllable(word[0])):
            return word[0]
        vowel = rime.start() + (2 if newer else 1)
        return unicodedata.normalize("NFC", plain[:vowel] + tone + plain[vowel:])

    return _WORD.sub(placed, unicodedata.normalize("NFC", name))


def _look_alikes() -> dict[int, str]:
    alike = load_yaml(files("services.registry").joinpath("look_alikes.yaml").read_text("utf-8"))
    letters = alike["latin"] | alike["vietnamese"]
    return {ord(other): letter for letter, others in letters.items() for other in others}


_LOOK_ALIKES = _look_alikes()
