"""Takes the messages of one queue: each is read, handled, and settled. Never lost.

Failures, and what is done (docs/architecture.md): in an outage a message is held and tried again, and given back when
the outage lasts; what came too early and what meets a bug waits in the broker with growing delays and then is a dead
letter; what cannot be read is a dead letter at once.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, TypeVar

from aio_pika.abc import AbstractIncomingMessage
from structlog.contextvars import bound_contextvars

from shared.clock import Clock
from shared.contracts.catalogue import EventType
from shared.contracts.event import Event, UnreadableError
from shared.errors import OutageError, TryLaterError
from shared.handling.delivery_telemetry import DeliveryTelemetry, begin_counting, log_bug, reading_failed
from shared.handling.in_flight import Hold, InFlight
from shared.handling.outcome import Answered, DeadLetter, Outcome, Retry, Wait
from shared.handling.settlement import TakeLastResort, Transfer, diagnosis, settlement
from shared.messaging.connection import as_outage
from shared.messaging.delivery import Delivery, MisroutedError, read_delivery
from shared.messaging.publisher import Publisher
from shared.messaging.topology import RETRY, Subscription, delay_seconds
from shared.system import System

#: The delay (the second: a minute) of a message that alone cannot be handled, though broker and database answer.
HELD_DELAY_ATTEMPT = 2

#: seconds before a message that could not even be transferred goes back to its queue
GIVE_BACK_PAUSE_SECONDS = 1.0

#: What the handlers of a service need, in a type of the service's own.
Context = TypeVar("Context")


@dataclass(frozen=True)
class Handler(Generic[Context]):
    """What is done with one kind of event, and with messages in its queue that cannot be read.

    Without `unreadable` these are kept as dead letters, and nothing else.
    """

    handle: Callable[[Context, Event], Awaitable[Outcome]]
    unreadable: Callable[[Context, Delivery, UnreadableError], Awaitable[Outcome]] | None = None

    async def __call__(self, context: Context, delivery: Delivery) -> Outcome:
        """Handle one delivery."""
        match delivery.content:
            case Event() as event:
                return await self.handle(context, event)
            case error if self.unreadable is None or isinstance(error, MisroutedError):
                return DeadLetter(error.code, str(error))
            case error:
                return await self.unreadable(context, delivery, error)


class Dispatcher:
    """The messages of one queue: each is handled, and acknowledged when all that follows is safe."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        handlers: Mapping[EventType[Any], Callable[[Delivery], Awaitable[Outcome]]],
        *,
        publisher: Publisher,
        in_flight: InFlight,
        clock: Clock,
        system: System,
    ) -> None:
        self._subscriptions = subscriptions
        self._subscription = subscriptions[0]  # the others have the same queue and delays
        self._handlers = handlers
        self._publisher = publisher
        self._in_flight = in_flight
        self._clock = clock
        self._system = system
        for subscription in subscriptions:
            begin_counting(subscription)

    @property
    def queue(self) -> str:
        """The queue that the messages come from."""
        return self._subscription.queue

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Handle one message to its end. Broken off (a stop, an outage that lasts), it goes back to its queue."""
        telemetry, started = None, perf_counter()
        with self._in_flight.handling() as hold:
            try:
                delivery = read_delivery(
                    message, self._subscriptions, own_user=self._publisher.user, system=self._system
                )
                telemetry = DeliveryTelemetry(self._subscription.queue, delivery, now=self._clock(), started=started)
                with bound_contextvars(**telemetry.fields):
                    outcome = await self._settled(message, telemetry, hold)
            except asyncio.CancelledError:
                # what is in order goes back with the connection: one by one, RabbitMQ 3.10 would mix more than 32
                if not self._subscription.in_order:
                    with suppress(OutageError), as_outage("giving back"):  # then the broker has taken it back already
                        await message.nack(requeue=True)  # from RabbitMQ 4.3 on, this counts as no delivery
                if telemetry:
                    telemetry.given_back()
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, the message must not stay in flight for ever
                hold.end(resumed=False)
                if telemetry:
                    telemetry.failed(error)
                else:
                    reading_failed(self._subscription, error)
                await asyncio.sleep(GIVE_BACK_PAUSE_SECONDS)
                with suppress(OutageError), as_outage("giving back"):
                    await message.reject(requeue=True)  # this counts: the queue's delivery limit ends it
                return
            # where the broker is away it is delivered again, and what was recorded answers it
            with suppress(OutageError), as_outage("acknowledging"):
                await message.ack()
            self._in_flight.settled_at = self._clock()
            telemetry.settled(outcome)

    async def _settled(self, message: AbstractIncomingMessage, telemetry: DeliveryTelemetry, hold: Hold) -> Outcome:
        """Handle a message and transfer what is to be kept of it; one that is suspected, when no other one is."""
        guard, delivery = self._in_flight.poison_guard, telemetry.delivery
        # to its end: let go in an outage, another would have it, and wait for the turn that this one keeps
        async with guard.passing(delivery) if delivery.unanswered else nullcontext():
            return await self._settled_at_last(message, telemetry, hold)

    async def _settled_at_last(
        self, message: AbstractIncomingMessage, telemetry: DeliveryTelemetry, hold: Hold
    ) -> Outcome:
        """Handle a message and transfer what is to be kept of it, again and again while something is away."""
        delivery, held = telemetry.delivery, False
        while True:
            try:
                settled = await self._settle(message, delivery, self._handlers[delivery.event_type](delivery))
            except OutageError as error:
                reason, held = str(error), True
                telemetry.held(error)
            else:
                if held:
                    hold.end(resumed=True)
                return settled
            await hold.wait(reason)
            if hold.is_too_long and await self._delay_held(message, delivery, reason):
                hold.end(resumed=False)
                return Retry("outage", reason)

    async def _settle(
        self, message: AbstractIncomingMessage, delivery: Delivery, handling: Awaitable[Outcome]
    ) -> Outcome:
        """Await the handling, transfer what is to be kept, and return what was done in the end. Raise OutageError."""
        outcome, sender = await self._guarded(handling), delivery.sender
        if isinstance(outcome, Answered):
            return outcome
        match settlement(outcome, self._subscription, attempt=sender.attempt, early=sender.early):
            case TakeLastResort(act):
                return await self._settle(message, delivery, act())
            case Transfer() as kept:
                if kept.exchange == RETRY and isinstance(outcome, Retry) and outcome.before_waiting:
                    await outcome.before_waiting(Wait(kept.attempts, delay_seconds(kept.routing_key)))
                await self._transfer(message, delivery, kept)
                if kept.exchange != RETRY:
                    return DeadLetter(kept.reason, kept.detail)
        return outcome

    async def _transfer(self, message: AbstractIncomingMessage, delivery: Delivery, kept: Transfer) -> None:
        headers = diagnosis(kept, delivery, self._subscription.queue, self._clock())
        await self._publisher.publish_copy(message, kept.exchange, kept.routing_key, headers)

    async def _delay_held(self, message: AbstractIncomingMessage, delivery: Delivery, reason: str) -> bool:
        """Delay in the broker a message that was held too long, where the hold is of this message alone.

        Where the broker or the database is away, all of them have to wait, and the service pauses.
        """
        key = self._subscription.retry(HELD_DELAY_ATTEMPT)
        if key is None or await self._in_flight.missing():
            self._in_flight.outage_lasts.set()
            return False
        sender = delivery.sender
        try:  # it was not tried in vain: this attempt does not count
            kept = Transfer(RETRY, key, "outage", reason, sender.attempt - 1, sender.early)
            await self._transfer(message, delivery, kept)
        except OutageError:
            return False
        return True

    async def _guarded(self, handling: Awaitable[Outcome]) -> Outcome:
        try:
            return await handling
        except OutageError:
            raise
        except TryLaterError as error:
            return Retry("try-later", str(error))
        except UnreadableError as error:
            return DeadLetter(error.code, str(error))
        except Exception as error:  # noqa: BLE001  # a bug must not lose the message: it is delayed, then kept
            log_bug(error)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            return Retry("error", f"{type(error).__name__} in {frame.name}:{frame.lineno}")
