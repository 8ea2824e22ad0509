"""What is counted of any products, as the national statistics show it: how many, with how many stars, on the way."""

from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from operator import add
from typing import TypeVar

from ops.language import Message
from ops.reports.columns import counted_by, joined
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


def measured(products: Products, keys: Sequence[Key]) -> dict[Key, Measured]:
    """Return the `MEASURES` of products by what they have in common, of which each product has a key."""
    classes = joined(products.stars, products.has_open_round, below=2)
    return added_up(
        (key, tuple([number * each for each in _measures(of // 2, has_open_round=bool(of % 2))]))
        for of, counted in counted_by(classes, keys)
        for key, number in counted.items()
    )


def added_up(measures: Iterable[tuple[Key, Measured]]) -> dict[Key, Measured]:
    """Return the sums of numbers that stand under one key."""
    found: dict[Key, Measured] = {}
    for key, numbers in measures:
        found[key] = tuple(map(add, found[key], numbers)) if key in found else numbers
    return found


@cache
def _measures(stars: int, *, has_open_round: bool) -> Measured:
    by_stars = [int(stars == each) for each in CERTIFIED]
    return 1, sum(by_stars), *by_stars, int(has_open_round)


#: Those of no product at all.
NOTHING: Measured = (0,) * len(MEASURES)
