"""Valid messages of every event type: the examples as filed, and what the services really answer to them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from ops.contracts.stories import QUESTIONS
from services.evaluation.assessment import assess
from services.evaluation.rulebook import load_rulebook
from services.notifications.alerts import delivered, failed
from services.notifications.plan import Tellable, compose
from services.registry.intake import examine
from services.registry.registration import RegisterView, decide
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    BY_TYPE,
    DOSSIER_FILED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
)
from shared.contracts.envelope import Event, attributes, contents, derived_id
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated
from tests.fuzz.wire import Wire
from tests.unit.registry.dossiers import NUMBERS

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
    """Return every event of every story, and questions with what answers them."""
    stories = (event for n, dossier in enumerate(filed_dossiers()) for event in _story(dossier, f"ho-so-{n}"))
    return (*stories, *(event for question in QUESTIONS for event in (question.event, question.answer)))


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
    """Return what evaluation answers. Raises BrokenContractError."""
    submitted = contents(event, ProductSubmitted)
    answer = assess(_RULEBOOK, submitted)
    subject = submitted.product_code
    if isinstance(answer, ProductRated):
        return event.answer(PRODUCT_RATED, answer, source="/ocop/evaluation", subject=subject, now=NOW)
    return event.answer(ASSESSMENT_REJECTED, answer, source="/ocop/evaluation", subject=subject, now=NOW)


def _story(dossier: dict[str, Any], id: str) -> Iterator[Event]:
    """Return a dossier and all that follows from it; a code that it names is taken for granted."""
    filed = filed_event(dossier, id)
    yield filed
    for answer in decide(filed, examine(dossier), RegisterView(), NOW, numbers=NUMBERS).announced:
        yield answer
        told = answer_to_submitted(answer) if answer.type == PRODUCT_SUBMITTED.type else answer
        if told is not answer:
            yield told
        yield from _alerts(told)


def _alerts(told: Event) -> Iterator[Event]:
    told_of = contents(told, BY_TYPE[told.type].model)
    assert isinstance(told_of, get_args(Tellable))
    alert = compose(told_of, alert_id=derived_id(told.key, "alert"), about=told.id, time=NOW)
    source = "/ocop/notifications"
    yield from delivered(told, alert, "email", source=source, now=NOW).announced
    yield from failed(told, alert, "email", reason="refused", detail="550 5.1.1", source=source, now=NOW).announced
