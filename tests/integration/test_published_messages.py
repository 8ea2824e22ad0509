"""The published examples are what the services write to the broker, to the last header."""

import asyncio
import json
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.envelope import read
from tests.integration.dossiers import new_dossier
from tests.integration.portal import PATIENCE_SECONDS, Portal
from tests.integration.running import System
from tools.contracts.messages import Message, announced


def as_published(message: AbstractIncomingMessage) -> Message:
    """Return the message as an example would show it."""
    names = ("content_type", "delivery_mode", "message_id", "correlation_id", "type", "timestamp", "app_id", "user_id")
    properties: dict[str, Any] = {name: getattr(message, name) for name in names}
    properties["delivery_mode"] = int(properties["delivery_mode"])
    properties["timestamp"] = int(properties["timestamp"].timestamp())
    headers = {name: str(value) for name, value in message.headers.items()}
    return Message(
        str(message.exchange), str(message.routing_key), properties, headers, json.loads(message.body.decode())
    )


@pytest.mark.parametrize(
    ("dossier", "events"),
    [
        pytest.param(new_dossier(), ["product.submitted", "product.rated", "alert.delivered"], id="rated"),
        pytest.param(new_dossier() | {"samples": 4}, ["dossier.rejected", "alert.delivered"], id="rejected"),
    ],
)
async def test_an_example_is_what_a_service_writes(
    system: System, portal: Portal, dossier: dict[str, Any], events: list[str]
) -> None:
    async with await aio_pika.connect(system.amqp_url) as connection:
        inbox = await (await connection.channel()).declare_queue(exclusive=True, auto_delete=True)
        await inbox.bind("ocop.events", "#")
        story = await portal.file(dossier)
        seen: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as messages:
            async for message in messages:
                if message.correlation_id == story:
                    expected = announced(read(message.headers, message.content_type, message.body))
                    assert as_published(message) == expected
                    assert message.body == expected.content()
                    seen.append(str(message.type).removeprefix("vn.ocop.").removesuffix(".v1"))
                if seen == events:
                    break
    assert seen == events
