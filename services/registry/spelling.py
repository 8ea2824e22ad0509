"""How Vietnamese is spelt: what a syllable looks like, the word between two spaces, and which names read the same.

What a reader takes for the same word is the same word.
"""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from services.registry.units import COMMUNES
from shared.contracts.text import UNSEEN_CATEGORIES, UNSEEN_CHARACTERS
from shared.yaml12 import load_yaml

#: Tone marks: grave (huyền), acute (sắc), tilde (ngã), hook above (hỏi), dot below (nặng).
TONES = "\u0300\u0301\u0303\u0309\u0323"
_TONE = re.compile(f"[{TONES}]")
#: The letters of Vietnamese that ASCII has not, composed.
LETTERS = "".join(
    letter.upper() + letter
    for letter in (
        "đ",
        *(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in ("", *TONES)),
    )
    if not letter.isascii()
)
#: A syllable that is closed by a stop has one of two tones, and its spelling one of two marks.
_STOPPED = re.compile(r"(?:ch|[cpt])\Z")
_TONES_OF_STOPPED = {"", "\u0301", "\u0323"}

#: Consonants before the vowel: `qu` is q and a rime that begins with u, `gì` is g and i.
ONSETS = frozenset(
    """
    b c ch d đ g gh gi h k kh l m n ng ngh nh ph q r s t th tr v x
    """.split()  # noqa: SIM905  # a table that can be read
) | {""}
#: Vowels and what closes them, without tone marks.
RIMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay  ăc ăm ăn ăng ăp ăt  âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et  ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oem oen oeo oet oi om on ong ooc oong
    op ot  ô ôc ôi ôm ôn ông ôp ôt  ơ ơi ơm ơn ơp ơt
    u ua uac uach uai uan uang uanh uao uat uau uay uc ue uen ueo uet ui um un ung up ut
    uă uăc uăm uăn uăng uăp uăt uâc uân uâng uât uây uê uêch uên uênh uêt uêu ui uit uich uinh uip
    uô uôc uôi uôm uôn uông uôt uơ uơi uơn uơt uy uya uych uyên uyêt uynh uyp uyt uyu
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu
    """.split()  # noqa: SIM905  # a table that can be read
)


#: Rimes whose mark may stand on either vowel: the older and the newer style (hòa, hoà).
_EITHER = {"oa", "oe", "uy"}
_VOWEL = re.compile("[aeiouyăâêôơư]")
_MARKED_VOWEL = re.compile("[ăâêôơư]")


#: characters, with the marks counted that are characters of their own; “nghiêng” has 7
_LONGEST = 12

#: Words of the names of all communes, in small letters; not all are syllables: “Krông”, “Đắk”.
FAMILIAR = frozenset(
    word for commune in COMMUNES.values() for word in re.findall(r"[^\W\d_]+", commune.name.casefold())
)

#: Marks of trade, and quotes: no part of a name.
_DROPPED = dict.fromkeys(map(ord, "®™©℠\"'`´‘’‚‛“”„‟«»‹›′″ʼʻʹ"))
#: Marks as other languages write them, in Unicode form NFD: a stroke, a caron for a breve, a perispomeni for a tilde.
_MARKS = {"d\u0335": "đ", "D\u0335": "Đ", "a\u030c": "a\u0306", "A\u030c": "A\u0306", "\u0342": "\u0303"}
_MARK = re.compile("|".join(_MARKS))
#: Vowels in Unicode form NFD, with the tone mark that stands on one of them.
_TONED = re.compile(f"[aeiouy\u0302\u0306\u031b{TONES}]+")
_WORD = re.compile(r"[^\W\d_]+")
#: Rimes on whose either vowel a tone mark may stand; in `quy` the u belongs to the q.
_EITHER_VOWEL = re.compile(r"(?:o[ae]|(?<!q)uy)\Z", re.IGNORECASE)
#: A space that changes nothing for a reader: in “HưngVân”, but not between digits.
_SPACE = re.compile(r"(?<!\d) | (?!\d)")
#: Seen as spaces and dashes, though Unicode has them among the symbols.
_BLANK, _MINUS = "\u2800", "\u2212"
#: Marks that are seen on no letter: variation selectors and joiners, which are Default_Ignorable_Code_Point too.
_INVISIBLE_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def is_word(word: str) -> bool:
    """Return whether a word is a syllable of Vietnamese, or in the name of a commune."""
    return is_syllable(word) or word.casefold() in FAMILIAR


def mixes_cases(word: str) -> bool:
    """Return whether a capital follows a small letter."""
    return any(before.islower() and behind.isupper() for before, behind in pairwise(word))


def is_syllable(word: str) -> bool:
    """Return whether a word is spelt as a syllable of Vietnamese is, in any case; it need not mean anything."""
    return len(word) <= _LONGEST and _is_syllable(word)


@lru_cache(8192)
def _is_syllable(word: str) -> bool:
    spelt = unicodedata.normalize("NFC", word.casefold())
    plain, tones = without_tone(spelt)
    if len(tones) > 1 or (_STOPPED.search(plain) and tones not in _TONES_OF_STOPPED):
        return False
    ends = [end for end in range(min(len(plain), 4)) if plain[:end] in ONSETS and plain[end:] in RIMES]
    place = next((at for at, letter in enumerate(spelt) if ends and without_tone(letter)[1]), None)
    return any(place is None or place - end in _places(plain[:end], plain[end:]) for end in ends)


def _places(onset: str, rime: str) -> set[int]:
    """Return where in a rime the tone mark may stand."""
    vowels = [found.start() for found in _VOWEL.finditer(rime)]
    if onset == "q":  # the u belongs to the onset
        vowels = vowels[1:] or vowels
    marked = [at for at in vowels if _MARKED_VOWEL.match(rime[at])]
    if marked:
        return {marked[-1]}
    if len(rime) > vowels[-1] + 1:  # closed by a consonant
        return {vowels[-1]}
    if rime in _EITHER:
        return set(vowels)
    return {vowels[(len(vowels) - 1) // 2]}  # of one or two the first, of three the second


def without_tone(word: str) -> tuple[str, str]:
    """Return a word without its tone marks, in Unicode form NFC, and the marks."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(_TONE.findall(decomposed))
    return unicodedata.normalize("NFC", _TONE.sub("", decomposed)), tones


