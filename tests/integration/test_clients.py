"""docs/integrating.md, tried: the clients file, follow and ask, also while the broker goes away and comes back."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused
from yarl import URL

from ops.access.broker import definitions
from ops.access.integrations import Integration
from ops.examples import FOLDER
from ops.services import start_services
from ops.stack import LocalStack
from ops.stack.ports import free_ports
from shared.clock import system_clock
from shared.legal_date import legal_date
from tests.integration.authority import Authority
from tests.integration.clients import CLIENTS, NODE_MODULES, ROOT, Client, client, commands, read_line
from tests.integration.dossiers import new_dossier
from tests.integration.faults import broker_command
from tests.integration.operator import operator_of, until_dead
from tests.integration.portal import PATIENCE_SECONDS, Portal

EVERYTHING = ("product.submitted", "dossier.rejected", "product.rated", "assessment.rejected")
INTEGRATIONS = {
    "python": Integration(listens_to=EVERYTHING),
    "node": Integration(listens_to=EVERYTHING),
    "curl": Integration(listens_to=EVERYTHING, management_api=True),
    "other": Integration(listens_to=EVERYTHING),
    "told-little": Integration(listens_to=("alert.failed",)),
}
PAGE = ROOT / "docs" / "integrating.md"
ALL = ("python", "node", "curl")
LASTING = ("python", "node")


@dataclass(frozen=True)
class Site:
    """A stack with the management interface and TLS, and the clients that know it."""

    stack: LocalStack
    authority: Authority
    clients: dict[str, Client]
    expired: str


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A question is asked before any service runs, and expires."""
    authority, (port,) = Authority(tmp_path_factory.mktemp("authority")), free_ports(1)
    settings = f"{authority.rabbitmq_conf}management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {port}\n"
    content = definitions(INTEGRATIONS, delay_milliseconds=50)
    known = commands(tmp_path_factory.mktemp("node"))
    async with LocalStack(tmp_path_factory.mktemp("site"), definitions=content, rabbitmq_conf=settings) as stack:
        clients = {
            name: client(
                name,
                known[name],
                OCOP_AMQP_URL=stack.credentials(f"integration.{name}").amqp_url,
                OCOP_MANAGEMENT_URL=f"http://127.0.0.1:{port}",
            )
            for name in ALL
        }
        expired = await _ask_in_vain(stack)
        await asyncio.gather(
            broker_command(stack, "rabbitmq-plugins", "enable", "rabbitmq_management"),
            start_services(stack, lambda _line: None),
        )
        yield Site(stack, authority, clients, expired)


async def _ask_in_vain(stack: LocalStack) -> str:
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


@pytest.fixture
def some(site: Site, request: pytest.FixtureRequest) -> Client:
    return site.clients[request.param]


@pytest.fixture
async def admin(site: Site) -> AsyncIterator[Portal]:
    async with await aio_pika.connect(site.stack.amqp_url) as connection:
        yield Portal(await connection.channel())


def written(folder: Path, dossier: dict[str, Any]) -> str:
    file = folder / "dossier.json"
    file.write_text(json.dumps(dossier), "utf-8")
    return str(file)


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_a_dossier_is_filed_followed_and_asked_for(some: Client, tmp_path: Path) -> None:
    async with some.following() as following:
        filed = await some.run("file", written(tmp_path, new_dossier(name="Kẹo lạc")))
        story = filed.text.strip()
        rating = await following.event(story, "product.rated")

    asked = await some.run("ask", rating["product_code"])

    assert (filed.code, asked.code, f"Filing {story}" in filed.errors) == (0, 0, True)
    state = read_line(asked.text.splitlines()[-1] if some.name == "curl" else asked.text)[2]
    assert (state["product"]["name"], state["rating"]["total"]) == ("Kẹo lạc", rating["total"])


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_a_rejected_dossier_is_followed_with_its_faults(some: Client, tmp_path: Path) -> None:
    async with some.following() as following:
        filed = await some.run("file", written(tmp_path, new_dossier() | {"samples": 4}))
        rejected = await following.event(filed.text.strip(), "dossier.rejected")

    assert [fault["code"] for fault in rejected["faults"]] == ["samples-wrong"]


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_the_same_id_again_gets_the_same_answers_and_they_are_handled_once(
    some: Client, admin: Portal, tmp_path: Path
) -> None:
    file, story = written(tmp_path, new_dossier()), str(uuid4())

    async with some.following() as following:
        for _ in range(2):
            assert (await some.run("file", file, story)).text.strip() == story
        await following.event(story, "product.rated")
        last = await some.run("file", written(tmp_path, new_dossier()))
        await following.event(last.text.strip(), "product.rated")  # what was announced again has come before

    assert len(following.of(story, "product.submitted")) == len(following.of(story, "product.rated")) == 1
    assert await admin.depth(f"{some.user}.events") == 0


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_code_that_nobody_knows_and_one_that_is_none_end_with_1(some: Client) -> None:
    unknown, none = await some.run("ask", "01-09574-444444-2026"), await some.run("ask", "bánh tẻ")

    assert (unknown.code, read_line(unknown.text)[2]["known"]) == (1, False)
    assert (none.code, read_line(none.text)[2]["faults"][0]["code"]) == (1, "product-code-unreadable")


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_asking_takes_nothing_from_who_follows_beside(some: Client, tmp_path: Path) -> None:
    file = written(tmp_path, new_dossier())
    async with some.following() as following:
        await following.until_told(1)
        filing, asking = await asyncio.gather(some.run("file", file), some.run("ask", "01-09574-333333-2026"))
        await following.event(filing.text.strip(), "product.rated")

    assert read_line(asking.text)[2]["known"] is False


