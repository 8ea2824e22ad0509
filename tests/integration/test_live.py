"""`ocop queues`, `watch` and `trace` on the real broker and database."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from yarl import URL

from tests.integration.authority import Authority
from tests.integration.dossiers import new_dossier
from tests.integration.operator import ROOT, Operator, Ran, dead_dossier, ended, integration, operator_of
from tests.integration.portal import PATIENCE_SECONDS, SOURCE, TYPE, Portal
from tools.stack import LocalStack

FILED = "registry.life"
#: A queue whose dead letters no other test makes.
QUIET = "notifications.product-rated"
PHONE, NAME = "024 3383 0000", "Nguyễn Thị Lan"


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    operator = operator_of(stack)
    operator.environment |= {
        "OCOP_MANAGEMENT_URL": stack.management_url,
        "OCOP_OPERATOR_MONGO_URL": stack.credentials("operator").mongo_url or "",
    }
    return operator


@dataclass(frozen=True)
class Rated:
    """A dossier whose story has come to its end."""

    id: str
    product: str


@pytest.fixture
async def rated(portal: Portal) -> Rated:
    dossier = new_dossier()
    dossier["producer"] |= {"name": NAME, "contact": {"phone": PHONE}}
    id = await portal.file(dossier)
    delivered = await portal.event(id, "alert.delivered")
    return Rated(id, delivered.data["product_code"])


@pytest.fixture
async def quiet(portal: Portal) -> AsyncIterator[Portal]:
    """A portal beside a queue without dead letters."""
    await portal.empty(f"{QUIET}.dead")
    yield portal
    await portal.empty(f"{QUIET}.dead")


def of_queue(ran: Ran, queue: str) -> dict[str, Any]:
    (line,) = (line for line in ran.lines if line["queue"] == queue)
    return line


async def test_queues_say_what_waits_and_what_is_unusual(quiet: Portal, operator: Operator) -> None:
    await dead_dossier(quiet, b"garbage", queue=QUIET, **{"x-ocop-failed-at": "2026-11-24T07:00:00+00:00"})
    await dead_dossier(quiet, b"garbage", queue=QUIET)

    ran = await operator.ocop("queues", "--json")

    assert (ran.code, ran.errors) == (0, "")
    dead, work = of_queue(ran, f"{QUIET}.dead"), of_queue(ran, FILED)
    assert (dead["waiting"], dead["oldest"]) == (2, "2026-11-24T06:00:00+00:00")
    assert dead["unusual"] == [f"ocop dead list --queue {QUIET}.dead"]
    assert (work["consumers"], work["unusual"]) == (1, [])


async def test_without_the_management_interface_queues_are_counted_all_the_same(
    portal: Portal, operator: Operator
) -> None:
    operator.environment["OCOP_MANAGEMENT_URL"] = "http://127.0.0.1:1"

    ran = await operator.ocop("queues", "--json")

    assert ran.code == 0
    assert ran.errors.startswith("ocop: no rates: http://127.0.0.1:1/api/queues")
    assert of_queue(ran, FILED)["waiting"] == await portal.depth(FILED)
    assert of_queue(ran, FILED)["in_per_second"] is None


async def test_without_the_management_interface_no_dead_letter_is_taken_in_flight(
    quiet: Portal, operator: Operator
) -> None:
    operator.environment["OCOP_MANAGEMENT_URL"] = "http://127.0.0.1:1"
    await dead_dossier(quiet, b"garbage", queue=QUIET)

    ran = await operator.ocop("queues", "--json")

    assert of_queue(ran, f"{QUIET}.dead")["oldest"] is None
    assert (await headers_of_the_first(quiet, f"{QUIET}.dead")).get("x-delivery-count", 0) == 0


async def test_a_story_is_told_across_all_services(rated: Rated, operator: Operator) -> None:
    traced = await operator.ocop("trace", rated.id, "--json")

    assert (traced.code, traced.errors) == (0, "")
    assert [(line["kind"], line["who"], line["what"]) for line in traced.lines[1:]] == [
        ("event", "registry", "product.submitted"),
        ("record", "registry", "recorded: submitted"),
        ("event", "evaluation", "product.rated"),
        ("record", "evaluation", "recorded: rated"),
        ("event", "notifications", "alert.delivered"),
        ("record", "notifications", "recorded: delivered"),
    ]
    assert traced.lines[0]["what"] == "dossier.filed"
    assert [line["gap_seconds"] is None for line in traced.lines] == [True, True, *[False] * 5]
    assert [value for value in (PHONE, NAME) if value in traced.text] == []


async def test_any_event_of_a_story_and_its_product_lead_to_the_whole_of_it(rated: Rated, operator: Operator) -> None:
    by_product = await operator.ocop("trace", rated.product, "--json")
    alert = next(line["event_id"] for line in by_product.lines if line["what"] == "alert.delivered")
    by_alert = await operator.ocop("trace", alert)

    assert by_product.lines[0]["event_id"] == rated.id
    assert f"Story {rated.id}" in by_alert.text
    assert [line["what"] for line in by_product.lines if line["what"] not in by_alert.text] == []


async def test_a_rejected_dossier_is_answered_by_its_product_s_code_too(
    portal: Portal, rated: Rated, operator: Operator
) -> None:
    id = await portal.file(new_dossier() | {"registration": "upgrade", "product_code": rated.product})
    await portal.event(id, "alert.delivered")

    traced = await operator.ocop("trace", rated.product, "--json")

    assert [line["what"] for line in traced.lines if line["story"] == id] == [
        "dossier.filed",
        "dossier.rejected",
        "recorded: rejected",
        "recorded: sending",
        "alert.delivered",
        "recorded: delivered",
    ]


async def test_without_the_database_the_journal_tells_what_it_knows(rated: Rated, operator: Operator) -> None:
    operator.environment["OCOP_OPERATOR_MONGO_URL"] = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100"

    traced = await operator.ocop("trace", rated.product, "--json")

    assert traced.code == 1
    assert traced.errors.startswith("ocop: without the services' records: MongoDB is away")
    assert traced.errors.endswith("ocop: who has not answered cannot be told without that\n")
    assert [line["what"] for line in traced.lines] == [
        "dossier.filed",
        "product.submitted",
        "product.rated",
        "alert.delivered",
    ]


@pytest.mark.usefixtures("rated")
async def test_what_is_in_flight_and_moves_is_known_once_the_broker_has_statistics(operator: Operator) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):  # it has counts and rates at different moments
        while None in (
            (seen := of_queue(await operator.ocop("queues", "--json"), FILED))["in_flight"],
            seen["in_per_second"],
        ):
            pass

    assert seen["in_flight"] == 0


async def test_a_dead_letter_is_part_of_its_story(quiet: Portal, rated: Rated, operator: Operator) -> None:
    failure = {"ce-correlationid": rated.id, "x-ocop-detail": f"at {PHONE}"}
    await dead_dossier(quiet, {"product_code": rated.product}, queue=QUIET, **failure)

    traced = await operator.ocop("trace", rated.id, "--json")

    (dead,) = (line for line in traced.lines if line["kind"] == "dead-letter")
    assert (dead["who"], dead["what"]) == ("notifications", f"dead letter in {QUIET}.dead")
    assert dead["detail"] == "error, at [phone], after 4 tries"


async def test_what_is_nowhere_is_said_to_be(operator: Operator) -> None:
    ran = await operator.ocop("trace", "nobody's")

    assert (ran.code, ran.text, ran.errors) == (1, "", "ocop: nothing is known of the id nobody's\n")


async def test_watch_tells_programs_what_happens(quiet: Portal, operator: Operator) -> None:
    process = await operator.start("watch", "--json")
    assert process.stdout is not None
    seen = [await until(process.stdout, lambda line: line["kind"] == "queue" and line["queue"] == FILED)]
    id = await quiet.file(new_dossier())
    seen.append(await until(process.stdout, lambda line: line["kind"] == "event" and line["correlation_id"] == id))
    dead = await dead_dossier(quiet, b"garbage", queue=QUIET)
    seen.append(await until(process.stdout, lambda line: line["kind"] == "dead-letter" and line["id"] == dead))
    process.send_signal(signal.SIGINT)

    assert (await ended(process)).code == 130
    assert [line["kind"] for line in seen] == ["queue", "event", "dead-letter"]
    assert seen[1]["type"] == TYPE


@pytest.mark.usefixtures("portal")
async def test_watch_fills_a_terminal_and_leaves_it_as_it_was(operator: Operator) -> None:
    mine, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.cli", "watch"),
        cwd=ROOT,
        env=operator.environment | {"TERM": "xterm", "LINES": "40"},
        stdin=its,
        stdout=its,
        stderr=subprocess.PIPE,
    )
    os.close(its)
    screen = b""
    while FILED.encode() not in screen:
        screen += await asyncio.to_thread(os.read, mine, 65536)
    process.send_signal(signal.SIGINT)
    while b"\x1b[?1049l" not in screen:  # the alternate screen is left
        screen += await asyncio.to_thread(os.read, mine, 65536)

    assert (await ended(process)).code == 130
    assert b"\x1b[?25h" in screen.rpartition(b"\x1b[?25l")[2]  # the cursor is back
    os.close(mine)


async def test_a_mistyped_filter_is_told_what_there_is(stack: LocalStack, quiet: Portal, operator: Operator) -> None:
    await dead_dossier(quiet, b"garbage", queue=QUIET)
    headers = {"ce-specversion": "1.0", "ce-id": str(uuid4()), "ce-source": SOURCE, "ce-type": TYPE}
    async with integration(stack) as sender:
        await sender.send(b"{}", headers=headers)

    of_letters = await operator.ocop("dead", "list", "--queue", QUIET, "--reason", "eror", "--json")
    of_events = await operator.ocop("journal", "--type", "dossier.file", "--json")

    assert (of_letters.code, of_letters.text) == (of_events.code, of_events.text) == (0, "")
    assert of_letters.errors == f"ocop: nothing matches: there are 1 error in {QUIET}.dead\n"
    assert of_events.errors.startswith("ocop: nothing matches: ")
    assert "dossier.filed" in of_events.errors


async def test_a_broker_that_is_not_trusted_is_said_to_be(
    stack: LocalStack, authority: Authority, operator: Operator
) -> None:
    url = URL(operator.amqp_url).with_scheme("amqps").with_host("localhost").with_port(authority.amqps_port)
    stranger, known = Operator(str(url)), Operator(str(url))
    known.environment["OCOP_TLS_CA_FILE"] = str(authority.ca_file)
    for each in (stranger, known):
        each.environment["OCOP_MANAGEMENT_URL"] = stack.management_url

    refused = await stranger.ocop("doctor", "--json")
    trusted = await known.ocop("doctor", "--json")

    assert (refused.lines[0]["name"], refused.lines[0]["state"]) == ("broker", "wrong")
    assert "is not trusted: " in refused.lines[0]["found"]
    assert "OCOP_TLS_CA_FILE" in refused.lines[0]["found"]
    assert (trusted.lines[0]["name"], trusted.lines[0]["state"]) == ("broker", "ok")


async def headers_of_the_first(portal: Portal, queue: str) -> dict[str, Any]:
    """Take the first message of a queue for good, and return its headers."""
    declared = await portal.channel.declare_queue(queue, passive=True)
    message = await declared.get(no_ack=True)
    assert message is not None
    return dict(message.headers)


async def until(output: asyncio.StreamReader, wanted: Any) -> dict[str, Any]:
    """Read lines of JSON until one is as wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not wanted(line := json.loads(await output.readline())):
            pass
    assert isinstance(line, dict)
    return line
