"""`ocop report town`: a place's programme on one page, or as the other reports are written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import StackFolder, run, wrong_usage
from ops.database_reader import Reader
from ops.find.commands import Commune, Province
from ops.history.records import opened_reader
from ops.language import Language, Message, speak
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.reports.both import InBoth
from ops.reports.lifting import Classes, Held, Limit, Topic, TopicsFile, held_classes
from ops.reports.output import (
    ProgrammeFile,
    ReportCsv,
    ReportJson,
    ReportOutput,
    Sections,
    Within,
    Xlsx,
    cannot_be_written,
)
from ops.reports.programme import load_programme, programme_file
from ops.reports.register import place_asked
from ops.reports.report import Report
from ops.reports.town.reading import Asked, read_town
from services.registry.gazetteer import FoundPlace
from shared.clock import system_clock
from shared.legal_date import legal_date

#: days; until the next meeting
SOON = 90
#: products that are listed unless somebody says otherwise, of each class
ON_A_PAGE = 20

Html = Annotated[
    Path | None,
    typer.Option("--html", dir_okay=False, metavar="FILE", help="write a page with charts, to show and to print"),
]
Speaks = Annotated[
    Language | None,
    typer.Option("--lang", show_default=False, help="in which language to speak; a page is in Vietnamese else"),
]


@dataclass(frozen=True)
class Wanted:
    """What is reported on, the programme of a file or else a place, and what is listed."""

    held: Held
    file: Path | None = None
    place: FoundPlace | None = None
    days: int = SOON
    limit: int = ON_A_PAGE

    def asked(self) -> Asked:
        """Return it with the programme and its places. Raise SettingsError: of the programme's file."""
        if self.place:
            title = Message("The OCOP programme: {place}", place=self.place.name)
            return Asked(title, [self.place], None, self.held, self.days, self.limit)
        programme = load_programme(programme_file(self.file))
        return Asked(InBoth(programme.name), programme.where, programme, self.held, self.days, self.limit)


@dataclass(frozen=True)
class TownOutput:
    """Where it is written: as a page in a language, as the other reports are, or as both."""

    others: ReportOutput
    html: Path | None = None
    language: Language = Language.VI

    def write(self, report: Report) -> int:
        """Write a report. Return the exit code. Raise Exit (code 2): a file cannot be written; there is no section."""
        if self.html:
            _write_page(self.others.chosen(report), self.html, self.language)
        if self.html and not (self.others.as_json or self.others.as_csv or self.others.xlsx):
            return 0
        return self.others.write(report)


def town(
    context: typer.Context,
    *,
    file: ProgrammeFile = None,
    province: Province = None,
    commune: Commune = None,
    html: Html = None,
    language: Speaks = None,
    within: Within = SOON,
    classes: Classes = 2,
    topic: Topic = None,
    topics: TopicsFile = None,
    limit: Limit = ON_A_PAGE,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """Sum up a town's programme for its meeting, as one page with charts (--html): nothing personal is on it.

    Of a programme's places; with --province or --commune of that place, without targets. Tables: headline, programme,
    targets, stars, groups, communes, quarters, closing, lapsed, distances, products, topics, choices, seats.

    Example: ocop report town programmes/son-tay-2025.yaml --html son-tay.html
    """
    if language:
        speak(language)
    place = place_asked(province, commune)
    if file and place:
        raise wrong_usage(_("a programme has places of its own: name the one or the other"))
    wanted = Wanted(held_classes(topics, topic or (), classes), file, place, within, limit)
    output = TownOutput(
        ReportOutput(as_json, as_csv, xlsx, sections or ()), html, language or _said_before(context) or Language.VI
    )
    settings = or_exit(lambda: operator_settings(folder))
    run(write_town(settings, wanted, output))


async def write_town(settings: OperatorSettings, wanted: Wanted, output: TownOutput) -> int:
    """Write how a programme stands. Return the exit code. Raise AccessError; SettingsError: of the programme's file."""
    asked = wanted.asked()
    with opened_reader(settings) as reader:
        report = await made_town(reader, asked)
    return output.write(report)


async def made_town(reader: Reader, asked: Asked) -> Report:
    """Return how a programme stands. Raise AccessError."""
    return await read_town(reader, asked, legal_date(system_clock()))


def _said_before(context: typer.Context) -> Language | None:
    """Return the language of `ocop --lang`, None where it was not said: the environment's is no page's."""
    said = context.find_root().obj
    return said if isinstance(said, Language) else None


def _write_page(report: Report, file: Path, language: Language) -> None:
    from ops.reports.town.page import write_page  # noqa: PLC0415  # loads what draws charts: 84 MB that few ask for

    try:
        write_page(report, file, language)
    except OSError as error:
        raise cannot_be_written(file, error) from None
    typer.echo(_("The page is in {file}").format(file=one_line(file)), err=True)
