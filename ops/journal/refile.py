"""`ocop refile`: the dossiers of the journal go back to the registry, after an older database was restored."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from aio_pika.abc import AbstractConnection

from ops.broker_access import Access, access_of, connected
from ops.commands import Json, StackFolder, run, run_first, write_line, wrong_usage
from ops.journal.commands import up_to_end
from ops.journal.entry import offset_of, read_entry
from ops.journal.reading import Messages, Start, last_offset, start_of
from ops.journal.refiling import QUEUE, opened_refiler, require_rest, was_filed


def refile(
    *,
    start: Annotated[
        str,
        typer.Option(
            "--from",
            help="a time (UTC) shortly before that of the restored copy, first, or an offset",
            show_default=False,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Bring the journal's dossiers back to the registry, in their order: AFTER AN OLDER DATABASE WAS RESTORED, only.

    Every registry must be stopped, and nothing may wait for it. What is on record already gets its recorded answer.

    Example: ocop refile --from 2026-11-24T06:00
    """
    begin, access = start_of(start), access_of(folder)
    if begin in {"last", "next"}:
        raise wrong_usage("--from must be a time, first, or an offset")
    found: list[int] = []
    run_first(_survey(access, begin, found))
    if not found:
        sys.stderr.write("ocop: no dossier was filed from there on\n")
        raise typer.Exit
    if not yes:
        if not sys.stdin.isatty():
            raise wrong_usage(f"these are {len(found)} dossiers, and nobody can be asked: add --yes")
        typer.confirm(f"Bring {len(found):,} dossiers back to {QUEUE}?", abort=True, err=True)
    run(_refile(access, begin, found[-1], as_json=as_json))


async def _survey(access: Access, start: Start, found: list[int]) -> int:
    """Collect the offsets of the dossiers, and make sure that they may go back. Gives the exit code."""
    async with connected(access, name="ocop refile") as connection:
        await require_rest(connection)
        async with _filed(connection, start, await last_offset(connection)) as messages:
            found.extend([offset_of(message) async for message in messages])
    return 0


async def _refile(access: Access, start: Start, end: int, *, as_json: bool) -> int:
    """Bring the dossiers up to an offset back. Gives the exit code."""
    done = 0
    async with connected(access, name="ocop refile") as connection:
        await require_rest(connection)
        refiler = await opened_refiler(connection, user=access.user)
        async with _filed(connection, start, end) as messages:
            async for message in messages:
                await refiler.refile(message)
                done += 1
                if as_json:
                    entry = read_entry(message)
                    write_line({"offset": entry.offset, "id": entry.id, "source": entry.source})
    if not as_json:
        sys.stdout.write(f"{done:,} dossiers wait in {QUEUE}: start one registry now\n")
    return 0


@asynccontextmanager
async def _filed(connection: AbstractConnection, start: Start, end: int | None) -> AsyncIterator[Messages]:
    async with up_to_end(connection, start, end) as messages:
        yield (message async for message in messages if was_filed(message))
