"""Lives of products that were drawn, and what their events alone say: the reports are held against that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from ops.named import short_type
from services.registry import council_results
from services.registry.certificates import at_its_end
from services.registry.facts import Facts, facts_of
from shared.contracts.councils import Level
from shared.contracts.dossier import RegistrationKind
from shared.handling.outcome import Decision
from shared.legal_date import legal_date
from tests.unit.registry import test_council_results
from tests.unit.registry.test_rounds_life import USERS, OfAnOffice, Rounds

#: Communes of Hà Nội and Phú Thọ.
PLACES = ("01-09574", "01-09616", "25-07894")


@dataclass
class Told:
    """A product as its events tell it. `certificates` are those that were issued, the newest last, each with a kind."""

    code: str
    kind: str | None = None
    product_set: int | None = None
    stage: str | None = None
    registration: str | None = None
    standing: str | None = None
    certificates: list[tuple[dict[str, Any], str]] = field(default_factory=list)

    @property
    def stars(self) -> int:
        return int(self.certificates[-1][0]["stars"]) if self.standing in {"in-force", "extended"} else 0

    def hear(self, kind: str, data: Mapping[str, Any]) -> None:
        match kind:
            case "product.submitted":
                self.kind = data["dossier"]["producer"]["kind"]
                self.product_set = data["dossier"]["product"]["product_set"]
                self.registration, self.stage = data["dossier"]["registration"], self.stage or "at-commune"
            case "round.moved":
                self.stage = None if data["to_stage"] == "closed" else data["to_stage"]
            case "certificate.issued":
                self.certificates.append((data["certificate"], str(self.registration)))
                self.standing = "in-force"
            case "certificate.expired" | "certificate.extended" | "certificate.revoked":
                self.standing = kind.removeprefix("certificate.")


class Life(Rounds):
    """A life whose events are kept, and whose product can have any code."""

    def __init__(self, code: str, aim: int) -> None:
        super().__init__()
        self.aim = aim
        self.told = Told(code)

    @property
    def facts(self) -> Facts:
        assert self.known
        return facts_of(self.known.state)._replace(code=self.told.code, producer=self.told.code)

    def goes_on(self, draw: Random) -> None:
        match draw.randrange(12):
            case 0:
                self._days(draw.choice((1, 200, 1100)))
            case 1:
                self.file_a_dossier(draw.choice([*RegistrationKind]), USERS[0], has_code=True)
            case 2:
                self._renew()
            case 3:
                self.file_about_the_round(draw.choice(("dossier.withdrawn", "recognition.refused")), OfAnOffice())
            case _:
                self._days(draw.choice((1, 8, 20)))
                self.what_comes_next(min(self.told.stars + 1, 5) if self.told.stars else self.aim)

    def a_council_gives_a_result(self, level: Level, stars: int | None, round_: int) -> None:
        """Give a result of the round as it is."""
        assert self.known
        assert self.known.state.round
        event = test_council_results.event(level, stars, points=92 if stars == 5 else 85, round_=round_)
        of_today = {"move": self.known.state.round.moves, "held_on": str(legal_date(self.now))}
        event = replace(event, id=self._id(), data={**event.data, **of_today})
        self._take(council_results.decide(self.known, event, self.now))

    def _renew(self) -> None:
        """File a re-evaluation in the middle of its window (Art. 7.6a)."""
        if self.known and (held := self.known.state.in_force):
            self._days(max((held.certificate.last_day - legal_date(self.now)).days - 150, 0))
            self.file_a_dossier(RegistrationKind.RE_EVALUATION, USERS[0], has_code=True)

    def _days(self, days: int) -> None:
        before = self.known
        self.now += timedelta(days=days)
        held = before.state.in_force if before else None
        if before and held and held.certificate.last_day < legal_date(self.now):
            after, announced = at_its_end(before.state, held)
            self.known = before.then(after)
            for each in announced:
                self.told.hear(each.kind.name, each.data.model_dump(mode="json"))

    def _take(self, decision: Decision, opens: RegistrationKind | None = None) -> None:
        super()._take(decision, opens)
        if decision.version:
            moves = sorted(decision.announced, key=lambda each: "submitted" in each.type)
            for each in moves:
                self.told.hear(short_type(each.type), each.data)


def drawn(seed: int, *, products: int, steps: int) -> list[Life]:
    """Return lives of products that have been filed, by chance, each in one of the places."""
    draw = Random(seed)
    lives = [Life(f"{draw.choice(PLACES)}-{number}-2026", draw.choice((3, 4, 5))) for number in range(1, products + 1)]
    for life in lives:
        life.file_a_dossier(RegistrationKind.FIRST, USERS[0], has_code=False)
        for _ in range(draw.randrange(steps)):
            life.goes_on(draw)
    return lives
