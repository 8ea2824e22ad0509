"""The operator's `ocop` command."""

import gc
import signal

if __name__ == "__main__":  # before what takes most of a second to load: Ctrl-C ends it at once and quietly meanwhile
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # until the command is loaded (`on_use`)

from typing import Annotated

import typer

from ops.language import Language, speak
from ops.on_use import Listed, application
from shared.version import VERSION

COMMANDS = (
    Listed(
        "score",
        "ops.dossiers.score:score",
        "Score dossiers on the spot, by the services' own code: faults, points, stars, what holds back, the way on.",
    ),
    Listed(
        "submit",
        "ops.dossiers.submit:submit",
        "File dossiers as the operator, and show what becomes of each: exit code 1 where one has no rating in the end.",
    ),
    Listed(
        "import",
        "ops.importing.commands:import_",
        "Import certified products from an office's spreadsheet: certificates of before this register.",
    ),
    Listed(
        "doctor",
        "ops.doctor.commands:doctor",
        "Check broker, rights, topology, consumers, dead letters, database, versions, services and channels.",
    ),
    Listed(
        "queues",
        "ops.queues.commands:queues",
        "Show what waits on the queues, what moves, and in red what is unusual and why.",
    ),
    Listed(
        "watch",
        "ops.watch.commands:watch",
        "Show events as they flow, the queues, and what could not be handled, until Ctrl-C.",
    ),
    Listed(
        "trace",
        "ops.history.trace:trace",
        "Show one story across all services: events, records, dead letters and alerts, with the gaps between them.",
    ),
    Listed(
        "journal",
        "ops.history.journal:journal",
        "Read the journal: a line an event with time (UTC), offset, type, product, id, story and writer.",
    ),
    Listed(
        "refile",
        "ops.history.refile:refile",
        "Bring the journal's dossiers back to the registry: AFTER AN OLDER DATABASE WAS RESTORED, only.",
    ),
    Listed(
        "access",
        "ops.access.commands:app",
        "Who may do what: make passwords, and bring users and rights to servers.",
    ),
    Listed(
        "dead",
        "ops.dead_letters.commands:app",
        "Dead letters and unrouted messages: look at them, replay or discard them.",
    ),
    Listed(
        "sheets",
        "ops.sheets.commands:app",
        "The score sheets: which there are, and one as it is printed.",
    ),
    Listed(
        "find",
        "ops.find.commands:find",
        "Find products by name, producer, tax number, place, code, certificate or dossier.",
    ),
    Listed(
        "places",
        "ops.places:places",
        "Find provinces and communes by code or name: those in force, and what former ones became.",
    ),
    Listed(
        "product",
        "ops.history.show:product",
        "A product as it is on record: whose, which dossiers, how rated, its rounds and certificates.",
    ),
    Listed(
        "rating",
        "ops.history.show:rating",
        "The ratings on record: points, stars, the way on; how councils' results came about.",
    ),
    Listed(
        "alerts",
        "ops.alerts.commands:app",
        "The alerts: what was told to whom, whether it arrived; send one again, read one before.",
    ),
    Listed(
        "due",
        "ops.history.due:due",
        "List what falls due, soonest first: of certificates, of offices that have a round, of half-yearly rounds.",
    ),
    Listed(
        "report",
        "ops.reports.commands:app",
        "Reports on the programme, as tables, JSON, CSV and workbooks: what there is, and what runs out.",
    ),
    Listed(
        "certificate",
        "ops.certificates.commands:app",
        "Certificates that anyone can check: their signed tokens, QR codes and public keys.",
    ),
)


def command(*listed: Listed) -> typer.Typer:
    """Return `ocop` with these commands."""
    app = application(*listed)
    app.callback()(ocop)
    return app


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ocop {VERSION}")
        raise typer.Exit


def _speak(context: typer.Context, asked: Language | None) -> None:
    context.obj = asked  # for a page, whose language is not that of the terminal
    if asked:
        speak(asked)


def ocop(
    *,
    _language: Annotated[
        Language | None,
        typer.Option(
            "--lang",
            callback=_speak,
            is_eager=True,
            show_default=False,
            help="in which language to speak; else as OCOP_LANG, LC_ALL, LC_MESSAGES or LANG says",
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show which OCOP this is")
    ] = False,
) -> None:
    """Operate OCOP: look at its queues and stories, settle dead letters, and run it on this machine."""


app = command(*COMMANDS)

if __name__ == "__main__":
    app(prog_name="ocop")
