"""`ocop doctor`: whether the installation is as it should be."""

import asyncio

from ops.broker_access import Access, access_of
from ops.commands import Json, StackFolder, run, wide_console, write_line
from ops.doctor.broker import check_broker, check_management
from ops.doctor.certificates import check_certificates
from ops.doctor.check import Check, is_well
from ops.doctor.clocks import check_clocks
from ops.doctor.database import check_database
from ops.doctor.installed import check_packages, check_python
from ops.doctor.printing import checks_table
from ops.doctor.ready import check_services
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from shared.clock import system_clock


def doctor(*, as_json: Json = False, folder: StackFolder = None) -> None:
    """Check broker, rights, topology, consumers, dead letters, database, clocks, TLS, versions and services.

    Each check says how it stands, what was found and what to do. One that fails does not keep the others from being
    made. Nothing is changed. Exit code 1 where something is wrong; a warning is not.

    Example: ocop doctor --json
    """
    access = access_of(folder)
    run(_examine(access, or_exit(lambda: operator_settings(folder)), as_json=as_json))


async def _examine(access: Access, settings: OperatorSettings, *, as_json: bool) -> int:
    checks = await examined(access, settings)
    if as_json:
        for check in checks:
            write_line(check.as_json())
    else:
        wide_console().print(checks_table(checks))
    return 0 if is_well(checks) else 1


async def examined(access: Access, settings: OperatorSettings) -> list[Check]:
    """Make all checks, those that wait for somebody at the same time."""
    now = system_clock()
    broker, management, database, clock, certificates, services = await asyncio.gather(
        check_broker(access, now),
        check_management(access),
        check_database(settings),
        check_clocks(access, settings, system_clock),
        check_certificates(access, settings, now),
        check_services(settings),
    )
    return [*broker, *management, *database, clock, *certificates, *services, check_python(), check_packages()]
