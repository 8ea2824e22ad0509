"""Sessions of councils, which are convened for the products that wait: a few of one level and province in each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Wave
from tests.lives.law.sheet import sheet_of
from tests.lives.law.sitting import Sitting

_MOST_PRODUCTS = 5
#: how many members sit: of the centre at least as many as make its quorum
_MEMBERS = {"province": (3, 3, 4, 4, 5, 7, 9), "centre": (5, 5, 6, 7, 9)}


@dataclass(frozen=True)
class Session:
    """A session: its members, the chair first, and the products."""

    id: str
    level: str
    members: tuple[str, ...]
    products: Sequence[Actor]

    @property
    def leader(self) -> Actor:
        """The product whose life tells of it."""
        return self.products[0]

    def wave(self, now: datetime) -> Wave:
        """Return `council.convened`, which has no answer."""
        members = [{"id": each, "office": "Sở Công Thương"} for each in self.members]
        data: dict[str, Any] = {
            "session": self.id,
            "level": self.level,
            "regulation": f"{self.level}-default",
            "members": [members[0] | {"seat": "chair"}, *members[1:]],
            "products": [each.known_code for each in self.products],
        }
        if self.level == "centre":
            return self.leader.wave("centre", "council.convened", data, now, ())
        data["province_code"] = self.leader.home.province
        return self.leader.wave(self.leader.home.user, "council.convened", data, now, ())

    def take_seats(self) -> None:
        """Bring the products into it."""
        for each in self.products:
            each.sitting = Sitting(self.id, self.level, self.members, sheet_of(each.home.product_set))


def drawn_sessions(waiting: Sequence[Actor], numbers: Iterator[int], random: Random) -> Iterator[Session]:
    """Draw the sessions of the products that wait."""
    groups: dict[tuple[str, str], list[Actor]] = defaultdict(list)
    for each in waiting:
        level = str(each.council)
        groups[level, each.home.province if level == "province" else ""].append(each)
    for (level, _), products in sorted(groups.items()):
        for first in range(0, len(products), _MOST_PRODUCTS):
            members = tuple(f"tv{number}" for number in range(1, random.choice(_MEMBERS[level]) + 1))
            yield Session(f"S-{next(numbers)}", level, members, products[first : first + _MOST_PRODUCTS])
