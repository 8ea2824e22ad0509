"""Follows dossiers through the services by their events: filed, answered, rated, told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractQueue

from ops.report import Answer
from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.catalogue import BY_TYPE, DOSSIER_FILED
from shared.contracts.dossier import DossierRejected
from shared.contracts.envelope import Event, read, write
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated

Told = AlertDelivered | AlertFailed


@dataclass
class Story:
    """What has become of one dossier so far."""

    name: str
    submitted: ProductSubmitted | None = None
    answer: Answer | None = None
    told: Told | None = None

    def note(self, event: Event) -> None:
        """Take in an event of this story."""
        match BY_TYPE[event.type].model.model_validate(event.data):
            case ProductSubmitted() as submitted:
                self.submitted = submitted
            case ProductRated() | AssessmentRejected() | DossierRejected() as answer:
                self.answer = answer
            case AlertDelivered() | AlertFailed() as told:
                self.told = told


class Desk:
    """Files dossiers as an integration would, and follows what becomes of them."""

    def __init__(self, channel: AbstractChannel, inbox: AbstractQueue) -> None:
        self._channel = channel
        self._inbox = inbox
        self.stories: dict[str, Story] = {}

    async def file(self, dossiers: Mapping[str, dict[str, Any]], *, id_of: Callable[[str], str]) -> None:
        """File dossiers in their order, each confirmed by the broker before the next."""
        intake = await self._channel.get_exchange(DOSSIER_FILED.exchange)
        for name, dossier in dossiers.items():
            event = Event(id=id_of(name), source="/ocop/desk", type=DOSSIER_FILED.type, data=dossier)
            self.stories[event.id] = Story(name)
            message = write(event)
            await intake.publish(
                aio_pika.Message(
                    message.body,
                    headers=dict(message.headers),
                    content_type=message.content_type,
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                    message_id=event.id,
                ),
                DOSSIER_FILED.routing_key,
            )

    async def follow(self, *, patience_seconds: float) -> AsyncIterator[None]:
        """Yield after each event until every story has its end. Raises TimeoutError after a silence of that length."""
        async with self._inbox.iterator(no_ack=True) as messages:
            while not all(story.told for story in self.stories.values()):
                async with asyncio.timeout(patience_seconds):
                    message = await anext(messages)
                event = read(message.headers, message.content_type, message.body)
                if story := self.stories.get(event.correlation_id or ""):
                    story.note(event)
                    yield


@asynccontextmanager
async def desk(amqp_url: str, inbox: str) -> AsyncIterator[Desk]:
    """Open a desk at the broker as an integration, whose own queue `inbox` brings the answers."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        yield Desk(channel, await channel.get_queue(inbox))
