"""A portal that files dossiers as an integration would, and follows them by the events on its own queue."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractQueue
from yarl import URL

from ops.dossiers.precedence import Precedence
from ops.report import DossierAnswer
from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.catalogue import BY_TYPE, DOSSIER_FILED
from shared.contracts.dossier import DossierRejected
from shared.contracts.envelope import read
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.writing import write

SOURCE = "/ocop/demo"


@dataclass
class FollowedDossier:
    """A dossier, the id of its event, and what has become of it so far. `before` are answered before it is filed."""

    name: str
    id: str
    dossier: Mapping[str, Any]
    before: list["FollowedDossier"] = field(default_factory=list)
    is_filed: bool = False
    answer: DossierAnswer | None = None
    alert: AlertDelivered | AlertFailed | None = None

    @property
    def is_due(self) -> bool:
        """Return whether it can be filed now."""
        return not self.is_filed and all(each.answer for each in self.before)

    def note(self, event: Event) -> None:
        """Take in an event that this dossier has led to."""
        match BY_TYPE[event.type].model.model_validate(event.data):
            case ProductRated() | AssessmentRejected() | DossierRejected() as answer:
                self.answer = answer
            case AlertDelivered() | AlertFailed() as alert:
                self.alert = alert


class Portal:
    """Files dossiers, in their order and each when it is due, and follows what becomes of them.

    `user` is the broker's user that it files as: who does not say it gets no answer.
    """

    def __init__(self, intake: AbstractExchange, inbox: AbstractQueue, *, user: str) -> None:
        self._intake = intake
        self._inbox = inbox
        self._user = user
        self._filings: dict[str, FollowedDossier] = {}

    @property
    def filings(self) -> tuple[FollowedDossier, ...]:
        """The dossiers, in their order."""
        return tuple(self._filings.values())

    async def file(self, dossiers: Mapping[str, Mapping[str, Any]], *, id_of: Callable[[str], str]) -> None:
        """File dossiers, each confirmed by the broker before the next; those that have to wait, while one follows."""
        precedence = Precedence[FollowedDossier]()
        for name, dossier in dossiers.items():
            filing = FollowedDossier(name, id_of(name), dossier)
            filing.before = precedence.before(filing, dossier)
            self._filings[filing.id] = filing
        await self._file_what_is_due()

    async def follow(self, *, patience_seconds: float) -> AsyncIterator[None]:
        """Yield after each event until every alert is there. Raise TimeoutError after a silence of that length."""
        async with self._inbox.iterator(no_ack=True) as messages:
            while not all(filing.alert for filing in self.filings):
                async with asyncio.timeout(patience_seconds):
                    message = await anext(messages)
                event = read(message.headers, message.content_type, message.body)
                if filing := self._filings.get(event.correlation_id or ""):
                    filing.note(event)
                    await self._file_what_is_due()
                    yield

    async def _file_what_is_due(self) -> None:
        for filing in self.filings:
            if filing.is_due:
                filing.is_filed = True
                await self._intake.publish(_message(filing, user=self._user), DOSSIER_FILED.routing_key)


def _message(filing: FollowedDossier, *, user: str) -> aio_pika.Message:
    written = write(Event(id=filing.id, source=SOURCE, type=DOSSIER_FILED.type, data=dict(filing.dossier)))
    return aio_pika.Message(
        written.body,
        headers=dict(written.headers),
        content_type=written.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=filing.id,
        user_id=user,
    )


@asynccontextmanager
async def opened(amqp_url: str, inbox: str) -> AsyncIterator[Portal]:
    """Log in to the broker as an integration, whose own queue `inbox` brings the answers."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        intake, own_queue = await channel.get_exchange(DOSSIER_FILED.exchange), await channel.get_queue(inbox)
        yield Portal(intake, own_queue, user=URL(amqp_url).user or "")
