"""What is counted of any products, as the national statistics show it: how many, with how many stars, on the way."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import compress, count
from operator import add
from typing import TypeVar

from ops.language import Message
from ops.reports.columns import Column as Values
from ops.reports.columns import joined
from ops.reports.products import Products
from ops.reports.report import Column, Kind

Key = TypeVar("Key", bound=Hashable)
#: A number for each of `MEASURES`.
Measured = tuple[int, ...]

#: The stars of certificates (Decision 26/2026/QĐ-TTg, Art. 4.1).
CERTIFIED = (3, 4, 5)
_NUMBER = Kind.NUMBER
STARS = tuple(Column(f"stars_{each}", Message("{stars}★", stars=each), _NUMBER, summed=True) for each in CERTIFIED)
MEASURES = (
    Column("products", Message("Products"), _NUMBER, summed=True),
    Column("certified", Message("Certified"), _NUMBER, summed=True),
    *STARS,
    Column("open_rounds", Message("Rounds open"), _NUMBER, summed=True),
)


def measured(products: Products, keys: Values[Key]) -> dict[Key, Measured]:
    """Return the `MEASURES` of products by what they have in common, a column of them."""
    return summed(joined(products.stars, products.has_open_round, below=2), keys, _measures)


def summed(classes: bytes, keys: Values[Key], counts: Callable[[int], Sequence[int]]) -> dict[Key, Measured]:
    """Return by keys how many products count, 1 or 0 times each, in which place: `counts` says that of a class."""
    found: dict[Key, list[int]] = {}
    for of, counted in keys.counted_by(classes):
        counts_in = counts(of)
        where = [*compress(count(), counts_in)]
        for key, number in counted if where else ():
            numbers = found.get(key) or found.setdefault(key, [0] * len(counts_in))
            for place in where:
                numbers[place] += number
    return {key: tuple(numbers) for key, numbers in found.items()}


def added_up(measures: Iterable[tuple[Key, Measured]]) -> dict[Key, Measured]:
    """Return the sums of numbers that stand under one key."""
    found: dict[Key, Measured] = {}
    for key, numbers in measures:
        found[key] = tuple(map(add, found[key], numbers)) if key in found else numbers
    return found


def _measures(of: int) -> Measured:
    """Return the measures of a product by twice its stars, and one more for an open round."""
    by_stars = [int(of // 2 == each) for each in CERTIFIED]
    return 1, sum(by_stars), *by_stars, of % 2


#: Those of no product at all.
NOTHING: Measured = (0,) * len(MEASURES)
