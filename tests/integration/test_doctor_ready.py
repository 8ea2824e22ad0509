"""What `ocop doctor` says of a place where something else answers."""

import asyncio

import pytest

from ops.doctor.check import State
from ops.doctor.ready import check_services
from ops.operator_settings import OperatorSettings

AWAY = "http://127.0.0.1:1"


async def test_a_service_that_speaks_no_http_does_not_answer() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.vn ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        (check,) = await check_services(OperatorSettings("", None, None, (f"http://127.0.0.1:{port}",), None))

    assert check.state is State.WRONG
    assert check.found.startswith("does not answer: ")


@pytest.mark.parametrize(("names", "shown"), [({AWAY: "registry"}, "service registry"), ({}, "service 127.0.0.1:1")])
async def test_a_service_goes_by_its_name_where_that_is_said_also_when_it_is_away(
    names: dict[str, str], shown: str
) -> None:
    (check,) = await check_services(OperatorSettings("", None, None, (AWAY,), None, service_names=names))

    assert (check.state, check.name) == (State.WRONG, shown)
