"""Alerts that nobody gets: composed from an example, a file or an event on record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ops.language import gettext as _
from ops.named import one_line, short_type
from ops.operator_settings import AccessError
from services.notifications.offices_told import office_levels_told
from services.notifications.plan import Alert, compose
from services.notifications.told import BY_TYPE, KINDS, told_of
from shared.clock import system_clock
from shared.contracts.alert import Audience
from shared.contracts.dossier import Language
from shared.contracts.envelope import open_envelope
from shared.contracts.event import BrokenContractError, Event, UnreadableError, contents
from shared.masking import PROSE, mask_text

#: What is published with the code: events as they are on the broker.
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
#: What offices write in their own words: it may name anybody.
_PROSE = frozenset({"reason", "reasons"})


#: What of an alert is shown.
Form = Literal["subject", "short", "text", "html", "pdf"]


@dataclass(frozen=True)
class Preview:
    """An alert that nobody gets."""

    alert: Alert

    def shown(self, form: Form) -> bytes:
        """Return what a form of it says, as a file. Raise AccessError where it has none."""
        alert = self.alert
        match form:
            case "pdf":
                return _document(alert)
            case "html":
                return alert.html.encode()
            case "text":
                return f"{alert.subject}\n\n{alert.text}".encode()
            case "short":
                return f"{alert.short}\n".encode()
            case "subject":
                return f"{alert.subject}\n".encode()


def preview_of(event: Event, audience: Audience | None, language: Language) -> Preview:
    """Return the alert that an event would be: the producer's, or where she is not told, an office's.

    Raises:
        AccessError: nobody is told of it, or not this reader; or its data breaks the contract.
    """
    try:
        event_data = contents(event, BY_TYPE[event.type].model)
    except KeyError:
        kinds = ", ".join(sorted(KINDS))
        nobody = _("nobody is alerted to {kind}; these are: {kinds}")
        raise AccessError(nobody.format(kind=short_type(one_line(event.type)), kinds=kinds)) from None
    except BrokenContractError as error:
        raise AccessError(_("the event breaks its contract: {error}").format(error=error)) from None
    told, of_offices = told_of(event_data), office_levels_told(event_data)
    readers: list[Audience] = [*(("producer",) if told else ()), *(("office",) if of_offices else ())]
    if not readers or (audience and audience not in readers):
        raise AccessError(_("of this event are told: {readers}").format(readers=", ".join(readers) or _("nobody")))
    reader = audience or readers[0]
    said = told if told and reader == "producer" else event_data
    alert = compose(said, None, alert_id=event.id, about=event.id, time=event.time or system_clock())
    return Preview(replace(alert, audience=reader, language=language, event=event))


def example_of(kind: str) -> Event:
    """Return an example of a kind of events, the first of which anybody is told. Raise AccessError."""
    files = sorted((EXAMPLES / f"{kind}.v1").glob("*.json"))
    if not files:
        raise AccessError(_("the examples are in a clone of the repository: name a file or an event's id"))
    events = [event_in_file(file) for file in files]
    return next((event for event in events if told_of(contents(event, BY_TYPE[event.type].model))), events[0])


def event_in_file(file: Path) -> Event:
    """Return the event of a file: one of docs/examples, or a CloudEvent as JSON. Raise AccessError."""
    try:
        body = file.read_bytes()
        written = json.loads(body)
        if "headers" in written:
            binary = json.dumps(written["body"], ensure_ascii=False).encode()
            content = open_envelope(written["headers"], "application/json", binary).content
        else:
            content = open_envelope({}, "application/cloudevents+json", body).content
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise AccessError(_("{file} cannot be read: {error}").format(file=file, error=type(error).__name__)) from None
    if isinstance(content, UnreadableError):
        raise AccessError(_("{file} is no event: {error}").format(file=file, error=content))
    return content


def masked(event: Event) -> Event:
    """Return an event without what is personal in its texts; whom it is for is sealed, and not opened here."""
    return replace(event, data=_masked(event.data))


def _masked(value: Any, *, field: str = "") -> Any:
    match value:
        case str():
            return PROSE.format(len(value)) if field in _PROSE and " " in value else mask_text(value)
        case Mapping():
            return {name: _masked(each, field=name) for name, each in value.items()}
        case list():
            return [_masked(each, field=field) for each in value]
        case _:
            return value


def _document(alert: Alert) -> bytes:
    from services.notifications.documents import attachments_of  # noqa: PLC0415  # it loads a typesetter

    for each in attachments_of(alert.event_data, alert.language) if alert.audience == "producer" else ():
        return each.content
    raise AccessError(_("no document goes with this alert"))