@lru_cache(1024)
def name_keys(name: str) -> tuple[str, ...]:
    """Return what names that read the same have in common: by today's folding first, then by the former one.

    What the register kept until 0.1.0 was folded formerly, as the name was spelt then. It is found under the spelling
    of today and under both styles of placing tone marks (Hòa, Hoà).
    """
    spellings = dict.fromkeys((name, *(_with_tones_placed(name, newer=newer) for newer in (False, True))))
    return tuple(dict.fromkeys((_folded(name), *map(_folded_formerly, spellings))))


def _folded(name: str) -> str:
    """Fold case, spaces, dashes, quotes, invisible characters, look-alike letters, and the place of a tone mark.

    Letters with and without marks are different words, and so are i and y (`mĩ`, `mỹ`).
    """
    return _SPACE.sub("", " ".join(as_read(name).split()))


def as_read(text: str) -> str:
    """Return text as it reads, in Unicode form NFD: what `_folded` folds, but with its spaces.

    Nothing that is folded reaches over a space, and names are made of the same words again and again.
    """
    return " ".join(_as_read(part) if len(part) <= _LONGEST else _as_read.__wrapped__(part) for part in text.split(" "))


@lru_cache(8192)
def _as_read(part: str) -> str:
    latin = _latin(unicodedata.normalize("NFKC", part.translate(_DROPPED)))
    seen = "".join(map(_seen, latin)).casefold()
    return _TONED.sub(_tone_behind, unicodedata.normalize("NFD", _latin(seen)))


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


def is_invisible(character: str) -> bool:
    """Return whether a character within a word is seen by nobody; spaces, and marks on a letter, are seen."""
    category = unicodedata.category(character)
    return category in UNSEEN_CATEGORIES or character in UNSEEN_CHARACTERS or bool(_INVISIBLE_MARKS.match(character))


def _tone_behind(vowels: re.Match[str]) -> str:
    return _TONE.sub("", vowels[0]) + "".join(_TONE.findall(vowels[0]))


def _with_tones_placed(name: str, *, newer: bool) -> str:
    """Return a name with the tone marks on the second of two vowels (hoà, the newer style) or on the first (hòa)."""

    def placed(word: re.Match[str]) -> str:
        return _with_tone_placed(word[0], newer=newer) if len(word[0]) <= _LONGEST else word[0]

    return _WORD.sub(placed, unicodedata.normalize("NFC", name))


@lru_cache(8192)
def _with_tone_placed(word: str, *, newer: bool) -> str:
    plain, tone = without_tone(word)
    rime = _EITHER_VOWEL.search(plain)
    if not (tone and rime and is_syllable(word)):
        return word
    vowel = rime.start() + (2 if newer else 1)
    return unicodedata.normalize("NFC", plain[:vowel] + tone + plain[vowel:])


def _look_alikes() -> dict[int, str]:
    alike = load_yaml(files("services.registry").joinpath("look_alikes.yaml").read_text("utf-8"))
    letters = alike["latin"] | alike["vietnamese"]
    return {ord(other): letter for letter, others in letters.items() for other in others}


_LOOK_ALIKES = _look_alikes()
