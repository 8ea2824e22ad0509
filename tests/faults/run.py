"""A run: the stream goes on while faults happen, then everything is brought back, stopped, read and accounted for."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.accounting import Checked, account
from tests.faults.messages import Case
from tests.faults.portal import Portal, opened_portal
from tests.faults.reading import PASSING, milestones_begun, read_world
from tests.faults.replay import replay
from tests.faults.schedule import Leg, Schedule
from tests.faults.story import stories
from tests.faults.stretch import Stretch
from tests.faults.system import INBOXES, TWO_OF_EACH, USERS, System
from tests.faults.world import World

#: seconds without any message less on any queue, after which a run is stuck
IDLE_PATIENCE_SECONDS = 120


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
    stories: list[str] = field(default_factory=list)

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
    system = System(folder, nodes=plan.nodes, instances=instances, say=say)
    async with system, AsyncExitStack() as opened:
        senders = {
            sender: await opened.enter_async_context(opened_portal(system.url_of(sender), inbox=inbox))
            for sender, inbox in INBOXES.items()
        }
        stranger = await opened.enter_async_context(opened_portal(system.amqp_url_of_any_node))
        stretch = Stretch(plan.seed, system, senders, stranger, say)
        began = asyncio.get_running_loop().time()
        await stretch.run(legs, messages=plan.messages)
        ended = asyncio.get_running_loop().time()
        result.seconds = ended - began
        system.heal()
        await _until_idle(system, say)
        result.settling_seconds = asyncio.get_running_loop().time() - ended
        await system.stop_services()
        say("reading broker and database")
        result.world = await read_world(system)
        seen = {USERS[sender]: portal.inbox.seen for sender, portal in senders.items() if portal.inbox}
        result.world.inboxes = {user: frozenset(ids) for user, ids in seen.items()}
        result.world.confirmed = frozenset(id for portal in stretch.portals for id in portal.confirmed_at)
        result.processes = sum(len(server.starts) for server in system.servers.values())
        result.misconduct = [one for server in system.servers.values() for one in server.misconduct]
        _account(result, stretch, system)
    return result


def _account(result: Result, stretch: Stretch, system: System) -> None:
    result.cases, result.faults = stretch.sent.cases, stretch.sent.faults
    result.misconduct += stretch.sent.unanswered
    result.sent = sum(portal.sent for portal in stretch.portals)
    result.confirmed = sum(portal.confirmed for portal in stretch.portals)
    result.checks = [*account(result.cases, result.world), *replay(result.cases, result.world)]
    result.stories = stories(result.violations, result.world, _confirms(stretch.portals), system.folder / "logs")


def _confirms(portals: Sequence[Portal]) -> Iterator[tuple[float, str]]:
    """Yield when the broker confirmed which id, in seconds since 1970."""
    since_1970 = time.time() - asyncio.get_running_loop().time()
    for portal in portals:
        yield from ((since_1970 + moment, id) for id, moments in portal.confirmed_at.items() for moment in moments)


async def _until_idle(system: System, say: Callable[[str], None]) -> None:
    """Wait until nothing waits, twice in a row, or nothing has moved for long.

    What fell due waits on no queue: a milestone that an instance died on is finished by another a while later.
    """
    loop = asyncio.get_running_loop()
    waiting, moved = -1, loop.time()
    while loop.time() - moved < IDLE_PATIENCE_SECONDS:
        depths = await system.broker.depths()
        now_waiting = sum(depths[queue] for queue in PASSING) + await milestones_begun(system)
        if waiting == now_waiting == 0:
            return
        if now_waiting != waiting:
            say(f"{now_waiting} messages and milestones wait")
            waiting, moved = now_waiting, loop.time()
        await asyncio.sleep(0.5)
    say(f"stuck: {waiting} messages and milestones wait, and none moves")
