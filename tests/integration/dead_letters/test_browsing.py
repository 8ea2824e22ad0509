"""`ocop dead list` and `show` on the real broker: looking changes nothing, and nobody is named."""

from contextlib import aclosing
from typing import Any

import pytest
from yarl import URL

from ops.broker_access import Access, connected
from ops.dead_letters.browse import browse
from tests.integration.dead_letters.personal import PERSONAL, QUIET, personal_dossier
from tests.integration.operator import (
    Operator,
    dead_dossier,
)
from tests.integration.portal import Portal
from tools.stack import LocalStack

NOT_JSON: dict[str, Any] = {"x-ocop-reason": "not-json", "x-ocop-replayed": 2}


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
            async with aclosing(browse(connection, f"{QUIET}.dead")) as messages:
                seen = [message.headers["ce-id"] async for message in messages]
            assert seen == sent

    assert await quiet.depth(f"{QUIET}.dead") == 200


async def test_what_arrives_while_one_looks_is_left_for_the_next_time(quiet: Portal, stack: LocalStack) -> None:
    sent = [await dead_dossier(quiet, b"garbage", queue=QUIET) for _ in range(40)]
    seen: list[str] = []

    async with (
        connected(Access(stack.credentials("operator").amqp_url), name="tests") as connection,
        aclosing(browse(connection, f"{QUIET}.dead")) as messages,
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
