"""Decide: what becomes of an alert: it is planned, given to a channel, delivered, tried elsewhere, or it fails."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from services.notifications import SOURCE
from services.notifications.alert_state import AlertState, Outcome, Waiting
from services.notifications.channels import Delivered, Refused, Unavailable
from services.notifications.delivery_events import delivery_event, kept
from services.notifications.plan import Alert
from services.notifications.routes import Route
from shared.contracts.alert import AlertDelivered, AlertFailed, ChannelName, DueAlert, Reason, TriedChannel
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.dossier import Preferences
from shared.contracts.event import Event, derived_id
from shared.handling.history import Version
from shared.handling.outcome import Decision, Wait

#: How long an alert waits that a channel did not take over within the broker's delays: at first, and then.
LATER = (timedelta(hours=6), timedelta(hours=24))


@dataclass(frozen=True)
class Subject:
    """An alert that is decided upon: what it is about, how it stands, and the key of the new record.

    `alert` is the alert as it was composed, `known` None before it is on record. Contact and preferences are those
    that are newer than the event. `again` names the delivery that an operator has asked for once more.
    """

    alert: Alert
    about: Event
    key: str
    sealed_contact: str | None = None
    preferences: Preferences | None = None
    known: Version[AlertState] | None = None
    again: str | None = None

    @classmethod
    def first(
        cls,
        alert: Alert,
        about: Event,
        sealed_contact: str | None = None,
        preferences: Preferences | None = None,
    ) -> Self:
        """Return an alert that is new: the producer's is recorded under the key of its event."""
        key = about.key if alert.audience == "producer" else alert.id
        return cls(alert, about, key, sealed_contact, preferences)

    @cached_property
    def due(self) -> DueAlert:
        """What is to be delivered of it."""
        return DueAlert(
            alert_id=self.alert.id,
            event=kept(self.about),
            sealed_contact=self.sealed_contact,
            preferences=self.preferences,
        )

    @property
    def state(self) -> AlertState:
        """How it stands. Raise LookupError before it is on record."""
        if self.known is None:
            raise LookupError(self.alert.id)
        return self.known.state

    def then(self, state: AlertState) -> Version[AlertState]:
        """Return the version of its history that follows, with this state."""
        return self.known.then(state) if self.known else Version(self.alert.id, 1, state)


@dataclass(frozen=True)
class Turn:
    """A delivery that is decided upon: the key of its message, and when the next channel may have its turn.

    `patience` is how long a channel may take an alert over at no try, before that.
    """

    delivery: str
    now: datetime
    next_from: datetime
    patience: timedelta = timedelta(hours=30)


def planned(subject: Subject, route: Route, at: datetime, now: datetime) -> Decision:
    """Give an alert to the first channel of its route; one that is not to go out yet waits in its mailbox."""
    channel, *then = route.channels
    return _given(subject, _new(subject, channel, "sending", then=tuple(then)), at, now)


def declined(subject: Subject, now: datetime) -> Decision:
    """Record that a recipient declines every channel by which she is known."""
    return _failed(subject, _new(subject, "log", "declined"), "declined", "every channel", now)


def logged(subject: Subject, now: datetime) -> Decision:
    """Record an alert that the log took over: no channel is set up that reaches its recipient."""
    return _delivered(subject, _new(subject, "log", "delivered"), now)


def settled(subject: Subject, result: Delivered | Refused, turn: Turn) -> Decision:
    """Record what came of a delivery: it arrived, or the next channel has its turn, or it fails."""
    if isinstance(result, Delivered):
        return _delivered(subject, _ended(subject, "delivered", turn), turn.now)
    return _not_taken(subject, "refused", result.detail, turn)


def overtaken(subject: Subject, turn: Turn) -> Decision:
    """Record that an alert is not sent any more: later news of the same certificate came first."""
    state = _ended(subject, "overtaken", turn)
    return Decision(subject.key, (), _fields(subject, state), version=subject.then(state))


