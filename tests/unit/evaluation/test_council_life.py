"""Whatever is filed with councils, in whatever order: nothing comes of it but what the model of them says.

No state is reached that its table does not know, and nothing moves by what was rejected. `make fuzz` takes 100,000
steps.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple, Self, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from services.evaluation.council.explanation import explain
from services.evaluation.council.state import SESSION as SESSIONS
from services.evaluation.council.state import work_key
from services.evaluation.rulebook import load_rulebook
from shared.contracts.catalogue import COUNCIL_CONCLUDED, COUNCIL_CONVENED, SCORECARD_FILED
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.handling.outcome import Retry
from tests.unit.evaluation.council_model import LEVEL_AT, TABLE, At, Card, Expected, Model, Place
from tests.unit.evaluation.councils import (
    MEMBERS,
    Chamber,
    concluded,
    convened,
    scorecard,
)
from tests.unit.evaluation.drawn_filings import (
    CODES,
    CONCLUSIONS,
    CONVENINGS,
    DAYS,
    FILES_FOR,
    SCORINGS,
    TOTALS,
    Conclusion,
    Convening,
    Scoring,
)
from tests.unit.evaluation.sheets import sheet

ELIMINATED = next(iter(sheet(6).eliminations))

Result = TypeVar("Result")


class OnRecord(NamedTuple):
    """What is on record of a product with its councils."""

    at: At
    cards: dict[str, Card]
    work: dict[str, Any] | None

    @classmethod
    def of(cls, work: dict[str, Any] | None, code: str, sessions: list[dict[str, Any]]) -> Self:
        """Return it by the state of the product, and of the sessions in whose place no other has come."""
        if work is None or not work["visit"]:
            return cls(At.CONCLUDED if work and work["stage"] in LEVEL_AT else At.ELSEWHERE, {}, work)
        holders = [each["id"] for each in sessions if each["visits"].get(code) == work["visit"]]
        assert len(holders) <= 1, "a product is in two open sessions"
        if not holders or work["session"] != holders[0]:
            return cls(At.CONVENED if holders else At.WAITS, {}, work)
        cards = {each["member"]: Card(each["total"], _minute(each["filed_at"])) for each in work["cards"]}
        return cls(At.ANEW if work["rescored"] else At.SCORED, cards, work)


def _minute(filed_at: str | None) -> int | None:
    return datetime.fromisoformat(filed_at).minute if filed_at else None


class Councils(RuleBasedStateMachine):
    """Convenes, scores and concludes, well and badly, while the registry moves two products about."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.chamber = self._run(Chamber.opened())
        self.model = Model()
        self.sequence = 2
        self.waiting: list[tuple[Event, Callable[[], Expected]]] = []
        self.filed: list[Event] = []
        self.states = self._on_record()

    def teardown(self) -> None:
        """Recompute every result from what is on record."""
        documents = self.chamber.bench.documents("ratings")
        for code in CODES:
            told = explain([each for each in documents if each["product_code"] == code], load_rulebook())
            assert all(each.agrees for each in told)
        self.loop.close()

    @rule(code=st.sampled_from(CODES), to=st.sampled_from(Stage), letter=DAYS, sent_on=DAYS, is_late=st.booleans())
    def the_registry_moves(
        self, code: str, to: Stage, letter: date | None, sent_on: date | None, *, is_late: bool
    ) -> None:
        self.sequence += 0 if is_late else 1
        sequence = self.sequence - (1 if is_late else 0)
        days = [day.isoformat() if day else None for day in (letter, sent_on)]
        self._run(self.chamber.move(to, sequence=sequence, code=code, letter_date=days[0], sent_on=days[1]))
        self._require(self.model.move(code, to.value, sequence, letter, sent_on), [])

    @rule(filing=CONVENINGS, patient=st.booleans())
    def convene(self, filing: Convening, *, patient: bool = False) -> None:
        members = MEMBERS[: filing.members] if filing.has_chair else MEMBERS[1 : filing.members + 1]
        data = convened(
            f"S{len(self.filed)}" if filing.again is None else self._session(filing.again),
            members=list(members),
            level=filing.level,
            province_code="25" if filing.level == "province" else None,
            regulation=f"{filing.level}-default",
            products=filing.codes,
            replaces=None if filing.replaces is None else self._session(filing.replaces),
        )
        event = self.chamber.event(COUNCIL_CONVENED, data, filing.user)
        self._file(event, lambda: self.model.convene(data, filing.user), patient=patient)

    @rule(filing=SCORINGS, patient=st.booleans())
    def score(self, filing: Scoring, *, patient: bool = False) -> None:
        session = self._session(filing.session, filing.code)
        said = {"product_code": filing.code, "score_sheet": filing.sheet}
        data = scorecard(filing.member, filing.total, session=session, **said)
        event = self.chamber.event(SCORECARD_FILED, data, filing.user, minute=filing.minute)
        expect = partial(self.model.score, data, filing.user, filing.total, filing.minute)
        self._file(event, expect, patient=patient)

    @rule(filing=CONCLUSIONS, patient=st.booleans())
    def conclude(self, filing: Conclusion, *, patient: bool = False) -> None:
        data = concluded(
            filing.present,
            session=self._session(filing.session, filing.code),
            product_code=filing.code,
            way=filing.way,
            presided_by=filing.presided_by,
            held_on=filing.held_on,
            eliminations=[ELIMINATED] if filing.eliminates else [],
        )
        event = self.chamber.event(COUNCIL_CONCLUDED, data, filing.user)
        self._file(event, lambda: self.model.conclude(data, filing.user), patient=patient)

    @rule(
        code=st.sampled_from(CODES),
        level=st.sampled_from(sorted(FILES_FOR)),
        totals=st.tuples(TOTALS, TOTALS),
        members=st.sampled_from([4, 7]),
        eliminates=st.booleans(),
    )
    def what_comes_next(
        self, code: str, level: str, totals: tuple[int, int], members: int, *, eliminates: bool
    ) -> None:
        """File what brings a product on: without it, few come far."""
        place = self.model.places.get(code, Place())
        level, user = place.level or level, FILES_FOR[place.level or level]
        match place.at:
            case At.ELSEWHERE | At.CONCLUDED:
                self.the_registry_moves(code, Stage(f"at-{level}"), None, None, is_late=False)
            case At.WAITS:
                self.convene(Convening(level=level, codes=[code], user=user, members=members))
            case At.CONVENED:
                for position, member in enumerate(self.model.sessions[str(place.session)].members):
                    self.score(Scoring(None, code, member, totals[position % 2], user, minute=2))
            case At.SCORED | At.ANEW:
                self.conclude(Conclusion(None, code, list(place.cards), user, eliminates=eliminates))

    @precondition(lambda self: self.waiting)
    @rule(position=st.integers(0, 9))
    def what_came_too_early_comes_again(self, position: int) -> None:
        event, expect = self.waiting.pop(position % len(self.waiting))
        self._file(event, expect)

    @precondition(lambda self: self.filed)
    @rule(position=st.integers(0, 50))
    def what_was_answered_comes_again(self, position: int) -> None:
        event, records = self.filed[position % len(self.filed)], len(self._documents)
        first = [each for each in self.chamber.bench.publisher.announced if each.causation_id == event.id]
        assert self._run(self.chamber.finish(event)) == first[:1]
        assert len(self._documents) == records

    def _file(self, event: Event, expect: Callable[[], Expected], *, patient: bool = False) -> None:
        """File an event, and hold what comes of it against the model; what is early may wait or be answered."""
        records, announced = len(self._documents), len(self.chamber.bench.publisher.announced)
        outcome = self._run(self.chamber.take(event))
        if isinstance(outcome, Retry):
            assert outcome.last_resort
            assert len(self._documents) == records
            if patient:
                self.waiting.append((event, expect))
                return
            self._run(outcome.last_resort())
        self.filed.append(event)
        self._require(expect(), self.chamber.bench.publisher.announced[announced:])

    def _require(self, expected: Expected, answers: list[Event]) -> None:
        record = self._documents[-1]
        assert record["outcome"] == expected.outcome, answers and answers[0].data
        before, self.states = self.states, self._on_record()
        for code, now in self.states.items():
            assert now == before[code] or (before[code].at, now.at) in TABLE[expected.outcome]
            place = self.model.places.get(code, Place())
            assert (now.at, now.cards) == (place.at, place.cards)
        if expected.codes:
            (rejection,) = answers
            assert {fault["code"] for fault in rejection.data["faults"]} == expected.codes
        elif expected.totals:
            (answer,) = answers
            require_reckoned(answer, expected, record["sitting"])
        else:
            assert not answers

    @property
    def _documents(self) -> list[dict[str, Any]]:
        return self.chamber.bench.documents("ratings")

    def _on_record(self) -> dict[str, OnRecord]:
        """Return where each product is, by the newest of the histories."""
        histories = {each["history"]["of"]: each["history"]["state"] for each in self._documents if "history" in each}
        replaced = {each["replaces"] for each in self._documents if "replaces" in each}
        sessions = [state for of, state in histories.items() if of.startswith(SESSIONS) and state["id"] not in replaced]
        return {code: OnRecord.of(histories.get(work_key(code)), code, sessions) for code in CODES}

    def _session(self, ago: int | None, code: str = "") -> str:
        ids, own = list(self.model.sessions), self.model.places.get(code, Place()).session
        if ago is None and own:
            return own
        return ids[-1 - (ago or 0)] if (ago or 0) < len(ids) else "S-none"

    def _run(self, handling: Awaitable[Result]) -> Result:
        return self.loop.run_until_complete(handling)


