"""A portal's table is the register, in whatever order pages and events come to it, and however often.

Registry and evaluation decide; the portal's queue is bound at some moment, and it asks at others. What its scope shows
it of dossiers is their rating, so that all of these are rated.
"""

import asyncio
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocop_table import Table

from services.evaluation import assessment
from services.registry.certificate_handlers import (
    certificate_imported,
    fallen_due,
    recognition_corrected,
    recognition_revoked,
)
from services.registry.commune import ASSESSED
from services.registry.handlers import Registry, dossier_filed
from services.registry.identity import KnownProduct
from services.registry.query_handlers import register_asked
from services.registry.register_pages import RegisterPages
from services.registry.register_query import ranges_of
from services.registry.round_handlers import filed_about_a_round
from services.registry.rounds import CertificateStatus
from shared.contracts.catalogue import (
    CERTIFICATE_IMPORTED,
    COMMUNE_ASSESSED,
    DOSSIER_FILED,
    PRODUCT_SUBMITTED,
    RECOGNITION_CORRECTED,
    RECOGNITION_REVOKED,
    REGISTER_PAGE,
    REGISTER_QUERY,
    EventType,
)
from shared.contracts.event import Event, derived_id
from shared.handling.history import Version
from shared.handling.now import in_order
from shared.legal_date import legal_date
from shared.scopes import EVERYWHERE, RESULTS, Role, Scope
from tests.unit.evaluation.sheets import rulebook
from tests.unit.handling import NOW, Bench, at_last
from tests.unit.registry.dossiers import changed
from tests.unit.registry.lives import imported

CODES = ("01-09574-1-2026", "01-09574-3-2024", "01-09574-20-2024")
INTEGRATIONS = """
country: {scope: {portal: everywhere}}
ha-noi: {scope: {province: "01"}}
son-tay: {scope: {commune: ["01-09574"]}}
"""
COUNTRY = Scope(Role.PORTAL, frozenset({EVERYWHERE}))
OFFICES = ("file", "return", "import", "correct", "revoke", "wait")
PORTAL = ("bind", "ask", "ask", *("deliver",) * 3)


@pytest.fixture(scope="module")
def integrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scopes") / "integrations.yaml"
    file.write_text(INTEGRATIONS, "utf-8")
    return file


