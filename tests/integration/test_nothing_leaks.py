"""A whole run shows no personal data and no password: logs, health, command lines, `ocop`; searched, not believed."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from ops.access.credentials import load
from services.registry.settings import RegistrySettings
from shared.contracts.catalogue import EVENTS
from shared.errors import OutageError
from shared.messaging.connection import connect
from shared.service import build
from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.dossiers import new_dossier
from tests.integration.portal import Portal, opened_portal
from tests.integration.running import APPS
from tools.services import start_services
from tools.stack import LocalStack
from tools.stack.leftovers import marked_processes

#: The state of a socket in the kernel's table.
LISTEN = "0A"

ROOT = Path(__file__).parents[2]

#: A queue of this test's own, for all that is announced: no integration sees that.
EVERYTHING = "tests.everything"
PUBLISHED = ("product.submitted", "dossier.rejected", "product.rated", "assessment.rejected", "alert.delivered")

NAME, OTHER_NAME = "Nguyễn Thị Hoa Sim", "Trần Văn Mận"
NUMBER, GROUPED, FULL_WIDTH = "001085012345", "001.085.012.345", "００１０８５０１２３４５"
NUMBERS = (NUMBER, GROUPED, FULL_WIDTH, "001 085 012 345", "085012345")
PERSONAL = (*NUMBERS, NAME, "Hoa Sim", OTHER_NAME, "hoasim1962", "0912 868 686", "0912868686", "3383 7777", "33837777")
CONTACT = {"phone": "0912 868 686", "email": "hoasim1962@example.vn", "language": "vi"}


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A stack of its own, with the services as processes that log all they can, after everything was sent to them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCOP_LOG_LEVEL", "DEBUG")
        async with LocalStack(tmp_path_factory.mktemp("run"), fresh=True) as stack:
            await start_services(stack, lambda _line: None)
            async with opened_portal(stack.amqp_url) as portal:
                everything = await portal.channel.declare_queue(EVERYTHING, durable=True)
                await everything.bind(EVENTS, "#")
                await _send_everything(portal)
            yield stack


async def _send_everything(portal: Portal) -> None:
    good = _dossier()
    for dossier in (good, good, *_faulty()):
        await portal.event(await portal.file(dossier), "alert.delivered")
    for dossier in _households():
        await portal.event(await portal.file(dossier), "alert.delivered")
    for dossier in _of_a_faulty_program():  # no producer is told of it
        await portal.event(await portal.file(dossier), "dossier.rejected")
    for body in _garbage():
        story = str(uuid4())
        headers = {
            "ce-specversion": "1.0",
            "ce-id": story,
            "ce-source": "/portal",
            "ce-type": "vn.ocop.dossier.filed.v1",
        }
        await portal.send(body, headers=headers | {"x-clerk": OTHER_NAME, "x-phone": "024 3383 7777"})
        await portal.event(story, "dossier.rejected")
        await portal.send(body, headers=headers, exchange=EVENTS, routing_key="product.rated.v1.01.09574")
        await portal.send(
            body, exchange=EVENTS, routing_key="product.submitted.v1.01.09574", message_id=CONTACT["phone"]
        )
        await portal.send(body, routing_key="dossier.field.v1")
    for queue in ("evaluation.product-submitted", "notifications.product-rated"):
        for _ in _garbage():
            await portal.dead_letter(queue)


def _dossier(**producer: Any) -> dict[str, Any]:
    dossier = new_dossier(description=f"Gọi {NAME}, 0912 868 686")
    dossier["producer"] |= {"name": NAME, "contact": CONTACT, **producer}
    return dossier


def _households() -> Iterator[dict[str, Any]]:
    """Yield dossiers of producers whose number is a person's: rated, rejected, and with the number in other places."""
    papers = [paper | {"title": f"Giấy số {GROUPED}"} for paper in _dossier()["documents"]]
    name = f"Hộ kinh doanh {NUMBER}"
    yield _dossier(registration_number=NUMBER)
    yield _dossier(tax_code=f"{NUMBER}-001", registration_number=FULL_WIDTH, name=name) | {"documents": papers}
    yield _dossier(registration_number=GROUPED, name=name) | {"samples": 4}
    yield _dossier(tax_code=NUMBER, kind="enterprise")
    yield _dossier(registration_number=NUMBER) | {"self_assessment": {"answers": [{"criterion": NUMBER, "option": 1}]}}


