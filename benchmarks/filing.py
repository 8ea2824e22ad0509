"""Files dossiers: as CloudEvents, as plain JSON, or through the client of a peer."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange

from benchmarks.arena import Arena, BenchmarkError, python
from benchmarks.contestants import Contestant, peer_environment
from benchmarks.dossiers import SOURCE, BenchmarkDossier
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from shared.contracts.writing import write
from tools.stack import Process

#: Publishes that wait for their confirm at the same time.
_IN_FLIGHT = 200


def message(filing: BenchmarkDossier, contestant: Contestant) -> aio_pika.Message:
    """Return the message that files a dossier."""
    if contestant.form == "json":
        return aio_pika.Message(
            json.dumps({"id": filing.id, "data": filing.dossier}, ensure_ascii=False).encode(),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=filing.id,
            correlation_id=filing.id,
        )
    event = write(Event(id=filing.id, source=SOURCE, type=DOSSIER_FILED.type, data=filing.dossier))
    return aio_pika.Message(
        event.body,
        headers=dict(event.headers),
        content_type=event.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=filing.id,
    )


async def intake_of(channel: AbstractChannel, contestant: Contestant) -> AbstractExchange:
    """Return the exchange to which a contestant's dossiers go."""
    return await channel.get_exchange(contestant.exchange) if contestant.exchange else channel.default_exchange


async def file_all(
    arena: Arena, contestant: Contestant, channel: AbstractChannel, filings: Iterable[BenchmarkDossier]
) -> None:
    """File dossiers as fast as the broker confirms them."""
    if contestant.form == "own-client":
        await _file_by_its_client(arena, contestant, filings)
        return
    exchange, ready = await intake_of(channel, contestant), (message(filing, contestant) for filing in filings)

    async def publish(messages: Iterator[aio_pika.Message]) -> None:
        for each in messages:
            await exchange.publish(each, contestant.routing_key)

    await asyncio.gather(*(publish(ready) for _ in range(_IN_FLIGHT)))


@asynccontextmanager
async def each_by_itself(
    arena: Arena, contestant: Contestant, channel: AbstractChannel, filings: Iterable[BenchmarkDossier]
) -> AsyncIterator[list[Callable[[], Coroutine[Any, Any, object]]]]:
    """Yield, for each dossier, what files it at the moment at which it is called; all that can be done before, is."""
    if contestant.form == "own-client":
        async with _fed_client(arena, contestant) as feed:
            yield [partial(feed, _line(filing)) for filing in filings]
    else:
        exchange = await intake_of(channel, contestant)
        yield [partial(exchange.publish, message(each, contestant), contestant.routing_key) for each in filings]


@asynccontextmanager
async def _fed_client(
    arena: Arena, contestant: Contestant
) -> AsyncIterator[Callable[[bytes], Coroutine[Any, Any, None]]]:
    """Run a peer's client on a named pipe, from which it files each line when it comes.

    Raises:
        BenchmarkError: it ends with an error.
        StackError: it does not begin to read.
    """
    pipe = arena.stack.folder / "logs" / "filings.pipe"
    os.mkfifo(pipe)
    client = await _client(arena, contestant, pipe)
    try:
        lines, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.Protocol, await _opened(pipe, client))
    finally:
        pipe.unlink()

    async def feed(line: bytes) -> None:
        lines.write(line)

    try:
        yield feed
    finally:
        lines.close()
    await _until_filed(client, contestant)


async def _opened(pipe: Path, client: Process) -> BinaryIO:
    """Open a named pipe as soon as its reader has."""
    opened: list[int] = []

    async def is_read() -> bool:
        try:
            opened.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # nobody reads yet
            return False
        return True

    await client.until_ready(is_read)
    return os.fdopen(opened[0], "wb", buffering=0)


async def _file_by_its_client(arena: Arena, contestant: Contestant, filings: Iterable[BenchmarkDossier]) -> None:
    file = arena.stack.folder / "logs" / "filings.jsonl"
    await asyncio.to_thread(file.write_bytes, b"".join(map(_line, filings)))
    await _until_filed(await _client(arena, contestant, file), contestant)


async def _client(arena: Arena, contestant: Contestant, file: Path) -> Process:
    return await arena.stack.processes.start(
        "filing",
        python("-m", contestant.module, str(file)),
        peer_environment(arena, contestant.name),
        working_folder=arena.stack.folder,
    )


async def _until_filed(client: Process, contestant: Contestant) -> None:
    if await client.wait():
        raise BenchmarkError(f"{contestant.title} could not file: {client.last_lines()}")


def _line(filing: BenchmarkDossier) -> bytes:
    return json.dumps({"id": filing.id, "data": filing.dossier}, ensure_ascii=False).encode() + b"\n"