async def test_a_broker_that_goes_and_comes_back_costs_no_dossier_and_no_event(site: Site, tmp_path: Path) -> None:
    async with AsyncExitStack() as opened:
        following = [await opened.enter_async_context(site.clients[name].following()) for name in LASTING]
        for each in following:
            await each.until_told(1)
        await broker_command(site.stack, "rabbitmqctl", "stop_app")
        file = written(tmp_path, new_dossier())
        filing = [asyncio.create_task(site.clients[name].run("file", file)) for name in LASTING]
        for each in following:
            await each.until_told(2)  # it has noticed
        await broker_command(site.stack, "rabbitmqctl", "start_app")
        filed = await asyncio.gather(*filing)
        stories = [each.text.strip() for each in filed]
        for each in following:
            await each.until_answered(*stories)

    assert [(each.code, "is not confirmed" in each.errors) for each in filed] == [(0, True)] * 2
    for each in following:
        assert len(set(each.lines)) == len(each.lines)


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_queue_that_was_deleted_and_made_anew_is_followed_again(
    some: Client, admin: Portal, tmp_path: Path
) -> None:
    async with some.following() as following:
        await following.until_told(1)
        await delete(admin, f"{some.user}.events")
        await following.until_told(2)  # it has noticed
        await make(admin, f"{some.user}.events")
        await following.until(lambda: following.told.count(f"Following {some.user}.events") == 2)
        filed = await some.run("file", written(tmp_path, new_dossier()))
        await following.event(filed.text.strip(), "product.rated")


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_a_queue_that_is_not_there_is_told_and_waited_for(some: Client, admin: Portal) -> None:
    missing = f"There is no queue {some.user}.events: tell the operator; again in 30 s"
    async with some.following() as following:
        await following.until_told(1)
        await delete(admin, f"{some.user}.events")
        await following.until(lambda: missing in following.told)
        await make(admin, f"{some.user}.events")

    assert following.told[-1] == missing  # and not that it gives up


async def delete(admin: Portal, queue: str) -> None:
    await admin.channel.queue_delete(queue, if_unused=False, if_empty=False)


async def make(admin: Portal, queue: str) -> None:
    """Make an integration's queue as `ocop access apply` does."""
    content = definitions(INTEGRATIONS)
    arguments = next(each["arguments"] for each in content["queues"] if each["name"] == queue)
    made = await admin.channel.declare_queue(queue, durable=True, arguments=arguments)
    for binding in content["bindings"]:
        if binding["destination"] == queue:
            await made.bind(binding["source"], binding["routing_key"])


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_follow_ends_once_nobody_reads_its_lines(some: Client, tmp_path: Path) -> None:
    read, write = os.pipe()
    following = await asyncio.create_subprocess_exec(
        *some.command, "follow", env=some.environment, stdout=write, stderr=PIPE
    )
    assert following.stderr
    os.close(write)
    await following.stderr.readline()  # it follows
    os.close(read)

    await some.run("file", written(tmp_path, new_dossier()))

    async with asyncio.timeout(PATIENCE_SECONDS):
        await following.communicate()
    assert following.returncode == 1


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_garbage_on_the_queue_is_told_and_what_follows_is_handled(
    some: Client, admin: Portal, tmp_path: Path
) -> None:
    for body, headers in ((b"\xff\x00", {"ce-id": "garbage"}), (b"{", {}), (b"", {}), (b"[]", {})):
        message = aio_pika.Message(body, headers={**headers})
        await admin.channel.default_exchange.publish(message, f"{some.user}.events")

    async with some.following() as following:
        filed = await some.run("file", written(tmp_path, new_dossier()))
        await following.event(filed.text.strip(), "product.rated")

    told = [line for line in following.told if line.startswith("Cannot be read")]
    assert [line.rpartition(", ")[2] for line in told] == ["2 bytes", "1 bytes", "0 bytes"]


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_over_tls_the_broker_s_certificate_is_checked(site: Site, some: Client) -> None:
    plain = URL(some.environment["OCOP_AMQP_URL"])
    url = str(plain.with_scheme("amqps").with_host("localhost").with_port(site.authority.amqps_port))
    encrypted = some.with_environment(OCOP_AMQP_URL=url)

    trusted = await encrypted.with_environment(OCOP_CA_FILE=str(site.authority.ca_file)).run(
        "ask", "01-09574-2222-2026"
    )
    stranger = await encrypted.run("ask", "01-09574-2222-2026")

    assert read_line(trusted.text)[2]["known"] is False
    assert (stranger.code, stranger.text) == (1, "")


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_a_wrong_password_is_told_and_not_tried_again(some: Client, tmp_path: Path) -> None:
    url = str(URL(some.environment["OCOP_AMQP_URL"]).with_password("wrong"))
    mistaken, file = some.with_environment(OCOP_AMQP_URL=url), written(tmp_path, new_dossier())

    for arguments in (("file", file), ("follow",), ("ask", "01-09574-1-2026")):
        ran = await mistaken.run(*arguments)
        assert (ran.code, "wrong" in ran.errors) == (1, False), arguments
        assert 1 <= ran.errors.count("\n") <= 3, arguments


