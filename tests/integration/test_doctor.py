"""`ocop doctor` and `ocop up`, on a stack that is first well and then broken, piece by piece."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import aio_pika
import pytest
from aio_pika.abc import HeadersType
from dotenv import dotenv_values

from ops.access.credentials import load
from shared.integrations import FILE
from shared.system import SYSTEM
from tests.contract.smtp_server import Mailbox, smtp_server
from tests.integration.operator import ROOT, Operator
from tests.integration.portal import PATIENCE_SECONDS
from tools.stack.control import request
from tools.stack.keeping import Outage
from tools.stack.leftovers import marked_processes

#: A queue that no service misses before it needs it.
DELAY = "registry.retry.10m"
#: A policy without which a service goes on, and dead letters are used up by looking at them.
POLICY = "evaluation.product-submitted.dead"


@dataclass
class Up:
    """`ocop up`, and the folder of its stack."""

    folder: Path
    run: asyncio.subprocess.Process

    async def until_printed(self, words: str) -> str:
        """Wait for a line with these words and return it."""
        assert self.run.stdout is not None
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            while line := (await self.run.stdout.readline()).decode():
                if words in line:
                    return line
        raise AssertionError(f"it ended, and never said {words!r}")

    async def until_all_printed(self, *words: str) -> None:
        """Wait for as many lines, each with other words of these, in whatever order."""
        awaited = list(words)
        assert self.run.stdout is not None
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            while awaited and (line := (await self.run.stdout.readline()).decode()):
                if found := next((each for each in awaited if each in line), None):
                    awaited.remove(found)
        assert awaited == []

    async def doctor(self) -> tuple[int | None, dict[str, dict[str, Any]]]:
        """Run `ocop doctor` and return its exit code, and check → what it says."""
        ran = await Operator("").ocop("doctor", "--json", "--folder", str(self.folder))
        assert ran.errors == ""
        return ran.code, {check["name"]: check for check in ran.lines}

    def kill(self, program: str) -> None:
        """Kill the server whose command line holds this."""
        for pid in marked_processes(self.folder):
            if program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                return
        raise AssertionError(f"no {program}")

    @asynccontextmanager
    async def without(self, part: str) -> AsyncIterator[None]:
        """Kill a part, and do something while it is away; nobody waits for its coming back."""
        asked = asyncio.create_task(request(self.folder, Outage(part, kill=True, seconds=600)))
        await self.until_printed("was killed as asked, and is away for 600 s")
        yield
        asked.cancel()


@pytest.fixture(scope="module")
async def mail_server() -> AsyncIterator[str]:
    """The host and port of a mail server that is not the stack's."""
    async with smtp_server(Mailbox()) as address:
        yield address


@pytest.fixture(scope="module")
async def up(tmp_path_factory: pytest.TempPathFactory, mail_server: str) -> AsyncIterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    integrations = folder / "integrations.yaml"
    integrations.write_text(FILE.read_text("utf-8"), "utf-8")
    said = {"OCOP_INTEGRATIONS": str(integrations), "OCOP_LOG_FORMAT": "json", "OCOP_HTTP_PORT": "8080"}
    said |= {"OCOP_SMTP_URL": f"smtp://{mail_server}"}
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools.cli", "up", "--folder", str(folder)),
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "300"} | said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    up = Up(folder, run)
    try:
        await up.until_printed(f"Mails go out, to {mail_server}: OCOP_SMTP_URL says so")
        await up.until_printed("Set, and not used here, where the stack has its own: OCOP_HTTP_PORT")
        assert json.loads(await up.until_printed('"action": "start"'))["event"] == "ready"
        yield up
    finally:
        if run.returncode is None:
            run.send_signal(signal.SIGINT)
        await run.communicate()
        assert list(marked_processes(folder)) == []  # interrupted while two parts are away


def states(checks: dict[str, dict[str, Any]], *states: str) -> set[str]:
    return {name for name, check in checks.items() if check["state"] in states}


