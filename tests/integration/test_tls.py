"""Encrypted connections to broker and database: the private authority's are taken, all others are refused."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from shared.contracts.event import Event
from shared.errors import OutageError, SettingsError
from shared.handling.outcome import DeadLetter, Outcome
from shared.messaging.connection import connect, with_authority
from shared.storage import Database
from tests.integration.authority import Authority
from tests.integration.portal import Portal
from tests.integration.probe import PROBE, probing, send_probe
from tests.integration.running import running_service
from tools.stack import LocalStack, Processes
from tools.stack.leftovers import end_leftovers
from tools.stack.ports import free_ports, listens


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that has certified nothing of ours."""
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="session")
async def encrypted_database(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> AsyncIterator[str]:
    """A database that takes nothing but TLS; its URL, with `localhost` as the host."""
    folder, (port,) = tmp_path_factory.mktemp("database"), free_ports(1)
    (folder / "secantusd.toml").touch()
    processes = Processes(folder)
    argv = [sys.executable, "-m", "secantus", "--config", str(folder / "secantusd.toml"), "--port", str(port)]
    argv += ["--storage-path", str(folder / "data"), "--host", "127.0.0.1"]
    argv += ["--tls-cert-file", str(authority.certificate), "--tls-key-file", str(authority.key)]
    server = await processes.start("secantus", argv, dict(os.environ), working_folder=folder)
    await server.until_ready(lambda: listens(port))
    yield f"mongodb://localhost:{port}/?directConnection=true&tls=true&serverSelectionTimeoutMS=2000"
    await processes.stop_all()
    end_leftovers(folder)


def amqps(stack: LocalStack, authority: Authority, *, host: str = "localhost", user: str = "registry") -> str:
    url = URL(stack.credentials(user).amqp_url)
    return str(url.with_scheme("amqps").with_host(host).with_port(authority.amqps_port))


async def test_a_service_takes_and_publishes_messages_over_tls(
    stack: LocalStack, authority: Authority, portal: Portal
) -> None:
    async def dead_letter(_: Event) -> Outcome:
        return DeadLetter("seen", "over TLS")

    url = amqps(stack, authority, user="probe")
    async with running_service(stack, probing(dead_letter), amqp_url=url, tls_ca_file=authority.ca_file):
        id = await send_probe(portal)
        dead = await portal.dead_letter(PROBE.queue)

    assert (dead.headers["ce-id"], dead.headers["x-ocop-reason"]) == (id, "seen")


@pytest.mark.parametrize("ca_file", ["stranger's", None], ids=["another authority", "the system's authorities"])
async def test_a_broker_that_the_authority_did_not_certify_is_refused(
    stack: LocalStack, authority: Authority, stranger: Authority, ca_file: str | None
) -> None:
    url = with_authority(amqps(stack, authority), stranger.ca_file if ca_file else None)

    with pytest.raises(OutageError, match="is away"):
        await connect(url, name="refused")


async def test_a_broker_whose_certificate_is_another_host_s_is_refused(stack: LocalStack, authority: Authority) -> None:
    url = with_authority(amqps(stack, authority, host="127.0.0.1"), authority.ca_file)

    with pytest.raises(OutageError, match="is away"):
        await connect(url, name="refused")


async def test_a_broker_that_the_authority_certified_is_taken(stack: LocalStack, authority: Authority) -> None:
    connection = await connect(with_authority(amqps(stack, authority), authority.ca_file), name="taken")

    assert connection.connected.is_set()
    await connection.close()


async def test_a_database_that_the_authority_certified_is_taken(encrypted_database: str, authority: Authority) -> None:
    database = Database(encrypted_database, service="registry", ca_file=authority.ca_file)

    await database.ping()
    await database.close()


@pytest.mark.parametrize("ca_file", ["stranger's", None], ids=["another authority", "the system's authorities"])
async def test_a_database_that_the_authority_did_not_certify_is_refused(
    encrypted_database: str, stranger: Authority, ca_file: str | None
) -> None:
    database = Database(encrypted_database, service="registry", ca_file=stranger.ca_file if ca_file else None)

    with pytest.raises(OutageError):
        await database.ping()
    await database.close()


async def test_an_authority_s_file_that_is_missing_is_no_silent_trust(tmp_path: Path, encrypted_database: str) -> None:
    with pytest.raises(SettingsError, match="OCOP_TLS_CA_FILE"):
        Database(encrypted_database, service="registry", ca_file=tmp_path / "missing.pem")
