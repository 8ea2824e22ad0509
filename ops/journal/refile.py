"""`ocop refile`: the dossiers of the journal go back to the registry, after an older database was restored."""

import sys
from typing import Annotated

import typer
from aio_pika.abc import AbstractIncomingMessage

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import Json, StackFolder, run, run_first, write_line, wrong_usage
from ops.journal.commands import up_to_end
from ops.journal.entry import offset_of, read_entry
from ops.journal.printing import line
from ops.journal.reading import Start, last_offset, start_of
from ops.journal.refiling import QUEUE, Dossiers, opened_refiler, require_rest
from shared.contracts.envelope import UnreadableError


def refile(
    *,
    start: Annotated[
        str,
        typer.Option(
            "--from",
            help="a time (UTC), a day before that of the restored copy, first, or an offset",
            show_default=False,
        ),
    ],
    rest: Annotated[
        bool, typer.Option("--rest", help="the others, once those with a code are registered and rated again")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Bring the journal's dossiers back to the registry: AFTER AN OLDER DATABASE WAS RESTORED, only.

    First, with every registry stopped, those whose products were given a code, in the order of the codes. Then, with
    the services running, --rest: corrections, upgrades, re-evaluations, and what was rejected or has no answer. What is
    on record already gets its recorded answer.

    Example: ocop refile --from 2026-11-24T06:00
    """
    begin, access = start_of(start), access_of(folder)
    if begin in {"last", "next"}:
        raise wrong_usage("--from must be a time, first, or an offset")
    found: list[AbstractIncomingMessage] = []
    run_first(_survey(access, begin, found, rest=rest))
    if not yes:
        if not sys.stdin.isatty():
            raise wrong_usage(f"these are {len(found)} dossiers, and nobody can be asked: add --yes")
        sys.stderr.write(f"{line(read_entry(found[0]))}\n  …\n{line(read_entry(found[-1]))}\n")
        typer.confirm(f"Bring {len(found):,} dossiers back to {QUEUE}?", abort=True, err=True)
    run(_refile(access, found, rest=rest, as_json=as_json))


async def _survey(access: Access, start: Start, found: list[AbstractIncomingMessage], *, rest: bool) -> int:
    """Collect the dossiers in the order in which they are to go back. Return the exit code, 1 where there are none."""
    dossiers = Dossiers()
    async with connected(access, name="ocop refile") as connection:
        await require_rest(connection, running=rest)
        end = await last_offset(connection)
        while end != (again := await last_offset(connection)):  # it may have stalled
            end = again
        async with up_to_end(connection, start, end) as messages:
            async for message in messages:
                try:
                    dossiers.note(message)
                except UnreadableError as error:
                    raise AccessError(f"the journal's event {offset_of(message)} cannot be read: {error}") from error
    if dossiers.filed_earlier:
        raise AccessError(
            f"{dossiers.filed_earlier:,} products were given a code for dossiers from before --from: begin earlier"
        )
    found.extend(dossiers.rest if rest else dossiers.numbered)
    if not found:
        sys.stderr.write("ocop: there is no such dossier in the journal from there on\n")
    return 0 if found else 1


async def _refile(access: Access, found: list[AbstractIncomingMessage], *, rest: bool, as_json: bool) -> int:
    """Bring the dossiers back. Return the exit code."""
    async with connected(access, name="ocop refile") as connection:
        refiler = await opened_refiler(connection, user=access.user)
        await require_rest(connection, running=rest)
        await refiler.refile(found)
    if as_json:
        for entry in map(read_entry, found):
            write_line({"offset": entry.offset, "id": entry.id, "source": entry.source})
    else:
        then = "" if rest else ": start one registry now"
        sys.stdout.write(f"{len(found):,} dossiers brought back to {QUEUE}{then}\n")
    return 0
