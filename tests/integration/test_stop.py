"""SIGTERM: what is in flight is finished or goes back to its queue; the process leaves in time, with exit code 0."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.integration.faults import door, frozen_broker
from tests.integration.portal import Portal
from tests.integration.probe import PROBE, probe_portal, send_probe
from tests.integration.processes import running_probe
from tools.stack import LocalStack, Process

DRAIN_SECONDS = 6
#: seconds; what a loaded machine takes besides
MARGIN_SECONDS = 3


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


async def left_in_time(process: Process) -> int:
    """Ask a process to stop, and return its exit code."""
    async with asyncio.timeout(DRAIN_SECONDS + MARGIN_SECONDS):
        return await process.stop(grace_seconds=10 * DRAIN_SECONDS)


def answered(process: Process) -> int:
    """Return how many events the process says it has answered."""
    lines = [json.loads(line) for line in process.log_file.read_text("utf-8").splitlines() if line.startswith("{")]
    return [line.get("action") for line in lines].count("answer")


async def in_flight(portal: Portal, count: int) -> None:
    """Send events until the process has so many in flight."""
    for _ in range(count):
        await send_probe(portal)
    await portal.until_depth(PROBE.queue, 0)


async def test_what_is_in_hand_is_finished_before_the_process_leaves(stack: LocalStack, portal: Portal) -> None:
    async with running_probe(stack, drain_seconds=DRAIN_SECONDS, probe_seconds=1) as process:
        await in_flight(portal, 5)

        assert await left_in_time(process) == 0

    assert answered(process) == 5
    assert await portal.depth(PROBE.queue) == 0


async def test_what_is_not_finished_in_time_goes_back(stack: LocalStack, portal: Portal) -> None:
    async with running_probe(stack, drain_seconds=DRAIN_SECONDS, probe_seconds=1000) as process:
        await in_flight(portal, 5)

        assert await left_in_time(process) == 0

    await gone_back(portal, 5)


async def test_what_is_held_goes_back_at_once(stack: LocalStack, portal: Portal) -> None:
    async with (
        door(stack.mongo_url) as database,
        running_probe(stack, drain_seconds=DRAIN_SECONDS, mongo_url=database.url) as process,
    ):
        database.shut()
        await in_flight(portal, 5)

        assert await left_in_time(process) == 0

    await gone_back(portal, 5)


async def test_a_database_that_says_nothing_delays_nobody(stack: LocalStack, portal: Portal) -> None:
    async with (
        door(stack.mongo_url) as database,
        running_probe(stack, drain_seconds=DRAIN_SECONDS, mongo_url=database.url) as process,
    ):
        database.fall_silent()
        await in_flight(portal, 50)

        assert await left_in_time(process) == 0

    await gone_back(portal, 50)


async def test_a_frozen_broker_delays_nobody(stack: LocalStack, portal: Portal) -> None:
    async with running_probe(stack, drain_seconds=DRAIN_SECONDS, probe_seconds=1000) as process:
        await in_flight(portal, 5)
        with frozen_broker(stack):
            assert await left_in_time(process) == 0

    await gone_back(portal, 5)


async def gone_back(portal: Portal, count: int) -> None:
    """Take back what the process had in flight; each message has been delivered once and no more."""
    await portal.until_depth(PROBE.queue, count)
    for _ in range(count):
        assert (await portal.first_of(PROBE.queue)).headers["x-delivery-count"] == 1
