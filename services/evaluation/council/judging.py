"""From counted scorecards to an average, a band and stars: exact, and by a council's regulation. Pure.

Decision 26/2026/QĐ-TTg, Art. 3.3 and 7.3-7.4: bands are decided on the exact average, since rounding is not regulated.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.evaluation.answers import Answers
from services.evaluation.council.state import Card, FilledCard
from services.evaluation.regulations import Regulation
from services.evaluation.rulebook import Criterion, ScoreSheet
from services.evaluation.scoring import band, score
from shared.contracts.councils import Average
from shared.contracts.rating import Stop, UnmetMinimum


@dataclass(frozen=True)
class Declared:
    """What the conclusion says beside the cards: agreed options by criterion, and eliminations."""

    options: Mapping[str, int]
    eliminations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Judged:
    """What the counted cards come to. `options` are those by which minimums were judged; `stars` None: eliminated."""

    average: Fraction
    cards: int
    spread: int
    band: int
    options: Mapping[str, int]
    eliminations: frozenset[str]
    stops: tuple[Stop, ...]
    unmet_minimums: tuple[UnmetMinimum, ...]

    @property
    def stars(self) -> int | None:
        """The band, as far as the minimums allow it; None where the council eliminated the product."""
        return None if self.stops else min([self.band, *(each.star - 1 for each in self.unmet_minimums)])


def judge(
    sheet: ScoreSheet,
    regulation: Regulation,
    cards: Sequence[FilledCard],
    declared: Declared,
    *,
    must_declare_quality: bool,
) -> Judged:
    """Judge a product by the counted cards, of which there is one at least."""
    options = judged_options(sheet, regulation, cards, declared.options)
    eliminations = _eliminations(regulation, cards, declared.eliminations)
    read = score(sheet, Answers(options, eliminations, must_declare_quality=must_declare_quality))
    average = Fraction(sum(card.total for card in cards), len(cards))
    return Judged(
        average=average,
        cards=len(cards),
        spread=spread(cards),
        band=band(average),
        options=options,
        eliminations=eliminations,
        stops=read.stops,
        unmet_minimums=read.unmet_minimums,
    )


def spread(cards: Sequence[Card]) -> int:
    """Return how far the highest total lies above the lowest."""
    totals = [card.total for card in cards]
    return max(totals) - min(totals)


def judged_options(
    sheet: ScoreSheet, regulation: Regulation, cards: Sequence[FilledCard], agreed: Mapping[str, int]
) -> dict[str, int]:
    """Return the option of each criterion by which its minimums are judged; a criterion without one is left out."""
    way = regulation.minimums.judged_by
    judged: dict[str, int] = {}
    for leaf in sheet.leaves:
        if way == "agreed" and leaf.code in agreed:
            judged[leaf.code] = agreed[leaf.code]
        else:
            chosen = Counter(card.options.get(leaf.code, 0) for card in cards)
            judged[leaf.code] = _lowest(leaf, chosen) if way == "every-member" else _most_chosen(leaf, chosen)
    return {code: option for code, option in judged.items() if option}


def _lowest(leaf: Criterion, chosen: Counter[int]) -> int:
    return min(chosen, key=lambda option: (leaf.points[option], option))


def _most_chosen(leaf: Criterion, chosen: Counter[int]) -> int:
    """Return the option that most members chose, of equals the lower one (inferred; docs/contract.md)."""
    return min(chosen, key=lambda option: (-chosen[option], leaf.points[option], option))


def _eliminations(regulation: Regulation, cards: Sequence[FilledCard], concluded: frozenset[str]) -> frozenset[str]:
    needed = regulation.eliminations.members
    if needed is None:
        return concluded
    declared = Counter(code for card in cards for code in set(card.eliminations))
    return frozenset(code for code, members in declared.items() if members >= needed)


def average_of(judged: Judged) -> Average:
    """Return the average as events carry it: not reduced, so that the number of cards is its denominator."""
    total = judged.average * judged.cards
    return Average(numerator=int(total), denominator=judged.cards, shown=shown(judged.average))


def shown(average: Fraction) -> str:
    """Return an average for people: cut after two decimals, never rounded: 629/7 is 89.85."""
    hundredths = average.numerator * 100 // average.denominator
    return f"{hundredths // 100}.{hundredths % 100:02d}"
