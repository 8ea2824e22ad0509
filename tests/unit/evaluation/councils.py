"""Councils at work without a broker: who files what in which role, cards that add up to what a test says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count, product
from pathlib import Path
from typing import Any

from services.evaluation.app import APP
from services.evaluation.council.judging import Declared
from services.evaluation.council.state import FilledCard, Session
from services.evaluation.handlers import Evaluation
from services.evaluation.regulations import Regulation, load_regulations
from shared.contracts.catalogue import (
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    ROUND_MOVED,
    SCORECARD_FILED,
    EventType,
)
from shared.contracts.councils import Level, Member, Seat
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.handling.outcome import Outcome, Retry
from tests.unit.evaluation.sheets import sheet
from tests.unit.handling import Bench

INTEGRATIONS = Path(__file__).with_name("integrations.yaml")
PROVINCE, OTHER_PROVINCE, CENTRE, COMMUNE = (
    f"integration.{name}" for name in ("province-25", "province-01", "centre", "commune")
)
CODE = "25-07918-1-2026"
#: Sheet 6 is that of the product.
SET, SHEET = 6, "QD26-06"
MEMBERS = (
    {"id": "m1", "office": "Sở Nông nghiệp và Môi trường", "seat": "chair"},
    *({"id": f"m{number}", "office": f"Sở {number}"} for number in range(2, 10)),
)
HELD_ON = "2026-11-27"


@cache
def answers_to(total: int, *, star: int = 5, product_set: int = SET) -> tuple[tuple[str, int], ...]:
    """Return options that add up to a total, none below the minimums of a star. Raise KeyError where there are none."""
    reached: dict[int, tuple[tuple[str, int], ...]] = {0: ()}
    for unit in sheet(product_set).units:
        floors = unit.floors[star, True]
        ranges = [range(floor, len(leaf.points)) for floor, leaf in zip(floors, unit.criteria, strict=True)]
        ways = {
            unit.points(positions): tuple(zip(unit.codes, positions, strict=True)) for positions in product(*ranges)
        }
        reached = {
            before + points: (*chosen, *way)
            for before, chosen in reached.items()
            for points, way in ways.items()
            if before + points <= total
        }
    return tuple((code, option) for code, option in reached[total] if option)


def answers_as_filed(options: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"criterion": code, "option": option} for code, option in options]


def regulation(id: str = "province-default", **changed: Any) -> Regulation:
    """Return a default regulation, with some of its rules changed: `quorum={"share": "2/3"}`."""
    default = load_regulations().on(id, date(2026, 11, 27))
    assert default is not None
    content = default.model_dump(mode="json")
    for name, rule in changed.items():
        kept = {key: content[name][key] for key in ("source", "certainty")}
        content[name] = {**kept, **rule}
    return Regulation.model_validate(content)


def cards(*totals: int, star: int = 5) -> tuple[FilledCard, ...]:
    """Return a card of each member m1, m2, … with these totals."""
    return tuple(
        FilledCard(key=f"c{n}", member=f"m{n}", total=total, options=dict(answers_to(total, star=star)))
        for n, total in enumerate(totals, 1)
    )


def session(members: int = 3, rules: Regulation | None = None) -> Session:
    seats = {1: Seat.CHAIR}
    sitting = tuple(Member(id=f"m{n}", office=f"Sở {n}", seat=seats.get(n, Seat.MEMBER)) for n in range(1, members + 1))
    return Session(
        id="S1",
        level=Level.PROVINCE,
        province_code="25",
        regulation=rules or regulation(),
        members=sitting,
        visits={CODE: 2},
    )


NOTHING_DECLARED = Declared({})


@dataclass
class Chamber:
    """Evaluation in memory, and the offices that file with it."""

    bench: Bench
    evaluation: Evaluation
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    async def opened(cls, **settings: Any) -> "Chamber":
        bench = Bench(integrations=INTEGRATIONS, **settings)
        return cls(bench, await Evaluation.prepared(bench.resources))

    def event(
        self, kind: EventType[Any], data: dict[str, Any], user: str = PROVINCE, *, minute: int | None = None
    ) -> Event:
        number = next(self._ids)
        filed_at = None if minute is None else datetime(2026, 11, 27, 8, 0, tzinfo=UTC) + timedelta(minutes=minute)
        return Event(id=f"e-{number}", source="/secretariat", type=kind.type, data=data, filed_by=user, time=filed_at)

    async def take(self, event: Event) -> Outcome:
        """Handle an event once: it may have come too early."""
        kind = next(each for each in APP.handlers if each.type == event.type)
        return await APP.handlers[kind].handle(self.evaluation, event)

    async def finish(self, event: Event) -> list[Event]:
        """Handle an event, at last where it came too early, and return what was announced."""
        before = len(self.bench.publisher.announced)
        outcome = await self.take(event)
        if isinstance(outcome, Retry) and outcome.last_resort:
            await outcome.last_resort()
        return self.bench.publisher.announced[before:]

    async def file(self, kind: EventType[Any], data: dict[str, Any], user: str = PROVINCE, **said: Any) -> list[Event]:
        return await self.finish(self.event(kind, data, user, **said))

    async def move(
        self,
        to: Stage = Stage.AT_PROVINCE,
        *,
        sequence: int = 2,
        code: str = CODE,
        letter_date: str | None = None,
        sent_on: str | None = None,
    ) -> None:
        """Let the registry announce that a round has moved."""
        letter = letter_date and {"number": "12/TTr-UBND", "date": letter_date}
        data = {
            "product_code": code,
            "product_name": "Bánh tẻ",
            "product_set": SET,
            "registration": "first",
            "round": 1,
            "from_stage": "at-commune",
            "to_stage": to.value,
            "why": "commune.assessed",
            "letter": letter or None,
            "sent_on": sent_on,
            "sealed_recipient": "a.b.c.d.e",
        }
        await self.take(
            Event(
                id=f"r-{next(self._ids)}", source="/ocop/registry", type=ROUND_MOVED.type, data=data, sequence=sequence
            )
        )

    async def convene(self, id: str = "S1", user: str = PROVINCE, **changed: Any) -> list[Event]:
        return await self.file(COUNCIL_CONVENED, convened(id, **changed), user)

    async def score(
        self,
        member: str,
        total: int,
        *,
        session: str = "S1",
        user: str = PROVINCE,
        minute: int | None = None,
        **changed: Any,
    ) -> list[Event]:
        return await self.file(
            SCORECARD_FILED, scorecard(member, total, session=session, **changed), user, minute=minute
        )

    async def conclude(
        self, present: Sequence[str] | None = ("m1", "m2", "m3"), *, user: str = PROVINCE, **changed: Any
    ) -> Event:
        """Return the one answer."""
        (answer,) = await self.file(COUNCIL_CONCLUDED, concluded(present, **changed), user)
        return answer

    async def sit(self, *totals: int, **changed: Any) -> None:
        """Bring the product to its council, convene three members, and have them score."""
        await self.move()
        assert await self.convene(**changed) == []
        for number, total in enumerate(totals, 1):
            assert await self.score(f"m{number}", total) == []

    def records(self, outcome: str) -> list[dict[str, Any]]:
        return [each for each in self.bench.documents("ratings") if each["outcome"] == outcome]


def convened(id: str = "S1", *, members: int | list[dict[str, str]] = 3, **changed: Any) -> dict[str, Any]:
    data = {
        "session": id,
        "level": "province",
        "province_code": "25",
        "regulation": "province-default",
        "members": list(MEMBERS[:members]) if isinstance(members, int) else members,
        "products": [CODE],
    }
    return {**data, **changed}


def scorecard(member: str, total: int, *, session: str = "S1", **changed: Any) -> dict[str, Any]:
    data = {
        "session": session,
        "product_code": CODE,
        "member": member,
        "score_sheet": SHEET,
        "answers": answers_as_filed(answers_to(total)),
    }
    return {**data, **changed}


def concluded(present: Sequence[str] | None, *, session: str = "S1", **changed: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "session": session,
        "product_code": CODE,
        "present": present and list(present),
        "presided_by": "m1",
        "held_on": HELD_ON,
    }
    return {**data, **changed}


def codes(answer: Event) -> list[tuple[str, str]]:
    """Return pointer and code of each fault."""
    return [(fault["pointer"], fault["code"]) for fault in answer.data["faults"]]
