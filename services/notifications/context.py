"""What the handlers of notifications need: records, channels, the keys that open contacts, and who else is alerted."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Self

from services.notifications import mailbox
from services.notifications.alert_state import AlertState
from services.notifications.alerts import Alerts
from services.notifications.channels import Channel, ChannelCheck
from services.notifications.channels.setup import CHANNELS, channels_of
from services.notifications.channels.subscriptions import Subscription, load_subscriptions
from services.notifications.mailbox import Held, Mailbox
from services.notifications.office_file import Offices, load_offices
from services.notifications.plan import Alert, preferring, readdressed
from services.notifications.routes import address_of
from services.notifications.sending import Subject
from services.notifications.settings import NotificationsSettings, notifications_settings, opening_keys
from services.notifications.timing import Manners
from services.notifications.unrecorded import Unrecorded
from shared.clock import Clock
from shared.contracts.alert import ChannelName
from shared.contracts.dossier import Reach, Recipient
from shared.contracts.event import BrokenContractError, Event
from shared.handling.outcome import Answered, Decision, Outcome
from shared.handling.steps import Steps
from shared.sealing import BrokenSealError, Content, OpeningKeys
from shared.service import Resources


@dataclass(frozen=True)
class Notifications:
    """What the handlers need.

    `channels` are those that are set up; `address_key` makes of an address what stands for it in the records.
    """

    alerts: Alerts
    keys: OpeningKeys
    channels: Mapping[ChannelName, Channel]
    offices: Offices
    subscriptions: Sequence[Subscription]
    unrecorded: Unrecorded
    steps: Steps
    clock: Clock
    manners: Manners
    address_key: bytes = field(repr=False)

    @classmethod
    async def prepared(cls, resources: Resources) -> Self:
        """Open the alerts, and read who is alerted by which channels. Raise OutageError; SettingsError."""
        settings = notifications_settings(resources.settings)
        alerts = Alerts(resources.database, clock=resources.clock, on_record=resources.on_record)
        await alerts.prepare()
        return cls(
            alerts,
            opening_keys(settings),
            channels_of(settings, alerts, resources.clock),
            load_offices(settings.offices_file),
            load_subscriptions(settings.webhooks_file),
            Unrecorded(),
            resources.steps,
            resources.clock,
            Manners(
                timedelta(seconds=settings.digest_seconds),
                settings.quiet_hours,
                timedelta(hours=settings.give_up_hours),
            ),
            _address_key(settings),
        )

    async def checked(self) -> list[dict[str, object]]:
        """Return how every channel is now, as JSON values; one that is not set up has no `place`."""
        checks = [await self._checked(name) for name in CHANNELS]
        return [asdict(check) for check in (*checks, ChannelCheck("log", "this service's log"))]

    async def _checked(self, name: ChannelName) -> ChannelCheck:
        channel = self.channels.get(name)
        return await channel.check() if channel else ChannelCheck(name, place="")

    async def leave(self) -> None:
        """Close what the channels have open."""
        for channel in self.channels.values():
            await channel.close()

    def opened(self, sealed: str) -> Recipient:
        """Return a recipient who was sealed. Raise UnknownKeyError; BrokenContractError."""
        return self._opened(sealed, Recipient)

    def reach(self, sealed: str) -> Reach:
        """Return a contact that was sealed. Raise UnknownKeyError; BrokenContractError."""
        return self._opened(sealed, Reach)

    def _opened(self, sealed: str, model: type[Content]) -> Content:
        try:
            return self.keys.open(sealed, model)
        except BrokenSealError as error:
            raise BrokenContractError(f"a sealed {model.__name__}: {error}") from None

    async def addressed(self, alert: Alert, event: Event) -> Subject:
        """Return a producer's alert as she is reached, and wants to be, by now. Raise OutageError; UnknownKeyError."""
        version = await self.alerts.contact(alert.product_code) if alert.product_code else None
        if version is None:
            return Subject.first(alert, event)
        known = version.state
        sealed = known.sealed if known.sequence > (event.sequence or 0) else None
        if sealed:
            alert = readdressed(alert, self.reach(sealed))
        return Subject.first(preferring(alert, known.preferences), event, sealed, known.preferences)

    async def hold_where_decided(self, subject: Subject, outcome: Outcome) -> None:
        """Put an alert into the mailbox of its recipient, where it was decided that it waits. Raise OutageError."""
        decision = outcome.decision if isinstance(outcome, Answered) else None
        if decision is None or decision.announced or not (decision.repeated or "held_until" in decision.fields):
            return
        known = await self.alerts.alert(subject.alert.id)
        if known and known.state.outcome == "held":  # of a repeat, nobody knows for how long: it goes out now
            await self._hold(subject, known.state, decision.fields.get("held_until", self.clock()))

    async def _hold(self, subject: Subject, state: AlertState, at: datetime) -> None:
        record, alert = subject.key, subject.alert
        of = mailbox.mailbox_key(self._recipient(alert, state.channel))
        empty = Mailbox(channel=state.channel, audience=alert.audience, to=alert.to)

        async def decide(_: int) -> Decision:
            there = await self.alerts.mailbox(of)
            return mailbox.put(there, Held(record=record, at=at), subject.due, of=of, empty=empty, now=self.clock())

        await self.steps.take(mailbox.put_key(record), self.alerts, decide, ordering_key=of, assume_new=True)

    def _recipient(self, alert: Alert, channel: ChannelName) -> str:
        """Return what stands for a recipient on a channel: of an address, nobody can tell whose it is.

        Two offices may have one address, and are two; what is for a program waits by itself, each event.
        """
        whose = (alert.audience, alert.to or "", alert.recipient_name or "", alert.language)
        itself = alert.id if alert.audience == "subscription" else ""
        whom = "\n".join((channel, address_of(alert, channel) or "", *whose, itself))
        return hmac.digest(self.address_key, whom.encode(), "sha256").hex()[:32]


def _address_key(settings: NotificationsSettings) -> bytes:
    """Return a key that only who opens contacts has; after a change, what waits goes out as it is."""
    return hashlib.sha256(settings.contact_private_keys.get_secret_value().encode()).digest()
