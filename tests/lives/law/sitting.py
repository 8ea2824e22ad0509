"""A council's session on one product (LIFECYCLE.md, section 3): cards, conclusions, and what comes of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.lives.law.life import Life
from tests.lives.law.rounds import central_result, provincial_result
from tests.lives.law.said import Said, said
from tests.lives.law.sheet import Made, Options, Sheet, made_of

LARGEST_SPREAD = 10


@dataclass(frozen=True)
class Conclusion:
    """What the secretariat files of one product; `present` is None where opinions were written."""

    present: Collection[str] | None
    presided_by: str
    agreed: Mapping[str, int]
    held_on: date


@dataclass
class Sitting:
    """Members by id, the chair first; their newest cards."""

    id: str
    level: str
    members: tuple[str, ...]
    sheet: Sheet
    cards: dict[str, Options] = field(default_factory=dict)
    rescored: bool = False

    @property
    def needed(self) -> int:
        """How many cards make a result: three quarters of a province's members, five of the centre's."""
        return 5 if self.level == "centre" else -(-3 * len(self.members) // 4)

    def conclude(self, life: Life, conclusion: Conclusion) -> list[Said]:
        """Conclude on the product, and return what follows."""
        there = set(self.cards) if conclusion.present is None else set(conclusion.present)
        counted = [member for member in self.members if member in there and member in self.cards]
        if incomplete := self._incomplete(there, counted, conclusion.presided_by):
            return [incomplete]
        cards = [self.cards[member] for member in counted]
        spread = self.sheet.spread(cards)
        if spread > LARGEST_SPREAD and not self.rescored:
            self.rescored = True
            return [said("council.rescore-requested", spread=spread, allowed=LARGEST_SPREAD)]
        made = made_of(self.sheet, cards, conclusion.agreed)
        heard = provincial_result if self.level == "province" else central_result
        return [self._result(made, spread, conclusion.held_on), *heard(life, made, conclusion.held_on)]

    def _incomplete(self, there: Collection[str], counted: Sequence[str], presided_by: str) -> Said | None:
        asked = there if len(counted) >= self.needed else self.members
        missing = tuple(sorted(member for member in asked if member not in counted))
        chair_missing = presided_by != self.members[0] or presided_by not in there
        if not (missing or chair_missing):
            return None
        return said(
            "council.incomplete",
            counted=len(counted),
            needed=self.needed,
            missing=missing,
            chair_missing=chair_missing,
        )

    def _result(self, made: Made, spread: int, held_on: date) -> Said:
        return said(
            "council.result",
            level=self.level,
            numerator=made.total,
            denominator=made.cards,
            shown=made.shown,
            band=made.band,
            stars=made.stars,
            spread=spread,
            spread_stands=spread > LARGEST_SPREAD,
            counted=made.cards,
            members=len(self.members),
            held_on=held_on,
        )
