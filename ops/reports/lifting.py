"""`ocop report support` and `ocop report training`: where help lifts most, by what producers answered themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import StackFolder, run, wrong_usage
from ops.database_reader import Reader
from ops.find.commands import Commune, Province
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.reports import support as of_support
from ops.reports import training as of_training
from ops.reports.output import ReportCsv, ReportJson, ReportOutput, Sections, Xlsx
from ops.reports.rated import read_named, read_rated
from ops.reports.register import place_asked
from ops.reports.report import Report
from ops.reports.study import Study
from ops.reports.topics import TOPICS, Topics, TopicsError, load_topics
from services.evaluation.rulebook import load_rulebook
from services.registry.gazetteer import FoundPlace
from shared.clock import system_clock
from shared.legal_date import legal_date

#: Where our own file is, in the repository.
OWN_FILE = "ops/reports/topics.yaml"
#: products that are listed unless somebody says otherwise, and at most
_IN_A_TABLE, _MOST = 50, 10_000

Limit = Annotated[
    int, typer.Option(min=1, max=_MOST, help="products that are listed, of each class if there are classes")
]
Reveal = Annotated[bool, typer.Option("--reveal", help="with the producer's name: PERSONAL DATA")]
Classes = Annotated[int, typer.Option(min=1, max=32, help="as many classes are held: those that lift most")]
Topic = Annotated[
    list[str] | None,
    typer.Option("--topic", metavar="CODE", help="a class on this topic is held, in place of those; can be repeated"),
]
TopicsFile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="your own topics, as topics.yaml")
]


@dataclass(frozen=True)
class Listing:
    """Of which place, how many products are listed, and whether their producers are named."""

    place: FoundPlace | None = None
    limit: int = _IN_A_TABLE
    reveal: bool = False


def support(
    *,
    province: Province = None,
    commune: Commune = None,
    next_star: Annotated[
        list[int] | None, typer.Option("--next", min=1, max=5, help="to this next star only; can be repeated")
    ] = None,
    limit: Limit = _IN_A_TABLE,
    reveal: Reveal = False,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """List the products with the fewest steps to their next star, and what each has to raise.

    By the newest self-assessment of each product that was rated. Tables: distances, products.

    Example: ocop report support --province 01 --next 4 --next 5
    """
    listing = Listing(place_asked(province, commune), limit, reveal)
    output = ReportOutput(as_json, as_csv, xlsx, sections or ())
    settings = or_exit(lambda: operator_settings(folder))
    run(write_support(settings, listing, output, stars=next_star or ()))


def training(
    *,
    province: Province = None,
    commune: Commune = None,
    classes: Classes = 2,
    topic: Topic = None,
    topics: TopicsFile = None,
    limit: Limit = _IN_A_TABLE,
    reveal: Reveal = False,
    sections: Sections = None,
    as_json: ReportJson = False,
    as_csv: ReportCsv = False,
    xlsx: Xlsx = None,
    folder: StackFolder = None,
) -> None:
    """Show which classes would lift how many products by a star, alone and together, and who should sit in which.

    A producer who masters a topic is taken to answer all its criteria with their best option. Tables: topics, choices,
    seats.

    Example: ocop report training --province 01 --classes 3
    """
    listing = Listing(place_asked(province, commune), limit, reveal)
    output = ReportOutput(as_json, as_csv, xlsx, sections or ())
    held = held_classes(topics, topic or (), classes)
    settings = or_exit(lambda: operator_settings(folder))
    run(write_training(settings, listing, output, held))


@dataclass(frozen=True)
class Held:
    """The topics, the name of their file, and which classes are held: those `named`, else the best so many."""

    topics: Topics
    file: str
    named: tuple[int, ...] = ()
    number: int = 2

    def chosen(self, study: Study) -> tuple[int, ...]:
        """Return the classes that are held, by the places of their topics."""
        return self.named or study.choices[self.number - 1].topics


def held_classes(file: Path | None, topics: Sequence[str], number: int) -> Held:
    """Return the classes that are held: those on topics, else the best so many. Raise Exit (code 2): of the topics."""
    read = _topics(file)
    return Held(read, file.name if file else OWN_FILE, _places(read, topics), min(number, len(read.topics)))


async def write_support(
    settings: OperatorSettings, listing: Listing, output: ReportOutput, *, stars: Sequence[int] = ()
) -> int:
    """Write which products are nearest to their next star. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        report = await made_support(reader, listing, stars)
    return output.write(report)


async def made_support(reader: Reader, listing: Listing, stars: Sequence[int]) -> Report:
    """Return which products are nearest to their next star. Raise AccessError."""
    rated = await read_rated(reader, listing.place)
    sheets = {sheet.code: sheet for sheet in load_rulebook().sheets.values()}
    ways = of_support.nearest(rated.products.by_sheets(sheets), stars)
    named = await read_named(reader, [each.code for each in ways[: listing.limit]])
    day, limit, reveal = legal_date(system_clock()), listing.limit, listing.reveal
    return of_support.support(ways, sheets, named, day, limit=limit, notes=rated.notes, reveal=reveal)


async def write_training(settings: OperatorSettings, listing: Listing, output: ReportOutput, held: Held) -> int:
    """Write what classes would do. Return the exit code. Raise AccessError."""
    with opened_reader(settings) as reader:
        report = await made_training(reader, listing, held)
    return output.write(report)


async def made_training(reader: Reader, listing: Listing, held: Held) -> Report:
    """Return what classes would do. Raise AccessError."""
    rated = await read_rated(reader, listing.place)
    study = Study(load_rulebook(), held.topics, rated.products)
    chosen = held.chosen(study)
    seats = study.seats(chosen)
    codes = {each.rated.code for each in seats.listed(listing.limit)}
    named = await read_named(reader, codes)
    return of_training.training(
        study,
        chosen,
        seats,
        named,
        legal_date(system_clock()),
        file=held.file,
        limit=listing.limit,
        notes=rated.notes,
        reveal=listing.reveal,
    )


def _topics(file: Path | None) -> Topics:
    try:
        return load_topics(load_rulebook(), file or TOPICS)
    except (TopicsError, OSError) as error:
        raise wrong_usage(str(error)) from None


def _places(topics: Topics, codes: Sequence[str]) -> tuple[int, ...]:
    known = [topic.code for topic in topics.topics]
    for code in codes:
        if code not in known:
            said = _("{given} is none of the topics: {codes}")
            raise wrong_usage(said.format(given=one_line(code), codes=", ".join(known)))
    return tuple(dict.fromkeys(map(known.index, codes)))
