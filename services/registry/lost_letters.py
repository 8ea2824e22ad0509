"""Text of which letters were lost in a conversion, with question marks in their place: “B?nh” for “Bánh”."""

import re
from collections.abc import Iterator
from itertools import islice, product

from services.registry.old_encodings import BEYOND_WINDOWS_1252
from services.registry.syllables import FAMILIAR, ONSETS, RIMES, is_syllable, without_tone

_WORD = re.compile(r"""(?<![^\s(“‘"'«])(?=[^\W\d_]*\?)[^\W\d_?]*(?:\?+[^\W\d_?]*)+(?=[,.;:!)”’"'»]*(?:\s|\Z))""")
_VOWELS = frozenset("aeiouyăâêôơư")
#: words with question marks that are looked at: letters are lost from the beginning on.
_MOST_WORDS = 50


def has_lost_letters(text: str) -> bool:
    """Return whether letters of a word were lost and question marks stand in their place.

    Where a question would read the same (“to?i”), a second such word decides.
    """
    if "?" not in text:
        return False
    words = set(islice((found[0] for found in _WORD.finditer(text)), _MOST_WORDS))
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
