"""Publishes what is filed, each as its own user; some of it again, much later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import aio_pika
from aio_pika.abc import AbstractExchange

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.event import Event, derived_id
from shared.contracts.writing import write
from shared.integrations import user_of
from tests.lives.acting.filings import Filed

_KINDS = {kind.name: kind for kind in CATALOGUE}
#: How many messages are kept to be sent again: of those before, any may have made room.
_KEPT = 5_000


@dataclass(frozen=True)
class _Message:
    by: str
    routing_key: str
    message: aio_pika.Message


@dataclass
class Sender:
    """The users' exchanges, and what was sent."""

    intakes: Mapping[str, AbstractExchange]
    run_id: str
    random: Random
    filings: int = 0
    messages: int = 0
    repeated_later: int = 0
    _sent: list[_Message] = field(default_factory=list)

    def id(self) -> str:
        """Return the id of the next filing."""
        self.filings += 1
        return derived_id(self.run_id, str(self.filings))

    async def send(self, id: str, filed: Filed) -> None:
        """Send a filing, as often as it says."""
        kind = _KINDS[filed.kind]
        written = write(Event(id, f"/lives/{filed.by}", kind.type, dict(filed.data), time=filed.time))
        message = aio_pika.Message(
            written.body,
            headers=dict(written.headers),
            content_type=written.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=id,
            user_id=user_of(filed.by),
        )
        sent = _Message(filed.by, kind.routing_key, message)
        self._keep(sent)
        for _ in range(filed.copies):
            await self._publish(sent)

    def _keep(self, sent: _Message) -> None:
        if len(self._sent) < _KEPT:
            self._sent.append(sent)
        else:
            self._sent[self.random.randrange(_KEPT)] = sent

    async def repeat(self) -> None:
        """Send any earlier filing once more."""
        if self._sent:
            self.repeated_later += 1
            await self._publish(self.random.choice(self._sent))

    async def _publish(self, sent: _Message) -> None:
        self.messages += 1
        await self.intakes[sent.by].publish(sent.message, sent.routing_key)
