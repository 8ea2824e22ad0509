"""A stack of its own, with the management interface and TLS, that the clients are integrations of."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from ops.access.broker import definitions
from shared.integrations import read_integrations
from tests.integration.authority import Authority
from tests.integration.clients.client import Client, client
from tests.integration.clients.programs import commands
from tests.integration.faults import broker_command
from tools.services import start_services
from tools.stack import LocalStack
from tools.stack.ports import free_ports

LASTING = ("python", "node", "go", "java", "php")
ALL = (*LASTING, "curl")
EVERYTHING = ("product.submitted", "dossier.rejected", "product.rated", "assessment.rejected")
_PORTAL = {"scope": {"portal": "everywhere"}, "listens_to": EVERYTHING}
#: As the file of integrations has it: JSON is YAML.
_FILE = {
    **dict.fromkeys(LASTING, _PORTAL),
    "curl": {**_PORTAL, "management_api": True},
    "other": _PORTAL,
    "shop": {"scope": {"portal": ["15"]}},
    **{f"office-{name}": {"scope": {"province": "15"}, "management_api": True} for name in ALL},
    "alert-failures": {**_PORTAL, "listens_to": ["alert.failed"]},
}
INTEGRATIONS = read_integrations(json.dumps(_FILE).encode())


@dataclass(frozen=True)
class Site:
    """A stack with the management interface and TLS, the clients that know it, a question that was asked too early.

    The `clients` are portals, the `offices` the same programs as a province's system.
    """

    stack: LocalStack
    authority: Authority
    clients: dict[str, Client]
    offices: dict[str, Client]
    expired: str


@asynccontextmanager
async def opened_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A question is asked before any service runs, and expires."""
    authority, (port,) = Authority(tmp_path_factory.mktemp("authority")), free_ports(1)
    settings = f"{authority.rabbitmq_conf}management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n"
    integrations = tmp_path_factory.mktemp("integrations") / "integrations.yaml"
    integrations.write_text(json.dumps(_FILE), "utf-8")
    content = definitions(INTEGRATIONS, delay_milliseconds=50)
    known = commands(tmp_path_factory.mktemp("node"))
    async with LocalStack(
        tmp_path_factory.mktemp("site"), definitions=content, rabbitmq_conf=settings, fresh=True
    ) as stack:
        clients, offices = (
            {
                name: client(
                    name,
                    known[name],
                    OCOP_AMQP_URL=stack.credentials(f"integration.{prefix}{name}").amqp_url,
                    OCOP_MANAGEMENT_URL=f"http://127.0.0.1:{port}",
                )
                for name in ALL
            }
            for prefix in ("", "office-")
        )
        expired = await _ask_in_vain(stack)
        await asyncio.gather(
            broker_command(stack, "rabbitmq-plugins", "enable", "rabbitmq_management"),
            start_services(stack, lambda _line: None, OCOP_INTEGRATIONS=str(integrations)),
        )
        yield Site(stack, authority, clients, offices, expired)


async def _ask_in_vain(stack: LocalStack) -> str:
    """Ask for a product as `integration.python` and wait for no answer. Return the question's id."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/x", "ce-type": "vn.ocop.product.query.v1"}
    async with await aio_pika.connect(stack.credentials("integration.python").amqp_url) as connection:
        intake = await (await connection.channel()).get_exchange("ocop.intake")
        message = aio_pika.Message(
            b'{"product_code": "01-09574-555555-2026"}',
            headers={**headers},
            user_id="integration.python",
            expiration=0.01,
        )
        await intake.publish(message, "product.query.v1")
    return id


def written(folder: Path, dossier: dict[str, Any]) -> str:
    """Write a dossier into a folder. Return its file."""
    file = folder / "dossier.json"
    file.write_text(json.dumps(dossier), "utf-8")
    return str(file)