async def test_an_integrator_s_shell_gets_none_of_the_operator_s_urls(up: Up) -> None:
    for_integrations, for_operators = dotenv_values(up.folder / "urls.env"), dotenv_values(up.folder / "operator.env")

    assert set(for_integrations) == {"OCOP_AMQP_URL", "OCOP_QUEUE"}
    assert "OCOP_OPERATOR_AMQP_URL" in for_operators
    kept = json.loads((up.folder / "ports.json").read_text("ascii"))
    assert f"@127.0.0.1:{kept['broker']}/" in str(for_integrations["OCOP_AMQP_URL"])
    assert {file.stat().st_mode & 0o777 for file in up.folder.glob("*.env")} == {0o600}


async def test_where_all_is_well_it_says_so(up: Up) -> None:
    code, checks = await up.doctor()

    assert states(checks, "warning", "wrong", "not-checked") == set()
    assert code == 0
    assert "RabbitMQ 3" in checks["broker"]["found"]
    assert len([name for name in checks if name.startswith("service ")]) == 3
    assert "answers, not encrypted" in checks["channel email"]["found"]


def test_a_mail_server_that_is_set_is_the_one_that_notifications_uses(up: Up, mail_server: str) -> None:
    (notifications,) = (
        process
        for process in (Path(f"/proc/{pid}") for pid in marked_processes(up.folder))
        if b"services.notifications" in (process / "cmdline").read_bytes()
    )

    assert f"OCOP_SMTP_URL=smtp://{mail_server}".encode() in (notifications / "environ").read_bytes().split(b"\0")


async def test_what_an_integration_is_no_longer_to_see_is_named_and_unbound(up: Up) -> None:
    beyond = "product.submitted.v1.01.*"
    async with await aio_pika.connect(load(up.folder / "secrets")["admin"].amqp_url) as connection:
        queue = await (await connection.channel()).get_queue("integration.portal.events")
        await queue.bind("ocop.events", beyond)
    url = str(dotenv_values(up.folder / "operator.env")["OCOP_MANAGEMENT_URL"])

    _, before = await up.doctor()
    ran = await Operator("").ocop("access", "apply", str(up.folder / "secrets"), "--management-url", url)
    _, after = await up.doctor()

    assert before["bindings"]["found"] == f"beyond the scope: integration.portal.events to {beyond}"
    assert (ran.code, f"integration.portal.events is no longer bound to {beyond}" in ran.text) == (0, True), ran.errors
    assert after["bindings"]["state"] == "ok"


async def test_a_system_is_connected_by_one_command_while_all_goes_on(up: Up) -> None:
    file, before = up.folder / "integrations.yaml", (up.folder / "integrations.yaml").read_text("utf-8")
    command = ("access", "add", "son-tay", "--scope", "commune:01-09574", "--secrets", str(up.folder / "secrets"))

    first, again = [await Operator("").ocop(*command) for _ in range(2)]
    _, checks = await up.doctor()

    assert (first.code, again.code) == (0, 0), first.errors + again.errors
    assert file.read_text("utf-8") == f'{before}\nson-tay:\n  scope: {{commune: ["01-09574"]}}\n'
    assert first.text.endswith(f"{up.folder}/secrets/integrations/son-tay/ocop_amqp_url\n")
    async with await aio_pika.connect(load(up.folder / "secrets")["integration.son-tay"].amqp_url) as connection:
        assert (await (await connection.channel()).get_queue("integration.son-tay.events")).name
    assert checks["integrations"]["found"] == f"those of {file}: integration.portal, integration.son-tay"
    assert states(checks, "warning", "wrong") == set()


async def test_who_is_taken_out_of_the_file_is_named_and_sees_nothing_more(up: Up) -> None:
    (up.folder / "integrations.yaml").write_text(FILE.read_text("utf-8"), "utf-8")

    applied = await Operator("").ocop("access", "apply", str(up.folder / "secrets"))
    _, checks = await up.doctor()

    assert "integration.son-tay.events is no longer bound to to.integration.son-tay\n" in applied.text
    assert "integration.son-tay can log in to the broker and is not in " in applied.text
    assert checks["integrations"]["state"] == "warning"
    assert "not in" in checks["integrations"]["found"]


