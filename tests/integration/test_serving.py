"""What comes over a connection that is no request."""

import asyncio

import pytest
from yarl import URL

from ops.language import Language
from ops.web.commands import HOST
from ops.web.listening import listening
from ops.web.server import Site
from tests.unit.ops.web.asking import MadeUp


async def test_what_is_no_request_is_no_matter_of_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    """An address that is too long, or a scanner: who sent it is told."""
    async with listening(Site(MadeUp(), Language.EN, HOST), 0) as url:
        reader, writer = await asyncio.open_connection(HOST, URL(url).port)
        writer.write(b"GET /products?q=" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.0 400 ")
    assert caplog.records == []
