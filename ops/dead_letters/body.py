"""A message's body and headers for people to read, with personal data masked."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from ops.named import in_utc, one_line, printable
from shared.masking import mask_data


def readable_body(body: bytes) -> str | None:
    """Return a JSON body line by line, with codes and numbers as they are and all other text masked. None: no JSON."""
    try:
        return json.dumps(mask_data(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def readable_properties(message: AbstractIncomingMessage) -> dict[str, Any]:
    """Return the AMQP properties that are set, each as one masked line."""
    sent_at = in_utc(message.timestamp)
    named = {
        "content_type": message.content_type,
        "content_encoding": message.content_encoding,
        "message_id": message.message_id,
        "correlation_id": message.correlation_id,
        "reply_to": message.reply_to,
        "type": message.type,
        "timestamp": sent_at.isoformat() if sent_at else None,
        "app_id": message.app_id,
        "user_id": message.user_id,
        "delivery_mode": message.delivery_mode and int(message.delivery_mode),
    }
    return {name: one_line(value) for name, value in named.items() if value is not None}


def readable_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return headers as JSON values, masked."""
    readable: dict[str, Any] = mask_data(_as_json(headers))
    return readable


def _as_json(value: Any) -> Any:
    match value:
        case Mapping():
            return {printable(str(name)): _as_json(entry) for name, entry in value.items()}
        case list():
            return [_as_json(entry) for entry in value]
        case None | bool() | int() | float():
            return value
        case datetime():
            return value.isoformat()
        case bytes() | bytearray():
            return printable(bytes(value).decode("utf-8", "replace"))
        case _:
            return printable(str(value))
