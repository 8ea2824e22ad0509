"""`ocop doctor`: whether the installation is as it should be."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, replace

from rich.table import Table
from rich.text import Text

from ops.broker_access import Access, access_of
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.doctor.broker import check_broker
from ops.doctor.channels import check_channels
from ops.doctor.check import Check, State, is_well
from ops.doctor.database import check_database
from ops.doctor.installed import check_packages, check_python
from ops.doctor.management import check_management
from ops.doctor.ready import check_services
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.tables import table, uncut
from ops.typed import as_typed
from shared.clock import system_clock

_STYLES = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red", State.NOT_CHECKED: "dim"}


def doctor(*, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """Check broker, rights, topology, consumers, dead letters, database, versions, services and channels.

    Each check says how it stands, what was found and what to do. One that fails does not keep the others from being
    made. Nothing is changed; notifications tries its channels as far as the log-in, and sends no mail. Exit code 1
    where something is wrong; a warning is not.

    Example: ocop doctor --json
    """
    access = access_of(folder)
    run(_examine(access, or_exit(lambda: operator_settings(folder)), as_json=as_json))


async def _examine(access: Access, settings: OperatorSettings, *, as_json: bool) -> int:
    checks = await _checks(access, settings)
    if as_json:
        for check in checks:
            write_line(asdict(check))
    else:
        wide_console().print(checks_table(checks))
    return 0 if is_well(checks) else 1


async def _checks(access: Access, settings: OperatorSettings) -> list[Check]:
    """Make all checks, those that wait for an answer at the same time."""
    answered = await asyncio.gather(
        check_broker(access, system_clock()),
        check_management(access),
        check_database(settings),
        check_services(settings),
        check_channels(settings),
    )
    checks = [*(check for checks in answered for check in checks), check_python(), check_packages()]
    return [replace(check, found=as_typed(check.found), advice=as_typed(check.advice)) for check in checks]


def checks_table(checks: Iterable[Check]) -> Table:
    """Return a row for each."""
    rows = (
        (check.name, Text(check.state.replace("-", " "), _STYLES[check.state]), check.found, check.advice)
        for check in checks
    )
    return table(uncut("Check"), uncut("State"), "Found", "What to do", rows=rows)
