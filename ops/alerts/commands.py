"""`ocop alerts`: what producers, offices and subscriptions are told, and whether they were."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer

from ops.alerts.asking import BEGINNING, Wanted
from ops.alerts.preview import preview
from ops.alerts.printing import COLUMNS, alerts_table
from ops.alerts.reading import ListedAlert, codes_of_producer, read_alerts
from ops.alerts.resend import resend
from ops.caught_up import say_if_alerts_are_missing
from ops.commands import JsonOption, StackFolder, moment, run, wide_console, write_line, wrong_usage
from ops.history.records import opened_reader
from ops.history.show import Asked, write_alerts
from ops.history.waiting import write_waiting
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.spreadsheet import CsvOption, write_csv
from services.notifications.alert_state import Outcome
from services.notifications.told import KINDS
from shared.clock import system_clock
from shared.contracts.alert import Audience, ChannelName

app = typer.Typer(
    no_args_is_help=True, help="The alerts: what was told to whom, whether it arrived; send one again, read one before."
)

#: alerts that a table has, and what is for programs, unless somebody says otherwise
_IN_A_TABLE, _FOR_PROGRAMS = 50, 10_000


@app.command("list")
def list_alerts(
    *,
    producer: Annotated[
        str | None, typer.Option(metavar="TEXT", help="about products that `ocop find` finds by this of the producer")
    ] = None,
    product: Annotated[str | None, typer.Option(metavar="CODE", help="about this product")] = None,
    state: Annotated[Outcome | None, typer.Option(help="that stand so")] = None,
    channel: Annotated[ChannelName | None, typer.Option(help="that this channel has, had, or is to have")] = None,
    audience: Annotated[Audience | None, typer.Option(help="to whom")] = None,
    to: Annotated[str | None, typer.Option(metavar="NAME", help="to this office or subscription")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="that tell of this: product.rated, …")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="of which something was recorded since (UTC): 2026-11-24"),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=_FOR_PROGRAMS, help="alerts at most: 50, with --json and --csv 10,000"),
    ] = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    folder: StackFolder = None,
) -> None:
    """List the alerts as they stand, the newest first: of what they tell, to whom, by which channel, how it ended.

    sending: its channel has it; held: it waits for others, for the morning or for another try; waiting: the channel did
    not take it over yet; overtaken: later news came first; declined: she declines every channel. No personal data is
    shown.

    With --json a line each: recorded_at, alert_id, kind, audience, to, channel, outcome, tried, next_try_at, why,
    product_code, about; with --csv the same for a spreadsheet.

    Example: ocop alerts list --state refused --since 2026-11-24
    """
    if kind and kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise wrong_usage(_("nobody is alerted to {kind}; these are: {kinds}").format(kind=one_line(kind), kinds=known))
    wanted = Wanted(
        outcome=state,
        channel=channel,
        audience=audience,
        kind=kind,
        to=to,
        product_codes=(product,) if product else None,
        since=since or BEGINNING,
        limit=limit or (_FOR_PROGRAMS if as_json or as_csv else _IN_A_TABLE),
    )
    settings = or_exit(lambda: operator_settings(folder))
    run(write_list(settings, wanted, producer=producer, as_json=as_json, as_csv=as_csv))


@app.command("show")
def show_alert(*, asked: Asked, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """Show the alerts of a product or dossier, a row each, the oldest first; by an alert's id, its whole history.

    Of a product those about its rejected dossiers are among them; where a rejection called for none, it says why. The
    history has a row for each time that it was planned, held, tried, sent again, and for its end.

    With --json a line an alert: recorded_at, dossier_id, about, alert_id, kind, audience, to, channel, language,
    outcome, detail, held_until, product_code, subject; of a history a line a row, with tried, next_try_at, why, again,
    announced (ids of events) besides.

    Example: ocop alerts show 01-09574-1-2026
    """
    run(write_alerts(or_exit(lambda: operator_settings(folder)), asked, as_json=as_json))


@app.command("waiting")
def show_waiting(*, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """List the alerts that wait for their next try, the next first: since when, after how many tries, and why.

    A mail server that is away is tried again after 5 seconds, 1 and 10 minutes, 1 and 6 hours and a day. Whether it
    answers now says `ocop doctor`. No personal data is shown.

    With --json a line an alert: alert_id, channel, since, tries, next_try_at, why, kind, product_code (null for a
    rejected dossier), about (the id of the event that it tells of).

    Example: ocop alerts waiting
    """
    run(write_waiting(or_exit(lambda: operator_settings(folder)), as_json=as_json))


app.command("resend")(resend)
app.command("preview")(preview)


async def write_list(
    settings: OperatorSettings, wanted: Wanted, *, producer: str | None, as_json: bool, as_csv: bool
) -> int:
    """Write the alerts that are wanted. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        if producer:
            codes = await codes_of_producer(reader, producer)
            both = codes if wanted.product_codes is None else set(codes).intersection(wanted.product_codes)
            wanted = replace(wanted, product_codes=both)
        listed, are_more = await read_alerts(reader, wanted, system_clock())
        await say_if_alerts_are_missing(reader)
    write_listed(listed, are_more=are_more, as_json=as_json, as_csv=as_csv)
    return 0


def write_listed(listed: Sequence[ListedAlert], *, are_more: bool, as_json: bool, as_csv: bool) -> None:
    """Write alerts to standard output, and beside them what is to be said of the list."""
    if as_csv:
        write_csv(COLUMNS, (each.as_json() for each in listed))
    elif as_json:
        for each in listed:
            write_line(each.as_json())
    elif listed:
        wide_console().print(alerts_table(listed))
    if are_more:
        sys.stderr.write("ocop: " + _("there are more: add --limit, or ask for less") + "\n")
    if not listed:
        sys.stderr.write("ocop: " + _("no alert was found") + "\n")
