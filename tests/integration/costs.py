"""Dossiers filed one at a time at services whose every word to broker and database is counted."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from yarl import URL

from shared.system import SYSTEM
from tests.faults.proxy import Hear, Proxy
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.recognition import recognise_in
from tests.integration.traffic import AmqpConnection, MongoConnection, Traffic
from tests.unit.registry.dossiers import changed, document
from tools.local_settings import AT_ONCE
from tools.stack import LocalStack
from tools.stack.ports import free_ports

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """What one service needs for one dossier.

    Attributes:
        database: round trips by command, and `documents` that were written.
        broker: messages that were delivered, published, confirmed and acknowledged.
        log_lines: lines of its log, at the level INFO.
        database_bytes: commands and their answers on the wire.
        broker_bytes: frames of both directions on the wire.
    """

    database: Mapping[str, int]
    broker: Mapping[str, int]
    log_lines: int
    database_bytes: int
    broker_bytes: int


@dataclass(frozen=True)
class Measured:
    """What was counted.

    Attributes:
        costs: what each dossier cost each service, by the names of both.
        ways: the functions by which the registry handled each dossier (`watched_registry`).
        other_lines: the `action` of what the logs hold besides, of no dossier.
    """

    costs: Mapping[tuple[str, str], Cost]
    ways: Mapping[str, list[str]]
    other_lines: frozenset[str]


@dataclass(frozen=True)
class Filed:
    """A dossier that is answered: the id of its event, and what it cost each service."""

    story: str
    costs: Mapping[str, Cost]


class Service:
    """A service as a process that reaches its servers through proxies that count."""

    def __init__(self, name: str, stack: LocalStack) -> None:
        self.name = name
        self.broker, self.database = Traffic(), Traffic()
        self._stack = stack

    async def start(self, opened: AsyncExitStack, *command: str) -> None:
        """Start it, and wait until it is ready."""
        own, port = self._stack.credentials(self.name), free_ports(1)[0]
        environment = {
            **os.environ,
            **AT_ONCE,
            **own.settings,
            "OCOP_AMQP_URL": await _through(opened, own.amqp_url, partial(AmqpConnection, self.broker)),
            "OCOP_MONGO_URL": await _through(opened, f"{own.mongo_url}", partial(MongoConnection, self.database)),
            "OCOP_SMTP_URL": self._stack.smtp_url,
            "OCOP_HTTP_PORT": str(port),
            "OCOP_LOG_LEVEL": "INFO",
            "OCOP_LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, "-m", *command]
        process = await self._stack.processes.start(self.name, argv, environment, working_folder=ROOT)
        await process.until_ready(lambda: asyncio.to_thread(_is_ready, port))

    async def counted(self) -> Cost:
        """Wait until it has acknowledged all that it got, and return what that has cost; the log is not read yet."""
        await self.broker.until_settled()
        sizes = (self.database.size_bytes, self.broker.size_bytes)
        return Cost(dict(self.database.counts), dict(self.broker.counts), 0, *sizes)

    def forget(self) -> None:
        """Count from zero again."""
        self.broker.forget()
        self.database.forget()


async def measure(folder: Path) -> Measured:
    """File a first registration, an upgrade and a rejection, twice: the first time warms up, the second counts."""
    async with AsyncExitStack() as opened:
        stack = await opened.enter_async_context(LocalStack(folder, fresh=True))
        ways = folder / "ways.jsonl"
        services = [Service(name, stack) for name in SYSTEM.names]
        for service in services:
            watched = ["tests.integration.watched_registry", str(ways)] if service.name == "registry" else None
            await service.start(opened, *watched or [f"services.{service.name}"])
        portal = await opened.enter_async_context(opened_portal(stack.amqp_url))
        await _file_each(1, portal, services, stack)
        filed = await _file_each(2, portal, services, stack)
        await stack.processes.stop_all()  # before the proxies go, and so that the logs are whole
        lines = {service.name: _lines(folder, service.name) for service in services}
    return Measured(
        {
            (name, service): replace(cost, log_lines=_count(lines[service], each.story))
            for name, each in filed.items()
            for service, cost in each.costs.items()
        },
        dict(zip(filed, map(json.loads, ways.read_text("utf-8").splitlines()[-len(filed) :]), strict=True)),
        frozenset(str(line.get("action")) for each in lines.values() for line in each if "correlation_id" not in line),
    )


async def _file_each(number: int, portal: Portal, services: Sequence[Service], stack: LocalStack) -> dict[str, Filed]:
    """File the three dossiers of one product, each once the one before is answered and acknowledged."""
    first = changed({"/product/name": f"Bánh tẻ {number}", "/producer/registration_number": f"01Y800123{number}"})
    registered = await _file(first, portal, services)
    submitted = await portal.event(registered.story, "product.submitted")
    await recognise_in(stack, submitted.data["product_code"])
    papers = [*first["documents"], document("change-report", f"{99:064x}")]
    upgrade = first | {"registration": "upgrade", "product_code": submitted.data["product_code"], "documents": papers}
    return {
        "first registration": registered,
        "upgrade": await _file(upgrade, portal, services),
        "rejection": await _file(first | {"samples": 3}, portal, services),
    }


async def _file(dossier: Mapping[str, Any], portal: Portal, services: Sequence[Service]) -> Filed:
    for service in services:
        service.forget()
    story = await portal.file(dossier)
    await portal.event(story, "alert.delivered")
    async with asyncio.timeout(PATIENCE_SECONDS):
        return Filed(story, {service.name: await service.counted() for service in services})


async def _through(opened: AsyncExitStack, url: str, listen: Callable[[], Hear]) -> str:
    """Return the URL of a new proxy to the server of a URL."""
    server = URL(url)
    proxy = await opened.enter_async_context(Proxy([server.port or 0], listen=listen))
    return str(server.with_port(proxy.port))


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _lines(folder: Path, service: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "logs" / f"{service}.log").read_text("utf-8").splitlines()]


def _count(lines: Iterable[Mapping[str, Any]], story: str) -> int:
    return sum(line.get("correlation_id") == story for line in lines)
