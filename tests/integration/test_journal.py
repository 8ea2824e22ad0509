"""`ocop journal` on the real broker: all that happened, in its order, to its end."""

import asyncio
import json
import signal
import subprocess
import sys
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from yarl import URL

from ops.broker_access import Access, connected
from ops.history.stream import stored
from shared.contracts.catalogue import ALERT_FAILED
from shared.messaging.journal import last_offset, offset_of
from shared.messaging.routing import key_at
from tests.integration.dossiers import new_dossier
from tests.integration.operator import ROOT, Operator, ended, operator_of
from tests.integration.portal import PATIENCE_SECONDS, TYPE, Portal
from tests.integration.raw_publisher import RawPublisher, long_text
from tools.stack import LocalStack

PHONE, NAME = "024 3383 0000", "Nguyễn Thị Lan"
STORY = ("dossier.filed", "product.submitted", "product.rated", "alert.delivered")


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


async def rated(portal: Portal) -> tuple[str, str]:
    """File a dossier, wait for the end of its story, and return its id and the product's code."""
    dossier = new_dossier()
    dossier["producer"] |= {"name": NAME, "contact": {"phone": PHONE}}
    story = await portal.file(dossier)
    delivered = await portal.event(story, "alert.delivered")
    return story, delivered.data["product_code"]


async def test_a_story_is_told_event_by_event(portal: Portal, operator: Operator) -> None:
    story, product = await rated(portal)

    by_story = await operator.ocop("journal", "--correlation", story)
    by_product = await operator.ocop("journal", "--product", product, "--json", "--data")

    assert (by_story.code, by_story.errors) == (0, "")
    assert [line.split()[2] for line in by_story.text.splitlines()] == [f"vn.ocop.{name}.v1" for name in STORY]
    assert [entry["type"] for entry in by_product.lines] == [f"vn.ocop.{name}.v1" for name in STORY[1:]]
    assert [entry["writer"] for entry in by_product.lines] == ["registry", "evaluation", "notifications"]
    assert by_product.lines[0]["data"]["dossier"]["producer"]["name"] == "[name]"
    assert [value for value in (PHONE, NAME) if value in by_story.text + by_product.text] == []


async def test_it_begins_and_ends_where_it_is_told(portal: Portal, operator: Operator) -> None:
    story, _ = await rated(portal)
    whole = (await operator.ocop("journal", "--correlation", story, "--json")).lines

    from_there = await operator.ocop("journal", "--from", str(whole[1]["offset"]), "--limit", "1", "--json")
    by_time = await operator.ocop("journal", "--correlation", story, "--from", whole[2]["time"], "--json")
    before = await operator.ocop("journal", "--correlation", story, "--to", whole[1]["time"], "--json")
    of_type = await operator.ocop("journal", "--correlation", story, "--type", "product.rated", "--json")

    assert [entry["id"] for entry in from_there.lines] == [whole[1]["id"]]
    timed = [entry["id"] for entry in whole if entry["time"]]
    assert [entry["id"] for entry in by_time.lines if entry["time"]] == [
        entry["id"] for entry in whole[2:] if entry["time"] >= whole[2]["time"]
    ]
    assert set(timed).isdisjoint(entry["id"] for entry in before.lines)
    assert [entry["id"] for entry in of_type.lines] == [whole[2]["id"]]


@pytest.mark.parametrize("start", ["next", "999999999", "2999-01-01"])
async def test_behind_the_end_there_is_nothing(portal: Portal, operator: Operator, start: str) -> None:
    await rated(portal)

    ran = await operator.ocop("journal", "--from", start)

    assert (ran.code, ran.text, ran.errors) == (0, "", "")