def _faulty() -> Iterator[dict[str, Any]]:
    yield _dossier(tax_code=NAME)
    yield _dossier(contact=CONTACT | {"phone": OTHER_NAME, "email": f"{NAME} <hoasim1962@example.vn>"})
    yield _dossier() | {NAME: CONTACT, "documents": [{"type": NAME, "location": "mailto:hoasim1962@example.vn"}]}
    yield _dossier() | {"self_assessment": {"answers": [{"criterion": NAME, "option": 1}]}}


def _of_a_faulty_program() -> Iterator[dict[str, Any]]:
    yield _dossier(kind=OTHER_NAME)
    yield _dossier(registration_number=GROUPED) | {"samples": "4"}


def _garbage() -> list[bytes]:
    text = json.dumps(_dossier(), ensure_ascii=False)
    return [text.encode()[:-1], text.encode("utf-16"), json.dumps([NAME, CONTACT]).encode(), f"{NAME} NaN".encode()]


def _shown(stack: LocalStack) -> dict[str, str]:
    """Return everything that this run has let be seen, by where."""
    logs = {str(file): file.read_text("utf-8", "replace") for file in (stack.folder / "logs").iterdir()}
    commands = {
        f"command line of {pid}": Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace")
        for pid in marked_processes(stack.folder)
    }
    return logs | commands


async def test_no_personal_data_in_logs_or_command_lines(run: LocalStack) -> None:
    shown = _shown(run)

    assert any('"action": "dead-letter"' in text for text in shown.values()), "the services have logged nothing"
    found = [(where, personal) for where, text in shown.items() for personal in PERSONAL if personal in text]
    escaped = [(where, p) for where, text in shown.items() for p in PERSONAL if json.dumps(p)[1:-1] in text]
    assert found + escaped == []


async def test_no_password_in_logs_or_command_lines(run: LocalStack) -> None:
    credentials = load(run.folder / "secrets").values()
    secret = ("amqp_password", "mongo_password", "producer_key", "contact_private_keys", "certificate_keys")
    passwords = [value for each in credentials for name in secret if (value := getattr(each, name))]

    assert len(passwords) == 14
    assert [(where, p) for where, text in _shown(run).items() for p in passwords if p in text] == []


async def test_no_event_that_a_service_publishes_shows_a_personal_number(run: LocalStack) -> None:
    async with opened_portal(run.amqp_url) as portal:
        messages = await portal.rest_of(EVERYTHING)
    events = [message for message in messages if message.app_id]

    types = {str(event.type) for event in events}
    assert {name for name in PUBLISHED if f"vn.ocop.{name}.v1" not in types} == set()
    assert any("*********345" in event.body.decode() for event in events)
    assert [(str(event.type), number) for event in events for number in NUMBERS if number in event.body.decode()] == []


async def test_no_record_shows_a_personal_number(run: LocalStack) -> None:
    async with AsyncMongoClient[dict[str, Any]](run.mongo_url) as client:
        records = [
            json.dumps(record, default=str, ensure_ascii=False)
            for service, name in SYSTEM.collections.items()
            async for record in client[database_of(service)][name].find()
        ]

    assert any("hmac:" in record for record in records)
    assert [number for number in NUMBERS for record in records if number in record] == []


def test_no_mail_shows_a_personal_number(run: LocalStack) -> None:
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in run.mail_folder.glob("*.eml")]
    texts = [str(mail[name]) for mail in mails for name in mail] + [
        str(part.get_content()) for mail in mails for part in mail.walk() if not part.is_multipart()
    ]

    assert any("*********345" in text for text in texts), "a name with the number in it is written to"
    assert [number for number in NUMBERS for text in texts if number in text] == []


async def test_a_household_is_shown_to_operators_without_its_number(run: LocalStack) -> None:
    async with AsyncMongoClient[dict[str, Any]](run.mongo_url) as client:
        products = client[database_of("registry")][SYSTEM.collections["registry"]]
        code = (await products.find_one({"history.state.producer_numbers": {"$regex": "^hmac:"}}))["product_code"]  # type: ignore[index]

    product, trace = await ocop(run, "product", "show", code, "--reveal"), await ocop(run, "trace", code)

    assert "*********345" in product
    assert "product.submitted" in trace
    assert [number for number in NUMBERS if number in product + trace] == []


