"""Subscriptions and publications of notifications: answers to producers in, `alert.delivered` or `.failed` out."""

from functools import partial

from services.notifications.alerts import Deliveries, delivered, failed
from services.notifications.channels import Channel, Delivered, Refused, Unavailable
from services.notifications.channels.choice import choose
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.mail_server import MailServer
from services.notifications.plan import Tellable, compose
from services.notifications.unrecorded import Unrecorded
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_REJECTED, PRODUCT_RATED, EventType
from shared.contracts.envelope import Event, contents, derived_id
from shared.errors import SettingsError, TryLaterError
from shared.handling.settlement import Delay, Outcome
from shared.handling.steps import Decision
from shared.service import Service, run
from shared.settings import Settings


async def wire(service: Service) -> None:
    """Hang the subscriptions of notifications on the service."""
    deliveries = Deliveries(service.database, clock=service.clock)
    await deliveries.prepare()
    mail, unrecorded = _mail(service.settings), Unrecorded()

    async def tell(model: type[Tellable], event: Event) -> Outcome:
        now = service.clock()
        alert = compose(
            contents(event, model),
            alert_id=derived_id(event.key, "alert"),
            about=event.id,
            time=event.time or now,
        )
        channel = choose(alert, mail)
        give_up = partial(failed, event, alert, channel.name, source=service.source, now=now)

        async def decide() -> Decision:
            if told := unrecorded.get(event.key):
                return told
            match await channel.deliver(alert):
                case Delivered():
                    decision = delivered(event, alert, channel.name, source=service.source, now=now)
                case Refused(detail):
                    decision = give_up(reason="refused", detail=detail)
                case Unavailable(detail):
                    raise TryLaterError(detail)
            unrecorded.note(decision)
            return decision

        async def decide_at_last(detail: str) -> Decision:
            return give_up(reason="attempts-used-up", detail=detail)

        try:
            outcome = await service.take_steps(event.key, deliveries, decide, assume_new=not channel.repeats_annoy)
            unrecorded.forget(event.key)
        except TryLaterError as error:
            at_last = partial(decide_at_last, str(error))
            return Delay(
                f"{channel.name}-unavailable",
                str(error),
                finally_=partial(service.take_steps, event.key, deliveries, at_last),
            )
        return outcome

    def subscribe(event_type: EventType[Tellable]) -> None:
        service.subscribe(event_type, partial(tell, event_type.model))

    subscribe(PRODUCT_RATED)
    subscribe(DOSSIER_REJECTED)
    subscribe(ASSESSMENT_REJECTED)


def _mail(settings: Settings) -> Channel | None:
    if settings.smtp_url is None:
        return None
    try:
        return MailChannel(MailServer.from_url(settings.smtp_url), settings.mail_from)
    except ValueError as error:
        raise SettingsError(f"OCOP_SMTP_URL, OCOP_MAIL_FROM: {error}") from error


def main() -> None:
    """Run notifications."""
    run("notifications", wire)
