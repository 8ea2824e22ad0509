"""Score sheets and councils' results, reckoned from printed points and marks (LIFECYCLE.md, section 3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

#: The least average of each star (Art. 3.3).
_FROM = {5: 90, 4: 70, 3: 50, 2: 30}

#: Criterion → number of its option, from 1; 0 where it has no answer.
Options = Mapping[str, int]


@dataclass(frozen=True)
class Sheet:
    """Criterion → the points of its options, and the star from which each option is the least allowed."""

    code: str
    points: Mapping[str, tuple[int, ...]]
    marks: Mapping[str, tuple[int | None, ...]]
    #: criterion → the one without whose points it counts 0: a story's form without a story
    needs: Mapping[str, str]

    def total(self, options: Options) -> int:
        """Return a card's total."""
        points = {code: self.points[code][option - 1] if option else 0 for code, option in options.items()}
        return sum(each for code, each in points.items() if code not in self.needs or points[self.needs[code]])

    def spread(self, cards: Sequence[Options]) -> int:
        """Return how far the totals lie apart."""
        totals = [self.total(card) for card in cards]
        return max(totals) - min(totals)

    def allows(self, options: Options, star: int) -> bool:
        """Return whether every mark up to a star is met: a product of 5 stars meets those of 3 and 4 too."""
        return all(options[code] >= self.least(code, star) for code in self.marks)

    def least(self, code: str, star: int) -> int:
        """Return the lowest option of a criterion that is allowed for a star, 0 where every one is."""
        marked = enumerate(self.marks[code], 1)
        return max((number for number, mark in marked if mark is not None and mark <= star), default=0)


@cache
def _sheets() -> Mapping[int, Any]:
    content: Mapping[int, Any] = yaml.safe_load((Path(__file__).parent / "sheets.yaml").read_text("utf-8"))
    return content


@cache
def sheet_of(product_set: int) -> Sheet:
    """Return the sheet of a product set."""
    content = _sheets()[product_set]
    return Sheet(
        content["code"],
        {code: tuple(each["points"] for each in options) for code, options in content["options"].items()},
        {code: tuple(each.get("star") for each in options) for code, options in content["options"].items()},
        content["needs"],
    )


@dataclass(frozen=True)
class Made:
    """What a council makes of the cards that count."""

    total: int
    cards: int
    band: int
    stars: int

    @property
    def average(self) -> Fraction:
        """The exact average."""
        return Fraction(self.total, self.cards)

    @property
    def shown(self) -> str:
        """The average as people read it: cut after two decimals."""
        whole, rest = divmod(self.total, self.cards)
        return f"{whole}.{rest * 100 // self.cards:02d}"


def made_of(sheet: Sheet, cards: Sequence[Options], agreed: Options) -> Made:
    """Return the result of the cards; minimums by what was agreed, else what most chose."""
    total = sum(sheet.total(card) for card in cards)
    average = Fraction(total, len(cards))
    band = next((star for star, least in _FROM.items() if average >= least), 1)
    judged = {code: agreed.get(code, _most_chosen([card[code] for card in cards])) for code in sheet.points}
    stars = next((star for star in (5, 4, 3) if star <= band and sheet.allows(judged, star)), min(band, 2))
    return Made(total, len(cards), band, stars)


def _most_chosen(options: Sequence[int]) -> int:
    """Return the option that most members chose, of equals the lower one."""
    counted = Counter(options)
    most = max(counted.values())
    return min(option for option, count in counted.items() if count == most)
