"""`ocop dead discard` on the real broker: it is logged before it goes, and somebody has agreed."""

import asyncio
import json
import os
import pty
import signal
from pathlib import Path

import pytest

from tests.integration.dead_letters.personal import PERSONAL, QUIET, personal_dossier
from tests.integration.operator import (
    Operator,
    dead_dossier,
    ended,
)
from tests.integration.portal import PATIENCE_SECONDS, Portal


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


async def answered(operator: Operator, *arguments: str, answer: str) -> tuple[int | None, str]:
    """Run a command at a terminal and answer its question. Return the exit code and the question."""
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
