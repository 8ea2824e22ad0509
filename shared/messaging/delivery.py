"""What becomes of a message once it is in hand: answered, delayed, or kept as a dead letter. Never lost.

Failures, and what is done (docs/architecture.md): an outage is held and tried again without end; what came too
early and what meets a bug waits in the broker with growing delays and then is a dead letter; what cannot be read is a
dead letter at once.
"""

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from aio_pika.abc import AbstractIncomingMessage
from structlog.contextvars import bound_contextvars

from shared.clock import Clock
from shared.contracts.catalogue import INTAKE
from shared.contracts.envelope import MAX_MESSAGE_BYTES, Event, UnreadableError, read, readable_id
from shared.errors import OutageError, TryLaterError
from shared.messaging.connection import AWAY
from shared.messaging.publisher import Publisher
from shared.messaging.topology import Subscription

#: Headers with which a copy says what happened to it.
ATTEMPT = "x-ocop-attempt"
REASON = "x-ocop-reason"
DETAIL = "x-ocop-detail"
FAILED_AT = "x-ocop-failed-at"
FILED_BY = "x-ocop-filed-by"
QUEUE = "x-ocop-queue"

#: seconds; the first pause of an outage, doubled up to the last
FIRST_PAUSE_SECONDS = 0.1
LAST_PAUSE_SECONDS = 10.0

#: seconds before a message that could not even be put away goes back to its queue
GIVE_BACK_PAUSE_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Done:
    """The message is answered."""


@dataclass(frozen=True)
class Bury:
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


Outcome = Done | Bury | Delay
Handle = Callable[[Event], Awaitable[Outcome]]
#: For messages that cannot be read: what is to be done with them besides keeping them.
HandleUnreadable = Callable[[AbstractIncomingMessage, UnreadableError], Awaitable[Outcome]]


async def keep_unreadable(_: AbstractIncomingMessage, error: UnreadableError) -> Outcome:
    """Keep what cannot be read."""
    return Bury(error.code, str(error))


class Deliveries:
    """The deliveries of one subscription: each is handled, and acknowledged when all that follows is safe."""

    def __init__(
        self,
        subscription: Subscription,
        handle: Handle,
        *,
        publisher: Publisher,
        clock: Clock,
        handle_unreadable: HandleUnreadable = keep_unreadable,
    ) -> None:
        self._subscription = subscription
        self._handle = handle
        self._handle_unreadable = handle_unreadable
        self._publisher = publisher
        self._clock = clock

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Handle one delivery to its end. Where the process is told to stop first, it goes back to its queue."""
        with bound_contextvars(queue=self._subscription.queue, **_story(message)):
            started = perf_counter()
            try:
                outcome = await self._handled(message)
            except Exception as error:  # noqa: BLE001  # whatever it is, the message must not stay in hand for ever
                _log_bug(error)
                await asyncio.sleep(GIVE_BACK_PAUSE_SECONDS)
                await message.reject(requeue=True)  # the queue's delivery limit ends it
                return
            _log_end(outcome, milliseconds=round((perf_counter() - started) * 1000, 1))

    async def _handled(self, message: AbstractIncomingMessage) -> Outcome:
        """Handle and settle a message, again and again while the database or the broker is away."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await self._settle(message, await self._outcome(message))
            except OutageError as error:
                log.warning("held", action="hold", reason=str(error), pause=pause)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # spreads load, hides nothing
            pause = min(pause * 2, LAST_PAUSE_SECONDS)

    async def _outcome(self, message: AbstractIncomingMessage) -> Outcome:
        try:
            event = self._read(message)
        except UnreadableError as error:
            return await self._guarded(self._handle_unreadable(message, error))
        return await self._guarded(self._handle(event))

    def _read(self, message: AbstractIncomingMessage) -> Event:
        if self._subscription.event_type.exchange == INTAKE and len(message.body) > MAX_MESSAGE_BYTES:
            raise UnreadableError("too-large", f"{len(message.body)} bytes; the limit is {MAX_MESSAGE_BYTES}")
        event = read(message.headers, message.content_type, message.body)
        expected = self._subscription.event_type.type
        if event.type != expected:
            raise UnreadableError("wrong-type", f"type is not {expected}")
        return event

    async def _guarded(self, handling: Awaitable[Outcome]) -> Outcome:
        try:
            return await handling
        except OutageError:
            raise
        except TryLaterError as error:
            return Delay("try-later", str(error))
        except UnreadableError as error:
            return Bury(error.code, str(error))
        except Exception as error:  # noqa: BLE001  # a bug must not lose the message: it is delayed, then kept
            _log_bug(error)
            frame = traceback.extract_tb(error.__traceback__)[-1]
            return Delay("error", f"{type(error).__name__} in {frame.name}:{frame.lineno}")

    async def _settle(self, message: AbstractIncomingMessage, outcome: Outcome) -> Outcome:
        """Do what the outcome says and acknowledge. Gives what was done in the end."""
        attempt = _attempt(message)
        match outcome:
            case Delay(reason, detail) if queue := self._subscription.retry(attempt):
                headers = self._diagnosis(message, reason, detail) | {ATTEMPT: attempt}
                await self._publisher.delay(message, queue, headers)
            case Delay(finally_=None, reason=reason, detail=detail):
                return await self._settle(message, Bury(reason, detail))
            case Delay(finally_=last) if last is not None:
                return await self._settle(message, await self._guarded(last()))
            case Bury(reason, detail):
                headers = self._diagnosis(message, reason, detail) | {ATTEMPT: attempt}
                await self._publisher.bury(message, self._subscription.dead, headers)
        with suppress(*AWAY):  # then the broker delivers it again, and what was recorded answers it
            await message.ack()
        return outcome

    def _diagnosis(self, message: AbstractIncomingMessage, reason: str, detail: str) -> dict[str, Any]:
        diagnosis = {
            REASON: reason,
            DETAIL: detail[:500],
            FAILED_AT: self._clock().isoformat(),
            QUEUE: self._subscription.queue,
        }
        filed_by = message.headers.get(FILED_BY) or message.user_id
        return diagnosis | ({FILED_BY: filed_by} if filed_by else {})


def _attempt(message: AbstractIncomingMessage) -> int:
    """Give the number of this attempt, from 1. What a stranger wrote into the header does not matter."""
    earlier = message.headers.get(ATTEMPT)
    return earlier + 1 if isinstance(earlier, int) and 0 < earlier < 1000 else 1


def _story(message: AbstractIncomingMessage) -> dict[str, str | None]:
    """Give what a log line says of a message: its event, and the event that its story began with."""
    named = readable_id(message.headers, message.content_type, message.body, message_id=message.message_id)
    event_id = named[1] if named else None
    begun_by = message.headers.get("ce-correlationid")
    return {"event_id": event_id, "correlation_id": begun_by if isinstance(begun_by, str) else event_id}


def _log_bug(error: Exception) -> None:
    """Tell where the code broke, without the error's own words, which may repeat a value of the message."""
    stack = "".join(traceback.format_tb(error.__traceback__))
    log.error("failed", action="fail", error=type(error).__name__, traceback=stack)


def _log_end(outcome: Outcome, *, milliseconds: float) -> None:
    match outcome:
        case Done():
            log.info("answered", action="answer", milliseconds=milliseconds)
        case Delay(reason, detail):
            log.warning("delayed", action="delay", reason=reason, detail=detail, milliseconds=milliseconds)
        case Bury(reason, detail):
            log.error("dead-lettered", action="bury", reason=reason, detail=detail, milliseconds=milliseconds)
