"""Whatever comes, and whoever dies: each milestone is handled once at or after its time, or was overtaken.

What is on record is compared with what follows from the renewals and the clock alone.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.errors import OutageError
from shared.timers import BROKEN_OFF_AFTER
from tests.unit.shared.cards import VALID, WARNED_BEFORE
from tests.unit.shared.timed import Instance, World

CARDS = ("10-a", "10-b", "20-c")
Result = TypeVar("Result")


class Timed(RuleBasedStateMachine):
    """Two instances, one database, one clock; what is begun may be broken off at any of its steps."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = World()
        self.renewals = 0
        self.unanswered: list[tuple[str, int]] = []

    def teardown(self) -> None:
        """Let everything end, and look at it all once more."""
        try:
            for card, number in self.unanswered:
                self._run(self.instances[0].renew(card, number))
            self._run(self.instances[0].look())
            self.world.clock.now += BROKEN_OFF_AFTER
            for instance in self.instances:
                self._run(instance.look())
            self.all_that_was_due_has_been_handled_or_overtaken()
        finally:
            self.runner.close()

    @initialize()
    def two_instances_start(self) -> None:
        self.instances = [self._run(Instance.started(self.world)) for _ in range(2)]

    @rule(card=st.sampled_from(CARDS), instance=st.integers(0, 1))
    def renew(self, card: str, instance: int) -> None:
        self.renewals += 1
        self._run(self.instances[instance].renew(card, self.renewals))

    @rule(card=st.sampled_from(CARDS), instance=st.integers(0, 1))
    def renew_while_the_other_looks(self, card: str, instance: int) -> None:
        self.renewals += 1
        self._run(self._both(self.instances[instance].renew(card, self.renewals), self.instances[1 - instance].look()))

    @rule(days=st.sampled_from([1, 30, 61, 304, 306, 366, 3653]))
    def time_passes(self, days: int) -> None:
        self.world.clock.now += timedelta(days=days)

    @rule(instance=st.integers(0, 1))
    def look(self, instance: int) -> None:
        self._run(self.instances[instance].look())

    @rule()
    def both_look_at_once(self) -> None:
        self._run(self._both(*(instance.look() for instance in self.instances)))

    @rule(instance=st.integers(0, 1))
    def an_instance_starts_anew(self, instance: int) -> None:
        """What it had not written behind is lost with it."""
        self.instances[instance] = self._run(Instance.started(self.world))

    @rule(instance=st.integers(0, 1), card=st.sampled_from((None, *CARDS)))
    def an_instance_dies_between_record_and_announcement(self, instance: int, card: str | None) -> None:
        self.world.breaks = True
        try:
            if card is None:
                self._run(self.instances[instance].look())
            else:
                self.renewals += 1
                self.unanswered.append((card, self.renewals))
                self._run(self.instances[instance].renew(card, self.renewals))
        except OutageError:
            pass
        self.world.breaks = False
        self.instances[instance] = self._run(Instance.started(self.world))

    @precondition(lambda self: self.unanswered)
    @rule(instance=st.integers(0, 1))
    def a_message_is_delivered_again(self, instance: int) -> None:
        card, number = self.unanswered.pop()
        self._run(self.instances[instance].renew(card, number))

    @rule()
    def the_documents_of_now_are_lost_and_rebuilt(self) -> None:
        self.world.now_documents_lost()
        self._run(self.world.rebuild())

    @invariant()
    def each_milestone_is_recorded_once_and_in_time(self) -> None:
        """A version follows from the one before by a renewal, or by the first milestone that was due in it."""
        for card in CARDS:
            ends_at, expected = None, set[str]()
            records = sorted(self._of(card), key=lambda each: each["history"]["version"])
            assert [each["history"]["version"] for each in records] == [*range(1, len(records) + 1)]
            for record in records:
                said, at = record["announced"][0]["data"]["said"], record["recorded_at"]
                if said == "renewed":
                    number = record["history"]["state"]["renewals"]
                    ends_at, expected = at + VALID, {f"expiring-{number}", f"expired-{number}"}
                else:
                    assert said in expected
                    expected.discard(said)
                    assert isinstance(ends_at, datetime)
                    assert at >= (ends_at - WARNED_BEFORE if said.startswith("expiring") else ends_at)

    @invariant()
    def a_document_of_now_is_never_ahead_of_its_history(self) -> None:
        for document in self.world.now_documents:
            assert document["version"] <= max(each["history"]["version"] for each in self._of(document["_id"]))

    def all_that_was_due_has_been_handled_or_overtaken(self) -> None:
        """Nothing is due in the newest version of any card, and all that is on record was announced."""
        recorded = [event["id"] for record in self.world.records for event in record["announced"]]
        assert sorted(recorded) == sorted({event.id for event in self.world.announced})
        for document in self.world.now_documents:
            assert document["next_due"] is None or document["next_due"] > self.world.clock.now
            assert document["version"] == max(each["history"]["version"] for each in self._of(document["_id"]))

    def _of(self, card: str) -> list[dict[str, Any]]:
        return [each for each in self.world.records if each["history"]["of"] == card]

    async def _both(self, *work: Awaitable[object]) -> None:
        await asyncio.gather(*work)

    def _run(self, work: Awaitable[Result]) -> Result:
        async def awaited() -> Result:
            return await work

        return self.runner.run(awaited())


TestTimed = Timed.TestCase
TestTimed.settings = settings(max_examples=40, stateful_step_count=25)
