"""Alerts as they stand, as a table, as JSON and as rows for a spreadsheet; and the whole history of one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from ops.alerts.reading import ListedAlert
from ops.codes import in_words
from ops.history.records import Record, understood
from ops.language import gettext as _
from ops.named import one_line
from ops.tables import table, to_the_second, uncut
from services.notifications.alert_state import AlertState

#: What a row for a spreadsheet has, in its order.
COLUMNS = tuple(
    ListedAlert("", datetime.min.replace(tzinfo=UTC), AlertState(channel="log", outcome="delivered")).as_json()
)


def alerts_table(listed: Iterable[ListedAlert]) -> Table:
    """Return a row an alert."""
    columns = (uncut(_("Alert id")), uncut(_("Told of")), _("To"), _("Channel"), _("Outcome"), uncut(_("Product")))
    return table(_("Recorded at (UTC)"), *columns, rows=(_row(each.as_json(in_words)) for each in listed))


def history_table(history: Sequence[dict[str, Any]]) -> Table:
    """Return a row for each thing that happened to an alert, the oldest first."""
    columns = (_("Outcome"), _("Channel"), _("In short"))
    rows, title = map(_history_row, history), f"{history[-1]['kind']}: {history[-1]['subject']}"
    return table(_("Recorded at (UTC)"), *columns, rows=rows, title=title)


def history_of(records: Iterable[Record], called: Callable[[str], str] = str) -> Iterator[dict[str, Any]]:
    """Yield what is on record of an alert as `ListedAlert.as_json` does, and more. Raise AccessError."""
    for record in records:
        with understood(record.document):
            said, state = record.document, AlertState.model_validate(record.document["history"]["state"])
            alert = ListedAlert(said["alert_id"], record.recorded_at, state).as_json(called)
            kept = {name: one_line(said[name]) or None for name in ("kind", "language", "subject", "detail")}
            held = said.get("held_until")
            announced = [one_line(each["id"]) for each in said["announced"]]
            known = {"product_code": one_line(said["product_code"]) or None, "about": record.event_id}
            yield alert | kept | known | {"held_until": held, "again": bool(said.get("again")), "announced": announced}


def reader_of(alert: Mapping[str, Any]) -> str:
    """Return to whom an alert goes: an office or a subscription by its name."""
    return "\n".join(filter(None, (in_words(alert["audience"]), alert["to"])))


def _row(alert: dict[str, Any]) -> Sequence[str]:
    outcome = "\n".join((in_words(alert["outcome"]), *_reasons(alert)))
    known = (to_the_second(alert["recorded_at"]), alert["alert_id"], alert["kind"] or "", reader_of(alert))
    return (*known, alert["channel"], outcome, alert["product_code"] or "")


def _history_row(alert: dict[str, Any]) -> Sequence[str]:
    said = [_("sent once more by an operator")] if alert["again"] else []
    if alert["held_until"]:
        said.append(_("until {time} UTC").format(time=to_the_second(alert["held_until"])))
    outcome = in_words(alert["outcome"])
    return (to_the_second(alert["recorded_at"]), outcome, alert["channel"], "\n".join((*said, *_reasons(alert))))


def _reasons(alert: dict[str, Any]) -> Iterator[str]:
    """Yield which channels were tried before, and why it waits."""
    if alert["tried"]:
        yield _("tried: {channels}").format(channels=alert["tried"])
    if alert["next_try_at"]:
        said = _("the next try at {time} UTC: {why}")
        yield said.format(time=to_the_second(alert["next_try_at"]), why=alert["why"])
