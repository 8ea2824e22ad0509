"""An event becomes alerts to the producer, offices and subscriptions, each planned once and given to its channel."""

from collections.abc import AsyncIterator

from services.notifications import contacts, sending
from services.notifications.channels.log import write_alert
from services.notifications.channels.subscriptions import alerts_of_subscriptions
from services.notifications.context import Notifications
from services.notifications.office_file import alerts_of_offices
from services.notifications.plan import alert_of_producer
from services.notifications.routes import route_of
from services.notifications.sending import Subject
from services.notifications.timing import goes_out_at
from services.notifications.told import BY_TYPE
from shared.contracts.event import Event, contents
from shared.handling.outcome import Answered, DeadLetter, Decision, Outcome
from shared.sealing import UnknownKeyError

BRING_BACK = "bring it back into OCOP_CONTACT_PRIVATE_KEYS, restart notifications, then `ocop dead replay`"


async def alert_to(notifications: Notifications, event: Event) -> Outcome:
    """Alert everybody whom an event concerns; of what nobody is told, nothing is kept.

    Raise OutageError; BrokenContractError.
    """
    try:
        subjects = [subject async for subject in _subjects(notifications, event)]
    except UnknownKeyError as error:
        return DeadLetter("unknown-key", f"{error}: {BRING_BACK}")
    outcomes = [await _planned(notifications, subject) for subject in subjects]
    return next((outcome for outcome in outcomes if isinstance(outcome, Answered)), Answered())


async def contact_changed(notifications: Notifications, event: Event) -> Outcome:
    """Note how a producer is reached, or wants to be, from now on. Raise OutageError; BrokenContractError."""
    code = contacts.change_in(event).product_code

    async def decide(_: int) -> Decision:
        return contacts.decide(await notifications.alerts.contact(code), event, notifications.clock())

    return await notifications.steps.take(event.key, notifications.alerts, decide, ordering_key=code)


async def _subjects(notifications: Notifications, event: Event) -> AsyncIterator[Subject]:
    """Yield the alerts of an event. Raise OutageError; UnknownKeyError; BrokenContractError."""
    event_data = contents(event, BY_TYPE[event.type].model)
    if alert := alert_of_producer(event, event_data, notifications.clock(), notifications.opened):
        yield await notifications.addressed(alert, event)
    for alert in alerts_of_offices(notifications.offices, event, event_data, notifications.clock()):
        yield Subject.first(alert, event)
    for alert in alerts_of_subscriptions(notifications.subscriptions, event, event_data, notifications.clock()):
        yield Subject.first(alert, event)


async def _planned(notifications: Notifications, subject: Subject) -> Outcome | None:
    """Record an alert and give it to its first channel; None where it has none. Raise OutageError."""
    route, now = route_of(subject.alert, notifications.channels.keys()), notifications.clock()
    if not route.channels and not route.declined:
        return None
    at = goes_out_at(subject.alert, now, notifications.manners)

    async def decide(_: int) -> Decision:
        if route.declined:
            return sending.declined(subject, now)
        if route.channels == ("log",):
            write_alert(subject.alert)
            return sending.logged(subject, now)
        return sending.planned(subject, route, at, now)

    outcome = await notifications.steps.take(subject.key, notifications.alerts, decide, assume_new=True)
    await notifications.hold_where_decided(subject, outcome)
    return outcome
