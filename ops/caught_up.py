"""Whether a service has written all that is derived of its records, as lists and reports read it."""

import sys

from ops.database_reader import Reader
from ops.language import gettext as _
from ops.operator_settings import AccessError
from services.notifications.alerts import VIEW as ALERTS
from shared.errors import OutageError, TooManyError
from shared.handling.now import MARKS
from shared.handling.write_behind import BOTH_MARKS, are_whole


async def has_caught_up(reader: Reader, service: str, shape: int) -> bool:
    """Return whether a service's documents of now, and packs, are all there in today's shape of its view.

    Raises:
        AccessError: the database is away or refuses.
    """
    try:
        marks = await reader.find_now(service, MARKS, BOTH_MARKS, order="_id", limit=2)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
    return are_whole(marks, shape)


async def say_if_alerts_are_missing(reader: Reader) -> None:
    """Say on standard error that alerts may be missing, while notifications writes anew what they are found by.

    Raises:
        AccessError: the database is away or refuses.
    """
    if not await has_caught_up(reader, "notifications", ALERTS.shape):
        said = _("notifications is writing anew what alerts are found by: some may be missing yet")
        sys.stderr.write(f"ocop: {said}\n")
