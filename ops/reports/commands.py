"""`ocop report`: the reports on the programme, each from what the services have on record."""

from pathlib import Path

import typer

from ops.commands import StackFolder, run
from ops.find.commands import Commune, Province
from ops.history.records import opened_reader
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.reports import lifting
from ops.reports.catalogue.commands import catalogue
from ops.reports.making import made_renewals, made_statistics, made_targets
from ops.reports.output import ProgrammeFile, ReportCsv, ReportJson, ReportOutput, Sections, Within, Xlsx
from ops.reports.programme import load_programme, programme_file
from ops.reports.register import place_asked
from ops.reports.town.commands import town
from ops.web.commands import serve
from services.registry.gazetteer import FoundPlace

app = typer.Typer(
    no_args_is_help=True,
    help="Reports on the programme, as tables, JSON, CSV and workbooks: what there is, and what runs out.",
)
app.command("support")(lifting.support)
app.command("training")(lifting.training)
app.command("serve")(serve)
app.command("catalogue")(catalogue)
app.command("town")(town)


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
    within: Within = 30,
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


@app.command("targets")
def targets(
    *,
    file: ProgrammeFile = None,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """Show of a programme's targets what is reached, on its way in time or too late, out of reach, and a forecast.

    A programme is a YAML file: name, source, places, begins, ends, targets (docs/reports.md). The report says how it
    counts and forecasts. Tables: programme, targets, stages.

    Example: ocop report targets programmes/son-tay-2025.yaml
    """
    output = ReportOutput(as_json, as_csv, xlsx, sections or ())
    settings = or_exit(lambda: operator_settings(folder))
    run(write_targets(settings, file, output))


async def write_targets(settings: OperatorSettings, file: Path | None, output: ReportOutput) -> int:
    """Write how a programme's targets stand. Return the exit code. Raise AccessError; SettingsError: of the file."""
    programme = load_programme(programme_file(file))
    with opened_reader(settings) as reader:
        report = await made_targets(reader, programme)
    return output.write(report)


async def write_statistics(settings: OperatorSettings, place: FoundPlace | None, output: ReportOutput) -> int:
    """Write what there is. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        report = await made_statistics(reader, place)
    return output.write(report)


async def write_renewals(
    settings: OperatorSettings, place: FoundPlace | None, output: ReportOutput, *, days: int
) -> int:
    """Write what runs out. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        report = await made_renewals(reader, place, days=days)
    return output.write(report)
