"""A service's connections to broker and database: opened when all is there, left when it goes, and opened again."""

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from shared import metrics
from shared.errors import OutageError
from shared.handling.in_flight import HOLD_SECONDS, InFlight
from shared.health import Health
from shared.logs import Action, log
from shared.messaging.connection import CLOSE_SECONDS, with_authority
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import Publisher
from shared.settings import Settings
from shared.storage import Database
from shared.system import ServiceEntry

#: seconds between two looks for a broker or a database that is not there
LOOK_SECONDS = 0.5
#: seconds; how long broker and database may take to answer, before they count as away
ANSWER_SECONDS = 2
#: seconds; how long giving back may take: what is in flight is only sent, not answered
GIVE_BACK_SECONDS = 1


class Connections:
    """What a service is connected to, and what it has in flight meanwhile.

    `taking` is set while messages are taken; otherwise `waits_for` says why not.
    """

    def __init__(self, entry: ServiceEntry, settings: Settings, *, hold_seconds: float = HOLD_SECONDS) -> None:
        service = entry.name
        url = with_authority(settings.amqp_url.get_secret_value(), settings.tls_ca_file)
        self.broker_url = SecretStr(url)
        self.database = Database(settings.mongo_url.get_secret_value(), service=service, ca_file=settings.tls_ca_file)
        self.publisher = Publisher(
            url, service=service, queues=entry.queues, timeout_seconds=settings.publish_timeout_seconds
        )
        self.consumer = Consumer(url, service=service, prefetch=settings.prefetch)
        self.in_flight = InFlight(self.missing, hold_seconds=hold_seconds)
        metrics.IN_FLIGHT.set_function(self.in_flight.__len__)
        metrics.HELD.set_function(lambda: self.in_flight.held)
        metrics.LAST_HANDLED.set_function(
            lambda: self.in_flight.settled_at.timestamp() if self.in_flight.settled_at else 0
        )
        self.taking = asyncio.Event()
        self.waits_for = "starting"

    async def open(self, prepare: Callable[[], Awaitable[None]]) -> None:
        """Wait until broker and database answer, and take messages. `prepare` runs before that, once both are there."""
        while True:
            try:
                await self._open(prepare)
            except OutageError as error:
                if str(error) != self.waits_for:
                    log(Action.WAIT, reason=str(error))
                self.waits_for = str(error)
                await self.consumer.stop()
                await asyncio.sleep(LOOK_SECONDS)
            else:
                self.taking.set()
                return

    async def _open(self, prepare: Callable[[], Awaitable[None]]) -> None:
        await self.database.ping()
        await self.publisher.start()
        await prepare()
        await self.consumer.start()

    async def interrupted(self) -> None:
        """Return once the taking has to end: the connection is lost, or an outage has lasted too long."""
        ends = {asyncio.create_task(event.wait()) for event in (self.consumer.lost, self.in_flight.outage_lasts)}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def pause(self) -> None:
        """Take no more messages, and give back those in flight: an outage costs each of them one delivery at most."""
        self.taking.clear()
        lost = "the connection to RabbitMQ was lost" if self.consumer.lost.is_set() else None
        self.waits_for = lost or self.in_flight.holds_because or "an outage"
        log(Action.PAUSE, reason=self.waits_for, given_back=len(self.in_flight))
        await self.consumer.stop_taking()
        await self.in_flight.give_back(GIVE_BACK_SECONDS)
        await self.consumer.stop()

    async def leave(self, seconds: float, *, finish: Callable[[], Awaitable[None]]) -> None:
        """Take no more messages, finish those in flight, and go, within so many seconds.

        What is held, and what is not finished in time, goes back to its queue; `finish` comes behind them.
        """
        leave_at = asyncio.get_running_loop().time() + seconds
        self.taking.clear()
        self.waits_for = "stopping"
        await self.consumer.stop_taking()
        left = leave_at - asyncio.get_running_loop().time()
        await self.in_flight.finish(max(left - GIVE_BACK_SECONDS - CLOSE_SECONDS, 0))
        await self.in_flight.give_back(GIVE_BACK_SECONDS)
        await finish()
        await asyncio.gather(self.consumer.stop(), self.publisher.close(), self.database.close())

    async def health(self) -> Health:
        """Return whether the service can do its work now, and what it depends on."""
        servers = await self.servers()
        missing = "; ".join(filter(None, servers.values()))
        fault = (missing or self.in_flight.holds_because) if self.taking.is_set() else self.waits_for
        return Health(fault, servers, self.in_flight.settled_at)

    async def missing(self) -> str | None:
        """Return what does not answer, or None."""
        return "; ".join(filter(None, (await self.servers()).values())) or None

    async def servers(self) -> dict[str, str | None]:
        """Return place → what is wrong there, or None, of broker and database, by real round trips.

        FastStream's own ping says healthy while the broker is frozen.
        """
        broker, database = await asyncio.gather(
            _fault(self.publisher.place, self.publisher.ping), _fault(self.database.place, self.database.ping)
        )
        return {
            self.publisher.place: broker and f"{broker}: is it running there, and OCOP_AMQP_URL right?",
            self.database.place: database and f"{database}: is it running there, and OCOP_MONGO_URL right?",
        }


async def _fault(place: str, ping: Callable[[], Awaitable[None]]) -> str | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await ping()
    except OutageError as error:
        return str(error)
    except TimeoutError:
        return f"{place} does not answer in time"
    return None
