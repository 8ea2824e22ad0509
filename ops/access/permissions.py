"""What each user may do on the broker: nothing that its work does not need.

RabbitMQ holds names against patterns: to *configure* a queue is to declare and delete it, to *write* is to publish to
an exchange or to bind a queue, to *read* is to consume from a queue or to bind to an exchange. On topic exchanges the
routing key is held against a pattern too; an exchange without such a pattern takes every key, so each has one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.catalogue import ANSWERS, EVENTS, INTAKE, TRIAL_RESULT, EventType
from shared.integrations import Integration, user_of
from shared.messaging.topology import DEAD, JOURNAL, REPLAY, RETRY, UNROUTED
from shared.scopes import MAY_FILE, OPERATOR
from shared.system import ServiceEntry, System

#: What one integration may take of the broker, so that enough is left for the others.
_INTEGRATION_LIMITS = {"max-connections": 20, "max-channels": 200}
#: A pattern that nothing matches.
NOTHING = "^$"
#: The queues of integrations, to which answers go.
_INBOXES = r"integration\.[a-z0-9-]+\.events"
#: The end of an announced event's key.
_PLACE = r"\.([0-9]{2}|-)\.([0-9]{5}|-)"
#: The keys beside it in `BCC`, which RabbitMQ holds against permissions from 4.0 on.
_TO_AN_INTEGRATION = r"to\.integration\.[a-z0-9-]+"


@dataclass(frozen=True)
class Patterns:
    """What may be written and read: names of queues and exchanges, or, of one exchange, routing keys."""

    write: str = NOTHING
    read: str = NOTHING


@dataclass(frozen=True)
class Permissions:
    """What one user may do. `topics`: by exchange, the routing keys; `limits`: how much at the same time."""

    configure: str
    names: Patterns
    topics: dict[str, Patterns]
    tags: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)


def of_service(service: ServiceEntry) -> Permissions:
    """Return what a service may do: declare, bind and read its own queues, announce its own events, put copies away.

    One that compares its records with what it has announced may read the journal.
    """
    own = f"{literal(service.name)}\\..+"
    bound_to = {exchange for queue in service.queues for exchange, _ in queue.bindings}
    read = bound_to | ({JOURNAL} if service.reads_journal else set())
    written = {EVENTS: _announced(service), RETRY: f"^{own}$", DEAD: f"^{own}$"}
    if any(event_type.exchange == ANSWERS for event_type in service.announces):
        written[ANSWERS] = _answered(service)
    return Permissions(
        configure=f"^{own}$",
        names=Patterns(write=_any_of(written, or_pattern=own), read=_any_of(read, or_pattern=own)),
        topics={
            exchange: Patterns(written.get(exchange, NOTHING), _keys_bound(service, exchange))
            for exchange in sorted(bound_to | set(written))
        },
    )


def of_operator(system: System) -> Permissions:
    """Return what an operator may do: file, read dead letters, the unrouted and the journal, replay dead letters.

    What is filed is a dossier's key only: the registry keeps that an operator filed it (decision 11).
    """
    service = f"({'|'.join(map(literal, system.names))})\\.[a-z-]+"
    return Permissions(
        configure=NOTHING,
        names=Patterns(
            write=_any_of([INTAKE, REPLAY]), read=_any_of([UNROUTED, JOURNAL], or_pattern=f"{service}\\.dead")
        ),
        topics={
            INTAKE: Patterns(write=_any_of(kind.routing_key for kind in MAY_FILE if OPERATOR.may_file(kind))),
            REPLAY: Patterns(write=f"^{service}$"),
        },
        tags=("monitoring",),
    )


def of_integration(name: str, integration: Integration) -> Permissions:
    """Return what a connected system may do: file on the intake, and read its own queue, which is made for it.

    It declares no queue: one that refuses messages when it is full would make the services' own publishes fail, and one
    that dead-letters into the intake would file what its owner never wrote.
    """
    return Permissions(
        configure=NOTHING,
        names=Patterns(write=_any_of([INTAKE]), read=f"^{literal(user_of(name))}\\..+$"),
        topics={INTAKE: Patterns(write=_all_but(kind.routing_key for kind in integration.may_not_file))},
        tags=("management",) if integration.management_api else (),
        limits=_INTEGRATION_LIMITS,
    )


def _announced(service: ServiceEntry) -> str:
    """Return the pattern of what a service announces, and of those that it answers."""
    kinds = sorted(literal(kind.routing_key) for kind in service.announces if kind.exchange == EVENTS)
    return f"^(({'|'.join(kinds)}){_PLACE}|{_TO_AN_INTEGRATION})$" if kinds else NOTHING


def _answered(service: ServiceEntry) -> str:
    """Return the pattern of the keys of a service's answers, and of what it asks another service for one."""
    kinds = (kind for kind in service.announces if kind.exchange == ANSWERS)
    return f"^({'|'.join(sorted({_answering(kind) for kind in kinds}))})$"


def _answering(kind: EventType[Any]) -> str:
    if not kind.is_answer:
        return literal(kind.routing_key)
    return _TO_AN_INTEGRATION if kind == TRIAL_RESULT else _INBOXES


def _keys_bound(service: ServiceEntry, exchange: str) -> str:
    keys = {key for queue in service.queues for source, key in queue.bindings if source == exchange}
    return _any_of(keys) if keys else NOTHING


def _all_but(routing_keys: Iterable[str]) -> str:
    """Return the pattern of all other keys; a mistyped one is kept in ocop.unrouted, not refused."""
    refused = "|".join(map(literal, routing_keys))
    return f"^(?!({refused})$)" if refused else ".*"


def _any_of(names: Iterable[str], *, or_pattern: str | None = None) -> str:
    patterns = [*map(literal, sorted(names)), *([or_pattern] if or_pattern else [])]
    return f"^({'|'.join(patterns)})$"


def literal(name: str) -> str:
    """Return the pattern of a name or of a key that is bound, which holds nothing special but `.` and `*`."""
    return name.replace(".", r"\.").replace("*", r"\*")
