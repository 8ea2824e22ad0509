"""How a command in another terminal asks a running stack for an outage: by a socket in its folder, of its user's."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tools.stack.errors import StackError
from tools.stack.keeping import Outage

_SOCKET = "control"


@asynccontextmanager
async def controlled(folder: Path, take_away: Callable[[Outage], Awaitable[None]]) -> AsyncIterator[None]:
    """Take requests for outages of the stack in this folder."""
    server = await asyncio.start_unix_server(partial(_answer, take_away), _address(folder))
    try:
        yield
    finally:
        server.close()
        (folder / _SOCKET).unlink(missing_ok=True)


async def request(folder: Path, outage: Outage) -> None:
    """Ask the stack that is up in this folder for an outage, and wait until that is over.

    Raises:
        StackError: nothing is up there, or it cannot do so; the message says why.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(_address(folder))
    except OSError:
        raise StackError(f"nothing is up in {folder}: start it with `make up`") from None
    try:
        writer.write(json.dumps(asdict(outage)).encode() + b"\n")
        answer = await reader.readline()
    finally:
        writer.close()
    if not answer:
        raise StackError("the stack was stopped meanwhile")
    if fault := json.loads(answer)["fault"]:
        raise StackError(fault)


async def _answer(
    take_away: Callable[[Outage], Awaitable[None]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    fault = None
    try:
        await take_away(Outage(**json.loads(await reader.readline())))
    except StackError as error:
        fault = str(error)
    except (asyncio.CancelledError, ValueError, TypeError):  # the stack stops; or it was no request
        writer.close()
        return
    with suppress(OSError):  # who asked may be gone
        writer.write(json.dumps({"fault": fault}).encode() + b"\n")
        await writer.drain()
    writer.close()


def _address(folder: Path) -> str:
    """Return the shorter way to the socket: the kernel takes 107 bytes."""
    return min(str(folder / _SOCKET), os.path.relpath(folder / _SOCKET), key=len)
