"""The broker's definitions: topology, users, permissions and policies, as RabbitMQ reads them.

The published file names the users and gives them no password, so nobody can log in as one of them; a set-up fills in
the hashes of the passwords that the installation has made.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from ops.access.permissions import Permissions, literal, of_integration, of_operator, of_service
from shared.contracts.catalogue import ANSWERS, EVENTS, INTAKE
from shared.integrations import Integration, queue_of, user_of
from shared.messaging.delivery import OPERATOR
from shared.messaging.routing import key_to
from shared.messaging.topology import EXCHANGES, QUORUM, UNLIMITED_DELIVERIES, UNROUTED, Queue
from shared.system import SYSTEM, System

ADMIN = "admin"
_VHOST = "/"
#: bytes; what the broker takes at all. A service has up to `prefetch` messages in memory before it can refuse one.
MAX_MESSAGE_BYTES = 2 * 1024**2
#: bytes; a system that does not read loses the oldest events, which the journal still has, and fills no disk
_INTEGRATION_QUEUE_BYTES = 1024**3


def definitions(
    integrations: Mapping[str, Integration], *, system: System = SYSTEM, delay_milliseconds: int | None = None
) -> dict[str, Any]:
    """Return the definitions (the format of `rabbitmqctl import_definitions`).

    `delay_milliseconds` makes every delay of a retry this long, for tests.
    """
    users = permissions(integrations, system=system)
    everything = (*system.queues, *(_queue_of(name, each) for name, each in integrations.items()))
    return {
        "users": [_user(name, tags=users[name].tags, limits=users[name].limits) for name in users],
        "vhosts": [{"name": _VHOST}],
        "permissions": [_permission(name, granted) for name, granted in users.items()],
        "topic_permissions": [each for name, granted in users.items() for each in _topic_permissions(name, granted)],
        "exchanges": [
            {**_durable(name), "type": kind, "internal": False, "arguments": {}} for name, kind in EXCHANGES.items()
        ],
        "queues": [{**_durable(queue.name), "arguments": queue.arguments} for queue in everything],
        "bindings": [_binding(queue.name, source, key) for queue in everything for source, key in queue.bindings],
        "policies": [_alternate_exchange(), *(_policy(queue, delay_milliseconds) for queue in everything)],
    }


def permissions(integrations: Mapping[str, Integration], *, system: System = SYSTEM) -> dict[str, Permissions]:
    """Return user → what it may do: every service, the operator, every integration."""
    return {
        **{service.name: of_service(service) for service in system.services},
        OPERATOR: of_operator(system),
        **{user_of(name): of_integration(name, each) for name, each in integrations.items()},
    }


def with_passwords(content: dict[str, Any], passwords: Mapping[str, str]) -> dict[str, Any]:
    """Return definitions whose users can log in, and with an administrator where `passwords` has one.

    Raises:
        KeyError: a user of the definitions has no password.
    """
    users = [user | _hashed(passwords[user["name"]]) for user in content.get("users", ())]
    if ADMIN not in passwords:
        return content | {"users": users}
    vhosts = [vhost["name"] for vhost in content["vhosts"]]
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    admin = _user(ADMIN, tags=("administrator",)) | _hashed(passwords[ADMIN])
    granted = [{"user": ADMIN, "vhost": vhost, **everything} for vhost in vhosts]
    return content | {"users": [admin, *users], "permissions": [*granted, *content.get("permissions", ())]}


def _queue_of(name: str, integration: Integration) -> Queue:
    seen = ((EVENTS, key) for key in (key_to(user_of(name)), *integration.binding_keys))
    answers = ((ANSWERS, queue_of(name)),) if integration.may_ask else ()
    trials = ((ANSWERS, key_to(user_of(name))),) if integration.may_try else ()
    return Queue(
        queue_of(name),
        QUORUM,
        (*seen, *answers, *trials),
        {
            "delivery-limit": UNLIMITED_DELIVERIES,
            "max-length-bytes": _INTEGRATION_QUEUE_BYTES,
            "overflow": "drop-head",
        },
    )


def _user(name: str, *, tags: tuple[str, ...], limits: Mapping[str, int] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": "",
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(tags),
        "limits": dict(limits or {}),
    }


def _hashed(password: str) -> dict[str, str]:
    """Hash as RabbitMQ does: base64 of a salt of four bytes and SHA-256 of salt and password."""
    salt = secrets.token_bytes(4)
    return {"password_hash": base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()}


def _permission(user: str, granted: Permissions) -> dict[str, str]:
    return {
        "user": user,
        "vhost": _VHOST,
        "configure": granted.configure,
        "write": granted.names.write,
        "read": granted.names.read,
    }


def _topic_permissions(user: str, granted: Permissions) -> list[dict[str, str]]:
    return [
        {"user": user, "vhost": _VHOST, "exchange": exchange, "write": keys.write, "read": keys.read}
        for exchange, keys in granted.topics.items()
    ]


def _binding(queue: str, source: str, routing_key: str) -> dict[str, Any]:
    return {
        "source": source,
        "vhost": _VHOST,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": routing_key,
        "arguments": {},
    }


def _durable(name: str) -> dict[str, Any]:
    return {"name": name, "vhost": _VHOST, "durable": True, "auto_delete": False}


def _alternate_exchange() -> dict[str, Any]:
    pattern = rf"^({'|'.join(map(literal, (INTAKE, EVENTS, ANSWERS)))})$"
    return _policy_entry("alternate-exchange", pattern, "exchanges", {"alternate-exchange": UNROUTED})


def _policy(queue: Queue, delay_milliseconds: int | None) -> dict[str, Any]:
    definition = dict(queue.policy)
    if ".retry." in queue.name and delay_milliseconds is not None:
        definition["message-ttl"] = delay_milliseconds
    return _policy_entry(queue.name, f"^{literal(queue.name)}$", "queues", definition)


def _policy_entry(name: str, pattern: str, apply_to: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "vhost": _VHOST,
        "name": name,
        "pattern": pattern,
        "apply-to": apply_to,
        "priority": 10,
        "definition": definition,
    }
