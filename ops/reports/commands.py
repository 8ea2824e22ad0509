"""`ocop report`: the reports on the programme, each from what the services have on record."""

from typing import Annotated

import typer

from ops.commands import StackFolder, run
from ops.find.commands import Commune, Province
from ops.history.records import opened_reader
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.reports import renewals as of_renewals
from ops.reports import statistics as of_statistics
from ops.reports.output import ReportCsv, ReportJson, ReportOutput, Sections, Xlsx
from ops.reports.register import place_asked, read_facts, read_names
from services.registry.gazetteer import FoundPlace
from services.registry.time_limits import load_time_limits
from shared.clock import system_clock
from shared.legal_date import legal_date

app = typer.Typer(
    no_args_is_help=True,
    help="Reports on the programme, as tables, JSON, CSV and workbooks: what there is, and what runs out.",
)


@app.command("statistics")
def statistics(
    *,
    province: Province = None,
    commune: Commune = None,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """Count the products: by commune, product group and set, stars, kind of producer, state and month.

    Tables: provinces (where there are several), communes, groups, sets, stars, producers, certificates, rounds, months.

    Example: ocop report statistics --province 01 --section groups
    """
    place, output = place_asked(province, commune), ReportOutput(as_json, as_csv, xlsx, sections or ())
    settings = or_exit(lambda: operator_settings(folder))
    run(write_statistics(settings, place, output))


@app.command("renewals")
def renewals(
    *,
    province: Province = None,
    commune: Commune = None,
    within: Annotated[
        int, typer.Option(min=0, max=400, metavar="DAYS", help="list whose window closes within so many days")
    ] = 30,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """Show which certificates end in which quarter, which have lapsed, and whose window closes soon, by commune too.

    Days are those of Vietnam. Tables: quarters, closing, lapsed, communes.

    Example: ocop report renewals --province 01 --within 60
    """
    place, output = place_asked(province, commune), ReportOutput(as_json, as_csv, xlsx, sections or ())
    settings = or_exit(lambda: operator_settings(folder))
    run(write_renewals(settings, place, output, days=within))


async def write_statistics(settings: OperatorSettings, place: FoundPlace | None, output: ReportOutput) -> int:
    """Write what there is. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        counted = await read_facts(reader, place)
    return output.write(of_statistics.statistics(counted.facts, legal_date(system_clock()), counted.notes))


async def write_renewals(
    settings: OperatorSettings, place: FoundPlace | None, output: ReportOutput, *, days: int
) -> int:
    """Write what runs out. Return the exit code. Raise AccessError."""
    today, limits = legal_date(system_clock()), load_time_limits()
    with opened_reader(settings) as reader:
        counted = await read_facts(reader, place)
        names = await read_names(reader, of_renewals.listed(counted.facts, today, limits, days))
    report = of_renewals.renewals(counted.facts, names, today, limits, days=days, notes=counted.notes)
    return output.write(report)