async def test_the_secrets_are_readable_by_nobody_else(run: LocalStack) -> None:
    others = 0o077
    secrets = run.folder / "secrets"

    assert [file for file in secrets.rglob("*") if file.stat().st_mode & others] == []


def test_what_listens_listens_on_this_machine_only(run: LocalStack) -> None:
    links = [link for pid in marked_processes(run.folder) for link in Path(f"/proc/{pid}/fd").iterdir()]
    sockets = {str(link.readlink()) for link in links if link.is_symlink()}
    listening = [
        address
        for table in ("tcp", "tcp6")
        for _, address, _, state, *_, inode in _connections(table)
        if state == LISTEN and f"socket:[{inode}]" in sockets
    ]

    assert listening
    assert {address.partition(":")[0] for address in listening} <= {"0100007F", "00000000000000000000000001000000"}


def _connections(table: str) -> list[list[str]]:
    """Read the kernel's table: number, local and remote address, state, …, up to the socket's inode."""
    return [line.split()[:10] for line in Path(f"/proc/net/{table}").read_text("ascii").splitlines()[1:]]


async def test_health_gives_away_where_servers_are_and_nobody_s_password(run: LocalStack) -> None:
    log = (run.folder / "logs" / "registry.log").read_text("utf-8")
    address = next(line["http"] for line in map(json.loads, log.splitlines()) if line["event"] == "ready")

    def ask() -> tuple[bytes, set[str]]:
        with urlopen(f"http://{address}/ready", timeout=5) as answer:
            return answer.read(), set(answer.headers)

    body, headers = await asyncio.to_thread(ask)
    assert body.startswith(b"ready\nRabbitMQ at 127.0.0.1:")
    own = run.credentials("registry")
    assert [secret for secret in (own.amqp_password, own.mongo_password or "", "@") if secret in body.decode()] == []
    assert "server" not in headers


async def test_a_service_s_repr_shows_no_password(run: LocalStack) -> None:
    own = run.credentials("registry")
    settings = RegistrySettings(
        _env_file=None,
        amqp_url=own.amqp_url,
        mongo_url=own.mongo_url,
        producer_key=own.producer_key,
        contact_public_key=own.contact_public_key,
        certificate_keys=own.certificate_keys,
    )
    service = build(APPS["registry"], settings)

    parts = (service, service.settings, service.connections, *vars(service.connections).values())
    shown = " ".join(map(repr, parts))
    assert own.amqp_password not in shown
    assert (own.mongo_password or "") not in shown
    assert (own.producer_key or "") not in shown
    assert (own.certificate_keys or "") not in shown
    await service.connections.database.close()


async def ocop(run: LocalStack, *arguments: str) -> str:
    """Run the operator's command and return all that it printed."""
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.cli", *arguments),
        cwd=ROOT,
        env=os.environ
        | {
            "OCOP_OPERATOR_AMQP_URL": run.credentials("operator").amqp_url,
            "OCOP_OPERATOR_MONGO_URL": run.credentials("operator").mongo_url or "",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await command.communicate()
    return output.decode()


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        pytest.param(["queues"], "registry.life.dead", id="queues"),
        pytest.param(["dead", "list", "--json"], "registry.life.dead", id="dead letters"),
        pytest.param(["journal", "--data", "--json"], "product.rated", id="journal with data"),
    ],
)
async def test_what_operators_look_at_shows_no_personal_data(run: LocalStack, arguments: list[str], shown: str) -> None:
    output = await ocop(run, *arguments)

    assert shown in output
    assert [p for p in PERSONAL if p in output or json.dumps(p)[1:-1] in output] == []


async def test_a_dead_letter_is_shown_without_personal_data(run: LocalStack) -> None:
    listed = [json.loads(line) for line in (await ocop(run, "dead", "list", "--json")).splitlines()]
    dossier = next(row["id"] for row in listed if row["reason"] == "breaks-contract")

    output = await ocop(run, "dead", "show", dossier)

    assert "[phone]" in output
    assert [personal for personal in PERSONAL if personal in output] == []


async def test_a_service_that_is_refused_does_not_repeat_its_password(run: LocalStack) -> None:
    wrong = uuid4().hex
    url = run.credentials("registry").amqp_url.replace(run.credentials("registry").amqp_password, wrong)

    with pytest.raises(OutageError) as refused:
        await connect(url, name="refused")

    assert wrong not in f"{refused.value!r} {refused.value.__cause__!r}"
