"""`ocop dead`: the dead letters, for operators."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TextIO

import typer

from ops.broker_access import Access, access_of
from ops.commands import Json, StackFolder, beginning, moment, run, run_first, wrong_usage
from ops.dead_letters.acting import discard_letters, replay_letters, survey
from ops.dead_letters.choice import Choice, dead_queue_of, nearest, service_queues
from ops.dead_letters.looking_at import list_letters, show_letters, write_body
from shared.messaging.topology import UNROUTED

app = typer.Typer(
    no_args_is_help=True, help="Dead letters and unrouted messages: look at them, replay or discard them."
)

Ids = Annotated[list[str] | None, typer.Argument(help="ids of events, as `list` shows them", show_default=False)]
Queue = Annotated[
    str | None,
    typer.Option(
        help="of this queue only: registry.dossier-filed, ocop.unrouted, …",
        autocompletion=beginning(lambda: (*service_queues(), UNROUTED)),
    ),
]
Failure = Annotated[str | None, typer.Option("--reason", help="that failed for this reason: not-json, error, …")]
Since = Annotated[str | None, typer.Option(help="that failed at this time (UTC) or later: 2026-11-24T06:00")]
Until = Annotated[str | None, typer.Option(help="that failed before this time")]
All = Annotated[bool, typer.Option("--all", help="every one")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask, however many they are")]


@app.command("list")
def list_(
    *,
    queue: Queue = None,
    reason: Failure = None,
    id: Annotated[list[str] | None, typer.Option(help="with this id; may be repeated")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="rows")] = 100,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Show how many dead letters there are of what, and a row each. Bodies are not shown.

    Example: ocop dead list --queue registry.dossier-filed --since 2026-11-24
    """
    choice = _choice(id, queue, reason, since, until)
    run(list_letters(access_of(folder), choice, limit=limit, as_json=as_json))


@app.command()
def show(
    *,
    id: Annotated[str, typer.Argument(help="id of an event, as `list` shows it", show_default=False)],
    queue: Queue = None,
    raw: Annotated[bool, typer.Option("--raw", help="write the body byte for byte, PERSONAL DATA INCLUDED")] = False,
    terminal: Annotated[bool, typer.Option("--terminal", help="let --raw write to a terminal")] = False,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Show all of a dead letter: why it is one, its properties and headers, and its body with personal data masked.

    Example: ocop dead show 7d1f2c1e-8a9b-4c6d-9e0f-1a2b3c4d5e6f --raw > dossier.json
    """
    choice = _choice([id], queue)
    if not raw:
        run(show_letters(access_of(folder), choice, as_json=as_json))
    if sys.stdout.isatty() and not terminal:
        raise wrong_usage("--raw may write what harms a terminal: send it to a file, or add --terminal")
    run(write_body(access_of(folder), choice))


@app.command()
def replay(
    *,
    ids: Ids = None,
    queue: Queue = None,
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
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Bring dead letters back to the queue in which they failed, with their ids and headers. Repeating does no harm.

    Example: ocop dead replay --queue notifications.product-rated --reason error --yes
    """
    choice, access = _chosen(ids, queue, reason, since, until, every=every), access_of(folder)
    if to is not None and to not in service_queues():
        raise wrong_usage(f"no service takes messages from {to!r}{nearest(to, service_queues())}")
    only = _agreed(access, choice, yes=yes, question="Replay {} dead letters?")
    run(replay_letters(access, choice, to=to, only=only, as_json=as_json))


@app.command()
def discard(
    *,
    why: Annotated[str, typer.Option("--reason", help="why they are not needed, in two words or more: it is logged")],
    ids: Ids = None,
    queue: Queue = None,
    failed_with: Annotated[str | None, typer.Option(help="that failed for this reason: not-json, error, …")] = None,
    since: Since = None,
    until: Until = None,
    every: All = False,
    log: Annotated[
        Path | None,
        typer.Option(envvar="OCOP_DISCARD_LOG", help="a file that keeps the log lines too; it is only appended to"),
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
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
    choice, access = _chosen(ids, queue, failed_with, since, until, every=every), access_of(folder)
    with ExitStack() as opened:
        records: list[TextIO] = [
            *([opened.enter_context(_appended(log))] if log else ()),
            sys.stdout if as_json else sys.stderr,  # at last: whoever reads it may count on the file
        ]
        only = _agreed(access, choice, yes=yes, question="Discard {} dead letters for good?")
        run(discard_letters(access, choice, why=why, records=records, only=only, as_json=as_json))


def _choice(
    ids: list[str] | None,
    queue: str | None,
    reason: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Choice:
    try:
        dead = dead_queue_of(queue) if queue else None
    except ValueError as error:
        raise wrong_usage(str(error)) from None
    return Choice(frozenset(ids or ()), dead, reason, moment(since), moment(until))


def _chosen(
    ids: list[str] | None, queue: str | None, reason: str | None, since: str | None, until: str | None, *, every: bool
) -> Choice:
    choice = _choice(ids, queue, reason, since, until)
    if choice.asks_nothing != every:
        raise wrong_usage("say which, by id or by an option, or --all for every one (not both)")
    return choice


def _agreed(access: Access, choice: Choice, *, yes: bool, question: str) -> frozenset[str] | None:
    """Ask, where it is more than one. Return the identities of those that were agreed to, None for all that are chosen.

    Raises:
        Exit: 2 where nobody can be asked, 1 where the answer is no.
    """
    if yes:
        return None
    identities: list[str] = []
    run_first(survey(access, choice, identities))
    if len(identities) > 1:
        if not sys.stdin.isatty():
            raise wrong_usage(f"these are {len(identities)} dead letters, and nobody can be asked: add --yes")
        typer.confirm(question.format(len(identities)), abort=True, err=True)
    return frozenset(identities)


def _appended(log: Path) -> TextIO:
    try:
        return log.open("a", encoding="utf-8")
    except OSError as error:
        raise wrong_usage(f"{log} cannot be written: {error.strerror}") from None