@pytest.mark.usefixtures("system")
async def test_nothing_that_was_written_before_is_missed(stack: LocalStack, portal: Portal) -> None:
    written = [str(uuid4()) for _ in range(1500)]
    headers = {"ce-specversion": "1.0", "ce-source": "/tests", "ce-type": "vn.ocop.alert.failed.v1"}

    async def write(ids: list[str]) -> None:
        sent = (headers | {"ce-id": id} for id in ids)
        await asyncio.gather(
            *(
                portal.send(b"{}", headers=each, exchange="ocop.events", routing_key=key_at(ALERT_FAILED, None))
                for each in sent
            )
        )

    await write(written[:700])
    async with RawPublisher(stack.amqp_url) as publisher:  # no client can read its headers, with its offset among them
        await publisher.publish(b"{}", {b"h\xe0 n\xf4i": long_text("x")})
    await portal.dead_letter("registry.life")
    await write(written[700:])

    async with connected(Access(stack.credentials("operator").amqp_url), name="tests") as connection:
        end = await last_offset(connection)
        assert end is not None
        async with aclosing(stored(connection, "first", end)) as messages:
            read = [message async for message in messages]

    assert [offset_of(message) for message in read] == list(range(end + 1))
    assert set(written) <= {message.headers.get("ce-id") for message in read}


async def test_garbage_is_in_the_journal_too(portal: Portal, operator: Operator) -> None:
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": f"/{PHONE}", "ce-type": TYPE}
    await portal.send(b"garbage", headers=headers)
    await portal.event(id, "dossier.rejected")

    # what is filed is fed to the journal by a queue of its own, and may come after its answer
    ran = await operator.ocop("journal", "--correlation", id, "--type", "dossier.filed", "--limit", "1", "--follow")

    assert ran.text.splitlines()[0].split()[2:5] == [TYPE, "-", id]
    assert PHONE not in ran.text


async def test_what_comes_is_followed_until_ctrl_c(portal: Portal, operator: Operator) -> None:
    first, _ = await rated(portal)
    offset = (await operator.ocop("journal", "--correlation", first, "--json")).lines[-1]["offset"]

    process = await operator.start("journal", "--from", str(offset), "--follow", "--json")
    assert process.stdout is not None
    seen = [await next_line(process.stdout)]
    second, _ = await rated(portal)
    while sum(entry["correlation_id"] == second for entry in seen) < len(STORY):
        seen.append(await next_line(process.stdout))
    process.send_signal(signal.SIGINT)

    assert (await ended(process)).code == 130
    # what is filed is fed to the journal by a queue of its own
    assert {entry["type"] for entry in seen if entry["correlation_id"] == second} == {
        f"vn.ocop.{name}.v1" for name in STORY
    }


async def test_a_new_journal_is_empty(stack: LocalStack) -> None:
    bare = str(URL(stack.amqp_url).with_path("/bare"))
    async with await aio_pika.connect(bare) as connection:
        channel = await connection.channel()
        stream: dict[str, Any] = {"x-queue-type": "stream"}
        new = await channel.declare_queue("ocop.journal", durable=True, arguments=stream)
        try:
            ran = await Operator(bare).ocop("journal")
        finally:
            await new.delete(if_unused=False, if_empty=False)

    assert (ran.code, ran.text, ran.errors) == (0, "", "")


async def test_who_may_not_read_it_is_told_so(stack: LocalStack) -> None:
    ran = await Operator(stack.credentials("evaluation").amqp_url).ocop("journal")

    assert ran.code == 1
    assert ran.errors.startswith("ocop: the user evaluation may not do this: ACCESS_REFUSED")


async def test_a_broker_that_is_not_set_up_is_told_of(stack: LocalStack) -> None:
    bare = URL(stack.amqp_url).with_path("/bare")

    ran = await Operator(str(bare)).ocop("journal")

    assert ran.code == 1
    assert "is not set up" in ran.errors


async def next_line(output: asyncio.StreamReader) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        read: dict[str, Any] = json.loads(await output.readline())
    return read


async def test_a_reader_that_goes_is_no_fault_of_the_broker_s(portal: Portal, operator: Operator) -> None:
    await rated(portal)

    command = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m ops.cli journal --json --data | true",
        cwd=ROOT,
        env=operator.environment,
        stderr=subprocess.PIPE,
    )
    _, errors = await command.communicate()

    assert errors == b""
