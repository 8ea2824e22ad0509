"""A register of an earlier version under today's registry: it is not touched until the command was run."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient
from yarl import URL

from tests.unit.certificate_keys import SIGNING_KEYS
from tests.unit.contact_keys import PUBLIC_KEY
from tools.stack import LocalStack
from tools.stack.ports import free_ports

ROOT = Path(__file__).parents[2]
#: seconds; what a loaded machine needs to start a process and end it
PATIENCE_SECONDS = 60
CODE = "01-09574-1-2025"
ENTRY = {"code": CODE, "place": "01-09574", "year": 2025, "serial": 1, "product_set": 6}
RECORD = {
    "_id": "first",
    "registered": ENTRY | {"producer_numbers": ["01y8001234"], "keys": ["01y8001234/bánh tẻ hưng vân"]},
    "announced": [{"id": "submitted"}],
}


@pytest.fixture
async def database(stack: LocalStack) -> str:
    """Return the name of a database as an earlier version left it."""
    name = f"old-{uuid4().hex}"
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        await client[name]["products"].insert_one(dict(RECORD))
    return name


async def run(stack: LocalStack, database: str, *arguments: str) -> tuple[int | None, str]:
    """Run the registry on that database until it ends, and return its exit code and what it said."""
    (port,) = free_ports(1)
    settings: Mapping[str, str] = {
        "OCOP_AMQP_URL": stack.amqp_url,
        "OCOP_MONGO_URL": str(URL(stack.mongo_url).with_path(f"/{database}").with_query(authSource="admin")),
        "OCOP_PRODUCER_KEY": "k" * 32,
        "OCOP_CONTACT_PUBLIC_KEY": PUBLIC_KEY,
        "OCOP_CERTIFICATE_KEYS": SIGNING_KEYS,
        "OCOP_HTTP_PORT": str(port),
    }
    command = [sys.executable, "-m", "services.registry", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=os.environ | settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    return process.returncode, said.decode()


async def histories(stack: LocalStack, database: str) -> list[dict[str, Any]]:
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        found = client[database]["products"].find({"history": {"$exists": True}})
        return [each["history"] async for each in found]


async def test_the_registry_does_not_start_and_says_which_command_is_missing(stack: LocalStack, database: str) -> None:
    exit_code, said = await run(stack, database)

    assert exit_code == 2
    assert "run `python -m services.registry migrate` once" in said
    assert await histories(stack, database) == []


async def test_the_command_gives_each_product_a_history_once(stack: LocalStack, database: str) -> None:
    first, second = [await run(stack, database, "migrate") for _ in range(2)]

    assert (first[0], second[0]) == (0, 0), first[1] + second[1]
    (history,) = await histories(stack, database)
    assert (history["of"], history["version"], history["state"]["code"]) == (CODE, 1, CODE)


async def test_a_job_that_the_registry_does_not_have_is_named_with_those_that_it_has(stack: LocalStack) -> None:
    exit_code, said = await run(stack, "unused", "rewrite")

    assert exit_code == 2
    assert "'migrate'" in said
