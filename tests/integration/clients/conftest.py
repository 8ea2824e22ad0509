"""The site of a file's tests, and one of its clients."""

from collections.abc import AsyncIterator

import aio_pika
import pytest

from tests.integration.clients.client import Client
from tests.integration.clients.site import Site, opened_site
from tests.integration.portal import Portal


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with opened_site(tmp_path_factory) as site:
        yield site


@pytest.fixture
def some(site: Site, request: pytest.FixtureRequest) -> Client:
    return site.clients[request.param]


@pytest.fixture
async def admin(site: Site) -> AsyncIterator[Portal]:
    async with await aio_pika.connect(site.stack.amqp_url) as connection:
        yield Portal(await connection.channel())
