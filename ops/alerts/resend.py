"""`ocop alerts resend`: an alert goes out once more, because an operator asks for it."""

import sys
from typing import Annotated

import typer

from ops.alerts.resending import KnownAlert, known_alert, publish, resent
from ops.broker_access import Access, access_of
from ops.codes import in_words
from ops.commands import JsonOption, StackFolder, agree, run, run_first, write_line
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_log import log_act, opened_log
from ops.operator_settings import AccessError, OperatorSettings, operator_settings, or_exit
from ops.typed import as_typed
from shared.clock import system_clock
from shared.contracts.alert import ChannelName


def resend(
    *,
    alert: Annotated[
        str, typer.Argument(metavar="ALERT", help="an alert's id, as `list` shows it", show_default=False)
    ],
    channel: Annotated[
        ChannelName | None, typer.Option(help="by this channel; else by the one that has it, or had it last")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Hand an alert to its channel once more, though it arrived or failed; to where the producer is reached now.

    The mail has the same Message-ID as before. It goes at once, at night too; if it fails, no other channel has its
    turn. What became of it is in `ocop alerts show`. What a producer declines, and what later news have overtaken, is
    not sent. That it was asked for is logged, with the operator, on standard error and in OCOP_DISCARD_LOG.

    With --json a line: alert_id, channel, delivery (the id of the message).

    Example: ocop alerts resend 6f9b1f0e-6f0a-5c53-9a35-0b6c6a1d2f11 --channel email
    """
    access, settings = access_of(folder), or_exit(lambda: operator_settings(folder))
    found: list[KnownAlert] = []
    run_first(find_alert(settings, alert, found))
    by = or_exit(lambda: found[0].channel(channel))
    if not yes:
        agree(_question(found[0], by), about=_("messages to people"))
    run(send_again(access, settings, found[0], by, as_json=as_json))


async def send_again(
    access: Access, settings: OperatorSettings, alert: KnownAlert, channel: ChannelName, *, as_json: bool
) -> int:
    """Log that an alert is sent once more, and give it to its channel. Return the exit code. Raise AccessError."""
    delivery, id = resent(alert, channel, system_clock()), one_line(alert.due.alert_id)
    with opened_log(settings.discard_log, sys.stderr) as logs:
        log_act(logs, action="resend", event="resent", operator=access.user, alert_id=id, channel=channel)
    await publish(access, delivery, channel)
    if as_json:
        write_line({"alert_id": id, "channel": channel, "delivery": delivery.id})
    else:
        said = _("{channel} has it: `{show}` says how it ends")
        sys.stderr.write(f"ocop: {said.format(channel=channel, show=as_typed(f'ocop alerts show {id}'))}\n")
    return 0


def _question(alert: KnownAlert, channel: ChannelName) -> str:
    said = _("Send the alert {id} ({kind}, {outcome}) once more, by {channel}?")
    outcome = in_words(alert.state.outcome)
    return said.format(id=one_line(alert.due.alert_id), kind=alert.kind, outcome=outcome, channel=channel)


async def find_alert(settings: OperatorSettings, id: str, found: list[KnownAlert]) -> int:
    """Find an alert. Return the exit code: 1 where nothing is on record of it. Raise AccessError."""
    with opened_reader(settings) as reader:
        known = await known_alert(reader, id)
    if known is None:
        said = _("no alert {id} is on record: `ocop alerts list` lists them")
        raise AccessError(said.format(id=one_line(id)))
    found.append(known)
    return 0
