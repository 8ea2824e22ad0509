"""What a producer is told of the legal life of her product, from the service that announces it to her mailbox."""

from dataclasses import replace
from email.message import EmailMessage
from uuid import uuid4

import aio_pika
import pytest

from services.notifications.told import ALERTED, AlertedEvent
from shared.contracts.catalogue import EVENTS, PRODUCT_REFERRED, ROUND_MOVED, EventType
from shared.contracts.event import Event
from shared.contracts.rounds import Closing
from shared.contracts.writing import write
from shared.messaging.routing import routing_key
from shared.sealing import SealingKey
from shared.system import SYSTEM
from tests.integration.portal import Portal
from tests.integration.running import System
from tests.unit.notifications.examples import alert_of, cooperative
from tests.unit.notifications.lives import closed, every_life_event, referred
from tools.stack import LocalStack

QUEUE = "notifications.life"
LIFE = [kind for kind in ALERTED if SYSTEM["notifications"].subscription(kind).queue == QUEUE]


def told(stack: LocalStack, kind: EventType[AlertedEvent], event_data: AlertedEvent) -> Event:
    """Return an event that is sealed as the registry of this stack seals."""
    id, place, key = str(uuid4()), "19-05500", stack.credentials("registry").contact_public_key
    data = event_data.model_dump(mode="json") | {"sealed_recipient": SealingKey.of(str(key)).seal(cooperative())}
    return Event(id, "/ocop/registry", kind.type, data, subject="19-05500-3-2026", correlation_id=id, place=place)


async def announce(stack: LocalStack, kind: EventType[AlertedEvent], *events: Event) -> None:
    """Publish events as the service whose they are, with its rights on the broker."""
    (user,) = SYSTEM.announcers(kind)
    async with await aio_pika.connect(stack.credentials(user).amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(EVENTS, ensure=False)
        for event in events:
            written = write(event)
            message = aio_pika.Message(written.body, headers=dict(written.headers), user_id=user, delivery_mode=2)
            message.content_type = written.content_type
            await exchange.publish(message, routing_key(event))


async def mail_about(event: Event, system: System, portal: Portal) -> EmailMessage:
    """Wait until the producer was told of an event, and return the one mail that she got of it."""
    delivered = await portal.event(event.id, "alert.delivered")
    assert (delivered.data["about"], delivered.data["channel"]) == (event.id, "email")
    (mail,) = system.mails(delivered.data["alert_id"])
    return mail


def body(mail: EmailMessage, form: str) -> str:
    part = mail.get_body((form,))
    assert part
    return str(part.get_content())


@pytest.mark.parametrize("kind", LIFE, ids=lambda kind: kind.name)
async def test_what_the_services_announce_of_a_life_arrives_at_the_producer(
    kind: EventType[AlertedEvent], stack: LocalStack, system: System, portal: Portal
) -> None:
    event_data = next(each for each in every_life_event("vi") if type(each) is kind.model)
    event, expected = told(stack, kind, event_data), alert_of(event_data)

    await announce(stack, kind, event)

    mail = await mail_about(event, system, portal)
    assert (mail["To"], mail["Subject"]) == ("lienhe@haodat.example.vn", expected.subject)
    assert body(mail, "plain").splitlines() == expected.text.splitlines()
    assert "19-05500-3-2026" in body(mail, "html")


async def test_what_a_certificate_says_is_not_said_a_second_time_by_the_round_that_ended_with_it(
    stack: LocalStack, system: System, portal: Portal
) -> None:
    untold, behind = told(stack, ROUND_MOVED, closed(Closing.RECOGNISED)), told(stack, PRODUCT_REFERRED, referred())

    await announce(stack, ROUND_MOVED, untold, behind)
    await mail_about(behind, system, portal)

    assert await system.recorded("alerts", {"event.id": untold.id}) == []
    assert await portal.depth(f"{QUEUE}.dead") == 0


async def test_an_event_that_is_announced_again_is_one_mail(stack: LocalStack, system: System, portal: Portal) -> None:
    event, behind = told(stack, PRODUCT_REFERRED, referred()), told(stack, PRODUCT_REFERRED, referred())

    await announce(stack, PRODUCT_REFERRED, event)
    await mail_about(event, system, portal)
    await announce(stack, PRODUCT_REFERRED, replace(event), behind)
    await mail_about(behind, system, portal)

    assert (await mail_about(event, system, portal))["Subject"] == alert_of(referred()).subject
