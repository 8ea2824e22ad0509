"""What is counted of any products, as the national statistics show it: how many, with how many stars, on the way."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from ops.language import Message
from ops.reports.report import Column, Kind
from services.registry.facts import Facts

Key = TypeVar("Key", bound=Hashable)

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


def measured(facts: Iterable[Facts]) -> tuple[int, ...]:
    """Return the `MEASURES` of products."""
    counted = list(facts)
    stars = [each.stars for each in counted]
    by_stars = [stars.count(each) for each in CERTIFIED]
    return len(counted), sum(by_stars), *by_stars, sum(each.open_round is not None for each in counted)


def grouped(facts: Iterable[Facts], key: Callable[[Facts], Key]) -> dict[Key, list[Facts]]:
    """Return products by what they have in common."""
    found: dict[Key, list[Facts]] = defaultdict(list)
    for each in facts:
        found[key(each)].append(each)
    return found
