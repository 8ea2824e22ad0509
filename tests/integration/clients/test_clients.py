"""docs/integrating.md, tried: the clients file, follow and ask, and one keeps a table."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage
from ocop_table import Table
from yarl import URL

from tests.integration.clients.client import Client, client, read_line
from tests.integration.clients.office import OFFICE, Office, in_the_register
from tests.integration.clients.programs import ROOT, commands
from tests.integration.clients.site import ALL, LASTING, Site, written
from tests.integration.dossiers import new_dossier
from tests.integration.portal import PATIENCE_SECONDS, Portal

FILINGS = ROOT / "examples" / "filings"


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


@pytest.mark.parametrize("program", ALL)
@pytest.mark.parametrize(
    ("event", "file", "code"),
    [
        ("scorecard.filed", "scorecard", "session-unknown"),
        ("recognition.decided", "recognition", "product-unknown"),
    ],
)
async def test_a_scorecard_and_a_recognition_are_filed_and_answered(
    site: Site, program: str, event: str, file: str, code: str
) -> None:
    """By a province, before there is such a session or product."""
    office = site.offices[program]
    async with office.following() as following:
        filed = await office.run("file", event, str(FILINGS / f"{file}.json"))
        rejected = await following.event(filed.text.strip(), "filing.rejected")

    assert filed.code == 0
    assert (rejected["filing"], [fault["code"] for fault in rejected["faults"]]) == (event, [code])


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_what_its_user_may_not_file_the_broker_refuses(some: Client) -> None:
    filed = await some.run("file", "recognition.decided", str(FILINGS / "recognition.json"))

    assert (filed.code, "refuse" in filed.errors) == (1, True)


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
        await following.event(last.text.strip(), "alert.delivered")  # what was announced again has come before

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
        await following.until_reported(1)
        filing, asking = await asyncio.gather(some.run("file", file), some.run("ask", "01-09574-333333-2026"))
        await following.event(filing.text.strip(), "product.rated")

    assert read_line(asking.text)[2]["known"] is False


@pytest.mark.parametrize("some", LASTING, indirect=True)
async def test_over_tls_the_broker_s_certificate_and_its_name_are_checked(site: Site, some: Client) -> None:
    plain = URL(some.environment["OCOP_AMQP_URL"])
    url = plain.with_scheme("amqps").with_host("localhost").with_port(site.authority.amqps_port)
    known = some.with_environment(OCOP_AMQP_URL=str(url), OCOP_CA_FILE=str(site.authority.ca_file))
    stranger = known.with_environment(OCOP_CA_FILE="")
    of_another_name = known.with_environment(OCOP_AMQP_URL=str(url.with_host("127.0.0.1")))

    trusted, *others = await asyncio.gather(
        *(each.run("ask", "01-09574-2222-2026") for each in (known, stranger, of_another_name))
    )

    assert read_line(trusted.text)[2]["known"] is False
    assert [(each.code, each.text) for each in others] == [(1, "")] * 2


@pytest.mark.parametrize("some", LASTING, indirect=True)
@pytest.mark.parametrize("path", ["", "/", "/%2F"])
async def test_the_virtual_host_may_be_left_out_of_the_url(some: Client, tmp_path: Path, path: str) -> None:
    url = URL(some.environment["OCOP_AMQP_URL"]).with_path(path, encoded=True)

    filed = await some.with_environment(OCOP_AMQP_URL=str(url)).run("file", written(tmp_path, new_dossier()))

    assert (filed.code, filed.errors) == (0, f"Filing {filed.text}")


@pytest.mark.parametrize("some", ALL, indirect=True)
async def test_a_wrong_password_is_told_and_not_tried_again(some: Client, tmp_path: Path) -> None:
    url = str(URL(some.environment["OCOP_AMQP_URL"]).with_password("wrong"))
    mistaken, file = some.with_environment(OCOP_AMQP_URL=url), written(tmp_path, new_dossier())

    commands = (("file", file), ("follow",), ("ask", "01-09574-1-2026"))
    for ran in await asyncio.gather(*(mistaken.run(*arguments) for arguments in commands)):
        assert (ran.code, "wrong" in ran.errors) == (1, False)
        assert 1 <= ran.errors.count("\n") <= 3


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
        assert (ran.code, ran.text, ".json [ID]" in ran.errors) == (2, "", True), arguments


async def test_a_file_and_a_table_that_are_not_there_are_named(site: Site, tmp_path: Path) -> None:
    python = site.clients["python"]

    dossier = await python.run("file", "not-there.json")
    table = await python.run("table", str(tmp_path / "none" / "products.sqlite"))

    assert (dossier.code, dossier.errors.splitlines()[-1]) == (2, "No such file: not-there.json")
    assert (table.code, table.errors) == (1, "The table cannot be read or written: unable to open database file\n")


@pytest.fixture
async def office(site: Site) -> AsyncIterator[Office]:
    async with await aio_pika.connect(site.stack.credentials(OFFICE).amqp_url) as connection:
        yield Office(await connection.channel(publisher_confirms=True))


@pytest.fixture
async def answered(site: Site) -> AsyncIterator[asyncio.Queue[str]]:
    """What is announced of certificates that were issued, corrected or revoked from now on, by the kind."""
    kinds: asyncio.Queue[str] = asyncio.Queue()
    async with await aio_pika.connect(site.stack.amqp_url) as connection:
        queue = await (await connection.channel()).declare_queue(exclusive=True)
        for kind in ("certificate.issued", "certificate.revoked"):
            await queue.bind("ocop.events", f"{kind}.v1.15.04630")

        async def put(message: AbstractIncomingMessage) -> None:
            await kinds.put(str(message.headers["ce-type"]))

        await queue.consume(put, no_ack=True)
        yield kinds


async def until(answered: asyncio.Queue[str], number: int) -> None:
    """Wait until so many events were announced."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(number):
            await answered.get()


async def test_a_portal_that_begins_late_has_the_register_though_others_file_meanwhile(
    site: Site, office: Office, admin: Portal, answered: asyncio.Queue[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "products.sqlite")
    shop = site.clients["python"].with_environment(OCOP_AMQP_URL=site.stack.credentials("integration.shop").amqp_url)
    for number in range(1, 13):
        await office.certify(number)
    await until(answered, 12)
    await admin.empty("integration.shop.events")  # as if it had been connected now

    async with shop.following(signal.SIGKILL, command=("table", file, "2")) as keeping:
        for number in range(1, 13, 3):
            await office.correct(number)
            await office.certify(number + 100)
        await keeping.until(lambda: keeping.lines)
    async with shop.following(command=("table", file, "5")) as keeping:
        for number in (3, 6, 9):
            await office.revoke(number)
        await until(answered, 4 + 4 + 3)
        register = await in_the_register(site)
        await keeping.until(lambda: Table(file).is_complete and list(Table(file).rows()) == register)

    assert (len(register), keeping.code) == (16, 128 + signal.SIGTERM)
    assert sorted({each["state"] for each in register}) == ["in-force", "revoked"]
