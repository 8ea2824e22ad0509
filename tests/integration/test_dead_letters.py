"""`ocop dead` on the real broker: looking changes nothing, replaying loses and doubles nothing, discards are logged."""

import asyncio
import json
import os
import pty
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from yarl import URL

from ops.broker_access import Access, connected
from ops.dead_letters.choice import Choice
from ops.dead_letters.letter import read_letter
from ops.dead_letters.looking import looking_through
from ops.dead_letters.replaying import opened_replayer
from ops.dead_letters.settling import finding, settle
from ops.stack import LocalStack
from tests.integration.dossiers import new_dossier
from tests.integration.operator import (
    Operator,
    dead_dossier,
    ended,
    integration,
    operator_of,
    until_dead,
)
from tests.integration.portal import PATIENCE_SECONDS, ROUTING_KEY, TYPE, Portal
from tests.integration.probe import PROBE
from tests.integration.running import System

FILED = "registry.dossier-filed"
#: A queue whose dead letters no other test makes.
QUIET = "notifications.dossier-rejected"
NOT_JSON: dict[str, Any] = {"x-ocop-reason": "not-json", "x-ocop-replayed": 2}
PERSONAL = ("024 3383 0000", "lan@example.vn", "Nguyễn Thị Lan")


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


@pytest.fixture
async def quiet(portal: Portal) -> AsyncIterator[Portal]:
    """A portal beside a queue without dead letters."""
    await portal.empty(f"{QUIET}.dead")
    yield portal
    await portal.empty(f"{QUIET}.dead")


async def test_dead_letters_are_counted_and_listed_and_nothing_personal_is(quiet: Portal, operator: Operator) -> None:
    first = await dead_dossier(quiet, personal_dossier(), queue=QUIET, **{"x-ocop-detail": f"at {PERSONAL[1]}"})
    other = await dead_dossier(quiet, b"garbage", queue=QUIET, **NOT_JSON)

    listed = await operator.ocop("dead", "list", "--queue", QUIET)

    assert (listed.code, listed.errors) == (0, "")
    assert all(shown in listed.text for shown in (first, other, "error", "not-json", f"{QUIET}.dead", "[e-mail]"))
    assert [value for value in PERSONAL if value in listed.text] == []


async def test_a_list_for_programs_is_filtered_and_says_how_many_more(quiet: Portal, operator: Operator) -> None:
    ids = [await dead_dossier(quiet, b"garbage", queue=QUIET) for _ in range(3)]
    await dead_dossier(quiet, b"x", queue=QUIET, **{"x-ocop-reason": "not-json"})
    await dead_dossier(quiet, b"x", queue=QUIET, **{"x-ocop-failed-at": "2026-11-25T06:00:00+00:00"})
    chosen = ("--queue", QUIET, "--reason", "error", "--since", "2026-11-24", "--until", "2026-11-25")

    listed = await operator.ocop("dead", "list", *chosen, "--limit", "2", "--json")

    assert [letter["id"] for letter in listed.lines] == ids[:2]
    assert [letter["position"] for letter in listed.lines] == [1, 2]
    assert listed.errors.startswith("and 1 more")


async def test_looking_uses_nothing_up_and_keeps_the_order(quiet: Portal, stack: LocalStack) -> None:
    sent = [await dead_dossier(quiet, b"garbage", queue=QUIET) for _ in range(200)]

    async with connected(Access(stack.credentials("operator").amqp_url), name="tests") as connection:
        for _ in range(4):
            async with looking_through(connection, f"{QUIET}.dead") as messages:
                seen = [message.headers["ce-id"] async for message in messages]
            assert seen == sent

    assert await quiet.depth(f"{QUIET}.dead") == 200


async def test_what_arrives_while_one_looks_is_left_for_the_next_time(quiet: Portal, stack: LocalStack) -> None:
    sent = [await dead_dossier(quiet, b"garbage", queue=QUIET) for _ in range(40)]
    seen: list[str] = []

    async with (
        connected(Access(stack.credentials("operator").amqp_url), name="tests") as connection,
        looking_through(connection, f"{QUIET}.dead") as messages,
    ):
        async for message in messages:
            seen.append(str(message.headers["ce-id"]))
            await message.ack()
            await dead_dossier(quiet, b"garbage", queue=QUIET)

    assert seen == sent
    assert await quiet.depth(f"{QUIET}.dead") == 40


async def test_a_dead_letter_is_shown_masked(quiet: Portal, operator: Operator) -> None:
    id = await dead_dossier(quiet, personal_dossier(), queue=QUIET, reply=PERSONAL[1])

    shown = await operator.ocop("dead", "show", id)
    for_programs = await operator.ocop("dead", "show", id, "--json")

    assert (shown.code, for_programs.code) == (0, 0)
    assert "KeyError in decide:12" in shown.text
    assert '"phone": "[phone]"' in shown.text
    assert for_programs.lines[0]["headers"]["ce-id"] == id
    assert [value for value in PERSONAL if value in shown.text + for_programs.text] == []


