"""Products' histories hold whatever comes, in any order, twice, over two registries that break off in between.

What is on record is compared with what can be worked out from the events alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.evaluation import assessment
from services.registry.handlers import Registry, assessment_rejected, dossier_filed
from services.registry.identity import KnownProduct
from services.registry.telling import is_telling
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, PRODUCT_SUBMITTED, ROUND_MOVED
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.errors import OutageError
from shared.handling.outcome import Outcome, Retry
from shared.legal_date import legal_date
from shared.storage import Index, StoredDocument
from tests.unit.evaluation.sheets import rulebook
from tests.unit.handling import NOW, Bench, Publisher
from tests.unit.memory import MemoryCollection
from tests.unit.registry.dossiers import changed, document
from tests.unit.registry.products import a_round, product

NAMES = ("Bánh tẻ", "Bánh gai", "Chè lam")
GOOD, UNKNOWN = {"criterion": "1.1", "option": 3}, {"criterion": "99", "option": 1}
PAPERS = changed({})["documents"]
REPORT = document("change-report", f"{99:064x}")


class SlowCollection(MemoryCollection):
    """Lets others go on before each access, as a database on a network does."""

    async def ensure_indexes(self, *indexes: Index) -> None:
        await asyncio.sleep(0)
        await super().ensure_indexes(*indexes)

    async def find_one(self, query: Any, *, order: str = "", only: Sequence[str] = ()) -> StoredDocument | None:
        await asyncio.sleep(0)
        return await super().find_one(query, order=order, only=only)

    async def insert(self, document: StoredDocument) -> None:
        await asyncio.sleep(0)
        await super().insert(document)


class BreakingPublisher(Publisher):
    """A broker that goes away when it is to, after the record was written."""

    def __init__(self) -> None:
        super().__init__()
        self.breaks = False

    async def __call__(self, event: Event, /) -> None:
        if self.breaks:
            raise OutageError("killed between record and announcement")
        await super().__call__(event)


class Life(RuleBasedStateMachine):
    """Files dossiers of three products, delivers them in any order, and answers as evaluation does."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.bench = Bench()
        self.bench.database.collections["products"] = SlowCollection()
        self.publisher = self.bench.publisher = BreakingPublisher()
        self.filed = 0
        self.waiting: list[Event] = []
        self.delivered: list[Event] = []
        self.tried: dict[str, int] = defaultdict(int)
        self.rejections: dict[str, str | None] = {}

    def teardown(self) -> None:
        """Deliver what still waits, and look at it all once more."""
        while self.waiting:
            self._deliver(0, registry=0)
        self.what_is_announced_is_on_record_once()
        self.histories_are_what_the_events_say()
        self.runner.close()

    @initialize()
    def two_registries_start(self) -> None:
        self.registries = [self._started(), self._started()]

    @rule(name=st.sampled_from(NAMES), product_set=st.sampled_from([6, 8]), good=st.booleans())
    def file_a_first_registration_or_a_correction(self, name: str, product_set: int, good: bool) -> None:
        self._file(
            {
                "/product/name": name,
                "/product/product_set": product_set,
                "/self_assessment/answers": [GOOD if good else UNKNOWN],
            }
        )

    @rule(serial=st.integers(1, 3), name=st.sampled_from(NAMES), good=st.booleans())
    def file_an_upgrade_of_a_code_that_may_not_be_given_yet(self, serial: int, name: str, good: bool) -> None:
        upgrade = {"/registration": "upgrade", "/product_code": f"01-09574-{serial}-2026"}
        answers = {"/self_assessment/answers": [GOOD if good else UNKNOWN]}
        self._file(upgrade | answers | {"/product/name": name, "/documents": [*PAPERS, REPORT]})

    @precondition(lambda self: self.waiting)
    @rule(position=st.integers(0, 20), registry=st.integers(0, 1))
    def deliver_one(self, position: int, registry: int) -> None:
        self._deliver(position, registry=registry)

    @precondition(lambda self: len(self.waiting) > 1)
    @rule(position=st.integers(0, 20))
    def deliver_two_at_once(self, position: int) -> None:
        first, second = self._taken(position), self._taken(position)
        self._run(lambda: self._both(first, second))

    @rule(name=st.sampled_from(NAMES), serial=st.integers(1, 3), kinds=st.tuples(*[st.sampled_from("cu")] * 2))
    def file_and_deliver_two_of_one_product_at_once(self, name: str, serial: int, kinds: tuple[str, str]) -> None:
        for kind in kinds:
            if kind == "c":
                self.file_a_first_registration_or_a_correction(name, 6, good=True)
            else:
                self.file_an_upgrade_of_a_code_that_may_not_be_given_yet(serial, name, good=True)
        first, second = self._taken(-1), self._taken(-1)
        self._run(lambda: self._both(first, second))

    @precondition(lambda self: self.waiting)
    @rule(position=st.integers(0, 20), registry=st.integers(0, 1))
    def kill_a_registry_between_record_and_announcement(self, position: int, registry: int) -> None:
        event, self.publisher.breaks = self._taken(position), True
        try:
            outcome = self._run(lambda: self._handle(event, registry))
        except OutageError:
            self.waiting.append(event)  # it was not acknowledged
        else:
            self._settle(event, outcome)  # nothing was to be announced
        self.publisher.breaks = False
        self.registries[registry] = self._started()

    @precondition(lambda self: self.delivered)
    @rule(position=st.integers(0, 50), registry=st.integers(0, 1))
    def deliver_one_again(self, position: int, registry: int) -> None:
        event = self.delivered[position % len(self.delivered)]
        self._settle(event, self._run(lambda: self._handle(event, registry)))

    @invariant()
    def what_is_announced_is_on_record_once(self) -> None:
        records = self.bench.documents("products")
        on_record = {each["id"]: each["data"] for record in records for each in record["announced"]}
        keys = [record["_id"] for record in records]
        assert len(set(keys)) == len(keys)
        for event in self.publisher.announced:
            assert on_record[event.id] == event.data
        events = {each.id: each for each in self.publisher.announced if each.type != ROUND_MOVED.type}
        answered = [event.causation_id for event in events.values()]
        assert len(answered) == len(set(answered)), "a dossier has two answers"

    @invariant()
    def serials_have_no_gap(self) -> None:
        serials = [r["registered"]["serial"] for r in self.bench.documents("products") if "registered" in r]
        assert sorted(serials) == list(range(1, len(serials) + 1))

    @invariant()
    def histories_are_what_the_events_say(self) -> None:
        histories: dict[str, list[StoredDocument]] = defaultdict(list)
        for record in self.bench.documents("products"):
            if "history" in record and not is_telling(record["history"]["of"]):
                histories[record["history"]["of"]].append(record)
        for code, records in histories.items():
            records.sort(key=lambda each: each["history"]["version"])
            assert [each["history"]["version"] for each in records] == list(range(1, len(records) + 1))
            expected = worked_out(code, records, self.rejections)
            assert [each["history"]["state"] for each in records] == [each.model_dump(mode="json") for each in expected]
            for record in records:
                for event in record["announced"]:
                    assert int(event["sequence"]) == record["history"]["version"]

    def _started(self) -> Registry:
        registry: Registry = self._run(lambda: Registry.prepared(self.bench.resources))
        return registry

    def _file(self, changes: dict[str, object]) -> None:
        self.filed += 1
        id, data = f"dossier-{self.filed}", changed(changes)
        self.waiting.append(Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, data=data))

    def _taken(self, position: int) -> Event:
        return self.waiting.pop(position % len(self.waiting))

    def _deliver(self, position: int, *, registry: int) -> None:
        event = self._taken(position)
        self._settle(event, self._run(lambda: self._handle(event, registry)))

    async def _both(self, *events: Event) -> None:
        outcomes = await asyncio.gather(*(self._handle(event, number) for number, event in enumerate(events)))
        for event, outcome in zip(events, outcomes, strict=True):
            self._settle(event, outcome)

    async def _handle(self, event: Event, registry: int) -> Outcome:
        handler = dossier_filed if event.type == DOSSIER_FILED.type else assessment_rejected
        outcome = await handler(self.registries[registry], event)
        if isinstance(outcome, Retry) and outcome.last_resort and self.tried[event.id] >= 2:
            return await outcome.last_resort()
        return outcome

    def _settle(self, event: Event, outcome: Outcome) -> None:
        if isinstance(outcome, Retry):
            self.tried[event.id] += 1
            self.waiting.append(event)
            return
        self.delivered.append(event)
        for submitted in self.publisher.announced:
            if submitted.causation_id == event.id and submitted.type == PRODUCT_SUBMITTED.type:
                (answer,) = assessment.decide(rulebook(), submitted, NOW).announced
                if answer.type == ASSESSMENT_REJECTED.type and answer.id not in self.rejections:
                    self.waiting.append(answer)
                    self.rejections[answer.id] = answer.causation_id

    def _run(self, make: Callable[[], Any]) -> Any:
        return self.runner.run(make())