async def test_a_queue_and_a_policy_that_are_missing_are_named_and_nothing_is_used_up(up: Up) -> None:
    await delete_queue(up, DELAY)
    delete_policy(up, POLICY)

    async with dead_letter(up, POLICY) as letter:
        code, checks = await up.doctor()
        listed = await Operator("").ocop("dead", "list", "--folder", str(up.folder))
        headers = await letter()

    assert headers.get("x-delivery-count", 0) == 0
    assert f"not tried, since it might use up what is there: {POLICY}" in checks["rights"]["found"]
    assert (listed.code, listed.errors.startswith(f"ocop: {POLICY}: not looked at: ")) == (1, True)
    assert code == 1
    assert states(checks, "wrong") == {"queues", "bindings", "policies"}
    assert checks["queues"]["found"] == f"missing: {DELAY}"
    assert checks["policies"]["found"] == f"{POLICY} is missing"
    assert "ocop access apply" in checks["policies"]["advice"]


async def test_a_broker_that_died_comes_back_where_it_was_with_what_it_held(up: Up) -> None:
    url = str(load(up.folder / "secrets")["admin"].amqp_url)
    async with await aio_pika.connect(url) as connection:
        await (await connection.channel()).default_exchange.publish(aio_pika.Message(b"kept", delivery_mode=2), POLICY)

    up.kill("beam")
    line = await up.until_printed("rabbitmq was killed (SIGKILL); its log:")
    await up.until_all_printed("RabbitMQ is ready again", *['"action": "resume"'] * len(SYSTEM.names))

    async with await aio_pika.connect(url) as connection:
        message = await (await (await connection.channel()).get_queue(POLICY)).get(no_ack=True)
    assert message is not None
    assert (message.body, line.rstrip().endswith("rabbitmq.log.1")) == (b"kept", True)


async def test_a_database_that_died_is_told_of_and_hides_nothing_else(up: Up) -> None:
    async with up.without("database"):
        code, checks = await up.doctor()

    assert code == 1
    assert checks["database"]["state"] == "wrong"
    assert states(checks, "not-checked") == {"replica set", "database rights", "indexes"}
    assert checks["broker"]["state"] == checks["rights"]["state"] == checks["consumers"]["state"] == "ok"
    assert {name for name in checks if name.startswith("service ")} < states(checks, "wrong")


async def test_a_broker_that_died_is_told_of_and_hides_nothing_else(up: Up) -> None:
    async with up.without("broker"):
        code, checks = await up.doctor()

    assert code == 1
    assert {"broker", "database"} <= states(checks, "wrong")
    assert states(checks, "ok") == {"python", "packages", "channel email", "channel log"}


@asynccontextmanager
async def dead_letter(up: Up, queue: str) -> AsyncIterator[Callable[[], Awaitable[HeadersType]]]:
    """Put a message into a queue. What is given takes it for good, and gives its headers."""
    async with await aio_pika.connect(load(up.folder / "secrets")["admin"].amqp_url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"garbage"), queue)

        async def taken() -> HeadersType:
            message = await (await channel.get_queue(queue)).get(no_ack=True)
            assert message is not None
            return message.headers

        yield taken


async def delete_queue(up: Up, queue: str) -> None:
    async with await aio_pika.connect(load(up.folder / "secrets")["admin"].amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(queue)


def delete_policy(up: Up, policy: str) -> None:
    url = dotenv_values(up.folder / "operator.env")["OCOP_MANAGEMENT_URL"]
    password = load(up.folder / "secrets")["admin"].amqp_password
    credentials = base64.b64encode(f"admin:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"}
    with urlopen(Request(f"{url}/api/policies/%2F/{policy}", method="DELETE", headers=headers), timeout=10):
        pass
