"""Decide: which alerts to one recipient wait for each other, for the morning, or for another try, and go out together.

A mailbox is the history of what waits for one address on one channel. What it holds are keys of records: what is to be
delivered stands there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.notifications import SOURCE
from services.notifications.delivery_events import DELIVERY, alert_event, delivery_event
from shared.contracts.alert import Audience, ChannelName, DeliveryDue, DueAlert
from shared.contracts.event import Event, derived_id
from shared.handling.history import Due, State, Version
from shared.handling.outcome import Decision

#: alerts in one digest, and in a mailbox
MOST_IN_A_DIGEST = 100


class Held(BaseModel):
    """An alert that waits in a mailbox: the key of the record that has it, and when it is to go out."""

    model_config = ConfigDict(frozen=True)

    record: str
    at: AwareDatetime


class Mailbox(State):
    """What waits for one address on one channel. `emptied` is how often something went out."""

    channel: ChannelName
    audience: Audience
    to: str | None = None
    held: tuple[Held, ...] = ()
    emptied: int = 0

    @property
    def due(self) -> tuple[Due, ...]:
        """The next time at which something goes out."""
        if not self.held:
            return ()
        return (Due(f"delivery-{self.emptied + 1}", min(each.at for each in self.held)),)


def mailbox_key(recipient: str) -> str:
    """Return the key of a mailbox's history; `recipient` says nothing of whom it is for."""
    return f"mailbox/{recipient}"


def is_mailbox(history: str) -> bool:
    """Return whether a history is a mailbox."""
    return history.startswith(mailbox_key(""))


def put(
    known: Version[Mailbox] | None, held: Held, alert: DueAlert, *, of: str, empty: Mailbox, now: datetime
) -> Decision:
    """Hold an alert until its time; a mailbox that is full goes out now. `empty` is one that is not known yet."""
    state = known.state if known else empty
    all_held = (*state.held, held)
    if len(all_held) >= MOST_IN_A_DIGEST:  # each version has them all
        all_held = tuple(each.model_copy(update={"at": min(each.at, now)}) for each in all_held)
    state = state.model_copy(update={"held": all_held})
    version = known.then(state) if known else Version(of, 1, state)
    about = alert_event(alert)
    fields = {"event": about.reference, "outcome": "held", "alert_id": alert.alert_id, "held_until": held.at}
    return Decision(put_key(held.record), (), {**fields, "held_at": now}, version=version)


def put_key(record: str) -> str:
    """Return the key under which it is on record that an alert waits in its mailbox."""
    return derived_id(record, "held")


def going_out(mailbox: Mailbox, now: datetime, gathering: timedelta) -> tuple[Held, ...]:
    """Return what goes out now: what is due, and what would be while alerts wait for each other."""
    together = [each for each in mailbox.held if each.at <= now + gathering]
    return tuple(together[:MOST_IN_A_DIGEST])


def decide(
    version: Version[Mailbox], milestone: Event, going: Sequence[Held], alerts: Mapping[str, DueAlert], now: datetime
) -> Decision:
    """Give what goes out to its channel, one alert or several as a digest.

    `alerts` are those, by key of the record; a record may be gone, in a database that was brought back.
    """
    mailbox = version.state
    held = tuple(each for each in mailbox.held if each not in going)
    state = mailbox.model_copy(update={"held": held, "emptied": mailbox.emptied + 1})
    due = tuple(alerts[each.record] for each in going if each.record in alerts)
    fields = {"event": milestone.reference, "outcome": "emptied", "alerts": [each.alert_id for each in due]}
    announced = (_delivery(mailbox, version.of, due, milestone, now),) if due else ()
    return Decision(milestone.key, announced, fields, version=version.then(state))


def _delivery(mailbox: Mailbox, of: str, due: tuple[DueAlert, ...], milestone: Event, now: datetime) -> Event:
    if len(due) == 1:  # as if it had gone out at once, for whoever follows what led to it
        (alert,) = due
        again = f"{of} {mailbox.emptied + 1}"
        return delivery_event(alert, mailbox.channel, mailbox.audience, mailbox.to, now=now, again=again)
    data = DeliveryDue(
        delivery_id=derived_id(of, str(mailbox.emptied + 1)), audience=mailbox.audience, to=mailbox.to, alerts=due
    )
    answer = milestone.answer(DELIVERY[mailbox.channel], data, source=SOURCE, subject=of, now=now)
    return replace(answer, subject=data.delivery_id)
