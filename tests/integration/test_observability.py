"""What an operator sees of the three services at work: their logs, their metrics, and the traces of dossiers."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
import yaml

from tests.integration.collector import Collected
from tests.integration.dossiers import new_dossier
from tests.integration.observed import Observed, observed_system, value
from tests.integration.portal import PATIENCE_SECONDS, SOURCE, TYPE, Portal

ROOT = Path(__file__).parents[2]
SERVICES = ("registry", "evaluation", "notifications")
PAGE = (ROOT / "docs" / "observability.md").read_text("utf-8")
NAME, PHONE, EMAIL = "Nguyễn Thị Lan", "024 3383 0000", "hungvan@example.vn"
#: A span of the portal's own, which nobody collects.
PORTALS_SPAN = "b7ad6b7169203331"


@pytest.fixture(scope="module")
async def observed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Observed]:
    async with observed_system(tmp_path_factory.mktemp("observed")) as observed:
        yield observed


def personal_dossier() -> dict[str, Any]:
    dossier = new_dossier()
    dossier["producer"] |= {"name": NAME, "contact": {"phone": PHONE, "email": EMAIL}}
    return dossier


def attributes(id: str, **more: str) -> dict[str, str]:
    return {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE, **more}


async def file_traced(observed: Observed, body: bytes) -> tuple[str, str]:
    """File a dossier as part of a trace of the portal's own, and return its id and that of the trace."""
    id, trace_id = str(uuid4()), uuid4().hex
    headers = attributes(id, **{"ce-traceparent": f"00-{trace_id}-{PORTALS_SPAN}-01"})
    await observed.portal.send(body, headers=headers)
    return id, trace_id


async def collected(observed: Observed, trace_id: str, *, count: int) -> list[Collected]:
    return await asyncio.to_thread(observed.collector.trace, trace_id, count=count, seconds=PATIENCE_SECONDS)


def messages(spans: list[Collected]) -> dict[str, Collected]:
    """Return the spans of handled messages, by the service that handled them; an alert's delivery is `delivery`."""
    handled = [span for span in spans if span.name.startswith("process ")]
    return {"delivery" if ".delivery-" in span.name else span.service: span for span in handled}


async def until(seen: Callable[[], bool]) -> None:
    """Wait for what a process writes or says: it tells nobody when it has done so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await asyncio.to_thread(seen):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def line_of(observed: Observed, service: str, id: str, action: str = "answer") -> dict[str, Any]:
    """Wait for the line about a message of a story, and return it."""

    def found() -> list[dict[str, Any]]:
        return [e for e in observed.log(service) if e.get("correlation_id") == id and e.get("action") == action]

    await until(lambda: bool(found()))
    return found()[0]


async def test_a_dossier_is_one_trace_that_goes_on_from_its_filer_s(observed: Observed) -> None:
    _, trace_id = await file_traced(observed, json.dumps(personal_dossier()).encode())

    handled = messages(spans := await collected(observed, trace_id, count=4))

    assert sorted(handled) == ["delivery", "ocop-evaluation", "ocop-notifications", "ocop-registry"]
    assert handled["ocop-registry"].parent_id == PORTALS_SPAN
    assert handled["ocop-evaluation"].parent_id == handled["ocop-registry"].span_id
    assert handled["ocop-notifications"].parent_id == handled["ocop-evaluation"].span_id
    steps = [span for span in spans if span.service == "ocop-registry" and span not in handled.values()]
    assert {step.name for step in steps} == {"decide and record", "announce"}
    assert {step.parent_id for step in steps} == {handled["ocop-registry"].span_id}


async def test_a_dossier_that_came_without_a_trace_begins_one(observed: Observed) -> None:
    id = await observed.portal.file(new_dossier())
    delivered = await observed.portal.event(id, "alert.delivered")

    assert delivered.traceparent is not None
    handled = messages(await collected(observed, delivered.traceparent.split("-")[1], count=4))
    assert sorted(handled) == ["delivery", "ocop-evaluation", "ocop-notifications", "ocop-registry"]
    assert handled["ocop-registry"].parent_id == ""


async def test_what_cannot_be_read_stays_in_its_trace(observed: Observed) -> None:
    _, trace_id = await file_traced(observed, b"garbage")

    handled = messages(await collected(observed, trace_id, count=2))

    assert handled["ocop-registry"].attributes["ocop.outcome"] == "dead"
    assert handled["ocop-notifications"].parent_id == handled["ocop-registry"].span_id


async def test_the_answer_to_what_is_no_question_stays_in_its_trace(observed: Observed) -> None:
    id, trace_id, asker = str(uuid4()), uuid4().hex, "integration.portal"
    headers = attributes(id, **{"ce-traceparent": f"00-{trace_id}-{PORTALS_SPAN}-01"})
    async with await aio_pika.connect(observed.stack.credentials(asker).amqp_url) as connection:
        portal = Portal(await connection.channel())
        await portal.send(b"garbage", headers=headers, routing_key="product.query.v1", user_id=asker)
        answer = await portal.next_of(f"{asker}.events")
        while answer.headers["ce-causationid"] != id:
            answer = await portal.next_of(f"{asker}.events")

    handled = messages(await collected(observed, trace_id, count=1))

    assert answer.headers["ce-traceparent"] == f"00-{trace_id}-{handled['ocop-evaluation'].span_id}-01"


async def test_a_span_says_which_message_it_is_and_nothing_of_anybody(observed: Observed) -> None:
    id, trace_id = await file_traced(observed, json.dumps(personal_dossier()).encode())

    spans = await collected(observed, trace_id, count=3)

    assert messages(spans)["ocop-registry"].attributes == {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.destination.name": "registry.life",
        "messaging.message.id": id,
        "messaging.message.conversation_id": id,
        "cloudevents.event_type": "dossier.filed",
        "ocop.attempt": 1,
        "ocop.outcome": "recorded",
    }
    assert [each for each in (NAME, PHONE, EMAIL) if each in repr(spans)] == []


async def test_a_handled_message_is_one_line(observed: Observed) -> None:
    id = await observed.portal.file(personal_dossier())
    rated = await observed.portal.event(id, "product.rated")

    line = await line_of(observed, "evaluation", id)

    assert line.pop("timestamp").endswith("Z")
    assert line.pop("milliseconds") > 0
    assert line == {
        "level": "info",
        "event": "answered",
        "service": "evaluation",
        "action": "answer",
        "outcome": "recorded",
        "queue": "evaluation.product-submitted",
        "event_type": "product.submitted",
        "event_id": rated.causation_id,
        "correlation_id": id,
        "product_code": rated.subject,
        "attempt": 1,
    }
    assert len([e for e in observed.log("evaluation") if e.get("event_id") == rated.causation_id]) == 1


async def test_a_rejection_a_repeat_and_a_dead_letter_are_told_apart(observed: Observed) -> None:
    dossier = new_dossier()
    id = await observed.portal.file(dossier)
    await line_of(observed, "registry", id)
    await observed.portal.file(dossier, id=id)
    rejected = await observed.portal.file(new_dossier(province_code="99"))
    garbage, _ = await file_traced(observed, b"garbage")

    def outcomes() -> list[str]:
        return [e["outcome"] for e in observed.log("registry") if e.get("event_id") == id and "outcome" in e]

    await until(lambda: len(outcomes()) == 2)
    assert outcomes() == ["recorded", "repeated"]
    assert (await line_of(observed, "registry", rejected))["outcome"] == "rejected"
    dead = await line_of(observed, "registry", garbage, "dead-letter")
    assert (dead["level"], dead["outcome"], dead["reason"]) == ("error", "dead", "not-a-cloudevent")


async def test_every_library_logs_through_the_same_pipe(observed: Observed) -> None:
    """The process's whole output is JSON, at level DEBUG too; here uvicorn has something to say."""
    host, port = observed.address("registry").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"garbage\r\n\r\n")
        connection.recv(1000)

    await until(lambda: any(line.get("logger") == "uvicorn.error" for line in observed.log("registry")))
    for service in SERVICES:
        for line in observed.log(service):
            assert {"timestamp", "level", "event", "service"} <= set(line)
            assert [field for field in line if f"`{field}`" not in PAGE] == []
            assert line["service"] == service


