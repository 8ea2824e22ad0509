"""Before the last day of a half-yearly round each province is told, once, what still waits there (Art. 5)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registry.certificate_handlers import TIMETABLE
from services.registry.handlers import Registry
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.round_deadlines import ROUND_DEADLINES, RoundDeadlines
from services.registry.rounds import KeptResult, Round
from shared.contracts.councils import Average
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from shared.handling.history import Version
from shared.handling.now import NowDocuments
from shared.handling.outcome import Decision
from shared.handling.steps import Steps
from shared.handling.write_behind import rebuild
from shared.timers import Timers
from tests.unit.handling import NOW, Bench
from tests.unit.registry.lives import at_noon, round_of

FIRST = RegistrationKind.FIRST
PROVINCE, COMMUNE = Stage.AT_PROVINCE, Stage.AT_COMMUNE


def result(points: int) -> KeptResult:
    average = Average(numerator=points, denominator=1, shown=f"{points}.00")
    band = 5 if points >= 90 else 4
    day = date(2026, 11, 1)
    return KeptResult(event_id="r", stars=band, band=band, average=average, held_on=day, legal_document="26")


def at(stage: Stage, **changed: Any) -> Round:
    return round_of(FIRST, date(2026, 11, 2), stage=stage, number=1, **changed)


class Register:
    """A registry in memory, its clock, and its timers."""

    def __init__(self, bench: Bench, registry: Registry) -> None:
        self.now = NOW
        self.bench = bench
        self.registry = replace(registry, clock=lambda: self.now)
        self.documents: NowDocuments[Any] = NowDocuments(bench.database, "products", VIEW)
        self.timers = Timers(
            "registry",
            TIMETABLE,
            self.registry,
            now=self.documents,
            database=bench.database,
            steps=Steps(bench.publisher),
            clock=lambda: self.now,
        )

    async def keep(self, code: str, round_: Round) -> None:
        known = KnownProduct(code=code, product_set=6, name="Bánh", round=round_)
        await self.registry.products.record(Decision(f"{code}/1", (), version=Version(code, 1, known)))
        await rebuild(self.documents, lambda _: None)

    async def look(self, day: date) -> list[tuple[str, str, list[str]]]:
        """Look on a day, and return what was said: which round, where, what waits."""
        self.now = at_noon(day)
        self.bench.publisher.announced.clear()
        await self.timers.look()
        await rebuild(self.documents, lambda _: None)
        said = [each.data for each in self.bench.publisher.announced]
        return [(each["round_of"], each["province_code"], each["waiting"]) for each in said if each["round_of"]]


@pytest.fixture
async def register(bench: Bench) -> Register:
    register = Register(bench, await Registry.prepared(bench.resources))
    await rebuild(register.documents, lambda _: None)
    return register


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_register_begins_with_the_deadlines_that_are_ahead_and_does_so_once(bench: Bench) -> None:
    for _ in range(2):
        registry = await Registry.prepared(bench.resources)

    (record,) = [each for each in bench.database.collection("products").documents if each["_id"] == ROUND_DEADLINES]
    assert await registry.products.product("01-09574-1-2026") is None
    state = RoundDeadlines.model_validate(record["history"]["state"])
    assert [(each.of, each.said_on, each.last) for each in state.days[:4]] == [
        ("province-round", date(2026, 12, 15), date(2026, 12, 29)),
        ("province-requests", date(2027, 1, 15), date(2027, 1, 29)),
        ("centre-round", date(2027, 3, 15), date(2027, 3, 29)),
        ("commune-requests", date(2027, 4, 15), date(2027, 4, 29)),
    ]


async def test_each_province_is_told_of_what_waits_there_and_once(register: Register) -> None:
    await register.keep("01-09574-1-2026", at(PROVINCE))
    await register.keep("01-09574-2-2026", at(Stage.BACK_AT_PROVINCE))
    await register.keep("25-07942-1-2026", at(Stage.AWAITS_PROVINCE))
    await register.keep("25-07942-2-2026", at(Stage.CLOSED))
    await register.keep("25-07942-3-2026", at(COMMUNE))

    assert await register.look(date(2026, 12, 14)) == []
    assert await register.look(date(2026, 12, 15)) == [
        ("province-round", "01", ["01-09574-1-2026", "01-09574-2-2026"]),
        ("province-round", "25", ["25-07942-1-2026"]),
    ]
    told = register.bench.publisher.announced[0]
    assert (told.place, told.subject, told.data["due_on"], told.data["waiting_count"]) == ("01", "01", "2026-12-29", 2)
    assert await register.look(date(2026, 12, 16)) == []


@pytest.mark.parametrize(
    ("day", "waits", "told"),
    [
        (date(2027, 4, 15), at(COMMUNE), "commune-requests"),
        (date(2027, 10, 15), at(COMMUNE), "commune-requests"),
        (date(2027, 6, 15), at(Stage.AWAITS_PROVINCE), "province-round"),
        (date(2027, 7, 15), at(Stage.AWAITS_PROVINCE, provincial=result(90)), "province-requests"),
        (date(2027, 7, 15), at(Stage.AWAITS_PROVINCE, provincial=result(89)), None),
        (date(2027, 9, 15), at(Stage.AT_CENTRE), "centre-round"),
        (date(2027, 3, 15), at(Stage.AWAITS_CENTRE), "centre-round"),
        (date(2027, 3, 15), at(Stage.RETURNED), None),
    ],
)
async def test_what_waits_is_told_of_its_own_round(
    register: Register, day: date, waits: Round, told: str | None
) -> None:
    await register.keep("01-09574-1-2026", waits)
    await register.look(day.replace(day=14))

    said = await register.look(day)
    assert [of for of, _, _ in said] == ([told] if told else [])


async def test_after_a_downtime_it_is_told_late_once_while_its_last_day_is_ahead(register: Register) -> None:
    await register.keep("01-09574-1-2026", at(PROVINCE))

    assert [of for of, _, _ in await register.look(date(2026, 12, 29))] == ["province-round"]
    assert await register.look(date(2026, 12, 29)) == []


async def test_what_is_over_is_told_nobody(register: Register) -> None:
    await register.keep("01-09574-1-2026", at(PROVINCE))

    assert await register.look(date(2026, 12, 30)) == []
    assert [of for of, _, _ in await register.look(date(2027, 6, 15))] == ["province-round"]


async def test_a_document_of_now_that_is_behind_its_history_is_not_believed(register: Register) -> None:
    await register.keep("01-09574-1-2026", at(PROVINCE))
    known = KnownProduct(code="01-09574-1-2026", round=at(Stage.CLOSED))
    decision = Decision("closed", (), version=Version(known.code, 2, known))
    await register.registry.products.record(decision)

    assert await register.look(date(2026, 12, 15)) == []


def test_the_last_day_of_a_round_begins_in_vietnam() -> None:
    first, *_ = RoundDeadlines(said_on=date(2026, 11, 29)).due

    assert (first.milestone, first.at) == ("province-round/2026-12-29", datetime(2026, 12, 14, 17, tzinfo=UTC))
