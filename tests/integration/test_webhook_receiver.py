"""A webhook arrives at the receiver of examples/webhooks, which checks it by another language's library."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from services.notifications.channels import Delivered, Refused
from services.notifications.channels.webhook import WebhookChannel
from tests.contract.test_webhooks import ALERT, DELIVERY, EVENT, NEW, OLD, subscription
from tests.integration.authority import Authority

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "examples" / "webhooks" / "node" / "receiver.mjs"
NODE_MODULES = ROOT / ".local" / "npm-webhooks" / "node_modules"
OTHER = NEW.replace("Ag", "Aw")


@asynccontextmanager
async def receiver(folder: Path, authority: Authority, secrets: str) -> AsyncIterator[tuple[Process, int]]:
    """Run the program beside its package, as `npm ci` would have it, and return it with its port."""
    if not NODE_MODULES.exists():
        pytest.fail(f"{NODE_MODULES} is missing: run tools/bootstrap.sh clients (make test does)")
    (folder / PROGRAM.name).write_bytes(PROGRAM.read_bytes())
    (folder / "node_modules").symlink_to(NODE_MODULES)
    settings = {
        "OCOP_WEBHOOK_SECRET": secrets,
        "OCOP_WEBHOOK_CERTIFICATE": str(authority.certificate),
        "OCOP_WEBHOOK_KEY": str(authority.key),
        "PORT": "0",
    }
    program = await asyncio.create_subprocess_exec(
        "node", str(folder / PROGRAM.name), env=os.environ | settings, stdout=PIPE, stderr=PIPE
    )
    try:
        assert program.stderr
        yield program, int((await program.stderr.readline()).split()[-1])
    finally:
        program.terminate()
        assert await program.wait() == 0


async def test_it_takes_what_is_signed_by_a_secret_of_its_own_once_and_nothing_else(
    tmp_path: Path, authority: Authority
) -> None:
    async with receiver(tmp_path, authority, f"{OTHER} {NEW}") as (program, port):
        url = f"https://localhost:{port}/ocop"
        right = WebhookChannel([subscription(url, NEW)], ca_file=authority.ca_file)
        while_changing = WebhookChannel([subscription(url, OLD, NEW)], ca_file=authority.ca_file)
        wrong = WebhookChannel([subscription(url, OLD)], ca_file=authority.ca_file)
        second = replace(DELIVERY, alerts=(replace(ALERT, id="another"),))

        results = [await each.deliver(DELIVERY) for each in (wrong, right, right)]
        results.append(await while_changing.deliver(second))
        for each in (wrong, right, while_changing):
            await each.close()

    assert results == [Refused("401"), Delivered(), Delivered(), Delivered()]
    assert program.stdout
    taken = [json.loads(line) for line in (await program.stdout.read()).splitlines()]
    assert [each["delivery"] for each in taken] == [ALERT.id, "another"]
    assert taken[0]["data"] == EVENT.data