def require_reckoned(answer: Event, expected: Expected, sitting: dict[str, Any]) -> None:
    """Hold what was announced of the cards that count against whole numbers, by their totals."""
    data, totals, members = answer.data, expected.totals, len(sitting["members"])
    assert answer.type == f"vn.ocop.council.{expected.outcome}.v1"
    apart, together, cards = max(totals) - min(totals), sum(totals), len(totals)
    match expected.outcome:
        case "incomplete":
            needed = -(-3 * members // 4) if sitting["level"] == "province" else 5
            assert (data["counted"], data["needed"]) == (cards, needed)
            assert data["missing"] or data["chair_missing"] or members < needed
        case "rescore-requested":
            assert (data["spread"], data["allowed"]) == (apart, 10)
            assert [each["total"] for each in data["totals"]] == list(totals)
        case "result":
            shown = f"{together * 100 // cards // 100}.{together * 100 // cards % 100:02}"
            assert data["average"] == {"numerator": together, "denominator": cards, "shown": shown}
            band = 1 + sum(together >= least * cards for least in (30, 50, 70, 90))
            assert (data["band"], data["stars"]) == (band, None if data["stops"] else band)
            assert (data["spread"], data["spread_stands"]) == (apart, apart > 10)
            assert (data["counted"], data["members"]) == (cards, members)


# Hypothesis makes the test case out of the class.
TestCouncils = Councils.TestCase
TestCouncils.settings = settings(max_examples=min(25, settings().max_examples), stateful_step_count=40)


def take(steps: int) -> None:
    """Take so many steps at least. Raise what the first state raises that the table does not know."""
    a_life = settings(max_examples=-(-steps // 50), stateful_step_count=50, deadline=None, database=None)
    run_state_machine_as_test(Councils, settings=settings(a_life, suppress_health_check=list(HealthCheck)))
