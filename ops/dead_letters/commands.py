"""`ocop dead`: the dead letters, for operators."""

import sys
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.broker_access import Access, access_of, connected
from ops.commands import JsonOption, StackFolder, agree, beginning, moment, run, run_first, wrong_usage
from ops.dead_letters.discard import discard_messages
from ops.dead_letters.replay import replay_messages
from ops.dead_letters.selection import Selection, dead_queue_of, nearest, selected, service_queues
from ops.dead_letters.show import list_messages, show_messages, write_body
from ops.operator_log import opened_log
from ops.operator_settings import or_exit, said_settings
from shared.messaging.topology import UNROUTED

app = typer.Typer(
    no_args_is_help=True, help="Dead letters and unrouted messages: look at them, replay or discard them."
)

Ids = Annotated[list[str] | None, typer.Argument(help="ids of events, as `list` shows them", show_default=False)]
QueueOption = Annotated[
    str | None,
    typer.Option(
        callback=lambda queue: queue and _dead_queue(queue),
        help="of this queue only: registry.life, ocop.unrouted, …",
        autocompletion=beginning(lambda: (*service_queues(), UNROUTED)),
    ),
]
Failure = Annotated[str | None, typer.Option("--reason", help="that failed for this reason: not-json, error, …")]
Since = Annotated[
    datetime | None,
    typer.Option(parser=moment, metavar="<time>", help="that failed at this time (UTC) or later: 2026-11-24T06:00"),
]
Until = Annotated[datetime | None, typer.Option(parser=moment, metavar="<time>", help="that failed before this time")]
All = Annotated[bool, typer.Option("--all", help="every one")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask, however many they are")]


@app.command("list")
def list_(
    *,
    queue: QueueOption = None,
    reason: Failure = None,
    id: Annotated[list[str] | None, typer.Option(help="with this id; may be repeated")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="rows")] = 100,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Show how many dead letters there are of what, and a row each, the oldest first. Bodies are not shown.

    Example: ocop dead list --queue registry.life --since 2026-11-24
    """
    selection = Selection(frozenset(id or ()), queue, reason, since, until)
    run(list_messages(access_of(folder), selection, limit=limit, as_json=as_json))


@app.command()
def show(
    *,
    id: Annotated[str, typer.Argument(help="id of an event, as `list` shows it", show_default=False)],
    queue: QueueOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="write the body byte for byte, PERSONAL DATA INCLUDED")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="let --raw write to a terminal")] = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Show all of a dead letter: why it is one, its properties and headers, and its body with personal data masked.

    Example: ocop dead show 7d1f2c1e-8a9b-4c6d-9e0f-1a2b3c4d5e6f --raw > dossier.json
    """
    selection = Selection(frozenset([id]), queue)
    if not raw:
        run(show_messages(access_of(folder), selection, as_json=as_json))
    if sys.stdout.isatty() and not terminal:
        raise wrong_usage("--raw may write what harms a terminal: send it to a file, or add --terminal")
    run(write_body(access_of(folder), selection))


@app.command()
def replay(
    *,
    ids: Ids = None,
    queue: QueueOption = None,
    reason: Failure = None,
    since: Since = None,
    until: Until = None,
    every: All = False,
    to: Annotated[
        str | None,
        typer.Option(
            help="for unrouted messages that still nobody is bound to: a queue",
            autocompletion=beginning(service_queues),
        ),
    ] = None,
    yes: Yes = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Bring dead letters back to the queue in which they failed, with their ids and headers. Repeating does no harm.

    Example: ocop dead replay --queue notifications.product-rated --reason error --yes
    """
    selection = _required(Selection(frozenset(ids or ()), queue, reason, since, until), every=every)
    access = access_of(folder)
    if to is not None and to not in service_queues():
        raise wrong_usage(f"no service takes messages from {to!r}{nearest(to, service_queues())}")
    only = _agreed(access, selection, yes=yes, question="Replay {} dead letters?")
    run(replay_messages(access, selection, to=to, only=only, as_json=as_json))


@app.command()
def discard(
    *,
    why: Annotated[str, typer.Option("--reason", help="why they are not needed, in two words or more: it is logged")],
    ids: Ids = None,
    queue: QueueOption = None,
    failed_with: Annotated[str | None, typer.Option(help="that failed for this reason: not-json, error, …")] = None,
    since: Since = None,
    until: Until = None,
    every: All = False,
    log: Annotated[
        Path | None,
        typer.Option(envvar="OCOP_DISCARD_LOG", help="a file that keeps the log lines too; it is only appended to"),
    ] = None,
    yes: Yes = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Discard dead letters for good. Each is logged before it goes, as a line of JSON without its body.

    The lines go to standard error; with --json to standard output, and nothing else.

    Example: ocop dead discard 7d1f2c1e-8a9b-4c6d-9e0f-1a2b3c4d5e6f --reason "sent by a test of Lào Cai"
    """
    if len(why.split()) < 2:
        raise wrong_usage(
            "--reason is logged and must be a sentence, of two words at least: --reason 'filed again by the sender'; "
            "to choose by what went wrong, say --failed-with"
        )
    selection = _required(Selection(frozenset(ids or ()), queue, failed_with, since, until), every=every)
    access = access_of(folder)
    log = log or or_exit(said_settings).discard_log
    with opened_log(log, sys.stdout if as_json else sys.stderr) as logs:
        only = _agreed(access, selection, yes=yes, question="Discard {} dead letters for good?")
        run(discard_messages(access, selection, why=why, logs=logs, only=only, as_json=as_json))


def _dead_queue(name: str) -> str:
    try:
        return dead_queue_of(name)
    except ValueError as error:
        raise wrong_usage(str(error)) from None


def _required(selection: Selection, *, every: bool) -> Selection:
    """Return a selection. Raise Exit (code 2) where it is of all dead letters, and that was not asked for."""
    if selection.is_everything != every:
        raise wrong_usage("say which, by id or by an option, or --all for every one (not both)")
    return selection


def _agreed(access: Access, selection: Selection, *, yes: bool, question: str) -> frozenset[str] | None:
    """Ask where more than one is selected. Return the identities of those that were agreed to, None for all.

    Raises:
        Exit: with 2 where nobody can be asked, with 1 where the answer is no, or an id is not found.
    """
    if yes:
        return None
    identities: list[str] = []
    run_first(_find(access, selection, identities))
    if (count := len(identities)) > 1:
        agree(question.format(count), about=f"{count} dead letters")
    return frozenset(identities)


async def _find(access: Access, selection: Selection, identities: list[str]) -> int:
    """Collect the identities of the selected dead letters. Return the exit code: 1 where an id is not found."""
    async with connected(access, name="ocop dead") as connection, aclosing(selected(connection, selection)) as found:
        dead_letters = [dead async for dead, _ in found]
    identities += [dead.identity for dead in dead_letters]
    return 1 if selection.report_missing(dead.id for dead in dead_letters) else 0
