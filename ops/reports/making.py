"""Makes the reports on what is on record, whoever prints them: it reads what each counts, and names what it lists."""

from ops.database_reader import Reader
from ops.reports import renewals as of_renewals
from ops.reports.programme import Programme
from ops.reports.register import read_facts, read_names
from ops.reports.report import Report
from ops.reports.scene import Scene
from ops.reports.statistics import statistics
from ops.reports.targets import targets
from services.registry.gazetteer import FoundPlace
from services.registry.time_limits import load_time_limits
from shared.clock import system_clock
from shared.legal_date import legal_date


async def made_statistics(reader: Reader, place: FoundPlace | None) -> Report:
    """Return what there is. Raise AccessError."""
    counted = await read_facts(reader, place)
    return statistics(counted.facts, legal_date(system_clock()), counted.notes)


async def made_renewals(reader: Reader, place: FoundPlace | None, *, days: int) -> Report:
    """Return what runs out. Raise AccessError."""
    today, limits = legal_date(system_clock()), load_time_limits()
    counted = await read_facts(reader, place)
    names = await read_names(reader, of_renewals.listed(counted.facts, today, limits, days))
    return of_renewals.renewals(counted.facts, names, today, limits, days=days, notes=counted.notes)


async def made_targets(reader: Reader, programme: Programme) -> Report:
    """Return how a programme's targets stand. Raise AccessError."""
    counted = await read_facts(reader, *programme.where)
    return targets(Scene(programme, counted.facts, legal_date(system_clock()), load_time_limits()), counted.notes)