def worked_out(code: str, records: list[StoredDocument], rejections: Mapping[str, str | None]) -> list[KnownProduct]:
    """Return a product's states as they follow from its events, one after another, in the order of the versions.

    `rejections` are evaluation's, each with the id of the `product.submitted` that it answers.
    """
    states: list[KnownProduct] = []
    for record in records:
        before = states[-1] if states else None
        if turned_back := rejections.get(record["event"]["id"]):
            assert before
            assert before.round
            assert before.round.submitted == turned_back
            returned = {"stage": Stage.RETURNED, "back_to": "commune", "due_on": None, "moves": before.round.moves + 1}
            states.append(before.model_copy(update={"round": before.round.model_copy(update=returned)}))
            continue
        submitted, *moves = record["announced"]
        assert [each["data"]["from_stage"] for each in moves] == (["returned"] if before else [])
        assert before is None or (before.round and before.round.stage is Stage.RETURNED)
        moves_before = before.round.moves if before and before.round else -1
        earlier = before.dossiers if before else ()
        states.append(known_by(code, submitted, moves=moves_before + 1, earlier=earlier))
    return states


def known_by(code: str, submitted: Mapping[str, Any], *, moves: int = 0, earlier: tuple[str, ...] = ()) -> KnownProduct:
    """Return what a product is known by behind a dossier of the first round, all on one day, and `earlier` ones."""
    data, today = submitted["data"], legal_date(NOW)
    return product(
        code=code,
        name=data["dossier"]["product"]["name"],
        producer_kind=data["dossier"]["producer"]["kind"],
        product_set=data["dossier"]["product"]["product_set"],
        sealed_recipient=data["sealed_recipient"],
        dossiers=(*earlier, data["dossier_id"]),
        round=a_round(
            filed_on=today,
            received_on=today,
            due_on=date(2026, 12, 18),
            submitted=submitted["id"],
            filed_by=None,
            moves=moves,
        ),
    )


# Hypothesis makes the test case out of the class.
TestLife = Life.TestCase
TestLife.settings = settings(stateful_step_count=30)
