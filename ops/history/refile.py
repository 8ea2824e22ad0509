"""`ocop refile`: what was filed goes from the journal back to the registry, after an older database was restored."""

import sys
from collections import Counter
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated

import aio_pika
import typer
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import JsonOption, StackFolder, agree, run, run_first, write_line, wrong_usage
from ops.dead_letters.replay import headers_without, replay_exchange
from ops.history.dossiers import FEED, QUEUE, REGISTRY, Dossiers
from ops.history.entry import line, read_entry
from ops.history.stream import start_of, stored
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import UnreadableError
from shared.messaging.delivery import OPERATOR, REFILED_AS, filed_by
from shared.messaging.journal import OFFSET, Start, last_offset, offset_of
from shared.messaging.publisher import copy_of

#: codes that are named where many are missing
_MOST_NAMED = 20
#: The CloudEvents `source` of what keeps a code without a dossier.
_SOURCE = "/ocop/refile"


@dataclass
class _Returning:
    """What goes back: dossiers, each with its code where it was given one, and codes whose dossiers are lost.

    `what` they are in a word; `left_out` is what does not go back, by kind.
    """

    dossiers: list[tuple[str | None, AbstractIncomingMessage]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    what: str = "dossiers"
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> str:
        """How many of what."""
        kept = f", {len(self.kept):,} codes kept without a dossier" if self.kept else ""
        return f"{len(self.dossiers):,} {self.what}{kept}"


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
    skip_gaps: Annotated[
        bool,
        typer.Option("--skip-gaps", help="although the journal lacks dossiers or answers"),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Bring the journal's dossiers back to the registry: AFTER AN OLDER DATABASE WAS RESTORED, only.

    First, with no registry taking dossiers, those whose products were given a code: each is given it again. Then, with
    the services running, --rest, in the journal's order: corrections, upgrades, re-evaluations, what has no answer;
    what offices filed with the registry, from commune.assessed to recognition.revoked; and councils' results. What was
    rejected has its answer. What is on record already gets its recorded answer.

    What was filed with councils (council.convened, scorecard.filed, council.concluded) does not go back: it is named
    and counted. Their results do, and cannot be explained any more where evaluation's records are lost too.

    Where the journal lacks a dossier, or the answer that gave a code, that is said before anything is brought back.

    Example: ocop refile --from 2026-11-24T06:00
    """
    begin, access = start_of(start), access_of(folder)
    if begin in {"last", "next"}:
        raise wrong_usage("--from must be a time, first, or an offset")
    returning = _Returning()
    run_first(_survey(access, begin, returning, rest=rest, skip_gaps=skip_gaps))
    if returning.left_out:
        sys.stderr.write(f"ocop: {left_out(returning.left_out)}\n")
    if not yes:
        shown = [line(read_entry(message)) for _, message in (*returning.dossiers[:1], *returning.dossiers[-1:])]
        agree("\n  …\n".join(shown) + f"\nBring {returning.words} back to {QUEUE}?", about=returning.words)
    run(_refile(access, returning, rest=rest, as_json=as_json))


async def _survey(access: Access, start: Start, returning: _Returning, *, rest: bool, skip_gaps: bool) -> int:
    """Collect what is to go back, in its order. Return the exit code, 1 where there is nothing."""
    async with connected(access, name="ocop refile") as connection:
        await require_rest(connection, running=rest)
        dossiers, first = await _read(connection, start)
    if rest:
        returning.dossiers += [(None, message) for message in dossiers.rest]
        returning.what, returning.left_out = "filings", dossiers.left_out
    else:
        if not skip_gaps:
            require_no_gaps(dossiers, from_the_first=first == 0)
        returning.dossiers += dossiers.numbered
        returning.kept = dossiers.lost
    if not returning.dossiers and not returning.kept:
        sys.stderr.write("ocop: there is no such dossier in the journal from there on\n")
        return 1
    return 0


async def _read(connection: AbstractConnection, start: Start) -> tuple[Dossiers, int | None]:
    """Return what the journal has from there on, and the offset of the first event, None where there is none."""
    dossiers, first = Dossiers(), None
    end = await last_offset(connection)
    while end != (again := await last_offset(connection)):  # it may have stalled
        end = again
    async with aclosing(stored(connection, start, end)) as messages:
        async for message in messages:
            first = offset_of(message) if first is None else first
            try:
                dossiers.note(message)
            except UnreadableError as error:
                raise AccessError(f"the journal's event {offset_of(message)} cannot be read: {error}") from error
    return dossiers, first


def left_out(counted: Counter[str]) -> str:
    """Return what does not go back, in words."""
    named = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counted.items()))
    return f"left out, since the registry does not take them: {named}. Councils' results do go back"


def require_no_gaps(dossiers: Dossiers, *, from_the_first: bool) -> None:
    """Make sure that the journal has every dossier that was given a code, and every code that was given in between.

    Raises:
        AccessError: it has not; the text names the codes.
    """
    unused, begin = dossiers.unused(from_the_first=from_the_first), "" if from_the_first else "begin earlier, or "
    if dossiers.lost:
        raise AccessError(
            f"the journal has no dossier of {_listed(dossiers.lost.values())}, though they were given: {begin}add "
            "--skip-gaps, and these codes are kept without one, so that no other product gets them"
        )
    if unused:
        raise AccessError(
            f"the journal has no answer that gave {_listed(unused)}, though later ones were given: {begin}add "
            "--skip-gaps, and these codes stay unused: a dossier that had one gets another with --rest"
        )


def _listed(codes: Collection[str]) -> str:
    more = f" and {len(codes) - _MOST_NAMED:,} more" if len(codes) > _MOST_NAMED else ""
    return ", ".join(list(codes)[:_MOST_NAMED]) + more


async def _refile(access: Access, returning: _Returning, *, rest: bool, as_json: bool) -> int:
    """Bring the dossiers back. Return the exit code."""
    async with connected(access, name="ocop refile") as connection:
        if access.user != OPERATOR:
            raise AccessError(
                f"log in as the user {OPERATOR}: of {access.user} the registry would take them for its own dossiers"
            )
        await require_rest(connection, running=rest)
        await _publish(connection, returning)
    if as_json:
        for code, message in returning.dossiers:
            entry = read_entry(message)
            write_line({"offset": entry.offset, "id": entry.id, "source": entry.source, "product": code or ""})
    else:
        then = "" if rest else ": start one registry now"
        sys.stdout.write(f"{returning.words} brought back to {QUEUE}{then}\n")
    return 0


async def _publish(connection: AbstractConnection, returning: _Returning) -> None:
    """Publish dossiers once more, byte for byte, each with whoever filed it, one confirmed after the other."""
    exchange = await replay_exchange(connection)
    try:
        for code, message in returning.dossiers:
            await exchange.publish(_copy(message, code), QUEUE)
        for id, code in returning.kept.items():
            await exchange.publish(_kept(id, code), QUEUE)
    except DeliveryError as error:
        raise AccessError(f"the broker did not take a dossier: purge {QUEUE}, and begin again") from error


def _copy(message: AbstractIncomingMessage, code: str | None) -> aio_pika.Message:
    headers = headers_without(message, {OFFSET}, filed_by(message, own_user=REGISTRY))
    return copy_of(message, headers | ({REFILED_AS: code} if code else {}), user=OPERATOR)


def _kept(id: str, code: str) -> aio_pika.Message:
    """Return what keeps a code whose dossier is lost: an event without data, by the id of the answer that gave it."""
    named = {"ce-specversion": "1.0", "ce-id": id, "ce-source": _SOURCE, "ce-type": DOSSIER_FILED.type}
    return aio_pika.Message(
        body=b"",
        headers={**named, REFILED_AS: code},
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=id,
        user_id=OPERATOR,
    )


async def require_rest(connection: AbstractConnection, *, running: bool) -> None:
    """Make sure that nothing waits for the registry or the journal, and that the registry takes dossiers or does not.

    Raises:
        AccessError: it is otherwise.
    """
    channel = await connection.channel()
    declared = (await channel.declare_queue(QUEUE, passive=True)).declaration_result
    unjournaled = (await channel.declare_queue(FEED, passive=True)).declaration_result.message_count
    await channel.close()
    if not running and declared.consumer_count:
        raise AccessError("the registry runs: stop every instance of it first")
    if running and not declared.consumer_count:
        raise AccessError("the registry does not run: --rest is for when the others are registered and rated")
    if unjournaled:
        raise AccessError(
            f"{unjournaled:,} messages wait in {FEED}, and the journal has not got them: start one registry until they "
            "are gone; it takes no dossiers while its database is older"
        )
    if declared.message_count:
        purge = "" if running else f" Purge it (rabbitmqctl purge_queue {QUEUE}): the journal has them"
        raise AccessError(f"{declared.message_count:,} dossiers wait in {QUEUE}.{purge}")
