"""Files dossiers: as CloudEvents, as plain JSON, or through the client of a peer."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange

from benchmarks.arena import Arena, BenchmarkError, python
from benchmarks.contestants import Contestant, peer_environment
from benchmarks.dossiers import SOURCE, BenchmarkDossier
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from shared.contracts.writing import write

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


async def _file_by_its_client(arena: Arena, contestant: Contestant, filings: Iterable[BenchmarkDossier]) -> None:
    file = arena.stack.folder / "logs" / "filings.jsonl"
    await asyncio.to_thread(_write_lines, file, filings)
    client = await arena.stack.processes.start(
        "filing",
        python("-m", contestant.module, str(file)),
        peer_environment(arena, contestant.name),
        working_folder=arena.stack.folder,
    )
    if await client.wait():
        raise BenchmarkError(f"{contestant.title} could not file: {client.last_lines()}")


def _write_lines(file: Path, filings: Iterable[BenchmarkDossier]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        for filing in filings:
            lines.write(json.dumps({"id": filing.id, "data": filing.dossier}, ensure_ascii=False) + "\n")
