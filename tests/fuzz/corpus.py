"""Valid messages of every event type: the examples as filed, and what the services really answer to them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.evaluation import assessment
from services.evaluation import trial as evaluated
from services.evaluation.rulebook import load_rulebook
from services.notifications import sending
from services.notifications.alert_state import AlertState
from services.notifications.channels import Delivered, Refused
from services.notifications.plan import alert_about
from services.notifications.routes import Route
from services.notifications.sending import Subject, Turn
from services.registry import registration, trial
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from shared.contracts.catalogue import (
    BY_TYPE,
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    PRODUCT_SUBMITTED,
)
from shared.contracts.event import Event
from shared.contracts.writing import attributes
from shared.handling.history import Version
from shared.integrations import user_of
from tests.fuzz.wire import Wire
from tests.unit.contact_keys import SEALED, opened
from tests.unit.registry.dossiers import NUMBERS
from tools.contracts.scenarios import CONTACTS, QUERIES

NOW = datetime(2026, 11, 24, 6, 30, 15, 123456, tzinfo=UTC)
SOURCE = "/portals/fuzz"

_EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "dossiers").glob("*.json"))
_RULEBOOK = load_rulebook()


def filed_dossiers() -> tuple[dict[str, Any], ...]:
    """Return the data of the examples, acceptable and not."""
    return tuple(json.loads(example.read_text("utf-8")) for example in _EXAMPLES)


def filed_event(dossier: dict[str, Any], id: str) -> Event:
    """Return a dossier as an integration files it."""
    return Event(id=id, source=SOURCE, type=DOSSIER_FILED.type, data=dossier, time=NOW)


def valid_events() -> tuple[Event, ...]:
    """Return every event of every story, and questions and contacts with what answers them."""
    stories = (event for n, dossier in enumerate(filed_dossiers()) for event in _story(dossier, f"ho-so-{n}"))
    trials = (event for n, dossier in enumerate(filed_dossiers()[::5]) for event in _trial(dossier, f"thu-{n}"))
    return (*stories, *trials, *(event for each in (*QUERIES, *CONTACTS) for event in (each.event, each.answer)))


def valid_messages() -> tuple[Wire, ...]:
    """Return every event of every story in binary and in structured mode."""
    events = valid_events()
    return (*map(binary, events), *map(structured, events))


def binary(event: Event) -> Wire:
    """Write an event in binary mode, as the services do."""
    return Wire.binary(event, BY_TYPE[event.type])


def structured(event: Event) -> Wire:
    """Write an event in structured mode."""
    whole = attributes(event) | {"time": event.time and event.time.isoformat(), "data": event.data}
    body = json.dumps(whole, ensure_ascii=False).encode()
    return binary(event).changed(body=body, headers={}).with_property("content_type", b"application/cloudevents+json")


def answer_to_submitted(event: Event) -> Event:
    """Return what evaluation answers. Raise BrokenContractError."""
    (answer,) = assessment.decide(_RULEBOOK, event, NOW).announced
    return answer


def _story(dossier: dict[str, Any], id: str) -> Iterator[Event]:
    """Return a dossier and all that follows from it; a code that it names is taken for granted."""
    filed = filed_event(dossier, id)
    yield filed
    examined = ExaminedDossier.of(filed, NUMBERS, lambda _: SEALED, now=NOW)
    for answer in registration.decide(RegisterState(), examined, NOW).announced:
        yield answer
        answered = answer_to_submitted(answer) if answer.type == PRODUCT_SUBMITTED.type else answer
        if answered is not answer:
            yield answered
        yield from _alerts(answered)


def answer_to_examined(event: Event) -> Event:
    """Return what evaluation answers who tried a dossier. Raise BrokenContractError."""
    (answer,) = evaluated.decide(_RULEBOOK, event, NOW).announced
    return answer


def answer_to_tried(event: Event) -> Event:
    """Return what the registry answers who tried a dossier, or hands on."""
    examined = ExaminedDossier.of(event, NUMBERS, lambda _: SEALED, now=NOW)
    (answer,) = trial.decide(RegisterState(), examined, NOW).announced
    return answer


def _trial(dossier: dict[str, Any], id: str) -> Iterator[Event]:
    """Return a dossier that is tried and all that follows from it."""
    tried = replace(filed_event(dossier, id), type=DOSSIER_TRIED.type, filed_by=user_of("portal"))
    yield tried
    answer = answer_to_tried(tried)
    yield answer
    if answer.type == DOSSIER_EXAMINED.type:
        yield answer_to_examined(answer)


def _alerts(answered: Event) -> Iterator[Event]:
    alert = alert_about(answered, NOW, opened)
    assert alert
    subject = Subject.first(alert, answered)
    (task,) = sending.planned(subject, Route(("email",)), NOW, NOW).announced
    yield task
    sent = replace(subject, known=Version(alert.id, 1, AlertState(channel="email", outcome="sending")))
    for result in (Delivered(), Refused("550 5.1.1")):
        yield from sending.settled(sent, result, Turn(task.key, NOW, NOW)).announced
