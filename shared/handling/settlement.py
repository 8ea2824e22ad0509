"""What becomes of a message once it is in flight: answered, delayed, kept as a dead letter, or given back. Never lost.

Failures, and what is done (docs/architecture.md): in an outage a message is held and tried again, and given back when
the outage lasts; what came too early and what meets a bug waits in the broker with growing delays and then is a dead
letter; what cannot be read is a dead letter at once.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from structlog.contextvars import bound_contextvars

from shared.clock import Clock
from shared.contracts.catalogue import INTAKE
from shared.contracts.envelope import MAX_MESSAGE_BYTES, Event, UnreadableError, read
from shared.contracts.fault_codes import Unreadable
from shared.errors import OutageError, TryLaterError
from shared.handling.delivery_telemetry import DeliveryTelemetry, begin_counting, log_bug
from shared.handling.in_flight import InFlight
from shared.handling.steps import Decision
from shared.messaging.connection import unless_away
from shared.messaging.publisher import Publisher
from shared.messaging.sender import ATTEMPT, FILED_BY, attempt, came_by_detour, filed_by
from shared.messaging.topology import Subscription

#: Headers with which a copy says what happened to it, beside those of provenance.py.
REASON = "x-ocop-reason"
DETAIL = "x-ocop-detail"
FAILED_AT = "x-ocop-failed-at"
QUEUE = "x-ocop-queue"
#: On a dead letter that was brought back: how many times.
REPLAYED = "x-ocop-replayed"

#: The delay (the second: a minute) of a message that alone cannot be handled, though broker and database answer.
PUT_AWAY = 2

#: seconds before a message that could not even be put away goes back to its queue
GIVE_BACK_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Done:
    """The message is answered: with this decision, where one was recorded."""

    decision: Decision | None = None


@dataclass(frozen=True)
class DeadLetter:
    """The message is to be kept as a dead letter."""

    reason: str
    detail: str


@dataclass(frozen=True)
class Delay:
    """The message is to be tried again after a while.

    `finally_` is what to do once all delays are used up; without it the message is kept as a dead letter.
    """

    reason: str
    detail: str
    finally_: "Callable[[], Awaitable[Outcome]] | None" = None


Outcome = Done | DeadLetter | Delay
Handle = Callable[[Event], Awaitable[Outcome]]
#: For messages that cannot be read: what is to be done with them besides keeping them. The text is who sent it.
HandleUnreadable = Callable[[AbstractIncomingMessage, UnreadableError, str | None], Awaitable[Outcome]]


async def keep_unreadable(_: AbstractIncomingMessage, error: UnreadableError, __: str | None) -> Outcome:
    """Keep what cannot be read."""
    return DeadLetter(error.code, str(error))


class Deliveries:
    """The deliveries of one subscription: each is handled, and acknowledged when all that follows is safe."""

    def __init__(
        self,
        subscription: Subscription,
        handle: Handle,
        *,
        publisher: Publisher,
        in_flight: InFlight,
        clock: Clock,
        handle_unreadable: HandleUnreadable = keep_unreadable,
    ) -> None:
        self._subscription = subscription
        self._handle = handle
        self._handle_unreadable = handle_unreadable
        self._publisher = publisher
        self._in_flight = in_flight
        self._clock = clock
        begin_counting(subscription)

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Handle one delivery to its end. Broken off (a stop, an outage that lasts), it goes back to its queue."""
        account = DeliveryTelemetry(self._subscription, message, own_user=self._publisher.user, now=self._clock())
        with bound_contextvars(**account.fields), self._in_flight.taking():
            try:
                outcome = await self._handled(message, account)
            except asyncio.CancelledError:
                with unless_away("giving back"):  # then the broker has taken it back already
                    await message.nack(requeue=True)  # from RabbitMQ 4.3 on, this counts as no delivery
                account.given_back()
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, the message must not stay in flight for ever
                account.failed(error)
                await asyncio.sleep(GIVE_BACK_PAUSE_SECONDS)
                with unless_away("giving back"):
                    await message.reject(requeue=True)  # this counts: the queue's delivery limit ends it
                return
            with unless_away("acknowledging"):  # then it is delivered again, and what was recorded answers it
                await message.ack()
            self._in_flight.settled_at = self._clock()
            _tell(account, outcome)

    async def _handled(self, message: AbstractIncomingMessage, account: DeliveryTelemetry) -> Outcome:
        """Handle a message and put away what is to be kept of it, again and again while something is away."""
        with self._in_flight.holding() as hold:
            while True:
                try:
                    async with self._in_flight.poison_guard.passing(message):
                        return await self._kept(message, await self._outcome(message, account))
                except OutageError as error:
                    reason = str(error)
                    account.held(error)
                await hold.wait(reason)
                if hold.is_too_long and await self._put_away(message, reason):
                    hold.put_away = True
                    return Delay("outage", reason)

    async def _put_away(self, message: AbstractIncomingMessage, reason: str) -> bool:
        """Let a message that was held too long wait in the broker, where that is for this message alone to do.

        Where the broker or the database is away, all of them have to wait, and the service pauses.
        """
        queue = self._subscription.retry(PUT_AWAY)
        if queue is None or await self._in_flight.missing():
            self._in_flight.outage_lasts.set()
            return False
        headers = self._diagnosis(message, "outage", reason, attempts=self._attempt(message) - 1)
        try:
            await self._publisher.delay(message, queue, headers)
        except OutageError:
            return False
        return True

    async def _outcome(self, message: AbstractIncomingMessage, account: DeliveryTelemetry) -> Outcome:
        sender = filed_by(message, own_user=self._publisher.user)
        if came_by_detour(message, self._subscription.event_type.exchange, own_user=self._publisher.user):
            return DeadLetter("from-a-service", f"published by {message.user_id}")
        try:
            event = self._read(message, sender)
        except UnreadableError as error:
            account.unread(message)
            return await self._guarded(self._handle_unreadable(message, error, sender))
        return await self._guarded(self._handle(account.traced(event)))

    def _read(self, message: AbstractIncomingMessage, sender: str | None) -> Event:
        if self._subscription.event_type.exchange == INTAKE and len(message.body) > MAX_MESSAGE_BYTES:
            raise UnreadableError(Unreadable.TOO_LARGE, f"{len(message.body)} bytes; the limit is {MAX_MESSAGE_BYTES}")
        event = read(
            message.headers,
            message.content_type,
            message.body,
            content_encoding=message.content_encoding,
            filed_by=sender,
        )
        expected = self._subscription.event_type.type
        if event.type != expected:
            raise UnreadableError(Unreadable.WRONG_TYPE, f"type is not {expected}")
        return event

    async def _guarded(self, handling: Awaitable[Outcome]) -> Outcome:
        try:
            return await handling
        except OutageError:
            raise
        except TryLaterError as error:
            return Delay("try-later", str(error))
        except UnreadableError as error:
            return DeadLetter(error.code, str(error))
        except Exception as error:  # noqa: BLE001  # a bug must not lose the message: it is delayed, then kept
            log_bug(error)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            return Delay("error", f"{type(error).__name__} in {frame.name}:{frame.lineno}")

    async def _kept(self, message: AbstractIncomingMessage, outcome: Outcome) -> Outcome:
        """Put away what the outcome says is to be kept. Return what was done in the end. Raises OutageError."""
        attempts = self._attempt(message)
        match outcome:
            case Delay(reason, detail) if queue := self._subscription.retry(attempts):
                headers = self._diagnosis(message, reason, detail, attempts=attempts)
                await self._publisher.delay(message, queue, headers)
            case Delay(finally_=None, reason=reason, detail=detail):
                return await self._kept(message, DeadLetter(reason, detail))
            case Delay(finally_=last) if last is not None:
                return await self._kept(message, await self._guarded(last()))
            case DeadLetter(reason, detail):
                headers = self._diagnosis(message, reason, detail, attempts=attempts)
                await self._publisher.dead_letter(message, self._subscription.dead, headers)
        return outcome

    def _attempt(self, message: AbstractIncomingMessage) -> int:
        return attempt(message, own_user=self._publisher.user)

    def _diagnosis(
        self, message: AbstractIncomingMessage, reason: str, detail: str, *, attempts: int
    ) -> dict[str, Any]:
        diagnosis = {
            REASON: reason,
            DETAIL: detail[:500],
            FAILED_AT: self._clock().isoformat(),
            ATTEMPT: attempts,
            QUEUE: self._subscription.queue,
        }
        sender = filed_by(message, own_user=self._publisher.user)
        return diagnosis | ({FILED_BY: sender} if sender else {})


def _tell(account: DeliveryTelemetry, outcome: Outcome) -> None:
    match outcome:
        case Done(decision):
            account.answered(decision)
        case Delay(reason, detail):
            account.delayed(reason, detail)
        case DeadLetter(reason, detail):
            account.dead_lettered(reason, detail)