async def test_a_body_is_written_byte_for_byte_if_one_insists(quiet: Portal, operator: Operator) -> None:
    body = bytes(range(256)) + PERSONAL[0].encode()
    id = await dead_dossier(quiet, body, queue=QUIET)

    raw = await operator.ocop("dead", "show", id, "--raw")

    assert (raw.code, raw.output) == (0, body)


async def test_an_id_that_is_not_there_is_said(operator: Operator) -> None:
    for command in (["show", "x1"], ["replay", "x1"], ["discard", "x1", "--reason", "not needed"]):
        ran = await operator.ocop("dead", *command)

        assert (ran.code, ran.errors) == (1, "ocop: no dead letter has the id x1\n")


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
    await portal.send(b"x", headers={"ce-id": id}, exchange="ocop.events", routing_key=PROBE.event_type.routing_key)
    probe = await portal.channel.declare_queue(PROBE.queue, passive=True)
    async with asyncio.timeout(PATIENCE_SECONDS), probe.iterator() as messages:
        await (await anext(messages)).reject()
    dead = await until_dead(portal, PROBE.queue, id)

    message = await portal.next_of(PROBE.dead)
    letter = read_letter(message, queue=PROBE.dead, position=1)
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

    letter = read_letter(await portal.next_of(PROBE.dead), queue=PROBE.dead, position=1)

    assert (letter.reason, letter.filed_by) == ("rejected", "operator")


async def test_a_crash_before_the_acknowledgement_leaves_one_outcome(
    system: System, portal: Portal, operator: Operator
) -> None:
    id = await dead_dossier(portal, new_dossier())
    access = Access(operator.amqp_url)

    async with connected(access, name="tests") as connection:
        replayer = await opened_replayer(connection, user=access.user, to=None, tell=lambda _letter, _queues: None)
        async with finding(connection, Choice(ids=frozenset({id})), f"{FILED}.dead") as found:
            async for letter, message in found:
                assert await replayer.replay(letter, message)
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


async def test_ctrl_c_ends_in_between_and_what_is_not_done_stays(quiet: Portal, operator: Operator) -> None:
    await asyncio.gather(*(dead_dossier(quiet, b"garbage", queue=QUIET) for _ in range(300)))

    process = await operator.start("dead", "discard", "--queue", QUIET, "--reason", "made for a test", "--yes")
    assert process.stderr is not None
    logged = await process.stderr.readline()
    process.send_signal(signal.SIGINT)
    ran = await ended(process)

    done = len([logged, *ran.errors.splitlines()])
    assert ran.code == 130
    assert 300 - done <= await quiet.depth(f"{QUIET}.dead") <= 301 - done


async def test_an_unrouted_message_is_listed_with_what_nobody_listens_to(
    stack: LocalStack, portal: Portal, operator: Operator
) -> None:
    id = await mistyped(stack, new_dossier())

    listed = await operator.ocop("dead", "list", "--queue", "ocop.unrouted", "--id", id, "--json")
    left = await operator.ocop("dead", "replay", id)
    wrong = await operator.ocop("dead", "replay", id, "--to", "registry.dosier-filed")
    right = await operator.ocop("dead", "replay", id, "--to", FILED)

    assert (listed.lines[0]["exchange"], listed.lines[0]["routing_key"]) == ("ocop.intake", "dossier.file.v1")
    assert (left.code, left.text) == (1, "0 replayed, 1 stayed\n")
    assert f"did you mean --to {FILED}?" in left.errors
    assert (wrong.code, f"did you mean {FILED}?" in wrong.errors) == (2, True)
    assert (right.code, right.text) == (0, "1 replayed\n")
    rated = await portal.event(id, "product.rated")
    assert rated.correlation_id == id


async def test_an_unrouted_message_goes_to_whoever_is_bound_by_now(portal: Portal, operator: Operator) -> None:
    queues = [await portal.channel.declare_queue(name, passive=True) for name in (FILED, "ocop.journal")]
    for queue in queues:
        await queue.unbind("ocop.intake", "dossier.filed.v1")
    try:
        id = await portal.file(new_dossier())
    finally:
        for queue in queues:
            await queue.bind("ocop.intake", "dossier.filed.v1")

    ran = await operator.ocop("dead", "replay", id, "--json")

    assert ran.lines == [{"id": id, "from": "ocop.unrouted", "to": [FILED], "replays": 1}]
    await portal.event(id, "product.rated")


async def test_what_is_discarded_is_logged_before_it_goes(quiet: Portal, operator: Operator, tmp_path: Path) -> None:
    id = await dead_dossier(quiet, personal_dossier(), queue=QUIET)
    log = tmp_path / "discarded.jsonl"

    ran = await operator.ocop("dead", "discard", id, "--reason", "filed twice, says 0912345678", "--log", str(log))

    assert (ran.code, ran.text) == (0, "1 discarded\n")
    assert log.read_text("utf-8") == ran.errors
    record = json.loads(ran.errors)
    assert (record["operator"], record["why"]) == ("operator", "filed twice, says [phone]")
    assert (record["queue"], record["event_id"], record["reason"]) == (f"{QUIET}.dead", id, "error")
    assert (record["size_bytes"], len(record["sha256"])) == (len(json.dumps(personal_dossier()).encode()), 64)
    assert [value for value in PERSONAL if value in ran.errors] == []
    assert await quiet.depth(f"{QUIET}.dead") == 0


