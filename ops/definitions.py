"""The broker's definitions: the topology of the code as RabbitMQ reads it, with users where a stack brings its own."""

import base64
import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

from shared.messaging.topology import definitions

#: Generated from the topology; a test says when it is out of date.
PUBLISHED = Path(__file__).parent.parent / "deploy" / "rabbitmq" / "definitions.json"


def as_text(content: dict[str, Any]) -> str:
    """Give definitions as the JSON text of the published file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def with_user(content: dict[str, Any], *, name: str, password: str) -> dict[str, Any]:
    """Give definitions with an administrator: a broker that boots with definitions makes no user of its own."""
    return {
        "users": [
            {
                "name": name,
                "password_hash": _password_hash(password),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["administrator"],
            }
        ],
        "permissions": [{"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        **content,
    }


def _password_hash(password: str) -> str:
    """Hash as RabbitMQ does: base64 of a salt of four bytes and SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    PUBLISHED.parent.mkdir(parents=True, exist_ok=True)
    PUBLISHED.write_text(as_text(definitions()), encoding="utf-8")
