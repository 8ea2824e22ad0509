"""An operator at the command line, and dead letters for it to work on."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika

from tests.integration.portal import PATIENCE_SECONDS, SOURCE, TYPE, Portal
from tools.stack import LocalStack

ROOT = Path(__file__).parents[2]
OPERATOR = "operator"

#: What a service writes on a dead letter.
FAILURE = {
    "x-ocop-reason": "error",
    "x-ocop-detail": "KeyError in decide:12",
    "x-ocop-failed-at": "2026-11-24T06:00:00+00:00",
    "x-ocop-attempt": 4,
    "x-ocop-queue": "registry.life",
}


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int | None
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """Standard output."""
        return self.output.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output, of a command that was asked for JSON."""
        return [json.loads(line) for line in self.text.splitlines()]


class Operator:
    """Runs `ocop` as a process of its own, logged in as a user of the broker."""

    def __init__(self, amqp_url: str, *, mongo_url: str | None = None) -> None:
        self.amqp_url = amqp_url
        self.environment = os.environ | {"OCOP_OPERATOR_AMQP_URL": amqp_url, "PYTHONPATH": str(ROOT), "COLUMNS": "180"}
        if mongo_url:
            self.environment["OCOP_OPERATOR_MONGO_URL"] = mongo_url

    async def start(self, *arguments: str, stdin: int = subprocess.DEVNULL) -> asyncio.subprocess.Process:
        """Start a command."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops.cli", *arguments),
            cwd=ROOT,
            env=self.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    async def ocop(self, *arguments: str) -> Ran:
        """Run a command to its end."""
        return await ended(await self.start(*arguments))


async def ended(process: asyncio.subprocess.Process) -> Ran:
    """Wait for a command's end."""
    async with asyncio.timeout(2 * PATIENCE_SECONDS):
        output, errors = await process.communicate()
    return Ran(process.returncode, output, errors.decode())


def operator_of(stack: LocalStack) -> Operator:
    own = stack.credentials(OPERATOR)
    return Operator(own.amqp_url, mongo_url=own.mongo_url)


@asynccontextmanager
async def integration(stack: LocalStack) -> AsyncIterator[Portal]:
    """A connected system that only files."""
    async with await aio_pika.connect(stack.credentials("integration.portal").amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.get_exchange("ocop.intake", ensure=False)
        yield Portal(channel)


async def dead_dossier(
    portal: Portal,
    dossier: Mapping[str, Any] | bytes,
    *,
    queue: str = "registry.life",
    id: str | None = None,
    **headers: Any,
) -> str:
    """Put a dossier among the dead letters of a queue, as a service would, and return its id."""
    id = id or str(uuid4())
    event = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE}
    body = dossier if isinstance(dossier, bytes) else json.dumps(dossier).encode()
    await portal.send(body, headers=event | FAILURE | headers, exchange="ocop.dead", routing_key=f"{queue}.dead")
    return id


async def until_dead(portal: Portal, queue: str, id: str) -> dict[str, Any]:
    """Wait until a message is among the dead letters of a queue, leave it there, and return its headers."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            dead = await portal.channel.declare_queue(f"{queue}.dead", passive=True)
            async with dead.iterator() as messages:
                message = await anext(messages)
                await message.reject(requeue=True)
            if message.headers.get("ce-id") == id:
                return dict(message.headers)