class World:
    """Offices and producers that file, time that passes, and a portal that makes a table of what it is told."""

    def __init__(self, integrations: Path) -> None:
        self.bench = Bench(integrations=integrations)
        self.table = Table(":memory:")
        self.now = NOW
        self.numbers = count(1)
        self.is_bound = False
        self.question = ""
        self.heard = 0
        self.waiting: list[Event] = []
        self.delivered: list[Event] = []

    async def start(self) -> None:
        """Let the registry start."""
        self.registry = await Registry.prepared(replace(self.bench.resources, clock=lambda: self.now))

    async def take(self, step: str, chance: random.Random) -> None:
        """Let something happen, and announce what follows."""
        await {
            "file": self._file,
            "return": self._return,
            "import": self._import,
            "correct": self._correct,
            "revoke": self._revoke,
            "wait": self._wait,
            "bind": self._bind,
            "ask": self._ask,
            "deliver": self._deliver,
        }[step](chance)
        self._hear()

    async def settle(self) -> None:
        """Let the portal go on to the end: all pages are asked for, all messages delivered, in any order."""
        chance = random.Random(next(self.numbers))
        await self.take("bind", chance)
        while self.waiting or not self.table.is_complete:
            await self.take("deliver" if self.waiting else "ask", chance)

    async def expected(self) -> list[dict[str, Any]]:
        """Return the table as the register has it."""
        return [row_of(each.state) for each in await self._products()]

    async def _file(self, chance: random.Random) -> None:
        name = chance.choice(("Bánh tẻ", "BÁNH TẺ", "Bánh Tẻ"))  # one product, whose name changes
        await at_last(dossier_filed(self.registry, self._event(DOSSIER_FILED, changed({"/product/name": name}))))

    async def _return(self, _: random.Random) -> None:
        """Send a dossier back to its producer, whose next one may give the product another name."""
        for known in await self._products():
            letter = {"number": "1/UBND", "date": legal_date(self.now).isoformat()}
            data = {"product_code": known.of, "outcome": "returned", "reasons": ["Thiếu ảnh."], "letter": letter}
            await at_last(filed_about_a_round(ASSESSED, self.registry, self._event(COMMUNE_ASSESSED, data)))

    async def _import(self, chance: random.Random) -> None:
        decided = legal_date(self.now) - timedelta(days=chance.choice((10, 900, 1080, 1150, 1300)))
        last_day = decided.replace(year=decided.year + 3, day=min(decided.day, 28))
        on_paper = last_day - timedelta(days=chance.choice((0, 150)))
        changes = {
            "product_code": (code := chance.choice(CODES)),
            "product.name": f"Kẹo {code}",
            "certificate.number": f"{chance.randrange(3)}/GCN",
            "certificate.stars": chance.choice((3, 4)),
            "certificate.decision": {"number": "1/QĐ", "date": decided.isoformat()},
            "certificate.last_day": last_day.isoformat(),
            "re_evaluation_filed_on": chance.choice((None, on_paper.isoformat())),
        }
        await certificate_imported(self.registry, self._event(CERTIFICATE_IMPORTED, imported(changes)))

    async def _correct(self, chance: random.Random) -> None:
        known = await self._certified(chance)
        if known is None:
            return
        newest = known.state.certificates[-1].certificate
        moved: date = newest.issued_on + timedelta(days=chance.choice((1, 20)))
        what: dict[str, Any] = chance.choice(
            (
                {"stars": 7 - newest.stars},
                {"new_number": f"{chance.randrange(9)}/ĐC"},
                {"decision": {"number": "2/QĐ", "date": moved.isoformat()}},
            )
        )
        letter = {"number": "9/ĐC", "date": legal_date(self.now).isoformat()}
        data = {"product_code": known.of, "certificate_number": newest.number, "letter": letter, "reason": "Nhầm."}
        await at_last(recognition_corrected(self.registry, self._event(RECOGNITION_CORRECTED, {**data, **what})))

    async def _revoke(self, chance: random.Random) -> None:
        known = await self._certified(chance)
        if known is None:
            return
        today = legal_date(self.now).isoformat()
        data = {
            "product_code": known.of,
            "certificate_number": known.state.certificates[-1].certificate.number,
            "ground": "d",
            "reason": "Dùng sai nhãn.",
            "decision": {"number": "77/QĐ", "date": today},
            "concluded_on": today,
        }
        await at_last(recognition_revoked(self.registry, self._event(RECOGNITION_REVOKED, data)))

    async def _wait(self, chance: random.Random) -> None:
        """Let time pass; what falls due in it is handled when it does."""
        end = self.now + timedelta(days=chance.choice((1, 40, 200, 700)))
        while due := min(await self._falling_due(end), default=None):
            at, of, milestone = due
            self.now, known = max(self.now, at), await self.registry.products.product(of)
            assert known
            event = Event(derived_id(of, milestone), "/timers", "due", {"milestone": milestone}, time=at)
            decision = await fallen_due(self.registry, known, event)
            await self.registry.products.record(decision)
            for each in decision.announced:
                await self.bench.publisher(each)
        self.now = end

    async def _falling_due(self, end: datetime) -> list[tuple[datetime, str, str]]:
        due = [(each.of, due) for each in await self._products() for due in in_order(each.state.due)]
        return [(each.at, of, each.milestone) for of, each in due if each.at <= end]

    async def _products(self) -> tuple[Version[KnownProduct], ...]:
        return (
            await RegisterPages(self.registry.products.collection).page(tuple(ranges_of(COUNTRY, "")), 200)
        ).products

    async def _certified(self, chance: random.Random) -> Version[KnownProduct] | None:
        found = [each for each in await self._products() if each.state.certificates]
        return chance.choice(found) if found else None

    async def _bind(self, _: random.Random) -> None:
        self._hear()
        self.is_bound = True

    async def _ask(self, chance: random.Random) -> None:
        if self.is_bound and not self.table.is_complete:
            event = self._event(REGISTER_QUERY, {"after": self.table.after, "limit": chance.choice((1, 2))})
            self.question = event.id
            await register_asked(self.registry, event)

    async def _deliver(self, chance: random.Random) -> None:
        """Give the portal one of the messages that wait, or one that it has had."""
        again = self.delivered and chance.random() < 0.2
        if not again and not self.waiting:
            return
        event = chance.choice(self.delivered) if again else self.waiting.pop(chance.randrange(len(self.waiting)))
        self.delivered.append(event)
        if event.type == REGISTER_PAGE.type:
            self.table.take_page(event.data, is_next=event.causation_id == self.question)
        else:
            kind = event.type.removeprefix("vn.ocop.").removesuffix(".v1")
            self.table.take_event(kind, event.sequence, event.data)

    def _event(self, kind: EventType[Any], data: dict[str, Any]) -> Event:
        user = {REGISTER_QUERY: "country", DOSSIER_FILED: "country", COMMUNE_ASSESSED: "son-tay"}.get(kind, "ha-noi")
        id = str(next(self.numbers))
        return Event(id, "/tests", kind.type, data, time=self.now, filed_by=f"integration.{user}")

    def _hear(self) -> None:
        """Put on the portal's queue what was announced meanwhile and its scope shows it, once it is bound."""
        announced = self.bench.publisher.announced[self.heard :]
        self.heard += len(announced)
        for event in announced:
            if event.type == PRODUCT_SUBMITTED.type:
                announced.extend(assessment.decide(rulebook(), event, self.now).announced)
        seen = {kind.type for kind in (*RESULTS, REGISTER_PAGE)}
        self.waiting += [each for each in announced if self.is_bound and each.type in seen]


def row_of(product: KnownProduct) -> dict[str, Any]:
    """Return a product's row as the register has it."""
    held = product.certificates[-1] if product.certificates else None
    extended = held is not None and held.status is CertificateStatus.EXTENDED
    return {
        "code": product.code,
        "name": product.name,
        "number": held and held.certificate.number,
        "stars": held and held.certificate.stars,
        "last_day": held and held.certificate.last_day.isoformat(),
        "state": held and held.status.value,
        "until": held.until.isoformat() if held and held.until and extended else None,
    }


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(OFFICES) | st.sampled_from(PORTAL), st.integers(0, 999)), max_size=60))
def test_a_table_of_pages_and_events_in_any_order_is_the_register(
    integrations: Path, steps: list[tuple[str, int]]
) -> None:
    async def run() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        world = World(integrations)
        await world.start()
        for step, number in steps:
            await world.take(step, random.Random(number))
        await world.settle()
        return list(world.table.rows()), await world.expected()

    table, register = asyncio.run(run())

    assert table == register
