"""What a product or a place is found by: the words of its name with their marks or without, numbers, codes, ids.

Folded as `spelling` folds names, and further: who searches types i for y (Sĩ, Sỹ), and d for đ.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.registry.identity import KnownProduct, ProducerNumbers, plain
from services.registry.spelling import TONES, as_read

#: words that a question is made of; who types more has pasted something
_MOST_WORDS = 12
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"[0-9]")
#: An i that some write as y: the only vowel behind a consonant, in Unicode form NFD.
_Y = re.compile(rf"(qu|[bcdđghklmnpqrstvx]+)y([{TONES}]?)")
#: digits; what has fewer is no number that a producer is registered under
_FEWEST_DIGITS = 6


@dataclass(frozen=True)
class Wanted:
    """What is asked for: documents of now that have one of the `exact` keys, or else all words.

    `words` are without marks, in their order; `spelt` those that were typed with marks, and are to be found with these.
    `exact` is empty where nothing is numbered: no code, number or id.
    """

    exact: tuple[str, ...]
    words: tuple[str, ...]
    spelt: tuple[str, ...]


def wanted(text: str) -> Wanted:
    """Return what a text that somebody types asks for."""
    spelt = tuple(dict.fromkeys(spelt_words(text)))[:_MOST_WORDS]
    asked = text.strip()
    digits = len(_DIGIT.findall(asked))
    numbers = (plain(asked),) if digits >= _FEWEST_DIGITS else ()
    return Wanted(
        exact=tuple(dict.fromkeys((asked.casefold(), *numbers))) if digits else (),
        words=tuple(dict.fromkeys(map(without_marks, spelt))),
        spelt=tuple(word for word in spelt if without_marks(word) != word),
    )


def keys_of(product: KnownProduct) -> tuple[str, ...]:
    """Return what a product is found by: words without marks, and whatever is asked for as a whole.

    A person's number is not: the register keeps a hash of it, under a key that who searches has not got.
    """
    words = map(without_marks, spelt_of(product))
    return tuple(dict.fromkeys((*words, *(key.casefold() for key in _exact(product)))))


def spelt_of(product: KnownProduct) -> tuple[str, ...]:
    """Return the words of a product's name, and of its producer's, with their marks."""
    return tuple(dict.fromkeys(word for name in (product.name, product.producer_name) for word in spelt_words(name)))


def spelt_words(text: str) -> Iterator[str]:
    """Yield the words of a text as they read, with their marks."""
    for word in _WORD.findall(unicodedata.normalize("NFC", as_read(text))):
        decomposed = unicodedata.normalize("NFD", word)
        found = _Y.fullmatch(decomposed)
        yield unicodedata.normalize("NFC", f"{found[1]}i{found[2]}") if found else word


def without_marks(word: str) -> str:
    """Return a word as it is typed without marks: a for ầ, d for đ."""
    decomposed = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _exact(product: KnownProduct) -> Iterable[str]:
    yield product.code
    if product.former_code:
        yield product.former_code
    yield from filter(ProducerNumbers.is_in_clear, product.producer_numbers)
    yield from product.dossiers
    yield from (each.certificate.number for each in product.certificates)