def superfluous(subject: Subject) -> Decision:
    """Record that a delivery had nothing to do: the alert had ended by another one."""
    return Decision(subject.key, (), {"event": subject.about.reference, "alert_id": subject.alert.id})


def later(subject: Subject, unavailable: Unavailable, turn: Turn) -> Decision:
    """Record that an alert waits in its mailbox for another try by the clock, or that its channel is given up.

    What an operator has asked for once more is given up: she is there to ask again.
    """
    at = None if subject.again else _next_try(subject.state, unavailable, turn)
    if at is None:
        return _not_taken(subject, "attempts-used-up", unavailable.detail, turn)
    attempts = subject.state.waiting.attempts if subject.state.waiting else 0
    waiting = _waiting(subject, unavailable.detail, attempts, at, turn.now)
    failing_since = waiting.since if unavailable.asked else subject.state.failing_since
    state = _ended(subject, "held", turn).model_copy(update={"waiting": waiting, "failing_since": failing_since})
    return _held(subject, state, at)


def postponed(subject: Subject, at: datetime, turn: Turn) -> Decision:
    """Record that an alert whose turn comes within quiet hours waits in its mailbox until they are over."""
    kept_state = {"outcome": "held", "settled_by": turn.delivery}
    return _held(subject, subject.state.model_copy(update=kept_state), at)


def apart(subject: Subject, turn: Turn) -> Decision:
    """Give an alert of a digest to its channel by itself: it goes elsewhere than the others by now."""
    state, alert = subject.state.model_copy(update={"outcome": "sending", "settled_by": turn.delivery}), subject.alert
    task = delivery_event(subject.due, state.channel, alert.audience, alert.to, now=turn.now, again=turn.delivery)
    return Decision(subject.key, (task,), _fields(subject, state), version=subject.then(state))


def waits(subject: Subject, unavailable: Unavailable, wait: Wait, now: datetime) -> Decision:
    """Record that an alert waits in the broker for its next try. Nobody is told of it: it may still arrive."""
    why = unavailable.detail
    waiting = _waiting(subject, why, wait.attempts, now + timedelta(seconds=wait.seconds), now)
    failing_since = waiting.since if unavailable.asked else subject.state.failing_since
    changed = {"outcome": "waiting", "waiting": waiting, "failing_since": failing_since}
    state = subject.state.model_copy(update=changed)
    version = subject.then(state)
    key = derived_id(subject.key, "waiting", str(version.number))
    return Decision(key, (), _fields(subject, state, detail=why), version=version)


def _next_try(state: AlertState, unavailable: Unavailable, turn: Turn) -> datetime | None:
    """Return when a channel is tried again by the clock, None where it is given up."""
    now = turn.now
    failing_since = state.failing_since or now
    if unavailable.asked and now - failing_since >= turn.patience:
        return None
    if unavailable.retry_after is not None:
        return now + min(timedelta(seconds=unavailable.retry_after), LATER[-1])
    return now + (LATER[0] if now - failing_since < LATER[0] else LATER[-1])


def _given(subject: Subject, state: AlertState, at: datetime, now: datetime) -> Decision:
    """Give an alert to the channel of its state, or hold it until then."""
    if at > now:
        return _held(subject, state.model_copy(update={"outcome": "held"}), at)
    alert = subject.alert
    announced = delivery_event(subject.due, state.channel, alert.audience, alert.to, now=now)
    return Decision(subject.key, (announced,), _fields(subject, state), version=subject.then(state))


def _held(subject: Subject, state: AlertState, at: datetime) -> Decision:
    """Record that an alert waits in its mailbox, with all that is needed to deliver it then."""
    fields = {**_fields(subject, state), "due_alert": subject.due.model_dump(mode="json"), "held_until": at}
    return Decision(subject.key, (), fields, version=subject.then(state))