@pytest.mark.parametrize("name", LASTING)
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        pytest.param("OCOP_AMQP_URL", "amqp://integration.x:secret/word@127.0.0.1/", id="a slash in the password"),
        pytest.param("OCOP_AMQP_URL", "amqp://integration.x:secret@127.0.0.1:port/", id="a port that is no number"),
        pytest.param("OCOP_CA_FILE", "/secret/not-there.pem", id="no such file"),
        pytest.param("OCOP_CA_FILE", __file__, id="no certificate"),
    ],
)
async def test_a_setting_that_cannot_be_read_is_named_and_neither_repeated_nor_tried_again(
    name: str, setting: str, said: str, tmp_path: Path
) -> None:
    usual = {"OCOP_AMQP_URL": "amqps://integration.x:secret@127.0.0.1:1/"}
    mistaken = client(name, commands(tmp_path)[name], **(usual | {setting: said}))

    ran = await mistaken.run("file", written(tmp_path, new_dossier()))

    assert (ran.code, ran.text, ran.errors) == (2, "", f"{setting} cannot be read\n")


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_asking_takes_no_more_than_it_can_hold(some: Client, admin: Portal) -> None:
    inbox = f"{some.user}.events"
    await admin.empty(inbox)
    waiting = (admin.channel.default_exchange.publish(aio_pika.Message(b"{}"), inbox) for _ in range(1_000))
    await asyncio.gather(*waiting)

    asked = await some.run("ask", "01-09574-1-2026")
    await admin.until_depth(inbox, 1_001)  # the answer comes nevertheless
    await admin.empty(inbox)

    assert (asked.code, asked.errors) == (
        1,
        "1000 events wait before the answer: read first what waits (follow)\n",
    )


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_who_calls_it_wrongly_is_told_how(some: Client) -> None:
    for arguments in ((), ("file", "not-there.json"), ("follow", "me")):
        ran = await some.run(*arguments)
        assert (ran.code, ran.text, "DOSSIER.json" in ran.errors) == (2, "", True), arguments


async def test_the_management_interface_lets_in_who_was_given_it_and_no_further(site: Site) -> None:
    url = site.stack.credentials("integration.python").amqp_url  # without the tag
    untagged = await site.clients["curl"].with_environment(OCOP_AMQP_URL=url).run("ask", "01-09574-1-2026")
    assert (untagged.code, "Not management user" in untagged.errors) == (1, True)

    taken = await over_http(site, "queues/%2F/integration.python.events/get", ackmode="ack_requeue_true")
    rated = await over_http(site, "exchanges/%2F/ocop.events/publish", routing_key="product.rated.v1")
    forged = await over_http(
        site, "exchanges/%2F/ocop.intake/publish", user_id="integration.python", routing_key="product.query.v1"
    )

    assert "access to queue 'integration.python.events' in vhost '/' refused" in taken
    assert "access to exchange 'ocop.events' in vhost '/' refused" in rated
    assert "user_id property set to 'integration.python' but authenticated user was 'integration.curl'" in forged


async def over_http(site: Site, path: str, *, user_id: str = "integration.curl", **said: str) -> str:
    """What the management interface says to the integration `curl`."""
    credentials = site.stack.credentials("integration.curl")
    body = {"count": 1, "encoding": "auto", "payload": "", "payload_encoding": "string", **said}
    request = Request(
        f"{site.clients['curl'].environment['OCOP_MANAGEMENT_URL']}/api/{path}",
        data=json.dumps({**body, "properties": {"user_id": user_id}}).encode(),
        headers={
            "Authorization": f"Basic {b64encode(f'{credentials.user}:{credentials.amqp_password}'.encode()).decode()}",
            "Content-Type": "application/json",
        },
    )

    def asked() -> str:
        try:
            with urlopen(request) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            return error.read().decode()

    return await asyncio.to_thread(asked)


