"""`ocop dead replay` on the real broker: nothing is lost and nothing is done twice."""

import asyncio
import json
from contextlib import aclosing
from typing import Any
from uuid import uuid4

import aio_pika

from ops.broker_access import Access, connected
from ops.dead_letters.message import read_dead_message
from ops.dead_letters.replay import Replayer, replay_exchange
from ops.dead_letters.selection import Selection, act_on, selected
from tests.integration.dossiers import new_dossier
from tests.integration.feeding import FEED
from tests.integration.operator import (
    Operator,
    dead_dossier,
    integration,
    until_dead,
)
from tests.integration.portal import PATIENCE_SECONDS, ROUTING_KEY, TYPE, Portal
from tests.integration.probe import PROBE, PROBE_KEY
from tests.integration.running import System
from tools.stack import LocalStack

FILED = "registry.life"


async def test_a_replayed_dossier_is_handled_as_if_it_had_just_come(portal: Portal, operator: Operator) -> None:
    id = await dead_dossier(portal, new_dossier())

    ran = await operator.ocop("dead", "replay", id, "--json")

    assert (ran.code, ran.lines) == (0, [{"id": id, "from": f"{FILED}.dead", "to": [FILED], "replays": 1}])
    await portal.event(id, "product.rated")
    assert (await operator.ocop("dead", "list", "--id", id, "--json")).lines == []


async def test_garbage_comes_back_counted_and_with_whoever_filed_it(
    stack: LocalStack, portal: Portal, operator: Operator
) -> None:
    id = str(uuid4())
    async with integration(stack) as sender:
        headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/p", "ce-type": TYPE}
        await sender.send(b"garbage \xff", headers=headers, user_id="integration.portal")
    await until_dead(portal, FILED, id)

    ran = await operator.ocop("dead", "replay", id)
    back = await until_dead(portal, FILED, id)

    assert (ran.code, ran.text) == (0, "1 replayed\n")
    assert "look again with `ocop dead list`" in ran.errors
    assert "integration.portal" in (await operator.ocop("dead", "list", "--id", id)).text
    assert (back["x-ocop-replayed"], back["x-ocop-attempt"]) == (1, 1)
    assert back["x-ocop-filed-by"] == "integration.portal"
    assert (await operator.ocop("dead", "show", id, "--raw")).output == b"garbage \xff"
    await portal.dead_letter(FILED)  # taken away: other tests look there


async def test_a_replayed_message_keeps_all_but_its_last_failure(stack: LocalStack, portal: Portal) -> None:
    kept: dict[str, Any] = {"ce-id": str(uuid4()), "traceparent": "00-1-2-01", "n": 5, "ce-extra": "Hà Nội"}
    failure: dict[str, Any] = {
        "x-ocop-reason": "error",
        "x-ocop-detail": "d",
        "x-ocop-attempt": 4,
        "x-ocop-failed-at": "t",
    }
    message = aio_pika.Message(
        b"\x00\xff",
        headers=kept | failure | {"x-ocop-queue": PROBE.queue, "x-ocop-replayed": 1},
        content_type="a/b",
        message_id="m",
        correlation_id="c",
        app_id="a",
        type="t",
        delivery_mode=2,
    )
    await (await portal.channel.get_exchange("ocop.dead")).publish(message, PROBE.dead)

    await replay_all(Access(stack.credentials("operator").amqp_url), PROBE.dead)

    back = await portal.next_of(PROBE.queue)
    assert (back.body, back.headers) == (b"\x00\xff", kept | {"x-ocop-replayed": 2})
    assert (back.content_type, back.message_id, back.correlation_id) == ("a/b", "m", "c")
    assert (back.app_id, back.type, back.user_id, back.delivery_mode) == ("a", "t", "operator", 2)


async def test_the_brokers_own_dead_letters_are_read_and_brought_back(stack: LocalStack, portal: Portal) -> None:
    access = Access(stack.credentials("operator").amqp_url)
    id = str(uuid4())
    await portal.send(b"x", headers={"ce-id": id}, exchange="ocop.events", routing_key=PROBE_KEY)
    probe = await portal.channel.declare_queue(PROBE.queue, passive=True)
    async with asyncio.timeout(PATIENCE_SECONDS), probe.iterator() as messages:
        await (await anext(messages)).reject()
    dead = await until_dead(portal, PROBE.queue, id)

    message = await portal.next_of(PROBE.dead)
    letter = read_dead_message(message, queue=PROBE.dead, position=1)
    await portal.send(b"x", headers=dead, exchange="ocop.dead", routing_key=PROBE.dead)
    await replay_all(access, PROBE.dead)

    assert (letter.reason, letter.detail) == ("rejected", f"RabbitMQ moved it from {PROBE.queue}")
    assert letter.failed_at is not None
    assert (await portal.next_of(PROBE.queue)).headers["ce-id"] == id


async def test_what_an_operator_filed_stays_hers_where_the_broker_itself_makes_a_dead_letter_of_it(
    portal: Portal, operator: Operator
) -> None:
    probe = await portal.channel.declare_queue(PROBE.queue, passive=True)
    await probe.bind("ocop.intake", ROUTING_KEY)
    async with connected(Access(operator.amqp_url), name="tests") as connection:
        filer = Portal(await connection.channel())
        headers = {"ce-specversion": "1.0", "ce-id": str(uuid4()), "ce-source": "/p", "ce-type": TYPE}
        await filer.send(json.dumps(new_dossier()).encode(), headers=headers, user_id="operator")
    await probe.unbind("ocop.intake", ROUTING_KEY)
    async with asyncio.timeout(PATIENCE_SECONDS), probe.iterator() as messages:
        await (await anext(messages)).reject()

    letter = read_dead_message(await portal.next_of(PROBE.dead), queue=PROBE.dead, position=1)

    assert (letter.reason, letter.filed_by) == ("rejected", "operator")


