"""Decide: what an alert says of an event, in the producer's language, as plain text and as HTML."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup, escape
from pydantic import BaseModel

from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.contracts.dossier import DossierRejected, Language, Reach, Recipient
from shared.contracts.event import Event, contents, derived_id
from shared.contracts.rating import AssessmentRejected, ProductRated, UnmetMinimum
from shared.contracts.text import Fault

#: The events that a producer is alerted to.
AlertedEvent = ProductRated | DossierRejected | AssessmentRejected

_ALERTED: dict[str, type[AlertedEvent]] = {
    kind.type: kind.model for kind in (PRODUCT_RATED, DOSSIER_REJECTED, ASSESSMENT_REJECTED)
}

#: Control characters but the line feed, and those that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class AlertKind(StrEnum):
    """The event that an alert is about; its text is the template of the same name."""

    PRODUCT_RATED = PRODUCT_RATED.name
    DOSSIER_REJECTED = DOSSIER_REJECTED.name
    ASSESSMENT_REJECTED = ASSESSMENT_REJECTED.name


@dataclass(frozen=True)
class Alert:
    """What one producer learns of one event. `about` is that event's id, `time` when it happened.

    Words are rendered when a channel asks for them: the log needs none. Everything personal is kept out of `repr`, so
    that no log or traceback shows it.
    """

    id: str
    about: str
    time: datetime
    kind: AlertKind
    language: Language
    recipient_name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    product_code: str | None
    event_data: AlertedEvent = field(repr=False)

    @cached_property
    def subject(self) -> str:
        """The alert in one line."""
        return " ".join(vars(self._rendered(_TEXT, "subject.jinja"))["subject"].split())

    @cached_property
    def text(self) -> str:
        """The alert as plain text."""
        return _one_blank_line(str(self._rendered(_TEXT, "text.jinja")))

    @cached_property
    def html(self) -> str:
        """The alert as a page of HTML."""
        return _one_blank_line(str(self._rendered(_HTML, "html.jinja")))

    def _rendered(self, environment: Environment, form: str) -> TemplateModule:
        """Render the alert's template. It is one; the form says how its blocks look."""
        event_data = self.event_data
        values = {
            "event": _on_one_line(event_data),
            "recipient_name": _on_one_line(self.recipient_name),
            "held_back_by": _on_one_line(_held_back_by(event_data)) if isinstance(event_data, ProductRated) else (),
        }
        return environment.get_template(f"{self.language}/{self.kind}.jinja").make_module(values | {"form": form})


def alert_about(event: Event, now: datetime, opened: Callable[[str], Recipient | None]) -> Alert:
    """Return the alert that an event calls for; `opened` gives the recipient who was sealed.

    Raises:
        BrokenContractError: the event's data is not what its contract says.
        KeyError: its kind calls for no alert.
    """
    event_data = contents(event, _ALERTED[event.type])
    return compose(
        event_data,
        opened(event_data.sealed_recipient) if event_data.sealed_recipient else None,
        alert_id=derived_id(event.key, "alert"),
        about=event.id,
        time=event.time or now,
    )


def compose(
    event_data: AlertedEvent, recipient: Recipient | None, *, alert_id: str, about: str, time: datetime
) -> Alert:
    """Return the alert of an event to a recipient: in Vietnamese where no language is known."""
    return Alert(
        id=alert_id,
        about=about,
        time=time,
        kind=_kind(event_data),
        language=recipient.contact.language if recipient else "vi",
        recipient_name=recipient.name if recipient else None,
        email=recipient.contact.email if recipient else None,
        product_code=None if isinstance(event_data, DossierRejected) else event_data.product_code,
        event_data=event_data,
    )


def readdressed(alert: Alert, contact: Reach) -> Alert:
    """Return an alert as it goes to a producer whose contact was changed since."""
    return replace(alert, email=contact.email, language=contact.language)


def _kind(event_data: AlertedEvent) -> AlertKind:
    match event_data:
        case ProductRated():
            return AlertKind.PRODUCT_RATED
        case DossierRejected():
            return AlertKind.DOSSIER_REJECTED
        case AssessmentRejected():
            return AlertKind.ASSESSMENT_REJECTED


def _held_back_by(rated: ProductRated) -> tuple[UnmetMinimum, ...]:
    """Return the minimums that stand before the next star; those of later stars would only confuse."""
    if rated.stars is None:
        return ()
    return tuple(unmet for unmet in rated.unmet_minimums if unmet.star <= rated.stars + 1)


class _OneLine:
    """A model as a template sees it: each text, where it is asked for, on one line. A template asks for few of them."""

    def __init__(self, model: BaseModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        value = _on_one_line(getattr(self._model, name))
        setattr(self, name, value)  # from now on, it is found without asking
        return value


def _on_one_line(value: Any) -> Any:
    """Return a value whose texts are one line each, so that none can pass for a paragraph of ours; faults are prose."""
    match value:
        case str():
            return " ".join(value.split())
        case tuple():
            return tuple(map(_on_one_line, value))
        case None | int() | Fault():
            return value
        case BaseModel():
            return _OneLine(value)
        case _:
            return value


def _one_blank_line(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _readable(value: object) -> object:
    """Return a value as a template may print it: NFC, and no control characters, which mail servers refuse.

    It happens before HTML is escaped: normalised afterwards, a name that begins with a combining mark could swallow
    the bracket that closes a tag.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    normal = unicodedata.normalize("NFC", value)
    return normal if normal.isprintable() else _CONTROL.sub(" ", normal)


def _lines(words: str) -> Markup:
    """Return a block of HTML with its lines broken where they are."""
    return escape(words).strip().replace("\n", Markup("<br>"))


_HTML = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_readable,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_HTML.filters["lines"] = _lines
_TEXT = _HTML.overlay(autoescape=False)
