"""A delivery is handed to its channel, and what came of it is put on record for each of its alerts."""

from asyncio import gather
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from services.notifications import mailbox, sending
from services.notifications.alert_state import AlertState
from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.subscriptions import alert_of_subscription
from services.notifications.context import Notifications
from services.notifications.delivery import Delivery
from services.notifications.delivery_events import alert_event
from services.notifications.handlers import BRING_BACK
from services.notifications.mailbox import Mailbox
from services.notifications.metrics import count_unavailable
from services.notifications.office_file import alert_of_office
from services.notifications.overtaking import overtaken_by
from services.notifications.plan import Alert, alert_of_producer, readdressed
from services.notifications.routes import address_of, is_declined
from services.notifications.sending import Subject, Turn
from services.notifications.timing import goes_out_at
from services.notifications.told import BY_TYPE
from shared.contracts.alert import ChannelName, DeliveryDue, DueAlert
from shared.contracts.event import BrokenContractError, Event, contents, derived_id
from shared.errors import ConflictError
from shared.handling.history import Version
from shared.handling.outcome import DeadLetter, Decision, Outcome, Retry, Wait
from shared.sealing import UnknownKeyError
from shared.timers import Timetable

#: seconds; what a channel asks to be left alone for longer than this is waited for by the clock, not in the broker
LONGEST_BROKER_WAIT = 60.0
#: An alert this long after its event may have been overtaken by another.
LATE = timedelta(minutes=10)

#: Decides what came of a delivery for one of its alerts.
Decide = Callable[[Subject, Turn], Decision]


@dataclass(frozen=True)
class Attempt:
    """A delivery that is under way: the key of the message that asks for it, its channel, its alerts as they stand."""

    key: str
    due: DeliveryDue
    channel: ChannelName
    subjects: Sequence[Subject]

    @property
    def earlier(self) -> Delivered | Refused | None:
        """What became of it, where it is on record for some of its alerts: then it is not handed over again."""
        settled = [subject.state for subject in self.subjects if subject.state.settled_by == self.key]
        if any(state.outcome == "delivered" for state in settled):
            return Delivered()
        refused = [tried for state in settled for tried in state.tried[-1:] if tried.reason == "refused"]
        return Refused(refused[0].detail) if refused else None

    @property
    def deliverable(self) -> list[Subject]:
        """The alerts that may be handed over: what had arrived goes out again only where that is asked for."""
        return [
            subject
            for subject in self.subjects
            if subject.state.settled_by != self.key and (subject.state.is_open or self.due.again)
        ]


async def deliver(channel: ChannelName, notifications: Notifications, event: Event) -> Outcome:
    """Hand a delivery to its channel. Raise OutageError; BrokenContractError."""
    due = contents(event, DeliveryDue)
    try:
        composed = [_subject(notifications, event, due, each) for each in due.alerts]
    except UnknownKeyError as error:
        return DeadLetter("unknown-key", f"{error}: {BRING_BACK}")
    async with notifications.steps.turn(due.delivery_id):  # the same message may have come several times at once
        subjects = await gather(*(_newest(notifications, channel, subject) for subject in composed))
        return await _attempt(notifications, Attempt(event.key, due, channel, subjects))


async def _attempt(notifications: Notifications, attempt: Attempt) -> Outcome:
    late: Sequence[str] = ()
    result: DeliveryResult | None = attempt.earlier or notifications.unrecorded.get(attempt.key)
    if result is None:
        late = await _overtaken(notifications, attempt)
        result = await _handed_over(notifications, attempt, without=late)
    if isinstance(result, Unavailable):
        return await _unavailable(notifications, attempt, result)
    notifications.unrecorded.note(attempt.key, result)
    outcome = await _recorded(notifications, attempt, partial(_settled, result, late))
    notifications.unrecorded.forget(attempt.key)
    return outcome


async def mailbox_due(notifications: Notifications, version: Version[Mailbox], milestone: Event) -> Decision:
    """Give what waits in a mailbox to its channel, now that it is due. Raise OutageError."""
    now = notifications.clock()
    going = mailbox.going_out(version.state, now, notifications.manners.gathering)
    alerts = await notifications.alerts.due([each.record for each in going])
    return mailbox.decide(version, milestone, going, alerts, now)


#: What notifications does with what falls due: mailboxes are emptied.
TIMETABLE: Timetable[Notifications] = Timetable(records=lambda notifications: notifications.alerts, decide=mailbox_due)


def _subject(notifications: Notifications, event: Event, due: DeliveryDue, each: DueAlert) -> Subject:
    """Return an alert of a delivery. Raise UnknownKeyError; BrokenContractError."""
    about = alert_event(each)
    alert = _composed(notifications, about, due, each)
    return Subject(alert, each, about, derived_id(event.key, each.alert_id), again=event.key if due.again else None)


