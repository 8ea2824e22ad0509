"""Listens for browsers until Ctrl-C."""

import asyncio
import errno
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ops.errors import CommandError
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.language import spoken_language
from ops.operator_settings import OperatorSettings
from ops.web.pages import OnRecord
from ops.web.server import Site, application

#: seconds that a page has to be finished where the server is to end
_PATIENCE = 2.0
_LOG = logging.getLogger(__name__)


def _is_ours(record: logging.LogRecord) -> bool:
    """Return whether a line of the log is about us: who sent what is no request has been told so, and nobody else."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_LOG.addFilter(_is_ours)


async def serve_pages(settings: OperatorSettings, host: str, port: int) -> int:
    """Serve the pages until Ctrl-C.

    Raises:
        AccessError: the database's URL is missing or wrong.
        CommandError: it cannot listen there.
    """
    with opened_reader(settings) as reader:
        site = Site(OnRecord(reader), spoken_language(), host)
        async with listening(site, port) as url:
            sys.stdout.write(f"{url}\n")
            sys.stdout.flush()
            if not site.is_for_this_machine:
                sys.stderr.write(f"ocop: {_exposed()}\n")
            await asyncio.Event().wait()
    return 0


@asynccontextmanager
async def listening(site: Site, port: int) -> AsyncIterator[str]:
    """Answer requests in this block. Return the URL of the first page. Raise CommandError: it cannot listen there."""
    runner = web.AppRunner(application(site), access_log=None, logger=_LOG, shutdown_timeout=_PATIENCE)
    await runner.setup()
    try:
        await _listen(runner, site.host, port)
        yield _url(site.host, runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = _("port {port} is taken on {host}: name another with --port, or any free one with --port 0")
        else:
            said = _("{host}, port {port}: nobody can listen there: {why}")
        raise CommandError(said.format(host=host, port=port, why=error.strerror)) from None


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _exposed() -> str:
    return _(
        "others can reach this, and it asks for no password and does not encrypt: let only your office's proxy reach "
        "it, which does both"
    )
