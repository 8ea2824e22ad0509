"""What a syllable of Vietnamese looks like: the word of its spelling, between two spaces."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from services.registry.units import COMMUNES

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
