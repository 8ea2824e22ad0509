"""The three services, running in this process against the stack of the test run, and a portal that files dossiers."""

from collections.abc import AsyncIterator

import pytest

from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM
from tests.integration.portal import Portal, opened_portal
from tests.integration.running import System, running_system
from tools.stack import LocalStack


@pytest.fixture(scope="session")
async def system(stack: LocalStack) -> AsyncIterator[System]:
    async with running_system(stack) as system:
        yield system


@pytest.fixture
async def portal(system: System) -> AsyncIterator[Portal]:
    """What earlier tests have left as dead letters is gone: the next one of a queue is this test's own."""
    async with opened_portal(system.amqp_url) as portal:
        await portal.empty(UNROUTED, *SYSTEM.dead_letter_queues)
        yield portal
