"""`ocop alerts preview`: an alert as its reader would get it, on a terminal or in a file."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from yarl import URL

from ops.alerts.composing import Form, event_in_file, example_of, masked, preview_of
from ops.commands import StackFolder, run_first, wrong_usage
from ops.history.announced import announced_event
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.named import one_line, printable
from ops.operator_log import log_act, opened_log
from ops.operator_settings import AccessError, OperatorSettings, operator_settings, or_exit
from services.notifications.told import KINDS
from shared.contracts.dossier import Language
from shared.contracts.event import Event


def preview(
    *,
    what: Annotated[
        str,
        typer.Argument(
            metavar="KIND|EVENT-ID|FILE", help="a kind such as product.rated, an event's id, or a file of one"
        ),
    ],
    audience: Annotated[
        Literal["producer", "office"] | None, typer.Option(help="whose words: the producer's if she is told")
    ] = None,
    language: Annotated[Language, typer.Option("--lang", help="in which language")] = "vi",
    form: Annotated[Form, typer.Option(help="pdf: the document that goes with it")] = "text",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="write it to this file")] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="of a real event: with all its texts, PERSONAL DATA INCLUDED; it is logged")
    ] = False,
    folder: StackFolder = None,
) -> None:
    """Show an alert as its reader would get it, sent to nobody: of an example, of a file, or of an event on record.

    A kind shows the example of docs/examples. Of a real event telephone numbers, addresses, citizens' numbers and what
    offices wrote in their own words are masked, unless --reveal is said; who it is for is sealed, and not shown. That
    it was said is logged with the operator, on standard error and in OCOP_DISCARD_LOG.

    Example: ocop alerts preview product.rated --lang en --form text
    """
    if form == "pdf" and out is None and sys.stdout.isatty():
        raise wrong_usage(_("a PDF is no text: say --out and a file"))
    event = _previewed(what, reveal=reveal, folder=folder)
    shown = or_exit(lambda: preview_of(event, audience, language).shown(form))
    if out:
        _write(out, shown)
    elif form == "pdf":
        sys.stdout.buffer.write(shown)
    else:
        sys.stdout.write(printable(shown.decode(), keep="\n"))


async def find_event(settings: OperatorSettings, id: str, found: list[Event]) -> int:
    """Find an event that a service has announced. Return the exit code. Raise AccessError: there is none."""
    with opened_reader(settings) as reader:
        event = await announced_event(reader, id)
    if event is None:
        said = _("{what} is no kind of alert, no file, and no event that a service has announced")
        raise AccessError(said.format(what=one_line(id)))
    found.append(event)
    return 0


def _previewed(what: str, *, reveal: bool, folder: Path | None) -> Event:
    """Return the event that is meant, its texts masked unless they are to be revealed. Raise Exit."""
    if what in KINDS:
        return or_exit(lambda: example_of(what))
    if Path(what).is_file():
        event = or_exit(lambda: event_in_file(Path(what)))
    else:
        found: list[Event] = []
        run_first(find_event(or_exit(lambda: operator_settings(folder)), what, found))
        (event,) = found
    if not reveal:
        return masked(event)
    settings = or_exit(lambda: operator_settings(folder))
    with opened_log(settings.discard_log, sys.stderr) as logs:
        operator = URL(settings.amqp_url or settings.mongo_url or "").user or ""
        log_act(logs, action="reveal", event="revealed", operator=operator, event_id=one_line(event.id))
    return event


def _write(file: Path, shown: bytes) -> None:
    try:
        file.write_bytes(shown)
    except OSError as error:
        raise wrong_usage(_("{file} cannot be written: {error}").format(file=file, error=error.strerror)) from None