def _not_taken(subject: Subject, reason: Reason, detail: str, turn: Turn) -> Decision:
    """Give an alert to the channel that follows on one that failed for good; it fails where there is none."""
    state = subject.state
    tried = (*state.tried, TriedChannel(channel=state.channel, reason=reason, detail=detail))
    if not state.then:
        ended = _ended(subject, reason, turn).model_copy(update={"tried": tried})
        return _failed(subject, ended, reason, detail, turn.now)
    channel, *then = state.then
    begun = _new(subject, channel, "sending", then=tuple(then))
    begun = begun.model_copy(update={"tried": tried, "settled_by": turn.delivery})
    return _given(subject, begun, turn.next_from, turn.now)


def _delivered(subject: Subject, state: AlertState, now: datetime) -> Decision:
    data = AlertDelivered(**_common(subject.alert), channel=state.channel)
    return _announced(subject, state, subject.about.answer(ALERT_DELIVERED, data, **_of(subject, now)), detail=None)


def _failed(subject: Subject, state: AlertState, reason: Reason, detail: str, now: datetime) -> Decision:
    common = {**_common(subject.alert), "subject": subject.alert.subject}
    data = AlertFailed(**common, channel=state.channel, reason=reason, detail=detail, tried=state.tried)
    return _announced(subject, state, subject.about.answer(ALERT_FAILED, data, **_of(subject, now)), detail=detail)


def _announced(subject: Subject, state: AlertState, answer: Event, *, detail: str | None) -> Decision:
    version = subject.then(state)
    fields = _fields(subject, state, detail=detail)
    return Decision(subject.key, (replace(answer, sequence=version.number),), fields, version=version)


def _of(subject: Subject, now: datetime) -> dict[str, Any]:
    """Return what an answer about an alert has: the producer's is the event's only one of its kind."""
    alert = subject.alert
    others = () if alert.audience == "producer" else (alert.id,)
    return {
        "source": SOURCE,
        "subject": alert.product_code or subject.about.subject or subject.about.id,
        "now": now,
        "discriminator": " ".join((*others, *((subject.again,) if subject.again else ()))) or None,
    }


def _new(subject: Subject, channel: ChannelName, outcome: Outcome, *, then: tuple[ChannelName, ...] = ()) -> AlertState:
    alert = subject.alert
    return AlertState(
        channel=channel,
        outcome=outcome,
        then=then,
        audience=alert.audience,
        to=alert.to,
        kind=alert.kind,
        about=alert.about,
        product_code=alert.product_code,
    )


def _ended(subject: Subject, outcome: Outcome, turn: Turn) -> AlertState:
    ended = {"outcome": outcome, "settled_by": turn.delivery, "waiting": None, "failing_since": None}
    return subject.state.model_copy(update=ended)


def _waiting(subject: Subject, why: str, attempts: int, next_try_at: datetime, now: datetime) -> Waiting:
    return Waiting(
        since=subject.state.failing_since or now,
        attempts=attempts,
        next_try_at=next_try_at,
        why=why,
        kind=subject.alert.kind,
        about=subject.alert.about,
        product_code=subject.alert.product_code,
    )


def _common(alert: Alert) -> dict[str, Any]:
    return {
        "alert_id": alert.id,
        "about": alert.about,
        "language": alert.language,
        "product_code": alert.product_code,
        "audience": alert.audience,
        "to": alert.to,
    }


def _fields(subject: Subject, state: AlertState, *, detail: str | None = None) -> dict[str, Any]:
    """Return what an alert's record shows: its subject, its channel and how it stands; no address."""
    alert = subject.alert
    return {
        "event": subject.about.reference,
        "alert_id": alert.id,
        "kind": alert.kind,
        "product_code": alert.product_code,
        "language": alert.language,
        "subject": alert.subject,
        "channel": state.channel,
        "outcome": state.outcome,
        "detail": detail,
        **({"again": True} if subject.again else {}),
    }