async def test_a_crash_before_the_acknowledgement_leaves_one_outcome(
    system: System, portal: Portal, operator: Operator
) -> None:
    id = await dead_dossier(portal, new_dossier())
    access = Access(operator.amqp_url)

    async with connected(access, name="tests") as connection:
        replayer = Replayer(await replay_exchange(connection), access.user, to=None)
        async with aclosing(selected(connection, Selection(frozenset({id}), f"{FILED}.dead"))) as found:
            async for dead, message in found:
                assert await replayer.replay(dead, message)
            await connection.close()  # as a process does that is killed: published, not acknowledged
    await portal.event(id, "product.rated")
    again = await operator.ocop("dead", "replay", id)

    assert again.text == "1 replayed\n"
    await portal.events(id, "product.submitted", count=2)
    assert len(await system.recorded("products", {"event.id": id})) == 1
    assert len({event.key for event in await portal.events(id, "product.submitted", count=2)}) == 1


async def test_a_command_that_is_killed_is_repeated_and_nothing_is_lost_or_doubled(
    system: System, portal: Portal, operator: Operator
) -> None:
    ids = [await dead_dossier(portal, new_dossier(), **{"x-ocop-reason": "killed-replay"}) for _ in range(40)]
    chosen = ("dead", "replay", "--reason", "killed-replay", "--yes", "--json")

    killed = await operator.start(*chosen)
    assert killed.stdout is not None
    await killed.stdout.readline()
    killed.kill()
    await killed.wait()
    again = await operator.ocop(*chosen)

    assert again.code == 0
    for id in ids:
        await portal.event(id, "product.rated")
        assert len(await system.recorded("products", {"event.id": id})) == 1


async def test_two_operators_at_once_bring_about_one_outcome(
    system: System, portal: Portal, operator: Operator
) -> None:
    ids = [await dead_dossier(portal, new_dossier(), **{"x-ocop-reason": "two-operators"}) for _ in range(20)]
    chosen = ("dead", "replay", "--reason", "two-operators", "--yes", "--json")

    ran = await asyncio.gather(operator.ocop(*chosen), operator.ocop(*chosen))

    assert [each.code for each in ran] == [0, 0]
    assert {line["id"] for each in ran for line in each.lines} == set(ids)
    for id in ids:
        await portal.event(id, "product.rated")
        assert len(await system.recorded("products", {"event.id": id})) == 1


async def test_an_unrouted_message_is_listed_with_what_nobody_listens_to(
    stack: LocalStack, portal: Portal, operator: Operator
) -> None:
    id = await mistyped(stack, new_dossier())

    listed = await operator.ocop("dead", "list", "--queue", "ocop.unrouted", "--id", id, "--json")
    left = await operator.ocop("dead", "replay", id)
    wrong = await operator.ocop("dead", "replay", id, "--to", "registry.lfe")
    right = await operator.ocop("dead", "replay", id, "--to", FILED)

    assert (listed.lines[0]["exchange"], listed.lines[0]["routing_key"]) == ("ocop.intake", "dossier.file.v1")
    assert (left.code, left.text) == (1, "0 replayed, 1 stayed\n")
    assert f"did you mean --to {FILED}?" in left.errors
    assert (wrong.code, f"did you mean {FILED}?" in wrong.errors) == (2, True)
    assert (right.code, right.text) == (0, "1 replayed\n")
    rated = await portal.event(id, "product.rated")
    assert rated.correlation_id == id
    (journaled,) = (await operator.ocop("journal", "--correlation", id, "--type", "dossier.filed", "--json")).lines
    assert journaled["id"] == id


async def test_an_unrouted_message_goes_to_whoever_is_bound_by_now(portal: Portal, operator: Operator) -> None:
    queues = [await portal.channel.declare_queue(name, passive=True) for name in (FEED, FILED)]
    for queue in queues:
        await queue.unbind("ocop.intake", "dossier.filed.v1")
    try:
        id = await portal.file(new_dossier())
    finally:
        for queue in queues:
            await queue.bind("ocop.intake", "dossier.filed.v1")

    ran = await operator.ocop("dead", "replay", id, "--json")

    assert ran.lines == [{"id": id, "from": "ocop.unrouted", "to": [FEED, FILED], "replays": 1}]
    await portal.event(id, "product.rated")


async def replay_all(access: Access, queue: str) -> None:
    """Replay in this process: the command does not know queues that only tests have."""
    async with connected(access, name="tests") as connection:
        replayer = Replayer(await replay_exchange(connection), access.user, to=None)
        await act_on(connection, Selection(queue=queue), replayer.replay)


async def mistyped(stack: LocalStack, dossier: dict[str, Any]) -> str:
    """File a dossier with a routing key that nobody listens to."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/p", "ce-type": TYPE}
    async with integration(stack) as sender:
        await sender.send(json.dumps(dossier).encode(), headers=headers, routing_key="dossier.file.v1")
    return id
