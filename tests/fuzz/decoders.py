"""What must hold of every message at the decoders, whatever is in it. No broker, no database.

A message is refused with one of the declared codes, or all that the services would do with it works: what they record
is BSON and comes back the same, what they announce can be written and read again, what they send is a mail.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.headerregistry import Address
from typing import Any, TypeVar, get_args

import bson
from pamqp import decode, encode

from services.evaluation import standing
from services.evaluation.standing import Question
from services.notifications import contacts, sending
from services.notifications.channels.mail import message as mail_message
from services.notifications.delivery import Delivery
from services.notifications.delivery_events import alert_event
from services.notifications.plan import alert_about
from services.notifications.routes import Route
from services.notifications.sending import Subject
from services.notifications.told import AlertedEvent
from services.registry import contact_change, correction, registration, unreadable
from services.registry.contact_change import ExaminedContact
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from shared.contracts.alert import DeliveryDue
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    BY_TYPE,
    CONTACT_CHANGED,
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    PRODUCER_CONTACT,
    PRODUCT_QUERY,
    PRODUCT_SUBMITTED,
)
from shared.contracts.envelope import MAX_ID_BYTES, open_envelope, read
from shared.contracts.event import BrokenContractError, Event, UnreadableError, contents
from shared.contracts.strict_json import StrictJSONFormat, read_strictly
from shared.contracts.writing import event_document, write
from shared.handling.outcome import Decision
from shared.handling.records import _decision
from shared.messaging.amqp_properties import MAX_HEADERS_BYTES, copied, read_leniently, short
from shared.scopes import EVERYWHERE, Role, Scope
from shared.sealing import BrokenSealError, UnknownKeyError
from tests.fuzz.corpus import NOW, answer_to_examined, answer_to_submitted, answer_to_tried
from tests.fuzz.wire import Wire
from tests.integration.raw_publisher import table
from tests.unit.contact_keys import opened, seal
from tests.unit.registry.dossiers import NUMBERS

#: May ask of every product, so that what is asked decides.
ASKER = Scope(Role.PORTAL, frozenset({EVERYWHERE}))

#: Codes with which a message may be refused (docs/contract.md).
CODES = frozenset(
    {
        "attribute-missing",
        "breaks-contract",
        "content-encoding",
        "data-not-an-object",
        "id-unusable",
        "not-a-cloudevent",
        "not-json",
    }
)
#: frames; about as deep as a handler runs below the event loop
_DEEPER = 150
#: bytes; MongoDB takes no larger document
_MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
SENDER = Address("OCOP", "ocop", "example.vn")
TO = Address("", "htx", "example.vn")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: The diagnosis of a dead letter at its largest.
_DIAGNOSIS = {"x-ocop-reason": "not-a-cloudevent", "x-ocop-detail": "d" * 500, "x-ocop-attempt": 3}

_JSON = StrictJSONFormat()

T = TypeVar("T")

read_leniently()


def outcome(message: Wire, *, to_the_end: bool = True) -> str:
    """Put a message through the decoders and return what became of it: a code, or the event's name with the answer's.

    `to_the_end`: also what follows from the answers, down to the mail. That takes most of the time.

    Raises:
        AssertionError: something did not hold; any other exception is one that nobody declared.
    """
    headers: Any = decode.METHODS["table"](table(message.headers))[1]
    _copies_can_be_written(message, headers)
    content_type, encoding = message.text("content_type"), message.text("content_encoding")
    message_id = message.text("message_id") or None
    assert _said(_JSON.loads, message.body) == _said(read_strictly, message.body)
    named = open_envelope(headers, content_type, message.body, message_id=message_id).named
    if named:
        assert len(named[1].encode()) <= MAX_ID_BYTES
        assert named[0].isprintable()

    def reading() -> Event | UnreadableError:
        try:
            return read(headers, content_type, message.body, content_encoding=encoding)
        except UnreadableError as error:
            return error

    event = reading()
    _is_the_same(event, deeper(_DEEPER, reading))
    if isinstance(event, UnreadableError):
        _is_reported(event)
        if named:
            digest = hashlib.sha256(message.body).hexdigest()
            source, id = named
            named_only = Event(id=id, source=source, type=DOSSIER_FILED.type, data={"unreadable": digest})
            _can_be_kept(unreadable.decide(event, named_only, NOW))
        return event.code
    assert named == (event.source, event.id)
    return "/".join(_handled(event, to_the_end=to_the_end))


def _said(read: Callable[[bytes], Any], body: bytes) -> object:
    """Return what a reader of JSON says: the value with its types, or why it is none."""
    try:
        return repr(read(body))
    except ValueError as error:
        return type(error), str(error)


def _copies_can_be_written(message: Wire, headers: dict[str, Any]) -> None:
    written = encode.field_table(deeper(_DEEPER, lambda: copied({**headers, **_DIAGNOSIS})))
    assert len(written) <= MAX_HEADERS_BYTES + 4
    for name in ("content_type", "content_encoding", "message_id", "correlation_id", "reply_to", "app_id"):
        assert len(encode.by_type(short(message.text(name)), "shortstr")) <= 256


def _is_the_same(first: Event | UnreadableError, again: Event | UnreadableError) -> None:
    if isinstance(first, UnreadableError):
        assert isinstance(again, UnreadableError)
        assert (first.code, str(first)) == (again.code, str(again))
    else:
        assert isinstance(again, Event)
        assert (first.key, first.time, first.subject) == (again.key, again.time, again.subject)


def _is_reported(error: UnreadableError) -> None:
    assert error.code in CODES
    assert str(error)
    assert str(error).isascii()
    assert str(error).isprintable()


def _handled(event: Event, *, to_the_end: bool) -> Iterator[str]:
    """Do what the services do with an event, and with what they answer, and return what each step came to."""
    kind = BY_TYPE.get(event.type)
    if kind is None:
        yield "wrong-type"
        return
    yield kind.name
    if kind is DOSSIER_FILED:
        decision = registration.decide(RegisterState(), ExaminedDossier.of(event, NUMBERS, seal, now=NOW), NOW)
        _can_be_kept(decision)
        for answer in decision.announced:
            yield from _handled(answer, to_the_end=True) if to_the_end else (BY_TYPE[answer.type].name,)
        return
    if kind is PRODUCER_CONTACT:
        decision = contact_change.decide(None, ExaminedContact.of(event, seal, ASKER), NOW)
        _can_be_kept(decision)
        yield BY_TYPE[decision.announced[0].type].name
        return
    if kind.is_question:
        yield from _questioned(event)
        return
    try:
        readable = contents(event, kind.model)
    except BrokenContractError as error:
        _is_reported(error)
        yield error.code
        return
    yield from _announced(event, readable, to_the_end=to_the_end)


def _announced(event: Event, readable: object, *, to_the_end: bool) -> Iterator[str]:
    if event.type == PRODUCT_SUBMITTED.type:
        rated = answer_to_submitted(event)
        _can_be_kept(Decision(event.key, (rated,)))
        yield from _handled(rated, to_the_end=True) if to_the_end else (BY_TYPE[rated.type].name,)
    elif event.type == CONTACT_CHANGED.type:
        _can_be_kept(contacts.decide(None, event, NOW))
    elif isinstance(readable, DeliveryDue):
        yield from _delivered(readable)
    elif isinstance(readable, get_args(AlertedEvent)):
        yield from _alerted(event)


def _delivered(delivery: DeliveryDue) -> Iterator[str]:
    for due in delivery.alerts:
        try:
            about = alert_event(due)
            contents(about, BY_TYPE[about.type].model)
        except BrokenContractError as error:
            _is_reported(error)
            yield error.code
            return
        yield from _alerted(about)


def _questioned(event: Event) -> Iterator[str]:
    """Ask a question, and return what kinds of events follow."""
    if event.type == PRODUCT_QUERY.type:
        (answer,) = standing.decide(None, Question.of(event, ASKER), NOW).announced
        yield _answered(answer)
    elif event.type == DOSSIER_TRIED.type:
        answer = answer_to_tried(event)
        yield _answered(answer)
        yield from _questioned(answer) if answer.type == DOSSIER_EXAMINED.type else ()
    else:
        try:
            yield _answered(answer_to_examined(event))
        except BrokenContractError as error:
            _is_reported(error)
            yield error.code


def _answered(answer: Event) -> str:
    """Return the kind of an answer that can be written and read again."""
    written = write(answer)
    assert read(written.headers, written.content_type, written.body) == answer
    return BY_TYPE[answer.type].name


def _alerted(event: Event) -> Iterator[str]:
    try:
        alert = alert_about(event, NOW, opened)
    except UnknownKeyError:
        yield "unknown-key"
        return
    except BrokenSealError:
        yield "breaks-contract"
        return
    if alert is None:
        yield "not-told"
        return
    assert "\n" not in alert.subject
    assert bears_no_control(alert.subject + alert.text + alert.html)
    assert not any(tag in alert.html for tag in ("<script", "<img", "<h1>"))
    assert mail_message(Delivery(alert.id, "a@b.vn", (alert,)), SENDER, TO).as_bytes()
    if event.type == ASSESSMENT_REJECTED.type:
        _can_be_kept(correction.decide(None, event, NOW))
    _can_be_kept(sending.logged(Subject.first(alert, event), NOW))
    _can_be_kept(sending.planned(Subject.first(alert, event), Route(("email",)), NOW + timedelta(hours=1), NOW))
    yield "alerted"


def bears_no_control(text: str) -> bool:
    """Return whether nothing but line feeds could rewrite a terminal or turn the direction of writing."""
    return not _CONTROL.search(text)


def _can_be_kept(decision: Decision) -> None:
    """Assert that a decision is BSON, comes back the same, and that what it announces can be written and read."""
    document = {
        "_id": decision.key,
        "recorded_at": NOW,
        **decision.fields,
        "dead_letter": decision.dead_letter,
        "announced": [event_document(event) for event in decision.announced],
    }
    encoded = bson.encode(document, check_keys=True)
    assert len(encoded) < _MAX_DOCUMENT_BYTES
    recorded = _decision(bson.decode(encoded))
    assert recorded.announced == decision.announced
    for event in recorded.announced:
        written = write(event)
        assert read(written.headers, written.content_type, written.body) == event
        assert encode.field_table({**written.headers})
        assert all(len(text.encode()) <= 255 for text in (event.id, event.correlation_id or "", event.type))


def deeper(frames: int, call: Callable[[], T]) -> T:
    """Call it that many frames further down."""
    return call() if frames == 0 else deeper(frames - 1, call)
