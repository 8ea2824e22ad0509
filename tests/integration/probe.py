"""A service of the tests' own, to see what becomes of messages when its handler fails in every way."""

import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

from shared.contracts.catalogue import EVENTS, EventType
from shared.contracts.envelope import Event
from shared.contracts.text import Contract
from shared.messaging.delivery import Outcome
from shared.messaging.topology import Subscription
from shared.service import Service, Wire
from tests.integration.portal import Portal

PROBE_SENT = EventType("probe.sent", EVENTS, Contract)
PROBE = Subscription("probe", PROBE_SENT)


def probing(handle: Callable[[Event], Awaitable[Outcome]]) -> Wire:
    """A service that hands its events to `handle`."""

    async def wire(service: Service) -> None:
        service.subscribe(PROBE_SENT, handle)

    return wire


async def send_probe(portal: Portal, id: str | None = None) -> str:
    """Send the service an event and give its id."""
    id = id or str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/tests", "ce-type": PROBE_SENT.type}
    await portal.send(
        json.dumps({"id": id}).encode(), headers=headers, exchange=EVENTS, routing_key=PROBE_SENT.routing_key
    )
    return id
