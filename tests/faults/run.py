"""A run: the stream goes on while faults happen, then everything is brought back, stopped, read and accounted for."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.contracts.catalogue import INTAKE
from tests.faults.accounting import Checked, account
from tests.faults.faults import Fault
from tests.faults.portal import Portal, opened_portal
from tests.faults.reading import PASSING, read_world
from tests.faults.schedule import Leg, Schedule
from tests.faults.stream import Case, Message, Stream
from tests.faults.system import TWO_OF_EACH, System
from tests.faults.world import World

#: seconds; a leg that takes longer has met something that does not end
LEG_PATIENCE_SECONDS = 300
#: seconds without any message less on any queue, after which a run is stuck
IDLE_PATIENCE_SECONDS = 120
#: of 1: messages of earlier legs that are sent once more
LATE_SHARE = 0.02


@dataclass(frozen=True)
class Plan:
    """What a run is to be: always the same for the same numbers."""

    seed: int
    messages: int
    faults: int
    nodes: int = 1
    long_share: float = 0.0


@dataclass
class Result:
    """What came of a run."""

    plan: Plan
    started: datetime
    cases: list[Case] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    confirmed: int = 0
    processes: int = 0
    misconduct: list[str] = field(default_factory=list)
    seconds: float = 0.0
    settling_seconds: float = 0.0
    world: World = field(default_factory=World)
    checks: list[Checked] = field(default_factory=list)

    @property
    def violations(self) -> list[str]:
        """Every broken promise, and which process ended by itself or did not leave in time."""
        broken = [f"{check.promise}: {violation}" for check in self.checks for violation in check.violations]
        return broken + self.misconduct


async def run(
    plan: Plan,
    folder: Path,
    say: Callable[[str], None],
    *,
    legs: Sequence[Leg] = (),
    instances: Mapping[str, int] = TWO_OF_EACH,
) -> Result:
    """Run a plan in a folder of its own, with these legs or else those of its seed.

    Raises:
        TimeoutError: something does not end.
    """
    result = Result(plan, datetime.now(UTC))
    legs = legs or list(Schedule(plan.seed, nodes=plan.nodes, long_share=plan.long_share).legs(plan.faults))
    async with (
        System(folder, nodes=plan.nodes, instances=instances, say=say) as system,
        opened_portal(system.portal_url) as portal,
        opened_portal(system.amqp_url_of_any_node) as stranger,
    ):
        began = asyncio.get_running_loop().time()
        await _Stretch(plan, system, (portal, stranger), result, say).run(legs)
        ended = asyncio.get_running_loop().time()
        result.seconds = ended - began
        system.heal()
        await _until_idle(system, say)
        result.settling_seconds = asyncio.get_running_loop().time() - ended
        await system.stop_services()
        say("reading broker and database")
        result.world = await read_world(system)
        result.processes = sum(len(server.starts) for server in system.servers.values())
        result.misconduct = [one for server in system.servers.values() for one in server.misconduct]
        result.sent, result.confirmed = portal.sent + stranger.sent, portal.confirmed + stranger.confirmed
    result.checks = account(result.cases, result.world)
    return result


class _Stretch:
    """The part of a run in which messages are sent and faults happen.

    Of the two portals one may file only, the other may do what no portal may: write garbage between the services.
    """

    def __init__(
        self, plan: Plan, system: System, portals: tuple[Portal, Portal], result: Result, say: Callable[[str], None]
    ) -> None:
        self._random = random.Random(f"moments {plan.seed}")
        self._plan = plan
        self._system = system
        self._portal, self._stranger = portals
        self._result = result
        self._say = say
        self._stream = Stream(plan.seed)
        self._cases = self._stream.cases()

    async def run(self, legs: Sequence[Leg]) -> None:
        """Go through all legs."""
        plan = self._plan
        for number, leg in enumerate(legs, 1):
            messages = self._messages(
                plan.messages * number // len(legs) - self._portal.confirmed - self._stranger.confirmed
            )
            faults = ", ".join(str(fault) for _, fault in leg.faults)
            self._say(f"leg {number} of {len(legs)}: {len(messages)} messages; {faults}")
            async with asyncio.timeout(LEG_PATIENCE_SECONDS):
                await self._go(leg, messages)

    def _messages(self, count: int) -> list[Message]:
        """Make the messages of a leg, some of them more than once, and some that were sent long ago."""
        earlier = [message for case in self._result.cases for message in case.messages]
        messages = self._random.sample(earlier, min(len(earlier), int(count * LATE_SHARE)))
        while len(messages) < count:
            case = next(self._cases)
            self._result.cases.append(case)
            for message in case.messages:
                messages += [message] * self._stream.copies()
        return messages

    async def _go(self, leg: Leg, messages: list[Message]) -> None:
        moments = {message.body: self._random.uniform(0, leg.seconds) for message in messages}
        async with asyncio.TaskGroup() as going:
            for message in messages:
                at_once = self._random.random() < 0.5
                moment = moments[message.body] if at_once else self._random.uniform(0, leg.seconds)
                going.create_task(self._send(moment, message))
            for moment, fault in leg.faults:
                going.create_task(self._happen(moment, fault))

    async def _send(self, moment: float, message: Message) -> None:
        await asyncio.sleep(moment)
        await (self._portal if message.exchange == INTAKE else self._stranger).send(message)

    async def _happen(self, moment: float, fault: Fault) -> None:
        await asyncio.sleep(moment)
        await fault.happen(self._system)
        self._result.faults[fault.kind] += 1


async def _until_idle(system: System, say: Callable[[str], None]) -> None:
    """Wait until nothing waits, twice in a row, or nothing has moved for long."""
    loop = asyncio.get_running_loop()
    waiting, moved = -1, loop.time()
    while loop.time() - moved < IDLE_PATIENCE_SECONDS:
        depths = await system.broker.depths()
        now_waiting = sum(depths[queue] for queue in PASSING)
        if waiting == now_waiting == 0:
            return
        if now_waiting != waiting:
            say(f"{now_waiting} messages wait")
            waiting, moved = now_waiting, loop.time()
        await asyncio.sleep(0.5)
    say(f"stuck: {waiting} messages wait, and none moves")
