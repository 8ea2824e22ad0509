"""A delivery is handed to its channel, and what came of it is put on record for each of its alerts."""

from asyncio import gather
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
from services.notifications.plan import alert_of_producer, preferring, readdressed
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
LONGEST_BROKER_WAIT = 5.0
#: An alert this long after its event may have been overtaken by another, and its producer be reached elsewhere by now.
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
        last = [tried for state in settled for tried in state.tried[-1:] if tried.channel == self.channel]
        return next((Refused(tried.detail) for tried in last if tried.reason == "refused"), None)

    @property
    def deliverable(self) -> list[Subject]:
        """The alerts that may be handed over: what had arrived goes out again only where that is asked for."""
        return [
            subject
            for subject in self.subjects
            if subject.state.settled_by != self.key and (subject.state.is_open or self.due.again)
        ]

    def goes_elsewhere(self, subject: Subject, without: Sequence[str]) -> bool:
        """Return whether an alert of a digest has another address by now than the first that was handed over."""
        handed_over = (each.alert for each in self.deliverable if each.alert.id not in without)
        to = next((address_of(alert, self.channel) for alert in handed_over), None)
        return to is not None and address_of(subject.alert, self.channel) != to


async def deliver(channel: ChannelName, notifications: Notifications, event: Event) -> Outcome:
    """Hand a delivery to its channel. Raise OutageError; BrokenContractError."""
    due = contents(event, DeliveryDue)
    try:
        composed = [await _subject(notifications, event, due, each) for each in due.alerts]
    except UnknownKeyError as error:
        return DeadLetter("unknown-key", f"{error}: {BRING_BACK}")
    async with notifications.steps.turn(due.delivery_id):  # the same message may have come several times at once
        subjects = await gather(*(_newest(notifications, channel, subject) for subject in composed))
        return await _attempt(notifications, Attempt(event.key, due, channel, subjects))


async def _attempt(notifications: Notifications, attempt: Attempt) -> Outcome:
    result: DeliveryResult | None = attempt.earlier
    late: Sequence[str] = ()
    if unrecorded := notifications.unrecorded.get(attempt.key):
        result, late = unrecorded
    elif result is None:
        if morning := _night_ends(notifications, attempt):
            return await _recorded(notifications, attempt, lambda each, turn: sending.postponed(each, morning, turn))
        late = await _overtaken(notifications, attempt)
        result = await _handed_over(notifications, attempt, without=late)
    if isinstance(result, Unavailable):
        return await _unavailable(notifications, attempt, result)
    notifications.unrecorded.note(attempt.key, result, late)
    outcome = await _recorded(notifications, attempt, partial(_settled, attempt, result, late))
    notifications.unrecorded.forget(attempt.key)
    return outcome


def _night_ends(notifications: Notifications, attempt: Attempt) -> datetime | None:
    """Return when quiet hours are over in which a delivery has its turn: a try again, say; None where it may go out.

    What an operator has asked for goes out.
    """
    now = notifications.clock()
    alerts = [] if attempt.due.again else [subject.alert for subject in attempt.deliverable]
    at = min((goes_out_at(alert, now, notifications.manners.at_once) for alert in alerts), default=now)
    return at if at > now else None


async def mailbox_due(notifications: Notifications, version: Version[Mailbox], milestone: Event) -> Decision:
    """Give what waits in a mailbox to its channel, now that it is due. Raise OutageError."""
    now = notifications.clock()
    going = mailbox.going_out(version.state, now, notifications.manners.gathering)
    alerts = await notifications.alerts.due([each.record for each in going])
    return mailbox.decide(version, milestone, going, alerts, now)


#: What notifications does with what falls due: mailboxes are emptied.
TIMETABLE: Timetable[Notifications] = Timetable(records=lambda notifications: notifications.alerts, decide=mailbox_due)


async def _subject(notifications: Notifications, event: Event, due: DeliveryDue, each: DueAlert) -> Subject:
    """Return an alert of a delivery. Raise UnknownKeyError; BrokenContractError; OutageError."""
    key, again = derived_id(event.key, each.alert_id), event.key if due.again else None
    return replace(await _composed(notifications, due, each), key=key, again=again)


async def _composed(notifications: Notifications, due: DeliveryDue, each: DueAlert) -> Subject:
    """Return an alert as it was planned, or, where that is long ago, as its producer is reached by now."""
    about = alert_event(each)
    event_data, now = contents(about, BY_TYPE[about.type].model), notifications.clock()
    if due.audience == "office":
        alert = alert_of_office(notifications.offices, due.to or "", about, event_data, now)
        return Subject.first(replace(alert, id=each.alert_id), about)
    if due.audience == "subscription":
        alert = alert_of_subscription(due.to or "", about, event_data, now)
        return Subject.first(replace(alert, id=each.alert_id), about)
    producers = alert_of_producer(about, event_data, now, notifications.opened)
    if producers is None:
        raise BrokenContractError("a producer is not told of this event")
    alert = replace(producers, id=each.alert_id)
    if now - alert.time > LATE:
        return await notifications.addressed(alert, about)
    if each.sealed_contact:
        alert = readdressed(alert, notifications.reach(each.sealed_contact))
    return Subject.first(preferring(alert, each.preferences), about, each.sealed_contact, each.preferences)


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
    if is_declined(alerts[0], attempt.channel):
        return Refused("declined")
    there = [alert for alert in alerts if address_of(alert, attempt.channel) == to]
    return await channel.deliver(Delivery(attempt.due.delivery_id, to, tuple(there)))


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
        now, manners = notifications.clock(), notifications.manners
        next_from = goes_out_at(subject.alert, now, manners.at_once)
        return decide(newest, Turn(attempt.key, now, next_from, manners.patience))

    outcome = await notifications.steps.take(subject.key, notifications.alerts, decided, assume_new=True)
    await notifications.hold_where_decided(subject, outcome)
    return outcome


def _settled(
    attempt: Attempt, result: Delivered | Refused, late: Sequence[str], subject: Subject, turn: Turn
) -> Decision:
    if subject.alert.id in late:
        return sending.overtaken(subject, turn)
    if attempt.goes_elsewhere(subject, late):
        return sending.apart(subject, turn)
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
        before_waiting=partial(_note_waiting, notifications, attempt, unavailable),
    )


async def _note_waiting(notifications: Notifications, attempt: Attempt, unavailable: Unavailable, wait: Wait) -> None:
    """Note that alerts wait for their next try. Raise OutageError."""
    for subject in attempt.deliverable:
        with suppress(ConflictError):  # another instance, which has the same message, was first
            await notifications.alerts.record(sending.waits(subject, unavailable, wait, notifications.clock()))
