"""The provinces, which are told of half-yearly rounds what still waits there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.lives.following import Expectation, Followed
from tests.lives.law import half_yearly
from tests.lives.law.said import said


@dataclass
class Provinces:
    """What they are told, and when next."""

    next_day: date
    expectation: Expectation = field(default_factory=Expectation)

    def tell(self, lives: Iterable[Followed]) -> Sequence[str]:
        """Expect what is said on their day, and return the codes of the products that are named."""
        day, named = self.next_day, set()
        self.next_day = half_yearly.next_day(day)
        for of, last in half_yearly.told_on(day):
            for province, codes in _waiting(lives, of).items():
                named |= set(codes)
                self.expectation.expected[
                    said(
                        "deadline.due",
                        deadline="round",
                        waiting=tuple(sorted(codes)),
                        round_of=of,
                        province_code=province,
                        due_on=last,
                    )
                ] += 1
        return sorted(named)

    def differences(self) -> list[str]:
        """Return what they were not told, and what they were told wrongly."""
        lines = list(self.expectation.lines())
        return ["\n".join(["half-yearly rounds", *lines])] if lines else []


def _waiting(lives: Iterable[Followed], of: str) -> dict[str, list[str]]:
    found = defaultdict(list)
    for each in lives:
        if half_yearly.waits(each.actor.life, of):
            found[each.actor.home.province].append(each.actor.known_code)
    return found
