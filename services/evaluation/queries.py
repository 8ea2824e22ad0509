"""Answers `product.query` to the queue of who asked. Nothing is recorded: a question changes nothing."""

from dataclasses import replace

from aio_pika.abc import AbstractIncomingMessage

from services.evaluation.ratings import Ratings
from services.evaluation.standing import asked, state_of, unreadable
from shared import tracing
from shared.contracts.catalogue import PRODUCT_QUERY, PRODUCT_STATE, QUERY_REJECTED, EventType
from shared.contracts.envelope import Data, Event, UnreadableError, derived_id, readable_id
from shared.contracts.query import QueryRejected
from shared.handling.settlement import DeadLetter, Done, Outcome
from shared.messaging.topology import inbox_of
from shared.service import Service

_NOBODY = DeadLetter("asker-unknown", "no user_id of an integration: there is nobody to answer")


class Queries:
    """The questions of integrations. Who asks is whom the broker knows, and a `reply_to` is not looked at."""

    def __init__(self, service: Service, ratings: Ratings) -> None:
        self._service = service
        self._ratings = ratings

    async def answer(self, event: Event) -> Outcome:
        """Answer a question, or say why it has no answer. Raises OutageError."""
        if (inbox := inbox_of(event.filed_by)) is None:
            return _NOBODY
        question = asked(event)
        if isinstance(question, QueryRejected):
            return await self._reject(event, question, inbox)
        code = question.product_code
        state = state_of(code, await self._ratings.of_product(code))
        return await self._announce(self._answered(event, PRODUCT_STATE, state, subject=code), inbox)

    async def answer_unreadable(
        self, message: AbstractIncomingMessage, error: UnreadableError, asker: str | None
    ) -> Outcome:
        """Keep what cannot be read: a dossier under a wrong key, perhaps. Who sent it is told. Raises OutageError."""
        named = readable_id(message.headers, message.content_type, message.body, message_id=message.message_id)
        if (inbox := inbox_of(asker)) and named:
            source, id = named
            event = Event(id=id, source=source, type=PRODUCT_QUERY.type, data={}, traceparent=tracing.traceparent())
            await self._reject(event, unreadable(error, id), inbox)
        return DeadLetter(error.code, str(error))

    async def _reject(self, event: Event, rejected: QueryRejected, inbox: str) -> Outcome:
        return await self._announce(self._answered(event, QUERY_REJECTED, rejected, subject=event.id), inbox)

    def _answered(self, event: Event, kind: EventType[Data], data: Data, *, subject: str) -> Event:
        """Return an answer whose id follows from what it says too: asked again, the same may have another answer."""
        answer = event.answer(kind, data, source=self._service.source, subject=subject, now=self._service.clock())
        return replace(answer, id=derived_id(answer.id, answer.digest))

    async def _announce(self, answer: Event, inbox: str) -> Outcome:
        await self._service.connections.publisher.announce(answer, to=inbox)
        return Done()
