"""What is counted of messages that meet failures: each ending once, and the age of what did not wait on purpose."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aio_pika
import pytest
from prometheus_client import REGISTRY

from services.evaluation.metrics import count
from shared.contracts.catalogue import EVENTS, PRODUCT_RATED
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.outcome import Answered, Decision, Outcome, Retry
from shared.handling.steps import Steps
from tests.integration.faults import until
from tests.integration.portal import PATIENCE_SECONDS, Portal
from tests.integration.probe import PROBE, PROBE_KEY, PROBE_SENT, naming, probe_body, probe_portal, probing, send_probe
from tests.integration.processes import running_probe
from tests.integration.running import running_service
from tools.stack import LocalStack
from tools.stack.ports import free_ports

ROOT = Path(__file__).parents[2]
TYPE = PROBE_SENT.name
#: seconds that the messages of these tests have waited
OLD_SECONDS = 1000


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


class Counted:
    """What the metrics say since now."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> dict[str, float]:
        return {
            **{
                f"{sample.labels['outcome']} {sample.labels['reason']}".strip(): sample.value
                for family in REGISTRY.collect()
                for sample in family.samples
                if sample.name == "ocop_messages_total" and sample.labels["type"] == TYPE
            },
            "aged": REGISTRY.get_sample_value("ocop_message_age_seconds_count", {"type": TYPE}) or 0,
            "old": REGISTRY.get_sample_value("ocop_message_age_seconds_sum", {"type": TYPE}) or 0,
        }

    def since(self) -> dict[str, float]:
        """Return what has changed."""
        return {k: n - self._before.get(k, 0) for k, n in self._now().items() if n != self._before.get(k, 0)}


async def test_a_bug_is_counted_as_delays_and_then_one_dead_letter(stack: LocalStack, portal: Portal) -> None:
    async def broken(_: Event) -> Outcome:
        raise KeyError

    counted = Counted()
    async with running_service(stack, probing(broken)):
        await send_probe(portal)
        await portal.dead_letter(PROBE.queue)

    assert counted.since() == {"delayed error": len(PROBE.delays), "dead error": 1}


async def test_the_age_of_a_message_is_measured_once_though_it_is_tried_again(
    stack: LocalStack, portal: Portal
) -> None:
    tries, handled = 0, asyncio.Event()

    async def later(_: Event) -> Outcome:
        nonlocal tries
        tries += 1
        if tries < 3:
            return Retry("try-later", "not known yet")
        handled.set()
        return Answered()

    counted = Counted()
    async with running_service(stack, probing(later)):
        published = datetime.now(UTC) - timedelta(seconds=OLD_SECONDS)
        message = aio_pika.Message(probe_body("old"), headers=dict(naming("old")), timestamp=published)
        await (await portal.channel.get_exchange(EVENTS)).publish(message, PROBE_KEY)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await handled.wait()

    since = counted.since()
    assert (since["aged"], since["delayed try-later"], since["answered"]) == (1, 2, 1)
    assert OLD_SECONDS <= since["old"] < OLD_SECONDS + PATIENCE_SECONDS


async def test_an_answer_that_could_not_be_announced_at_once_is_counted_once_and_is_no_repeat(
    stack: LocalStack, portal: Portal
) -> None:
    on_record: dict[str, Decision] = {}
    announced = asyncio.Event()

    class Record:
        async def find(self, key: str) -> Decision | None:
            return on_record.get(key)

        async def record(self, decision: Decision) -> None:
            on_record[decision.key] = replace(decision, repeated=True)

    async def announce(_: Event) -> None:
        if not announced.is_set():
            announced.set()
            raise OutageError("the broker is away for a moment")

    steps = Steps(announce, on_recorded=count)

    async def rate(event: Event) -> Outcome:
        async def decide(_: int) -> Decision:
            rated = Event(id="1", source="/tests", type=PRODUCT_RATED.type, data={"stars": 4})
            return Decision(event.key, (rated,))

        return await steps.take(event.key, Record(), decide)

    def four_stars() -> float:
        return REGISTRY.get_sample_value("ocop_products_rated_total", {"stars": "4"}) or 0

    counted, before = Counted(), four_stars()
    async with running_service(stack, probing(rate)):
        await send_probe(portal)
        await until(lambda: not counted.since().keys().isdisjoint({"recorded", "repeated"}))

    assert four_stars() - before == 1
    assert counted.since() == {"recorded": 1}


async def test_what_a_stop_gives_back_is_counted_as_such(stack: LocalStack, portal: Portal) -> None:
    in_flight = asyncio.Event()

    async def never(_: Event) -> Outcome:
        in_flight.set()
        await asyncio.Event().wait()
        return Answered()

    counted = Counted()
    async with running_service(stack, probing(never), drain_seconds=1):
        await send_probe(portal)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await in_flight.wait()

    assert counted.since() == {"given-back": 1}


async def test_a_collector_that_is_away_keeps_no_service_from_its_work_or_its_end(
    stack: LocalStack, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_ports(1)[0]}")

    async with running_probe(stack) as process:
        await send_probe(portal)
        await portal.until_depth(PROBE.queue, 0)
        assert await process.stop() == 0

    assert '"outcome": "answered"' in process.log_file.read_text("utf-8")


async def test_nothing_of_tracing_is_loaded_where_nobody_collects_traces() -> None:
    program = (
        "import sys; from services.registry import app; from shared import tracing; tracing.start_tracing('registry')\n"
        "sdk = ('opentelemetry.sdk', 'opentelemetry.exporter', 'google')\n"
        "print([name for name in sys.modules if name.startswith(sdk)])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}

    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )

    assert (await run.communicate())[0].decode().strip() == "[]"


async def test_a_bug_that_ends_the_process_is_a_line_like_any_other(stack: LocalStack) -> None:
    program = (
        "from shared.service import App, run\n"
        "async def prepare(resources): raise KeyError('Nguyễn Thị Lan')\n"
        "run(App('registry', prepare=prepare, handlers={}))\n"
    )
    own = stack.credentials("registry")
    settings = {"OCOP_AMQP_URL": own.amqp_url, "OCOP_MONGO_URL": own.mongo_url or "", "OCOP_HTTP_PORT": "0"}
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )

    output, errors = await run.communicate()

    assert (run.returncode, errors.decode()) == (1, "")
    assert '"action": "crash"' in output.decode().splitlines()[-1]
    assert "Nguyễn" not in output.decode()
