"""One function for the events that a producer is alerted to: compose, send, record what came of it."""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Self

from services.notifications import contacts, sending
from services.notifications.alerts import Alerts
from services.notifications.channels import Channel, ChannelCheck, Delivered, Refused, Unavailable
from services.notifications.channels.choice import choose
from services.notifications.channels.log import LogChannel
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.mail_server import MailServer
from services.notifications.metrics import count_unavailable
from services.notifications.plan import Alert, alert_about, readdressed
from services.notifications.sending import Attempt, AttemptsUsedUp, TriedInVain
from services.notifications.settings import opening_keys
from services.notifications.unrecorded import Unrecorded
from shared.clock import Clock
from shared.contracts.contact import ContactChanged
from shared.contracts.dossier import Reach, Recipient
from shared.contracts.event import BrokenContractError, Event, contents
from shared.errors import ConflictError, SettingsError
from shared.handling.outcome import Answered, DeadLetter, Decision, Outcome, Retry, Wait
from shared.handling.steps import Steps
from shared.sealing import BrokenSealError, Content, OpeningKeys, UnknownKeyError
from shared.service import Resources
from shared.settings import Settings


@dataclass(frozen=True)
class Notifications:
    """What the handlers of notifications need; `mail` is None where there is no mail server."""

    alerts: Alerts
    keys: OpeningKeys
    mail: Channel | None
    unrecorded: Unrecorded
    steps: Steps
    clock: Clock

    @classmethod
    async def prepared(cls, resources: Resources) -> Self:
        """Open the alerts, and read where mail goes. Raise OutageError; SettingsError."""
        alerts = Alerts(resources.database, clock=resources.clock, on_record=resources.on_record)
        await alerts.prepare()
        keys, mail = opening_keys(resources.settings), _mail(resources.settings)
        return cls(alerts, keys, mail, Unrecorded(), resources.steps, resources.clock)

    async def channels(self) -> list[dict[str, object]]:
        """Return how every channel is now, as JSON values; one that is not set up has no `place`."""
        mail = await self.mail.check() if self.mail else ChannelCheck("email", place="")
        return [asdict(mail), asdict(await LogChannel().check())]

    def opened(self, sealed: str) -> Recipient:
        """Return a recipient who was sealed. Raise UnknownKeyError; BrokenContractError."""
        return self._opened(sealed, Recipient)

    async def newer_contact(self, alert: Alert, event: Event) -> Reach | None:
        """Return how the producer can be reached, where that was changed after what the event answers.

        Raises:
            OutageError: the database is away.
            UnknownKeyError: it was sealed to a key that is not here.
        """
        known = await self.alerts.contact(alert.product_code) if alert.product_code else None
        if known is None or known.state.sequence <= (event.sequence or 0):
            return None
        return self._opened(known.state.sealed, Reach)

    def _opened(self, sealed: str, model: type[Content]) -> Content:
        try:
            return self.keys.open(sealed, model)
        except BrokenSealError as error:
            raise BrokenContractError(f"a sealed {model.__name__}: {error}") from None


_BRING_BACK = "bring it back into OCOP_CONTACT_PRIVATE_KEYS, restart notifications, then `ocop dead replay`"


class ChannelUnavailableError(Exception):
    """The channel did not take an alert over this time; a later attempt may succeed. Its text is the channel's word."""


async def send_alert(notifications: Notifications, event: Event) -> Outcome:
    """Alert the producer whom an event concerns, over the best channel; of what she is not told, nothing is kept.

    Raise OutageError; BrokenContractError.
    """
    try:
        alert = alert_about(event, notifications.clock(), notifications.opened)
        if alert is None:
            return Answered()
        if newer := await notifications.newer_contact(alert, event):
            alert = readdressed(alert, newer)
    except UnknownKeyError as error:
        return DeadLetter("unknown-key", f"{error}: {_BRING_BACK}")
    channel = choose(alert, notifications.mail)
    take = partial(notifications.steps.take, event.key, notifications.alerts)
    try:
        outcome = await take(partial(_sent, notifications, event, alert, channel), assume_new=not channel.repeats_annoy)
    except ChannelUnavailableError as error:
        count_unavailable(channel.name)
        attempt = Attempt(alert, channel.name, AttemptsUsedUp(str(error)))
        return Retry(
            f"{channel.name}-unavailable",
            str(error),
            last_resort=partial(take, partial(_decided, notifications, event, attempt)),
            before_waiting=partial(_note_waiting, notifications, event, attempt, str(error)),
        )
    notifications.unrecorded.forget(event.key)
    return outcome


async def contact_changed(notifications: Notifications, event: Event) -> Outcome:
    """Note how a product's producer can be reached from now on. Raise OutageError; BrokenContractError."""
    code = contents(event, ContactChanged).product_code

    async def decide(_: int) -> Decision:
        return contacts.decide(await notifications.alerts.contact(code), event, notifications.clock())

    return await notifications.steps.take(event.key, notifications.alerts, decide, ordering_key=code)


async def _sent(notifications: Notifications, event: Event, alert: Alert, channel: Channel, conflicts: int) -> Decision:
    """Send an alert, unless it went out before and could not be recorded. Raise ChannelUnavailableError.

    One that had waited is found by its conflict: most never do, and are spared the look.
    """
    if sent := notifications.unrecorded.get(event.key):
        known = await notifications.alerts.alert(alert.id) if conflicts else None
        return sending.behind(known, sent) if known else sent
    match await channel.deliver(alert):
        case Unavailable(detail):
            raise ChannelUnavailableError(detail)
        case Delivered() | Refused() as result:
            decision = sending.decide(Attempt(alert, channel.name, result), event, notifications.clock())
    notifications.unrecorded.note(decision)
    return decision


async def _decided(notifications: Notifications, event: Event, attempt: Attempt, _conflicts: int = 0) -> Decision:
    known = await notifications.alerts.alert(attempt.alert.id)
    return sending.decide(replace(attempt, known=known), event, notifications.clock())


async def _note_waiting(notifications: Notifications, event: Event, attempt: Attempt, why: str, wait: Wait) -> None:
    """Note that an alert waits for its next try. Raise OutageError."""
    in_vain = replace(attempt, result=TriedInVain(why, wait))
    with suppress(ConflictError):  # another instance, which has the same event, was first
        await notifications.alerts.record(await _decided(notifications, event, in_vain))


def _mail(settings: Settings) -> Channel | None:
    if settings.smtp_url is None:
        return None
    try:
        return MailChannel(MailServer.from_url(settings.smtp_url), settings.mail_from)
    except ValueError as error:
        raise SettingsError(f"OCOP_SMTP_URL, OCOP_MAIL_FROM: {error}") from error
