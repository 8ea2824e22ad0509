"""What a product or a place is found by: the words of its name with their marks or without, numbers, codes, ids.

Folded as `spelling` folds names, and further: who searches types i for y (Sĩ, Sỹ), and d for đ.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from services.registry.identity import KnownProduct, ProducerNumbers, plain
from services.registry.spelling import TONES, as_read
from shared.contracts.rounds import Stage

#: words that a question is made of; who types more has pasted something
_MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"[0-9]")
#: Of a commune's code: three or four communes are an area.
_AREA_DIGITS = 3
#: An i that some write as y: the only vowel behind a consonant, in Unicode form NFD.
_Y = re.compile(rf"(qu|[bcdđghklmnpqrstvx]+)y([{TONES}]?)")
#: What producers are, in the words that their names begin with.
_KINDS_OF_PRODUCERS = "HTX hợp tác xã nông nghiệp dịch vụ công ty TNHH cổ phần cơ sở sản xuất hộ kinh doanh"
#: digits; what has fewer is no number that a producer is registered under
_FEWEST_DIGITS = 6


@dataclass(frozen=True)
class Wanted:
    """What is asked for: what has one of the `exact` keys, or else all words, each as it was typed, in their order.

    `exact` is empty where nothing is numbered: no code, number or id.
    """

    exact: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def without_marks(self) -> "Wanted":
        """The same words without their marks, under which more is found."""
        return Wanted((), tuple(dict.fromkeys(map(without_marks, self.words))))


def wanted(text: str) -> Wanted:
    """Return what a text that somebody types asks for."""
    asked = text.strip()
    digits = len(_DIGIT.findall(asked))
    numbers = (plain(asked),) if digits >= _FEWEST_DIGITS else ()
    return Wanted(
        exact=tuple(dict.fromkeys((asked.casefold(), *numbers))) if digits else (),
        words=tuple(dict.fromkeys(spelt_words(text)))[:_MOST_WORDS],
    )


def keys_of(product: KnownProduct) -> tuple[str, ...]:
    """Return what a product is looked up by: what is asked for as a whole, its place, and the rest in its province.

    What many have is so looked up province by province. A person's number is no key: the register keeps a hash of it,
    under a key that who searches has not got.
    """
    province, commune = product.place
    held, of_round = product.in_force, product.open_round
    stems = (
        *(word for word in words_of(product) if is_looked_up(word)),
        by_stars(held.certificate.stars if held else 0),
        by_stage(of_round.stage if of_round else None),
        by_set(product.product_set),
    )
    places = (in_commune(province, commune), in_area(province, commune))
    exact = (key.casefold() for key in _exact(product))
    return tuple(dict.fromkeys((*(in_province(stem, province) for stem in stems), *places, *exact)))


def is_looked_up(word: str) -> bool:
    """Return whether a word is a key: what every second producer is called would lead to half of a province."""
    return word not in _of_producers()


def words_of(product: KnownProduct) -> tuple[str, ...]:
    """Return the words of a product's name, and of its producer's, with their marks and without."""
    return _words(product.name, product.producer_name)


@lru_cache(1024)
def _words(*names: str) -> tuple[str, ...]:
    spelt = [word for name in names for word in spelt_words(name)]
    return tuple(dict.fromkeys((*spelt, *map(without_marks, spelt))))


def in_province(stem: str, province: str) -> str:
    """Return the key of what has a word, or something else, in a province."""
    return f"{stem}@{province}"


def in_commune(province: str, commune: str) -> str:
    """Return the key of what lies in a commune."""
    return f"@{province}-{commune}"


def in_area(province: str, commune: str) -> str:
    """Return the key of what lies in those communes of a province whose codes begin with the same three digits."""
    return f"@{province}-{commune[:_AREA_DIGITS]}"


def by_stars(stars: int) -> str:
    """Return the stem of a key for the stars in force, 0 for none."""
    return f"stars:{stars}"


def by_stage(stage: Stage | None) -> str:
    """Return the stem of a key for where a round is, None for no open one."""
    return f"stage:{stage.value if stage else 'none'}"


def by_set(product_set: int) -> str:
    """Return the stem of a key for a product set."""
    return f"set:{product_set}"


def spelt_words(text: str) -> Iterator[str]:
    """Yield the words of a text as they read, with their marks."""
    for word in _WORD.findall(unicodedata.normalize("NFC", as_read(text))):
        decomposed = unicodedata.normalize("NFD", word)
        found = _Y.fullmatch(decomposed)
        yield unicodedata.normalize("NFC", f"{found[1]}i{found[2]}") if found else word


def without_marks(word: str) -> str:
    """Return a word as it is typed without marks: a for ầ, d for đ."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _of_producers() -> frozenset[str]:
    """Return the words of what producers are, with their marks and without."""
    spelt = frozenset(spelt_words(_KINDS_OF_PRODUCERS))
    return spelt | frozenset(map(without_marks, spelt))


def _exact(product: KnownProduct) -> Iterable[str]:
    yield product.code
    if product.former_code:
        yield product.former_code
    yield from filter(ProducerNumbers.is_in_clear, product.producer_numbers)
    yield from product.dossiers
    yield from (each.certificate.number for each in product.certificates)
