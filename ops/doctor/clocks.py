"""Checks this machine's clock against the broker's and the database's."""

from datetime import UTC, datetime

from ops.access.management import ManagementError
from ops.broker_access import Access
from ops.database_reader import Reader
from ops.doctor.check import Check, not_checked, ok, warning
from ops.operator_settings import OperatorSettings
from ops.queues.looking import asked
from shared.clock import Clock
from shared.errors import OutageError, SettingsError

#: seconds; HTTP tells the time in whole ones, and an answer takes its time
_TOLERATED_SECONDS = 3


async def check_clocks(access: Access, settings: OperatorSettings, clock: Clock) -> Check:
    """Compare the clocks that can be asked."""
    apart: dict[str, float] = {}
    for name, ask in (("the broker", _of_broker(access)), ("the database", _of_database(settings))):
        before = clock()
        at = await ask
        if at is not None:
            after = clock()
            apart[name] = max((before - at).total_seconds(), (at - after).total_seconds(), 0)
    if not apart:
        return not_checked("clock", "neither broker nor database says what time it is")
    return judged(apart)


def judged(apart: dict[str, float]) -> Check:
    """Judge by how many seconds this machine's clock differs from each."""
    if wrong := {name: seconds for name, seconds in apart.items() if seconds > _TOLERATED_SECONDS}:
        found = ", ".join(f"{seconds:.0f} s from that of {name}" for name, seconds in wrong.items())
        return warning("clock", found, "set the clocks by NTP: events, retries and product codes take their times")
    return ok("clock", f"within {_TOLERATED_SECONDS} s of {' and '.join(apart)}")


async def _of_broker(access: Access) -> datetime | None:
    try:
        at = (await asked(access, "whoami")).at
    except ManagementError:
        return None
    return at.astimezone(UTC) if at else None


async def _of_database(settings: OperatorSettings) -> datetime | None:
    if settings.mongo_url is None:
        return None
    try:
        reader = Reader(settings.mongo_url, ca_file=settings.tls_ca_file)
    except SettingsError:
        return None
    try:
        return (await reader.server()).at
    except OutageError:
        return None
    finally:
        reader.close()
