"""Clients that follow for long: the broker goes, the queue is deleted, garbage comes, somebody stops them."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from subprocess import PIPE

import aio_pika
import pytest

from ops.access.broker import definitions
from tests.integration.clients.client import Client
from tests.integration.clients.site import INTEGRATIONS, LASTING, Site, written
from tests.integration.dossiers import new_dossier
from tests.integration.faults import broker_command, door
from tests.integration.operator import ended
from tests.integration.portal import PATIENCE_SECONDS, Portal


async def test_a_broker_that_goes_and_comes_back_costs_no_dossier_and_no_event(site: Site, tmp_path: Path) -> None:
    async with AsyncExitStack() as opened:
        following = [await opened.enter_async_context(site.clients[name].following()) for name in LASTING]
        for each in following:
            await each.until_reported(1)
        await broker_command(site.stack, "rabbitmqctl", "stop_app")
        file = written(tmp_path, new_dossier())
        filing = [asyncio.create_task(site.clients[name].run("file", file)) for name in LASTING]
        for each in following:
            await each.until_reported(2)  # it has noticed
        await broker_command(site.stack, "rabbitmqctl", "start_app")
        filed = await asyncio.gather(*filing)
        stories = [each.text.strip() for each in filed]
        for each, own in zip(following, stories, strict=True):
            await each.until_answered(own)

    assert [(each.code, "is not confirmed" in each.errors) for each in filed] == [(0, True)] * len(LASTING)
    for each in following:
        assert len(set(each.lines)) == len(each.lines)


async def test_what_the_broker_does_not_take_is_published_again(site: Site, admin: Portal, tmp_path: Path) -> None:
    """A queue that is full lets the broker answer with a negative confirm; no connection and no channel is lost."""
    full = await admin.channel.declare_queue("full", arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    await full.bind("ocop.intake", "dossier.filed.v1")
    file = written(tmp_path, new_dossier())
    filing = [await site.clients[name].start("file", file) for name in LASTING]
    try:
        for each in filing:
            assert each.stderr
            said = [await each.stderr.readline() for _ in range(2)]
            assert b"is not confirmed" in said[1]
    finally:
        await delete(admin, "full")

    assert [(await ended(each)).code for each in filing] == [0] * len(LASTING)


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_queue_that_was_deleted_and_made_anew_is_followed_again(
    some: Client, admin: Portal, tmp_path: Path
) -> None:
    async with some.following() as following:
        await following.until_reported(1)
        await delete(admin, f"{some.user}.events")
        await following.until_reported(2)  # it has noticed
        await make(admin, f"{some.user}.events")
        await following.until(lambda: following.reported.count(f"Following {some.user}.events") == 2)
        filed = await some.run("file", written(tmp_path, new_dossier()))
        await following.event(filed.text.strip(), "product.rated")


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_queue_that_is_not_there_is_told_and_waited_for(some: Client, admin: Portal) -> None:
    missing = f"There is no queue {some.user}.events: tell the operator; again in 30 s"
    async with some.following() as following:
        await following.until_reported(1)
        await delete(admin, f"{some.user}.events")
        await following.until(lambda: missing in following.reported)
        await make(admin, f"{some.user}.events")

    assert following.reported[-1] == missing  # and not that it gives up


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_what_was_printed_before_a_stop_is_acknowledged_and_the_rest_is_given_back(
    some: Client, admin: Portal, stop: signal.Signals
) -> None:
    """Long lines, which fill the pipe: no client has handled them all before it hears that it is to stop."""
    inbox, ids = f"{some.user}.events", [str(number) for number in range(200)]
    await admin.empty(inbox)
    messages = (aio_pika.Message(json.dumps("x" * 20_000).encode(), headers={"ce-id": id}) for id in ids)
    await asyncio.gather(*(admin.channel.default_exchange.publish(message, inbox) for message in messages))

    async with some.following(stop) as following:
        await following.until(lambda: following.lines)

    printed = [json.loads(line)["id"] for line in following.lines]
    left = [str(message.headers["ce-id"]) for message in await admin.rest_of(inbox)]
    assert left
    assert sorted(filter(str.isdigit, printed + left), key=int) == ids
    assert (following.reported, following.code) == ([f"Following {inbox}"], 128 + stop)


async def test_a_stop_while_the_broker_is_away_is_not_waited_for(site: Site) -> None:
    async with AsyncExitStack() as opened:
        following = [await opened.enter_async_context(site.clients[name].following()) for name in LASTING]
        for each in following:
            await each.until_reported(1)
        await broker_command(site.stack, "rabbitmqctl", "stop_app")
        for each in following:
            await each.until_reported(2)  # it has noticed
    await broker_command(site.stack, "rabbitmqctl", "start_app")

    assert [each.code for each in following] == [128 + signal.SIGTERM] * len(LASTING)


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_connection_that_is_lost_during_a_stop_does_not_hide_it(some: Client) -> None:
    async with (
        door(some.environment["OCOP_AMQP_URL"]) as broker,
        some.with_environment(OCOP_AMQP_URL=broker.url).following() as following,
    ):
        await following.until_reported(1)
        broker.fall_silent()  # so that it has to wait for the broker's good-bye
        following.process.send_signal(signal.SIGTERM)
        broker.cut()
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await following.process.wait()

    assert code == 128 + signal.SIGTERM


async def delete(admin: Portal, queue: str) -> None:
    await admin.channel.queue_delete(queue, if_unused=False, if_empty=False)


async def make(admin: Portal, queue: str) -> None:
    """Make an integration's queue as `ocop access apply` does."""
    content = definitions(INTEGRATIONS)
    arguments = next(each["arguments"] for each in content["queues"] if each["name"] == queue)
    made = await admin.channel.declare_queue(queue, durable=True, arguments=arguments)
    for binding in content["bindings"]:
        if binding["destination"] == queue:
            await made.bind(binding["source"], binding["routing_key"])


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_follow_ends_once_nobody_reads_its_lines(some: Client, tmp_path: Path) -> None:
    read, write = os.pipe()
    following = await asyncio.create_subprocess_exec(
        *some.command, "follow", env=some.environment, stdout=write, stderr=PIPE
    )
    assert following.stderr
    os.close(write)
    await following.stderr.readline()  # it follows
    os.close(read)

    await some.run("file", written(tmp_path, new_dossier()))

    async with asyncio.timeout(PATIENCE_SECONDS):
        await following.communicate()
    assert following.returncode == 1


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_garbage_on_the_queue_is_told_and_what_follows_is_handled(
    some: Client, admin: Portal, tmp_path: Path
) -> None:
    for body, headers in ((b"\xff\x00", {"ce-id": "garbage"}), (b"{", {}), (b"", {}), (b"[]", {})):
        message = aio_pika.Message(body, headers={**headers})
        await admin.channel.default_exchange.publish(message, f"{some.user}.events")

    async with some.following() as following:
        filed = await some.run("file", written(tmp_path, new_dossier()))
        await following.event(filed.text.strip(), "product.rated")

    reported = [line for line in following.reported if line.startswith("Cannot be read")]
    assert [line.rpartition(", ")[2] for line in reported] == ["2 bytes", "1 bytes", "0 bytes"]
