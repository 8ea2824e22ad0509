"""Reads what the reports on a place's programme read, each thing once, and puts them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress

from ops.database_reader import Reader
from ops.language import Message
from ops.reports.lifting import Held
from ops.reports.programme import Programme
from ops.reports.rated import read_named, read_rated
from ops.reports.register import Counted, read_facts, read_names
from ops.reports.renewals import listed as running_out
from ops.reports.renewals import renewals
from ops.reports.report import Report
from ops.reports.scene import Scene
from ops.reports.statistics import statistics
from ops.reports.study import Study
from ops.reports.support import nearest, support
from ops.reports.targets import targets
from ops.reports.town.report import Parts, town
from ops.reports.training import training
from services.evaluation.rulebook import load_rulebook
from services.registry.gazetteer import FoundPlace
from services.registry.time_limits import load_time_limits


@dataclass(frozen=True)
class Asked:
    """On which places it is reported, by which programme if by one, and what is listed.

    `days`: whose window closes within so many; `limit`: so many products, of each class.
    """

    title: Message
    places: Sequence[FoundPlace]
    programme: Programme | None
    held: Held
    days: int
    limit: int


async def read_town(reader: Reader, asked: Asked, day: date) -> Report:
    """Return the report on a place's programme. Raise AccessError: the database is away or refuses."""
    counted = await read_facts(reader, *asked.places)
    parts = Parts(
        statistics(counted.facts, day, counted.notes),
        await _renewals(reader, asked, counted, day),
        *await _lifting(reader, asked, day),
        *_targets(asked, counted, day),
    )
    producers = {*compress(counted.facts.producers, counted.facts.stars)} - {""}
    return town(asked.title, parts, producers=len(producers))


def _targets(asked: Asked, counted: Counted, day: date) -> tuple[Report, Programme] | tuple[()]:
    if asked.programme is None:
        return ()
    return targets(Scene(asked.programme, counted.facts, day, load_time_limits())), asked.programme


async def _renewals(reader: Reader, asked: Asked, counted: Counted, day: date) -> Report:
    limits = load_time_limits()
    names = await read_names(reader, running_out(counted.facts, day, limits, asked.days))
    return renewals(counted.facts, names, day, limits, days=asked.days)


async def _lifting(reader: Reader, asked: Asked, day: date) -> tuple[Report, Report]:
    """Return the reports on support and on training, of whose products names are read together."""
    rated = await read_rated(reader, *asked.places)
    study = Study(load_rulebook(), asked.held.topics, rated.products)
    chosen = asked.held.chosen(study)
    seats, ways = study.seats(chosen), nearest(study.products)
    codes = {each.rated.code for each in seats.listed(asked.limit)} | {each.code for each in ways[: asked.limit]}
    named = await read_named(reader, codes)
    sheets = {sheet.code: sheet for sheet in load_rulebook().sheets.values()}
    classes = training(study, chosen, seats, named, day, file=asked.held.file, limit=asked.limit)
    return support(ways, sheets, named, day, limit=asked.limit, notes=rated.notes), classes