async def test_programs_are_told_of_what_is_discarded_on_standard_output(quiet: Portal, operator: Operator) -> None:
    id = await dead_dossier(quiet, personal_dossier(), queue=QUIET)

    ran = await operator.ocop("dead", "discard", id, "--reason", "filed again", "--json")

    assert (ran.code, [line["event_id"] for line in ran.lines], ran.errors) == (0, [id], "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["replay"], "say which", id="nothing chosen"),
        pytest.param(["replay", "--all", "--queue", QUIET], "not both", id="all, and some"),
        pytest.param(["discard", "--all"], "--reason", id="no reason"),
        pytest.param(["discard", "--all", "--reason", "not-json"], "--failed-with", id="a filter for a reason"),
        pytest.param(["discard", "a", "--reason", "not needed", "--log", "/"], "cannot be written", id="no log"),
        pytest.param(["list", "--queue", "registry.dosier"], "no queue", id="no such queue"),
        pytest.param(["list", "--since", "yesterday"], "no time", id="no time"),
    ],
)
async def test_what_cannot_be_meant_is_refused(arguments: list[str], said: str, operator: Operator) -> None:
    ran = await operator.ocop("dead", *arguments)

    assert ran.code == 2
    assert said in ran.errors


async def test_more_than_one_is_acted_upon_only_if_somebody_agrees(quiet: Portal, operator: Operator) -> None:
    for _ in range(2):
        await dead_dossier(quiet, b"garbage", queue=QUIET)
    discard = ("dead", "discard", "--queue", QUIET, "--reason", "made for a test")

    unasked = await operator.ocop(*discard)
    refused, question = await answered(operator, *discard, answer="n")
    depth = await quiet.depth(f"{QUIET}.dead")
    agreed, _ = await answered(operator, *discard, answer="y")

    assert (unasked.code, "these are 2 dead letters" in unasked.errors) == (2, True)
    assert (refused, "Discard 2 dead letters for good?" in question, depth) == (1, True, 2)
    assert (agreed, await quiet.depth(f"{QUIET}.dead")) == (0, 0)


async def test_who_is_no_operator_is_refused(stack: LocalStack, quiet: Portal) -> None:
    await dead_dossier(quiet, b"garbage", queue=QUIET)

    ran = await Operator(stack.credentials("integration.portal").amqp_url).ocop("dead", "list", "--queue", QUIET)

    assert ran.code == 1
    assert ran.errors.startswith("ocop: the user integration.portal may not do this: ACCESS_REFUSED")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"password": "wr0ng"}, "refuses the user operator", id="a wrong password"),
        pytest.param({"port": 1}, "does not answer", id="no broker"),
        pytest.param({"path": "/bare"}, "or vhost", id="another vhost"),
    ],
)
async def test_why_the_broker_cannot_be_used_is_said(stack: LocalStack, change: dict[str, Any], said: str) -> None:
    changed = URL(stack.credentials("operator").amqp_url)
    for part, value in change.items():
        changed = getattr(changed, f"with_{part}")(value)

    ran = await Operator(str(changed)).ocop("dead", "list")

    assert (ran.code, ran.errors.count("\n")) == (1, 1)
    assert said in ran.errors
    assert "wr0ng" not in ran.errors


async def replay_all(access: Access, queue: str) -> None:
    """Replay in this process: the command does not know queues that only tests have."""
    async with connected(access, name="tests") as connection:
        replayer = await opened_replayer(connection, user=access.user, to=None, tell=lambda _letter, _queues: None)
        await settle(connection, Choice(queue=queue), replayer.replay)


async def mistyped(stack: LocalStack, dossier: dict[str, Any]) -> str:
    """File a dossier with a routing key that nobody listens to."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/p", "ce-type": TYPE}
    async with integration(stack) as sender:
        await sender.send(json.dumps(dossier).encode(), headers=headers, routing_key="dossier.file.v1")
    return id


async def answered(operator: Operator, *arguments: str, answer: str) -> tuple[int | None, str]:
    """Run a command at a terminal and answer its question. Gives the exit code and the question."""
    ours, theirs = pty.openpty()
    try:
        process = await operator.start(*arguments, stdin=theirs)
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            question = await process.stderr.readuntil(b"?")
            os.write(ours, f"{answer}\n".encode())
            return (await ended(process)).code, question.decode()
    finally:
        os.close(ours)
        os.close(theirs)


def personal_dossier() -> dict[str, Any]:
    phone, email, name = PERSONAL
    dossier = new_dossier(name="Trà hoa cúc", description=f"Gọi {phone}, {email}")
    dossier["producer"] |= {
        "name": name,
        "registration_number": "01Y8001234",
        "contact": {"phone": phone, "email": email, "language": "vi"},
    }
    return dossier
