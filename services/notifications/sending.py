"""Decide: what came of an attempt to deliver an alert → its record, and the event that says so."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.notifications import SOURCE
from services.notifications.channels import Delivered, Refused
from services.notifications.plan import Alert
from shared.contracts.alert import AlertDelivered, AlertFailed, ChannelName, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.event import Event, derived_id
from shared.handling.history import Due, State, Version
from shared.handling.outcome import Decision, Wait


@dataclass(frozen=True)
class AttemptsUsedUp:
    """The channel took the alert over at no attempt; `detail` is what it said at the last, without personal data."""

    detail: str


@dataclass(frozen=True)
class TriedInVain:
    """The channel did not take the alert over this time, and it waits; `detail` as in `AttemptsUsedUp`."""

    detail: str
    wait: Wait


@dataclass(frozen=True)
class Attempt:
    """An alert, the channel that it took, and what came of it.

    `known` is how the alert stood before, None where this was its first attempt.
    """

    alert: Alert
    channel: ChannelName
    result: Delivered | Refused | AttemptsUsedUp | TriedInVain
    known: "Version[AlertState] | None" = None


class Waiting(BaseModel):
    """That an alert waits for its next try: since when, after how many tries in vain, until when, and for what reason.

    `kind` and `about` are the name and the id of the event that it is about; `why` is what the channel said.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: datetime
    attempts: int
    next_try_at: datetime
    why: str
    kind: str
    about: str
    product_code: str | None


class AlertState(State):
    """How an alert stands; `waiting` is there as long as it waits for its next try."""

    channel: ChannelName
    outcome: Literal["delivered", "waiting"] | Reason
    waiting: Waiting | None = None

    @property
    def due(self) -> tuple[Due, ...]:
        """The next try, which the broker's delay brings about: lists go by it."""
        waiting = self.waiting
        return (Due(f"try-{waiting.attempts + 1}", waiting.next_try_at),) if waiting else ()


def decide(state: Attempt, event: Event, now: datetime) -> Decision:
    """Record how an alert ended, and announce it, or that it waits for its next try. `event` is what it is about."""
    match state.result:
        case Delivered():
            return _delivered(state, event, now)
        case Refused(detail):
            return _failed(state, event, now, reason="refused", detail=detail)
        case AttemptsUsedUp(detail):
            return _failed(state, event, now, reason="attempts-used-up", detail=detail)
        case TriedInVain(detail, wait):
            return _waits(state, event, now, wait=wait, why=detail)


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
    """Record how an alert ended: the last version of its history, and the only one where it never waited."""
    version = _next(state, AlertState(channel=state.channel, outcome=outcome))
    fields = _fields(event, state, outcome=outcome, detail=detail)
    return Decision(event.key, (replace(answer, sequence=version.number),), fields, version=version)


def _waits(state: Attempt, event: Event, now: datetime, *, wait: Wait, why: str) -> Decision:
    """Record that an alert waits. Nobody is told of it: it may still arrive."""
    earlier = state.known.state.waiting if state.known else None
    waiting = Waiting(
        since=earlier.since if earlier else now,
        attempts=wait.attempts,
        next_try_at=now + timedelta(seconds=wait.seconds),
        why=why,
        kind=state.alert.kind,
        about=state.alert.about,
        product_code=state.alert.product_code,
    )
    version = _next(state, AlertState(channel=state.channel, outcome="waiting", waiting=waiting))
    key = derived_id(event.key, "waiting", str(version.number))
    return Decision(key, (), _fields(event, state, outcome="waiting", detail=why), version=version)


def behind(known: Version[AlertState], decided: Decision) -> Decision:
    """Return how an alert ended that had waited before: as its history's next version."""
    if decided.version is None:
        return decided
    version = known.then(decided.version.state)
    announced = tuple(replace(each, sequence=version.number) for each in decided.announced)
    return replace(decided, announced=announced, version=version)


def _next(attempt: Attempt, state: AlertState) -> Version[AlertState]:
    return attempt.known.then(state) if attempt.known else Version(attempt.alert.id, 1, state)


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