async def test_no_log_repeats_personal_data(observed: Observed) -> None:
    id = await observed.portal.file(personal_dossier())
    await line_of(observed, "notifications", id)

    for service in SERVICES:
        assert [each for each in (NAME, PHONE, EMAIL) if each in observed.written(service)] == []


async def test_metrics_count_what_became_of_messages_alerts_and_products(observed: Observed) -> None:
    def counts() -> dict[str, float]:
        registry, evaluation, notifications = map(observed.scraped, SERVICES)
        filed = "dossier.filed"
        return {
            "recorded": value(registry, "ocop_messages_total", type=filed, outcome="recorded", reason=""),
            "rejected": value(registry, "ocop_messages_total", type=filed, outcome="rejected", reason=""),
            "dead": value(registry, "ocop_messages_total", type=filed, outcome="dead", reason="not-a-cloudevent"),
            "in flight": value(registry, "ocop_messages_in_flight"),
            "rated": sum(n for (name, _), n in evaluation.items() if name == "ocop_products_rated_total"),
            "mailed": value(notifications, "ocop_alerts_total", channel="email", result="delivered"),
        }

    before = await asyncio.to_thread(counts)
    await observed.portal.file(personal_dossier())
    await observed.portal.file(new_dossier(province_code="99"))
    await file_traced(observed, b"garbage")

    expected = {"recorded": 1, "rejected": 1, "dead": 1, "in flight": 0, "rated": 1}
    await until(lambda: {name: counts()[name] - before[name] for name in expected} == expected)
    await until(lambda: counts()["mailed"] > before["mailed"])


def asked_for(expression: str) -> set[tuple[str, str]]:
    """Return the metrics that a query names, each with the labels by which it chooses."""
    pairs = set()
    for name, chosen in re.findall(r"\b((?:ocop|rabbitmq|process)_[a-z_]+)(?:\{([^}]*)\})?", expression):
        labels = re.findall(r"(\w+)(?:=|!)", re.sub(r'"[^"]*"', '""', chosen)) or [""]
        pairs |= {(name, label) for label in labels if label not in {"job", "instance"}}
    return pairs


def expressions() -> list[str]:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text("utf-8"))
    board = json.loads((ROOT / "deploy/grafana/dashboards/ocop.json").read_text("utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    return [*(rule["expr"] for group in rules["groups"] for rule in group["rules"]), *queries]


async def test_rules_and_dashboard_name_what_is_really_there(observed: Observed) -> None:
    id = await observed.portal.file(personal_dossier())
    await line_of(observed, "notifications", id)

    scrapes = [await asyncio.to_thread(observed.scraped, service) for service in SERVICES]
    samples = [sample for scrape in (*scrapes, await asyncio.to_thread(observed.scraped_broker)) for sample in scrape]

    there = {(name, label) for name, labels in samples for label in ("", *dict(labels))}
    assert [pair for pair in set().union(*map(asked_for, expressions())) if pair not in there] == []
