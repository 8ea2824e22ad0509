"""Alerts in memory: an event is handed over, and its deliveries to their channels, as the broker would."""

from collections.abc import Sequence
from dataclasses import replace

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult
from services.notifications.context import Notifications
from services.notifications.delivering import deliver, mailbox_due
from services.notifications.delivery import Delivery
from services.notifications.delivery_events import DELIVERY
from services.notifications.handlers import alert_to
from services.notifications.mailbox import Mailbox, is_mailbox
from services.notifications.plan import Alert
from shared.contracts.alert import ChannelName
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.handling.outcome import Answered, Decision, Outcome
from shared.timers import Milestone
from tests.unit.handling import Bench

#: Type of a task → its channel.
CHANNEL_OF: dict[str, ChannelName] = {kind.type: channel for channel, kind in DELIVERY.items()}


class FakeChannel:
    """A channel that answers as it is told to."""

    def __init__(self, answers: Sequence[DeliveryResult] = (), name: ChannelName = "email") -> None:
        self.name = name
        self._answers = list(answers)
        self.deliveries: list[Delivery] = []

    @property
    def sent(self) -> list[Alert]:
        """The alerts that it was given."""
        return [alert for delivery in self.deliveries for alert in delivery.alerts]

    async def check(self) -> ChannelCheck:
        return ChannelCheck(self.name, "mail.example.vn:587", "answers, encrypted, logged in")

    async def close(self) -> None:
        """Have nothing open."""

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        self.deliveries.append(delivery)
        return self._answers.pop(0) if self._answers else Delivered()


async def mailing(bench: Bench, *answers: DeliveryResult) -> tuple[Notifications, FakeChannel]:
    """Return notifications with a mail channel that answers so."""
    mail = FakeChannel(answers)
    return replace(await Notifications.prepared(bench.resources), channels={"email": mail}), mail


async def send_alert(notifications: Notifications, event: Event) -> Outcome:
    """Hand an event over and, as far as they are announced, the deliveries that follow; return the last outcome."""
    outcome = await alert_to(notifications, event)
    while tasks := tasks_of(outcome):
        for task in tasks:
            outcome = await deliver(CHANNEL_OF[task.type], notifications, task)
    return outcome


def tasks_of(outcome: Outcome) -> list[Event]:
    """Return the deliveries that follow from an outcome."""
    decision = outcome.decision if isinstance(outcome, Answered) else None
    return [event for event in (decision.announced if decision else ()) if event.type in CHANNEL_OF]


def answers_of(bench: Bench) -> list[Event]:
    """Return what was announced to others."""
    return [event for event in bench.publisher.announced if event.type not in CHANNEL_OF]


def ends_of(bench: Bench) -> list[dict[str, object]]:
    """Return the records of alerts but those that say that a channel has them."""
    return [each for each in bench.documents("alerts") if each.get("outcome") != "sending"]


async def empty_mailboxes(notifications: Notifications, bench: Bench) -> list[Outcome]:
    """Let the timers give what is due to its channel, and deliver it; return the outcomes of the deliveries."""
    outcomes = []
    for of in {each["history"]["of"] for each in bench.documents("alerts") if is_mailbox(each["history"]["of"])}:
        version = await notifications.alerts.mailbox(of)
        assert version
        for due in version.state.due:
            if due.at <= bench.now:
                outcomes += await _fallen_due(notifications, version, Milestone(of, due).event("notifications"))
    return outcomes


async def _fallen_due(notifications: Notifications, version: Version[Mailbox], milestone: Event) -> list[Outcome]:
    async def decide(_: int) -> Decision:
        return await mailbox_due(notifications, version, milestone)

    outcome = await notifications.steps.take(milestone.key, notifications.alerts, decide)
    return [await deliver(CHANNEL_OF[task.type], notifications, task) for task in tasks_of(outcome)]
