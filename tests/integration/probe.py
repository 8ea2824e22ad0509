"""A service of the tests' own, to see what becomes of messages when its handler fails in every way."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

from shared.contracts.catalogue import EVENTS, EventType
from shared.contracts.event import Event
from shared.contracts.text import Contract
from shared.handling.dispatcher import Handler
from shared.handling.outcome import Outcome
from shared.messaging.routing import key_at
from shared.service import App, Resources
from shared.system import FEW, SYSTEM, Inbox, ServiceEntry
from tests.integration.portal import Portal, opened_portal
from tests.unit.shared.cards import TIMETABLE, VIEW, Cards, renewed

PROBE_SENT = EventType("probe.sent", EVENTS, Contract)
PROBE_SERVICE = ServiceEntry("probe", collection="probes", reads=(Inbox((PROBE_SENT,), FEW),))
PROBE = PROBE_SERVICE.subscription(PROBE_SENT)
PROBE_KEY = key_at(PROBE_SENT, None)
SYSTEM_WITH_PROBE = SYSTEM.with_service(PROBE_SERVICE)


def probe_app(handle: Callable[[Resources, Event], Awaitable[Outcome]]) -> App[Resources]:
    """Return a service that hands its events to `handle`, with all that a service is given."""

    async def prepare(resources: Resources) -> Resources:
        return resources

    return App("probe", prepare=prepare, handlers={PROBE_SENT: Handler(handle)}, system=SYSTEM_WITH_PROBE)


async def _cards(resources: Resources) -> Cards:
    return await Cards.prepared(resources.database, resources.steps, resources.clock, resources.on_record)


#: The probe as a service with histories: its events renew cards, which fall due.
CARDS: App[Cards] = App(
    "probe",
    prepare=_cards,
    handlers={PROBE_SENT: Handler(renewed)},
    view=VIEW,
    timers=TIMETABLE,
    system=SYSTEM_WITH_PROBE,
)


def probing(handle: Callable[[Event], Awaitable[Outcome]]) -> App[Resources]:
    """Return a service that hands its events to `handle`."""

    async def alone(_: Resources, event: Event) -> Outcome:
        return await handle(event)

    return probe_app(alone)


@asynccontextmanager
async def probe_portal(amqp_url: str) -> AsyncIterator[Portal]:
    """A portal that knows no other service, and leaves nothing in the probe's queues."""
    async with opened_portal(amqp_url) as portal:
        yield portal
    async with opened_portal(amqp_url) as afterwards:  # the test may have cut the other
        for queue in PROBE_SERVICE.queues:
            await afterwards.empty(queue.name)


def probe_body(id: str) -> bytes:
    """Return what an event for the probe says."""
    return json.dumps({"id": id}).encode()


def naming(id: str) -> dict[str, str]:
    """Return the attributes of an event for the probe."""
    return {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/tests", "ce-type": PROBE_SENT.type}


async def send_probe(portal: Portal, id: str | None = None) -> str:
    """Send the service an event and return its id."""
    id = id or str(uuid4())
    await portal.send(probe_body(id), headers=naming(id), exchange=EVENTS, routing_key=PROBE_KEY)
    return id
