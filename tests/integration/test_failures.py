"""What fails is tried again, told, or kept; the failure table of docs/architecture.md on the real broker."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.event import Event
from shared.errors import OutageError, TryLaterError
from shared.handling.outcome import Answered, Outcome
from shared.storage import Collection, StoredDocument
from tests.integration.dossiers import new_dossier
from tests.integration.portal import PATIENCE_SECONDS, Portal
from tests.integration.probe import probing, send_probe
from tests.integration.running import System, running_service
from tools.stack import LocalStack


async def test_a_mail_server_that_is_busy_gets_the_mail_later(system: System, portal: Portal) -> None:
    dossier, address = dossier_with_an_address()
    system.mailbox.first_answers[address] = ["451 4.3.2 busy", "421 4.3.2 shutting down"]

    story = await portal.file(dossier)

    delivered = await portal.event(story, "alert.delivered")
    assert len(system.mails(delivered.data["alert_id"])) == 1
    assert [alert["outcome"] for alert in await system.recorded("alerts", {"event.correlation_id": story})] == [
        *("sending", "waiting", "waiting"),
        "delivered",
    ]


async def test_a_refused_mail_is_told_as_failed(system: System, portal: Portal) -> None:
    dossier, address = dossier_with_an_address()
    system.mailbox.first_answers[address] = ["550 5.1.1 no such user"]

    failed = await portal.event(await portal.file(dossier), "alert.failed")

    assert (failed.data["reason"], failed.data["detail"]) == ("refused", "550 5.1.1")


async def test_a_mail_server_that_stays_busy_is_tried_again_by_the_clock(system: System, portal: Portal) -> None:
    dossier, address = dossier_with_an_address()
    system.mailbox.first_answers[address] = ["450 4.2.0 later"] * 20

    story = await portal.file(dossier)
    await system.until_recorded("alerts", {"event.correlation_id": story, "held_at": {"$exists": True}})

    assert len(system.mailbox.first_answers[address]) == 20 - 5
    records = await system.recorded(
        "alerts", {"event.correlation_id": story, "history.of": {"$not": {"$regex": "^mailbox/"}}}
    )
    tries = sorted((each["history"]["version"], each["outcome"]) for each in records)
    assert tries == [(1, "sending"), *((number, "waiting") for number in range(2, 6)), (6, "held")]


async def test_a_mail_goes_out_once_though_its_record_is_refused_for_a_while(
    system: System, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals, insert = iter(range(3)), Collection.insert

    async def refusing(collection: Collection, document: StoredDocument) -> None:
        if "alert_id" in document and next(refusals, None) is not None:
            raise OutageError("the disk is full")
        await insert(collection, document)

    monkeypatch.setattr(Collection, "insert", refusing)
    story = await portal.file(dossier_with_an_address()[0])
    delivered = await portal.event(story, "alert.delivered")

    assert next(refusals, None) is None
    assert len(system.mails(delivered.data["alert_id"])) == 1


async def test_a_bug_is_tried_again_and_then_kept_with_what_happened(stack: LocalStack, portal: Portal) -> None:
    attempts: list[str] = []

    async def broken(event: Event) -> Outcome:
        attempts.append(event.id)
        raise ZeroDivisionError("a value that could be personal")

    async with running_service(stack, probing(broken)):
        id = await send_probe(portal)
        dead = await portal.dead_letter("probe.probe-sent")

    assert attempts == [id] * 4
    assert dead.headers["ce-id"] == id
    assert (dead.headers["x-ocop-reason"], dead.headers["x-ocop-attempt"]) == ("error", 4)
    assert str(dead.headers["x-ocop-detail"]).startswith("ZeroDivisionError in broken:")
    assert dead.headers["x-ocop-queue"] == "probe.probe-sent"


async def test_what_comes_too_early_is_handled_later(stack: LocalStack, portal: Portal) -> None:
    attempts, handled = 0, asyncio.Event()

    async def too_early(_: Event) -> Outcome:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise TryLaterError("not known yet")
        handled.set()
        return Answered()

    async with running_service(stack, probing(too_early)):
        await send_probe(portal)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await handled.wait()

    assert attempts == 3


async def test_an_outage_uses_up_no_attempts(stack: LocalStack, portal: Portal) -> None:
    outages, handled = 0, asyncio.Event()

    async def away(_: Event) -> Outcome:
        nonlocal outages
        outages += 1
        if outages <= 5:  # more than there are retries
            raise OutageError("the database is away")
        handled.set()
        return Answered()

    async with running_service(stack, probing(away)):
        await send_probe(portal)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await handled.wait()

    assert await portal.depth("probe.probe-sent") == 0
    assert await portal.depth("probe.probe-sent.dead") == 0


async def test_a_backlog_is_taken_in_whole_when_a_service_starts(stack: LocalStack, portal: Portal) -> None:
    waiting = {await send_probe(portal) for _ in range(300)}
    handled = asyncio.Event()

    async def take(event: Event) -> Outcome:
        waiting.discard(event.id)
        if not waiting:
            handled.set()
        return Answered()

    async with running_service(stack, probing(take), prefetch=500):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await handled.wait()

    assert await portal.depth("probe.probe-sent") == 0


async def test_a_stop_finishes_what_is_in_hand_and_gives_back_the_rest(stack: LocalStack, portal: Portal) -> None:
    in_flight, go_on, finished = asyncio.Event(), asyncio.Event(), []

    async def slow(event: Event) -> Outcome:
        in_flight.set()
        await go_on.wait()
        finished.append(event.id)
        return Answered()

    async with running_service(stack, probing(slow), prefetch=1) as service:
        first = await send_probe(portal)
        await in_flight.wait()
        await send_probe(portal)
        await service.connections.consumer.stop_taking()
        go_on.set()

    assert finished == [first]
    rest = await portal.next_of("probe.probe-sent")
    assert not rest.redelivered


def dossier_with_an_address() -> tuple[dict[str, Any], str]:
    """Return a dossier whose producer has an address that no other test uses."""
    address = f"htx-{uuid4().hex[:8]}@example.vn"
    dossier = new_dossier()
    dossier["producer"]["contact"]["email"] = address
    return dossier, address