async def test_a_question_that_nobody_took_expires_and_is_answered_when_it_is_brought_back(
    site: Site, admin: Portal
) -> None:
    letter = await until_dead(admin, "evaluation.product-query", site.expired)
    operator = operator_of(site.stack)
    (listed,) = (await operator.ocop("dead", "list", "--json")).lines

    async with site.clients["python"].following() as following:
        replayed = await operator.ocop("dead", "replay", site.expired, "--yes")
        state = await following.event(site.expired, "product.state")

    assert letter["x-death"][0]["reason"] == "expired"
    assert (listed["reason"], listed["filed_by"]) == ("expired", "integration.python")
    assert (replayed.code, state["known"]) == (0, False)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("command", "".join(blocks("sh")).splitlines())
async def test_a_command_of_the_page_does_what_it_says(site: Site, tmp_path: Path, command: str) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "examples" / "clients" / "node" / "node_modules").symlink_to(NODE_MODULES)
    program = next(name for name in ALL if f"/{name}/" in command)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = command.replace("-2026", f"-{legal_date(system_clock()).year}")
    if " ask " in command:  # the page has filed a dossier by now
        await site.clients[program].run("file", str(FOLDER / "01-banh-te-hung-van.json"))

    run = await asyncio.create_subprocess_exec(
        *shlex.split(command), cwd=tmp_path, env={**site.clients[program].environment, "PATH": path}, stdout=PIPE
    )

    assert run.stdout
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await run.stdout.readline()
        if command.endswith("follow"):
            run.send_signal(signal.SIGINT)
        await run.stdout.read()
        assert (await run.wait() == 0) is not command.endswith("follow")


def test_the_code_of_the_page_is_that_of_the_client() -> None:
    program = (CLIENTS / "python" / "ocop_client.py").read_text("utf-8")

    assert len(blocks("python")) >= 5
    assert [block for block in blocks("python") if block not in program] == []


async def test_nobody_has_seen_an_answer_to_another(site: Site, admin: Portal, tmp_path: Path) -> None:
    """The integration `other` has heard what all could hear, and has asked nothing."""
    asker = site.clients["python"]
    async with asker.following() as following:
        filed = await asker.run("file", written(tmp_path, new_dossier()))
        rating = await following.event(filed.text.strip(), "product.rated")
    await asker.run("ask", rating["product_code"])

    inbox, heard = await admin.channel.get_queue("integration.other.events"), set()
    while message := await inbox.get(no_ack=True, fail=False):
        heard.add(message.headers["ce-type"])

    assert "vn.ocop.product.rated.v1" in heard
    assert heard.isdisjoint({"vn.ocop.product.state.v1", "vn.ocop.query.rejected.v1"})


async def test_who_does_not_listen_to_ratings_may_not_ask_and_gets_no_answer_by_a_side_door(
    site: Site, admin: Portal
) -> None:
    """The broker holds only the first routing key against the rights; an answer reaches its asker by a binding."""
    user, id = "integration.told-little", str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/x", "ce-type": "vn.ocop.product.query.v1"}
    body = b'{"product_code": "01-09574-1-2026"}'
    await admin.empty("ocop.unrouted")
    async with await aio_pika.connect(site.stack.credentials(user).amqp_url) as connection:
        plainly = Portal(await connection.channel())
        with pytest.raises(ChannelAccessRefused):
            await plainly.send(body, headers=headers, routing_key="product.query.v1", user_id=user)
        beside = Portal(await connection.channel())
        copied = headers | {"CC": ["product.query.v1"]}
        await beside.send(body, headers=copied, routing_key="mistyped", user_id=user)

    kept = await admin.next_of("ocop.unrouted")

    assert (kept.headers["ce-causationid"], kept.type) == (id, "vn.ocop.product.state.v1")
    assert await admin.depth(f"{user}.events") == 0


async def test_an_answer_for_a_queue_that_is_gone_is_kept(site: Site, admin: Portal) -> None:
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/x", "ce-type": "vn.ocop.product.query.v1"}
    await admin.channel.queue_delete("integration.other.events", if_unused=False, if_empty=False)
    async with await aio_pika.connect(site.stack.credentials("integration.other").amqp_url) as connection:
        asker = Portal(await connection.channel())
        await asker.channel.get_exchange("ocop.intake", ensure=False)
        await asker.send(b"{}", headers=headers, routing_key="product.query.v1", user_id="integration.other")

    kept = await admin.next_of("ocop.unrouted")

    assert (kept.headers["ce-causationid"], kept.type) == (id, "vn.ocop.query.rejected.v1")
