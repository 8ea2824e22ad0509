"""`ocop refile`: the dossiers of the journal go back to the registry, after an older database was restored."""

import sys
from collections.abc import Iterable
from contextlib import aclosing
from typing import Annotated

import typer
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import Json, StackFolder, agree, run, run_first, write_line, wrong_usage
from ops.dead_letters.replay import headers_without, replay_exchange
from ops.history.dossiers import QUEUE, REGISTRY, Dossiers
from ops.history.entry import line, read_entry
from ops.history.stream import start_of, stored
from shared.contracts.event import UnreadableError
from shared.messaging.journal import OFFSET, Start, last_offset, offset_of
from shared.messaging.publisher import copy_of
from shared.messaging.sender import OPERATOR, filed_by


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
        first, last = (line(read_entry(found[place])) for place in (0, -1))
        question = f"{first}\n  …\n{last}\nBring {len(found):,} dossiers back to {QUEUE}?"
        agree(question, about=f"{len(found)} dossiers")
    run(_refile(access, found, rest=rest, as_json=as_json))


async def _survey(access: Access, start: Start, found: list[AbstractIncomingMessage], *, rest: bool) -> int:
    """Collect the dossiers in the order in which they are to go back. Return the exit code, 1 where there are none."""
    dossiers = Dossiers()
    async with connected(access, name="ocop refile") as connection:
        await require_rest(connection, running=rest)
        end = await last_offset(connection)
        while end != (again := await last_offset(connection)):  # it may have stalled
            end = again
        async with aclosing(stored(connection, start, end)) as messages:
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
        if access.user != OPERATOR:
            raise AccessError(
                f"log in as the user {OPERATOR}: of {access.user} the registry would take them for its own dossiers"
            )
        await require_rest(connection, running=rest)
        await _publish(connection, found)
    if as_json:
        for entry in map(read_entry, found):
            write_line({"offset": entry.offset, "id": entry.id, "source": entry.source})
    else:
        then = "" if rest else ": start one registry now"
        sys.stdout.write(f"{len(found):,} dossiers brought back to {QUEUE}{then}\n")
    return 0


async def _publish(connection: AbstractConnection, messages: Iterable[AbstractIncomingMessage]) -> None:
    """Publish dossiers once more, byte for byte, each with whoever filed it, one confirmed after the other."""
    exchange = await replay_exchange(connection)
    for message in messages:
        headers = headers_without(message, {OFFSET}, filed_by(message, own_user=REGISTRY))
        try:
            await exchange.publish(copy_of(message, headers, user=OPERATOR), QUEUE)
        except DeliveryError as error:
            raise AccessError(f"the broker did not take the dossier at {offset_of(message)}") from error


async def require_rest(connection: AbstractConnection, *, running: bool) -> None:
    """Make sure that nothing waits for the registry, and that it runs or does not.

    Raises:
        AccessError: it is otherwise.
    """
    channel = await connection.channel()
    declared = (await channel.declare_queue(QUEUE, passive=True)).declaration_result
    await channel.close()
    if not running and declared.consumer_count:
        raise AccessError("the registry runs: stop every instance of it first")
    if running and not declared.consumer_count:
        raise AccessError("the registry does not run: --rest is for when the others are registered and rated")
    if declared.message_count:
        purge = "" if running else f" Purge it (rabbitmqctl purge_queue {QUEUE}): the journal has them"
        raise AccessError(f"{declared.message_count:,} dossiers wait in {QUEUE}.{purge}")
