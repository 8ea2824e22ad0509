"""What becomes of a message whose handling or reading fails, with a broker in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.registry.app import APP
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_RATED
from shared.errors import OutageError
from shared.handling import dispatcher as dispatching
from shared.handling import poison_messages
from shared.handling.dispatcher import Dispatcher
from shared.handling.in_flight import InFlight
from shared.handling.outcome import Answered, Decision, Outcome, Retry, Wait
from shared.handling.steps import Turns
from shared.messaging.delivery import Delivery
from shared.metrics import MESSAGES
from shared.service import build
from shared.settings import Settings
from shared.system import SYSTEM, Inbox, ServiceEntry, System

SUBSCRIPTION = SYSTEM["registry"].subscription(DOSSIER_FILED)


class Message:
    """A dossier as the broker delivers it; `acknowledging` is set when its acknowledgement begins."""

    content_type, content_encoding, message_id = "application/json", None, "1"
    user_id, correlation_id, timestamp, redelivered = "integration.portal", None, None, False

    def __init__(self, body: bytes | None = b"{}") -> None:
        self.body = body
        self.headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/portal", "ce-type": DOSSIER_FILED.type}
        self.acknowledging, self.may_go_on = asyncio.Event(), asyncio.Event()
        self.settled: list[str] = []

    async def ack(self) -> None:
        self.acknowledging.set()
        await self.may_go_on.wait()
        self.settled.append("ack")

    async def nack(self, *, requeue: bool) -> None:
        self.settled.append(f"nack requeue={requeue}")

    async def reject(self, *, requeue: bool) -> None:
        self.settled.append(f"reject requeue={requeue}")


def dispatcher(handle: Callable[[Delivery], Awaitable[Outcome]]) -> tuple[Dispatcher, InFlight]:
    async def missing() -> None:
        return None

    in_flight = InFlight(missing)
    publisher: Any = type("Publisher", (), {"user": "registry"})()
    handlers = {DOSSIER_FILED: handle}
    clock = lambda: datetime.now(UTC)  # noqa: E731
    return (
        Dispatcher([SUBSCRIPTION], handlers, publisher=publisher, in_flight=in_flight, clock=clock, system=SYSTEM),
        in_flight,
    )


async def test_a_stop_does_not_break_off_the_acknowledgement_of_a_message_that_had_been_held() -> None:
    tries = iter([OutageError("the database is away"), None])

    async def handle(_: Delivery) -> Outcome:
        if error := next(tries):
            raise error
        return Answered()

    message: Any = Message()
    taken, in_flight = dispatcher(handle)
    with capture_logs() as logs:
        task = asyncio.create_task(taken.take(message))
        await message.acknowledging.wait()
        finishing = asyncio.create_task(in_flight.finish(5))
        asyncio.get_running_loop().call_soon(message.may_go_on.set)
        await asyncio.gather(task, finishing)

    assert message.settled == ["ack"]
    assert [line["action"] for line in logs] == ["hold", "resume", "answer"]


async def test_suspected_messages_of_one_place_do_not_wait_for_each_other_in_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first keeps its turn while it is held, so the other may not keep what it needs to be tried again."""
    monkeypatch.setattr(poison_messages, "SPREAD_SECONDS", 0)
    turns, away = Turns(), iter([OutageError("the database is away")])

    async def handle(_: Delivery) -> Outcome:
        async with turns.turn("01-09574"):
            if error := next(away, None):
                raise error
        return Answered()

    messages: list[Any] = [Message(), Message()]
    for message in messages:
        message.redelivered, message.headers["x-delivery-count"] = True, poison_messages.SUSPECT_AFTER
        message.may_go_on.set()
    taken, _ = dispatcher(handle)
    async with asyncio.timeout(10):
        await asyncio.gather(*map(taken.take, messages))

    assert [message.settled for message in messages] == [["ack"], ["ack"]]


@pytest.mark.parametrize(("attempts", "wait"), [(None, Wait(1, 5)), (1, Wait(2, 60)), (2, Wait(3, 600)), (3, None)])
async def test_what_waits_is_noted_with_its_tries_and_its_delay_before_it_goes_there(
    attempts: int | None, wait: Wait | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    async def note(wait: Wait) -> None:
        done.append(wait)

    async def handle(_: Delivery) -> Outcome:
        return Retry("email-unavailable", "451", before_waiting=note)

    async def publish_copy(_: object, exchange: str, *_rest: object) -> None:
        done.append(exchange)

    message: Any = Message()
    message.may_go_on.set()
    if attempts:
        message.user_id, message.headers["x-ocop-attempt"] = "registry", attempts
    taken, _ = dispatcher(handle)
    monkeypatch.setattr(taken._publisher, "publish_copy", publish_copy, raising=False)
    await taken.take(message)

    assert done == ([wait, "ocop.retry"] if wait else ["ocop.dead"])


@pytest.mark.parametrize("decision", [None, Decision("k", ())])
async def test_an_answered_message_is_acknowledged_and_no_copy_of_it_kept(decision: Decision | None) -> None:
    async def handle(_: Delivery) -> Outcome:
        return Answered(decision)

    message: Any = Message()
    message.may_go_on.set()
    with capture_logs() as logs:
        await dispatcher(handle)[0].take(message)

    assert message.settled == ["ack"]
    assert [line["action"] for line in logs] == ["answer"]


async def test_a_bug_in_reading_a_message_is_counted_and_says_of_which_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(_: Delivery) -> Outcome:
        return Answered()

    monkeypatch.setattr(dispatching, "GIVE_BACK_PAUSE_SECONDS", 0)
    counter = MESSAGES.labels("dossier.filed", "failed", "error")
    before = counter._value.get()  # the client has no other way to read one
    message: Any = Message(body=None)
    with capture_logs() as logs:
        await dispatcher(handle)[0].take(message)

    assert message.settled == ["reject requeue=True"]
    assert [(line["action"], line["queue"], line["outcome"]) for line in logs] == [("fail", "registry.life", "failed")]
    assert counter._value.get() == before + 1


def test_a_service_that_reads_what_it_has_no_handler_for_does_not_start() -> None:
    row: ServiceEntry = SYSTEM["registry"]
    system = System((replace(row, reads=(*row.reads, Inbox((PRODUCT_RATED,), ("5s",)))),))
    settings: Any = Settings.model_construct(amqp_url=SecretStr("amqp://broker"))

    with pytest.raises(ValueError, match=r"registry: .* differ in product\.rated"):
        build(replace(APP, system=system), settings)
