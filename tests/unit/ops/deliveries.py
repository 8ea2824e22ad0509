"""Messages as the client library hands them out, made by hand."""

from typing import Any

from aio_pika import IncomingMessage
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic
from pamqp.header import ContentHeader


def delivery(
    body: bytes = b"{}",
    *,
    headers: dict[str, Any] | None = None,
    exchange: str = "ocop.dead",
    routing_key: str = "registry.life.dead",
    **properties: Any,
) -> IncomingMessage:
    """Return a message that was delivered, on no channel."""
    delivered = DeliveredMessage(
        delivery=Basic.Deliver(consumer_tag="tests", delivery_tag=1, exchange=exchange, routing_key=routing_key),
        header=ContentHeader(properties=Basic.Properties(headers=headers or {}, **properties), body_size=len(body)),
        body=body,
        channel=None,  # type: ignore[arg-type]  # nothing is acknowledged here
    )
    return IncomingMessage(delivered)
