"""Decide: what came of an attempt to deliver an alert → its record, and the event that says so."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from services.notifications import SOURCE
from services.notifications.channels import Delivered, Refused
from services.notifications.plan import Alert
from shared.contracts.alert import AlertDelivered, AlertFailed, ChannelName, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.event import Event
from shared.handling.history import State, Version
from shared.handling.outcome import Decision


@dataclass(frozen=True)
class AttemptsUsedUp:
    """The channel took the alert over at no attempt; `detail` is what it said at the last, without personal data."""

    detail: str


@dataclass(frozen=True)
class Attempt:
    """An alert, the channel that it took, and how that ended."""

    alert: Alert
    channel: ChannelName
    result: Delivered | Refused | AttemptsUsedUp


class AlertState(State):
    """How an alert stands."""

    channel: ChannelName
    outcome: Literal["delivered"] | Reason


def decide(state: Attempt, event: Event, now: datetime) -> Decision:
    """Record how an alert ended, and announce it. `event` is what the alert is about."""
    match state.result:
        case Delivered():
            return _delivered(state, event, now)
        case Refused(detail):
            return _failed(state, event, now, reason="refused", detail=detail)
        case AttemptsUsedUp(detail):
            return _failed(state, event, now, reason="attempts-used-up", detail=detail)


def _delivered(state: Attempt, event: Event, now: datetime) -> Decision:
    data = AlertDelivered(**_common(state), channel=state.channel)
    answer = event.answer(ALERT_DELIVERED, data, source=SOURCE, subject=_subject(event, state), now=now)
    return _decision(state, event, answer, outcome="delivered", detail=None)


def _failed(state: Attempt, event: Event, now: datetime, *, reason: Reason, detail: str) -> Decision:
    data = AlertFailed(**_common(state), channel=state.channel, reason=reason, detail=detail)
    answer = event.answer(ALERT_FAILED, data, source=SOURCE, subject=_subject(event, state), now=now)
    return _decision(state, event, answer, outcome=reason, detail=detail)


def _decision(
    state: Attempt, event: Event, answer: Event, *, outcome: Literal["delivered"] | Reason, detail: str | None
) -> Decision:
    """Record how an alert ended: the first version of its history, and the only one yet."""
    version = Version(state.alert.id, 1, AlertState(channel=state.channel, outcome=outcome))
    fields = _fields(event, state, outcome=outcome, detail=detail)
    return Decision(event.key, (replace(answer, sequence=version.number),), fields, version=version)


def _common(state: Attempt) -> dict[str, Any]:
    alert = state.alert
    return {
        "alert_id": alert.id,
        "about": alert.about,
        "language": alert.language,
        "product_code": alert.product_code,
    }


def _subject(event: Event, state: Attempt) -> str:
    return state.alert.product_code or event.subject or event.id


def _fields(event: Event, state: Attempt, *, outcome: str, detail: str | None) -> dict[str, Any]:
    """Return what an alert's record shows: its subject, its channel and how it ended; no address."""
    alert = state.alert
    return {
        "event": event.reference,
        "alert_id": alert.id,
        "kind": alert.kind,
        "product_code": alert.product_code,
        "language": alert.language,
        "subject": alert.subject,
        "channel": state.channel,
        "outcome": outcome,
        "detail": detail,
    }
