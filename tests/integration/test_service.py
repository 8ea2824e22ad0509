"""A service as a process sees it: waiting, ready, and what it says of itself over HTTP."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from yarl import URL

from services.registry.settings import RegistrySettings
from shared.service import Service, build, serve
from tests.integration.faults import frozen_broker
from tests.integration.running import APPS, running_service
from tools.stack import LocalStack
from tools.stack.ports import free_ports

ROOT = Path(__file__).parents[2]


def built(stack: LocalStack, **changed: Any) -> Service[Any]:
    own = stack.credentials("registry")
    keys = {name: getattr(own, name) for name in ("producer_key", "contact_public_key", "certificate_keys")}
    values = {"amqp_url": stack.amqp_url, "mongo_url": stack.mongo_url, **keys, **changed}
    return build(APPS["registry"], RegistrySettings(_env_file=None, http_port=free_ports(1)[0], **values))


async def asked(service: Service[Any], path: str) -> tuple[int, str]:
    """Ask over HTTP and return status and text."""

    def ask() -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{service.settings.http_port}/{path}", timeout=5) as answer:
                return answer.status, answer.read().decode().strip()
        except HTTPError as error:
            return error.code, error.read().decode().strip()
        except URLError:
            return 503, "starting"  # it does not listen yet

    return await asyncio.to_thread(ask)


async def test_a_service_that_runs_is_live_and_ready(stack: LocalStack) -> None:
    async with running_service(stack, APPS["evaluation"]) as service:
        assert await asked(service, "live") == (200, "live")
        status, body = await asked(service, "ready")
        broker, database = URL(stack.amqp_url), URL(stack.mongo_url)
        assert (status, body.splitlines()) == (
            200,
            [
                "ready",
                f"RabbitMQ at {broker.host}:{broker.port} answers",
                f"MongoDB at {database.host}:{database.port} answers",
                "last message handled: none yet",
            ],
        )


async def test_a_service_shows_what_it_reads_and_writes(stack: LocalStack) -> None:
    async with running_service(stack, APPS["evaluation"]) as service:
        status, page = await asked(service, "docs")
        assert (status, '<h1 id="about">OCOP evaluation</h1>' in page) == (200, True)
        status, document = await asked(service, "asyncapi.json")
        assert (status, json.loads(document)["info"]["title"]) == (200, "OCOP evaluation")


async def test_the_page_of_a_service_may_load_nothing_and_run_nothing(stack: LocalStack) -> None:
    async with running_service(stack, APPS["evaluation"]) as service:
        url = f"http://127.0.0.1:{service.settings.http_port}/docs"
        with await asyncio.to_thread(urlopen, url, timeout=5) as answer:
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


async def test_a_service_is_not_ready_while_the_broker_is_frozen(stack: LocalStack) -> None:
    async with running_service(stack, APPS["evaluation"]) as service:
        with frozen_broker(stack):
            status, body = await asked(service, "ready")
            place = f"RabbitMQ at 127.0.0.1:{URL(stack.amqp_url).port}"
            assert status == 503
            assert body.startswith(f"{place} does not answer in time: is it running there, and OCOP_AMQP_URL right?\n")
        async with asyncio.timeout(30):
            while (await asked(service, "ready"))[0] != 200:
                pass


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"amqp_url": "bare"}, "no definitions of OCOP yet: run ocop access apply", id="bare broker"),
        pytest.param(
            {"amqp_url": "amqp://ocop:secret@127.0.0.1:1/"}, "RabbitMQ at 127.0.0.1:1 is away", id="no broker"
        ),
        pytest.param(
            {"amqp_url": "amqp://ocop:secret@127.0.0.1:{port}/"},
            "is away: ProbableAuthenticationError",
            id="wrong password",
        ),
        pytest.param(
            {"mongo_url": "mongodb://ocop:secret@127.0.0.1:1/"}, "MongoDB at 127.0.0.1:1 does not", id="no database"
        ),
    ],
)
async def test_a_service_waits_for_what_it_needs_and_says_for_what(
    stack: LocalStack, changed: dict[str, str], reason: str
) -> None:
    broker = URL(stack.amqp_url)
    if changed.get("amqp_url") == "bare":
        changed = {"amqp_url": str(broker.with_path("/bare"))}
    changed = {name: url.replace("{port}", str(broker.port)) for name, url in changed.items()}
    service, stop = built(stack, **changed), asyncio.Event()
    serving = asyncio.create_task(serve(service, stop))

    try:
        async with asyncio.timeout(30):
            while (body := await asked(service, "ready"))[1].startswith("starting"):
                pass
        assert await asked(service, "live") == (200, "live")
    finally:
        stop.set()
        await serving
    assert body[0] == 503
    assert reason in body[1]
    assert "secret" not in body[1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"OCOP_MONGO_URL": None}, "OCOP_MONGO_URL: Field required", id="missing"),
        pytest.param({"OCOP_PREFETCH": "many"}, "OCOP_PREFETCH: ", id="no number"),
        pytest.param({"OCOP_SMTP_URL": "smtp://ocop:secret@"}, "OCOP_SMTP_URL, OCOP_MAIL_FROM: ", id="no mail server"),
    ],
)
async def test_settings_that_cannot_work_end_the_service_with_a_word(
    stack: LocalStack, changed: dict[str, str | None], said: str
) -> None:
    own = stack.credentials("notifications").settings
    settings = {**own, "OCOP_AMQP_URL": stack.amqp_url, "OCOP_HTTP_PORT": "0", **changed}
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.notifications"),
        cwd=ROOT,
        env={name: value for name, value in settings.items() if value is not None},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )

    _, errors = await run.communicate()

    assert run.returncode == 2
    assert errors.decode().startswith(said)
    assert "Traceback" not in errors.decode()
    assert "secret" not in errors.decode()


@pytest.mark.usefixtures("system")  # its registry was the first
@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param(None, "OCOP_PRODUCER_KEY: Field required", id="missing"),
        pytest.param("geheim", "OCOP_PRODUCER_KEY: Value error, must have at least 32 bytes", id="short"),
        pytest.param("geheim" * 6, "OCOP_PRODUCER_KEY: the register was kept under another key", id="another"),
    ],
)
async def test_the_registry_starts_under_no_other_key_than_that_of_its_register(
    stack: LocalStack, key: str | None, said: str
) -> None:
    own = stack.credentials("registry")
    environment = own.settings | {"OCOP_PRODUCER_KEY": key or "", "OCOP_HTTP_PORT": "0"}
    if key is None:
        del environment["OCOP_PRODUCER_KEY"]
    registry = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.registry"), cwd=ROOT, env=environment, stderr=subprocess.PIPE
    )

    _, errors = await registry.communicate()

    assert registry.returncode == 2
    assert errors.decode().startswith(said)
    assert "geheim" not in errors.decode()
    assert (own.producer_key or "") not in errors.decode()
