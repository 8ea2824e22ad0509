"""A message that ends every process that takes it: the queue's delivery limit ends it, and its neighbours live."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from shared.handling.poison_messages import turn
from tests.integration.faults import rabbitmqctl
from tests.integration.portal import Portal
from tests.integration.probe import PROBE, probe_body, probe_portal, send_probe
from tests.integration.processes import running_probe
from tools.stack import LocalStack

#: Deliveries without an answer until a message is suspected, and until the queue gives up; instead of 5 and 100.
SUSPECT_AFTER, LIMIT = 1, 2


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


@pytest.fixture
async def low_limit(stack: LocalStack) -> AsyncIterator[None]:
    """Let the probe's queue give up early; all else as in its own policy."""
    definition = (
        f'{{"delivery-limit": {LIMIT}, "dead-letter-exchange": "ocop.dead", "dead-letter-routing-key": "{PROBE.dead}", '
        '"dead-letter-strategy": "at-least-once", "overflow": "reject-publish", "max-length": 1000}'
    )
    pattern = f"^{PROBE.queue}$"
    await rabbitmqctl(stack, "set_policy", "low-limit", pattern, definition, "--priority", "20", "--apply-to", "queues")
    yield
    await rabbitmqctl(stack, "clear_policy", "low-limit")


def ids(*, early: bool) -> Iterator[str]:
    """Yield ids whose events have their turn early, or late, once they are suspected."""
    for n in count():
        when = turn(probe_body(str(n)), SUSPECT_AFTER)
        if when < 0.2 if early else when > 0.8:
            yield str(n)


@pytest.mark.usefixtures("low_limit")
async def test_the_limit_ends_a_poisonous_message_and_spares_its_neighbours(stack: LocalStack, portal: Portal) -> None:
    poison, harmless = next(ids(early=False)), ids(early=True)
    await send_probe(portal, poison)
    for _ in range(5):
        await send_probe(portal, next(harmless))

    for _ in range(LIMIT + 1):
        async with running_probe(
            stack, ready=False, probe_dies_on=poison, probe_suspects_after=SUSPECT_AFTER
        ) as process:
            assert await process.wait() == 1

    dead = await portal.next_of(PROBE.dead)
    assert dead.body == probe_body(poison)
    assert dead.headers["ce-id"] == poison
    assert dead.headers["x-first-death-reason"] == "delivery_limit"
    assert await portal.depth(PROBE.dead) == await portal.depth(PROBE.queue) == 0
