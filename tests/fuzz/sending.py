"""Mutated messages for the real broker: each with an id and a number of its own, so that it can be accounted for."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from pamqp import decode

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    CATALOGUE,
    CONTACT_CHANGED,
    DOSSIER_FILED,
    EVENTS,
    FILING_REJECTED,
    PREFERENCES_CHANGED,
    TASKS,
)
from shared.contracts.envelope import open_envelope
from shared.contracts.event import Event
from shared.messaging.amqp_properties import read_leniently
from shared.messaging.routing import is_key_of, key_at
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM
from tests.fuzz.corpus import binary, structured, valid_events
from tests.fuzz.mutations import mutated
from tests.fuzz.wire import Wire
from tests.integration.raw_publisher import HEADER_START_BYTES, MAX_PAYLOAD_BYTES, long_text, table

#: A header that services copy like any other: which message this is.
NUMBER = "x-fuzz"
#: How a header's value of the type decimal begins (AMQP 0-9-1 with RabbitMQ's errata).
_DECIMAL = b"D"
#: Nobody is bound to these.
_MISTYPED = ("dossier.filed.v2", "dosier.filed.v1", "", "#", "dossier.*.v1", "ố" * 80, "DOSSIER.FILED.V1")

read_leniently()


@dataclass(frozen=True)
class Sent:
    """A message on its way: where it must arrive, and by what it will be known. The body is kept as its SHA-256.

    `is_note`: the registry announces nothing about it, and its record is looked for in the database.
    """

    number: int
    names: tuple[str, ...]
    queues: tuple[str, ...]
    sha256: str
    id: str | None
    is_note: bool = False


def messages(seed: int) -> Iterator[tuple[Sent, Wire]]:
    """Return messages without end: three of four to the intake, the others where the services write."""
    random = Random(seed)
    unread = {kind.type for kind in (ALERT_DELIVERED, ALERT_FAILED, FILING_REJECTED)}
    unread |= {kind.type for kind in CATALOGUE if kind.is_answer}
    unread |= {CONTACT_CHANGED.type, PREFERENCES_CHANGED.type}  # noted, and answered by nothing
    unread |= {kind.type for kind in TASKS}  # what comes of them answers the event that they are about
    events = [event for event in valid_events() if event.type not in unread]
    dossiers = [event for event in events if event.type == DOSSIER_FILED.type]
    number = 0
    while True:
        event = fresh(random, random.choice(dossiers if random.random() < 0.75 else events))
        known = mutated(random, random.choice((binary, structured))(event))
        message = _misdirected(random, known.message).with_header(NUMBER.encode(), long_text(str(number)))
        if HEADER_START_BYTES + len(message.header_frame) <= MAX_PAYLOAD_BYTES and not _ends_dead_lettering(message):
            yield _sent(number, known.names, message), message
            number += 1


def _ends_dead_lettering(message: Wire) -> bool:
    """Return whether a message would end all dead-lettering of a node (RabbitMQ 3): docs/reliability.md.

    What is announced is dead-lettered into the journal's stream, which knows no decimals; and a forged `x-death` that
    is no list of tables ends the process that does so, again and again. Only an administrator can send one there: no
    integration may write to this exchange, and services write text.
    """
    if message.exchange != EVENTS:
        return False
    return b"x-death" in message.headers or any(value.startswith(_DECIMAL) for value in message.headers.values())


def fresh(random: Random, event: Event) -> Event:
    """Return the event with an id and a body that no other has, and a dossier with a product that no other is about."""
    id = UUID(int=random.getrandbits(128))
    data: dict[str, Any] = copy.deepcopy(event.data) | {"fieldoftomorrow": id.hex}
    if event.type == DOSSIER_FILED.type and isinstance(producer := data.get("producer"), dict):
        producer["registration_number"] = f"01Y{id.hex[:12]}"
        producer.pop("tax_code", None)
    return replace(event, id=str(id), data=data)


def _misdirected(random: Random, message: Wire) -> Wire:
    """Now and then send a message under a mistyped key, or to where another kind of event is expected."""
    chance = random.random()
    if chance < 0.02:
        return message.changed(routing_key=random.choice(_MISTYPED))
    if chance < 0.06:
        elsewhere = random.choice(SYSTEM.subscriptions).event_type
        return message.changed(exchange=elsewhere.exchange, routing_key=key_at(elsewhere, None))
    return message


def _sent(number: int, names: tuple[str, ...], message: Wire) -> Sent:
    bound = [s.queue for s in SYSTEM.subscriptions if is_key_of(s.event_type, message.routing_key)]
    headers: Any = decode.METHODS["table"](table(message.headers))[1]
    message_id = message.text("message_id") or None
    named = open_envelope(headers, message.text("content_type"), message.body, message_id=message_id).named
    return Sent(
        number=number,
        names=names,
        queues=tuple(bound) or (UNROUTED,),
        is_note=is_key_of(ASSESSMENT_REJECTED, message.routing_key) and message.exchange == EVENTS,
        sha256=sha256(message.body).hexdigest(),
        id=named and named[1],
    )
