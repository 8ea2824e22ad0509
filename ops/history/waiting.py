"""`ocop alerts waiting`: which alerts wait for their next try, since when, and for what reason."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from rich.table import Table

from ops.caught_up import say_if_alerts_are_missing
from ops.commands import wide_console, write_line
from ops.database_reader import Reader
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import AccessError, OperatorSettings
from ops.tables import right, table, to_the_second, uncut
from services.notifications.alert_state import AlertState
from services.notifications.listing import WAITING
from shared.errors import OutageError, TooManyError
from shared.storage import StoredDocument
from shared.system import SYSTEM

_SERVICE = "notifications"
#: alerts that are listed: those whose next try comes first
MOST_LISTED = 1_000


async def write_waiting(settings: OperatorSettings, *, as_json: bool) -> int:
    """Write the alerts that wait. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        return await list_waiting(reader, as_json=as_json)


async def list_waiting(reader: Reader, *, as_json: bool) -> int:
    """Write them as `write_waiting` does, from this database."""
    found = [_as_json(each) for each in await _waiting(reader)]
    await say_if_alerts_are_missing(reader)
    if as_json:
        for each in found:
            write_line(each)
    elif found:
        wide_console().print(waiting_table(found))
    else:
        sys.stderr.write("ocop: " + _("no alert waits") + "\n")
    return 0


def waiting_table(waiting: Sequence[dict[str, Any]]) -> Table:
    """Return a row for each alert that waits."""
    times = (uncut(_("Next try (UTC)")), uncut(_("Waits since (UTC)")), right(_("Tries")))
    of_what = map(uncut, (_("Told of"), _("Product"), _("About")))
    return table(*times, _("Channel"), _("Why"), *of_what, rows=map(_row, waiting))


async def _waiting(reader: Reader) -> list[StoredDocument]:
    query, collection = {"facets": WAITING}, SYSTEM.collections[_SERVICE]
    try:
        found = await reader.find_now(_SERVICE, collection, query, order="next_try", limit=MOST_LISTED + 1)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
    if len(found) > MOST_LISTED:
        more = _("more than {number:,} alerts wait; these are the next").format(number=MOST_LISTED)
        sys.stderr.write(f"ocop: {more}\n")
    return found[:MOST_LISTED]


def _as_json(document: StoredDocument) -> dict[str, Any]:
    """Return an alert that waits as JSON values, all that may come from outside as one masked line."""
    with _understood(document):
        state = AlertState.model_validate(document["state"])
        waiting = state.waiting
        if waiting is None:
            raise TypeError("it does not wait")
        return {
            "alert_id": one_line(document["_id"]),
            "channel": state.channel,
            "since": waiting.since,
            "tries": waiting.attempts,
            "next_try_at": waiting.next_try_at,
            "why": one_line(waiting.why),
            "kind": waiting.kind,
            "product_code": one_line(waiting.product_code) or None,
            "about": one_line(waiting.about),
        }


@contextmanager
def _understood(document: StoredDocument) -> Iterator[None]:
    try:
        yield
    except (ValidationError, LookupError, TypeError):
        alert = one_line(document.get("_id"))
        said = _("the alert {id} is of another version: use the ocop that belongs to the services")
        raise AccessError(said.format(id=alert)) from None


def _row(each: dict[str, Any]) -> Sequence[str]:
    times = (to_the_second(each["next_try_at"]), to_the_second(each["since"]), str(each["tries"]))
    return (*times, each["channel"], each["why"], each["kind"], each["product_code"] or "", each["about"])