def _composed(notifications: Notifications, about: Event, due: DeliveryDue, each: DueAlert) -> Alert:
    event_data, now = contents(about, BY_TYPE[about.type].model), notifications.clock()
    if due.audience == "office":
        return alert_of_office(notifications.offices, due.to or "", about, event_data, now)
    if due.audience == "subscription":
        return alert_of_subscription(due.to or "", about, event_data, now)
    alert = alert_of_producer(about, event_data, now, notifications.opened)
    if alert is None:
        raise BrokenContractError("a producer is not told of this event")
    return readdressed(alert, notifications.reach(each.sealed_contact)) if each.sealed_contact else alert


async def _newest(notifications: Notifications, channel: ChannelName, subject: Subject) -> Subject:
    """Return an alert as it stands; one that is not on record any more stands as at its first delivery."""
    alert = subject.alert
    new = AlertState(channel=channel, outcome="sending", audience=alert.audience, to=alert.to)
    known = await notifications.alerts.alert(alert.id) or Version(alert.id, 0, new)
    if subject.again:
        known = replace(known, state=known.state.begun_again(channel))
    return replace(subject, known=known)


async def _overtaken(notifications: Notifications, attempt: Attempt) -> list[str]:
    """Return the ids of alerts that are late and that later news have overtaken. Raise OutageError."""
    found = []
    for alert in (subject.alert for subject in attempt.deliverable):
        kinds = overtaken_by(alert.kind)
        if kinds and notifications.clock() - alert.time > LATE and await notifications.alerts.has_later(alert, kinds):
            found.append(alert.id)
    return found


async def _handed_over(notifications: Notifications, attempt: Attempt, *, without: Sequence[str]) -> DeliveryResult:
    alerts = [subject.alert for subject in attempt.deliverable if subject.alert.id not in without]
    if not alerts:
        return Delivered()
    channel, to = notifications.channels.get(attempt.channel), address_of(alerts[0], attempt.channel)
    if channel is None:
        return Refused("channel-not-set-up")
    if to is None:
        return Refused("no-address")
    if attempt.due.again and is_declined(alerts[0], attempt.channel):
        return Refused("declined")
    return await channel.deliver(Delivery(attempt.due.delivery_id, to, tuple(alerts)))


async def _recorded(notifications: Notifications, attempt: Attempt, decide: Decide) -> Outcome:
    """Put on record what came of a delivery, for each of its alerts. Raise OutageError."""
    outcomes = [await _recorded_one(notifications, attempt, subject, decide) for subject in attempt.subjects]
    return outcomes[0]


async def _recorded_one(notifications: Notifications, attempt: Attempt, subject: Subject, decide: Decide) -> Outcome:
    async def decided(conflicts: int) -> Decision:
        newest = await _newest(notifications, attempt.channel, subject) if conflicts else subject
        if newest.state.settled_by == attempt.key:
            return Decision(subject.key, ())  # it is on record under this key, and found by it
        if not newest.state.is_open and not attempt.due.again:
            return sending.superfluous(newest)
        now = notifications.clock()
        manners = notifications.manners
        next_from = goes_out_at(subject.alert, now, replace(manners, gathering=timedelta(0)))
        return decide(newest, Turn(attempt.key, now, next_from, manners.patience))

    outcome = await notifications.steps.take(subject.key, notifications.alerts, decided, assume_new=True)
    await notifications.hold_where_decided(subject, outcome)
    return outcome


def _settled(result: Delivered | Refused, late: Sequence[str], subject: Subject, turn: Turn) -> Decision:
    if subject.alert.id in late:
        return sending.overtaken(subject, turn)
    return sending.settled(subject, result, turn)


async def _unavailable(notifications: Notifications, attempt: Attempt, unavailable: Unavailable) -> Outcome:
    """Let a delivery wait: in the broker, or, for longer than its delays, in mailboxes by the clock."""
    count_unavailable(attempt.channel)

    async def later() -> Outcome:
        return await _recorded(notifications, attempt, lambda subject, turn: sending.later(subject, unavailable, turn))

    if (unavailable.retry_after or 0) > LONGEST_BROKER_WAIT:
        return await later()
    return Retry(
        f"{attempt.channel}-unavailable",
        unavailable.detail,
        last_resort=later,
        before_waiting=partial(_note_waiting, notifications, attempt, unavailable.detail),
    )


async def _note_waiting(notifications: Notifications, attempt: Attempt, why: str, wait: Wait) -> None:
    """Note that alerts wait for their next try. Raise OutageError."""
    for subject in attempt.deliverable:
        with suppress(ConflictError):  # another instance, which has the same message, was first
            await notifications.alerts.record(sending.waits(subject, why, wait, notifications.clock()))
