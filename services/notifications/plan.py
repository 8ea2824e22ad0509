"""Decide: what an alert says of an event, in its reader's language, as plain text and as HTML."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from jinja2.environment import TemplateModule

from services.notifications.short_form import short_form
from services.notifications.told import BY_MODEL, BY_TYPE, FOR_OFFICES, AlertedEvent, told_of
from services.notifications.wording import Form, Readers, Template, one_line, rendered
from shared.contracts.alert import Audience
from shared.contracts.dossier import Language, Preferences, Reach, Recipient
from shared.contracts.event import Event, contents, derived_id

_FOR_OFFICES = frozenset(kind.name for kind in FOR_OFFICES)


@dataclass(frozen=True)
class Alert:
    """What one reader learns of one event. `about` is that event's id, `time` when it happened, `kind` its name.

    Words are rendered when a channel asks for them: the log needs none. Everything personal is kept out of `repr`, so
    that no log or traceback shows it.
    """

    id: str
    about: str
    time: datetime
    kind: str
    language: Language
    recipient_name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    product_code: str | None
    event_data: AlertedEvent = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    preferences: Preferences | None = None
    audience: Audience = "producer"
    #: the name of an office, or of a webhook's subscription
    to: str | None = None
    #: what it is about, whole
    event: Event | None = field(default=None, repr=False)

    @cached_property
    def subject(self) -> str:
        """The alert in one line."""
        return self._line("subject")

    @cached_property
    def news(self) -> str:
        """What happened to the product, in a few words."""
        return self._line("news")

    @cached_property
    def todo(self) -> str:
        """What is to be done, until when and where, in a sentence."""
        return self._line("todo")

    @cached_property
    def product_name(self) -> str | None:
        """The product's name on one line, None where it is not known."""
        return one_line(getattr(self.event_data, "product_name", None))

    @cached_property
    def short(self) -> str:
        """The alert in at most 160 characters, of which the product's name gets what the rest leaves."""
        return short_form(self.news, self.todo, name=self.product_name, code=self.product_code)

    @cached_property
    def text(self) -> str:
        """The alert as plain text."""
        return one_blank_line(str(self.rendered("text")))

    @cached_property
    def html(self) -> str:
        """The alert as a page of HTML."""
        return one_blank_line(str(self.rendered("html")))

    @cached_property
    def _lines(self) -> dict[str, str]:
        return vars(self.rendered("subject"))

    def _line(self, name: Literal["subject", "news", "todo"]) -> str:
        return " ".join(self._lines[name].split())

    @property
    def readers(self) -> Readers:
        """Whose words it is in: what offices alone are told of has no others."""
        return "office" if self.audience == "office" or self.kind in _FOR_OFFICES else "producer"

    def rendered(self, form: Form) -> TemplateModule:
        """Return the alert as this form shows it; its templates' names are those of its lines."""
        template = Template(self.readers, self.language, self.kind)
        return rendered(template, form, {"event": self.event_data, "recipient_name": self.recipient_name})


def alert_about(event: Event, now: datetime, opened: Callable[[str], Recipient | None]) -> Alert | None:
    """Return the alert as `alert_of_producer` does.

    Raises:
        BrokenContractError: the event's data is not what its contract says.
        KeyError: its kind calls for no alert.
    """
    return alert_of_producer(event, contents(event, BY_TYPE[event.type].model), now, opened)


def alert_of_producer(
    event: Event, event_data: AlertedEvent, now: datetime, opened: Callable[[str], Recipient | None]
) -> Alert | None:
    """Return the alert that an event calls for, None where the producer is not told of it.

    Args:
        event: of one of the kinds that call for alerts.
        event_data: its data.
        now: the time of an event that has none.
        opened: gives the recipient who was sealed.
    """
    told = told_of(event_data)
    if told is None:
        return None
    sealed = getattr(told, "sealed_recipient", None)
    recipient = opened(sealed) if sealed else None
    alert = compose(told, recipient, alert_id=derived_id(event.key, "alert"), about=event.id, time=event.time or now)
    return replace(alert, event=event)


def compose(
    event_data: AlertedEvent, recipient: Recipient | None, *, alert_id: str, about: str, time: datetime
) -> Alert:
    """Return the alert of an event to a recipient: in Vietnamese where no language is known."""
    contact = recipient.contact if recipient else Reach()
    return Alert(
        id=alert_id,
        about=about,
        time=time,
        kind=BY_MODEL[type(event_data)].name,
        language=contact.language,
        recipient_name=recipient.name if recipient else None,
        email=contact.email,
        product_code=getattr(event_data, "product_code", None),
        event_data=event_data,
        phone=contact.phone,
        preferences=contact.preferences,
    )


def preferring(alert: Alert, preferences: Preferences | None) -> Alert:
    """Return an alert as it goes to a producer who has said how she wants to be alerted, if she has."""
    return replace(alert, preferences=preferences) if preferences else alert


def readdressed(alert: Alert, contact: Reach) -> Alert:
    """Return an alert as it goes to a producer whose contact was changed since."""
    preferences = contact.preferences or alert.preferences
    return replace(alert, email=contact.email, phone=contact.phone, language=contact.language, preferences=preferences)


def one_blank_line(text: str) -> str:
    """Return a text without more than one blank line between two paragraphs."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
