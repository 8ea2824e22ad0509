"""What a place's programme has come to, put together from the other reports: none of their numbers is counted anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ops.language import Message
from ops.reports.measures import CERTIFIED, STARS
from ops.reports.programme import Counts, Programme, Target
from ops.reports.report import Column, Kind, Report, Section, Value

_NUMBER = Kind.NUMBER
_COUNTED = {
    Counts.RATED: Message("Products rated"),
    Counts.NEW: Message("New products"),
    Counts.RE_EVALUATED: Message("Products re-evaluated"),
    Counts.PRODUCERS: Message("Producers"),
}
#: Of the targets, what the page has no room for: the plan says it, or the sum of others.
_LEFT_OUT = {"too_late", "ending"}
_BY_STARS = ("certified", *(each.name for each in STARS), "open_rounds")
#: Of a product near its next star; its points are its own.
_NEAREST = ("product_code", "product_name", "commune", "next_star", "option_steps", "steps")
_GROUPS = Column("groups", Message("Groups"), Kind.ID)


@dataclass(frozen=True)
class Parts:
    """The reports that it is put together from; `targets` are those of the `programme`, where there is one."""

    statistics: Report
    renewals: Report
    support: Report
    training: Report
    targets: Report | None = None
    programme: Programme | None = None


def town(title: Message, parts: Parts, *, producers: int) -> Report:
    """Return the report on a place's programme.

    Args:
        title: what is reported on.
        parts: the reports that it is put together from.
        producers: how many have a product with stars in force.
    """
    statistics, renewals, support, training = parts.statistics, parts.renewals, parts.support, parts.training
    sections = (
        _headline(parts, producers),
        *_of_programme(parts),
        statistics.section("stars"),
        _only(statistics.section("groups"), "name", *_BY_STARS),
        _only(statistics.section("communes"), "commune", *_BY_STARS),
        _in_words(renewals.section("quarters")),
        *_of(renewals, "closing", "lapsed"),
        support.section("distances"),
        _only(support.section("products"), *_NEAREST),
        _only(training.section("topics"), "name", "products", "stars_4", "stars_5"),
        *_of(training, "choices", "seats"),
    )
    made = (parts.targets, statistics, renewals, support, training)
    notes = dict.fromkeys(note for report in made if report for note in report.notes)
    return Report("town", title, statistics.day, sections, tuple(notes))


def _of(report: Report, *names: str) -> Iterator[Section]:
    return map(report.section, names)


def _headline(parts: Parts, producers: int) -> Section:
    in_force = {row["stars"]: row["products"] for row in parts.statistics.section("stars").named()}
    by_stars = [in_force[stars] for stars in CERTIFIED]
    rows: list[Sequence[Value]] = [
        ("certified", Message("Products with stars in force"), sum(each for each in by_stars if isinstance(each, int))),
        *((f"stars_{n}", Message("of them {stars}★", stars=n), in_force[n]) for n in CERTIFIED),
        ("producers", Message("Producers who have one"), producers),
        ("open_rounds", Message("Rounds open"), _sum(parts.statistics.section("communes"), "open_rounds")),
        ("closing", parts.renewals.section("closing").title, _sum(parts.renewals.section("communes"), "closing")),
        ("lapsed", Message("Lapsed"), _sum(parts.renewals.section("communes"), "lapsed")),
    ]
    columns = (
        Column("number_of", Message("Of what"), Kind.KEY),
        Column("what", Message("Number of")),
        Column("number", Message("Number"), _NUMBER),
    )
    return Section("headline", Message("At a glance"), columns, rows)


def _sum(section: Section, name: str) -> Value:
    place = [each.name for each in section.columns].index(name)
    return (section.totals or ())[place]


def _of_programme(parts: Parts) -> Iterator[Section]:
    if parts.targets and parts.programme:
        yield _only(parts.targets.section("programme"), "places", "begins", "ends", "source")
        yield _targets(parts.targets.section("targets"), parts.programme.targets)


def _only(section: Section, *names: str) -> Section:
    columns = [each for each in section.columns if each.name in names]
    return replace(section, columns=columns, rows=[[row[each.name] for each in columns] for row in section.named()])


def _targets(section: Section, targets: Sequence[Target]) -> Section:
    """Return the targets by what they count, in words, in the place of the names that the plan's file gives them."""
    left_out = _LEFT_OUT | ({"at_most"} if all(each.at_most is None for each in targets) else set())
    has_groups = any(each.groups for each in targets)
    columns = [each for each in section.columns if each.name not in left_out]
    if has_groups:
        columns.insert(1, _GROUPS)
    rows = [
        [
            ({"groups": ", ".join(target.groups)} | dict(row) | {"target": wording(target)})[each.name]
            for each in columns
        ]
        for target, row in zip(targets, section.named(), strict=True)
    ]
    return replace(section, columns=columns, rows=rows)


def wording(target: Target) -> Message:
    """Return what a target counts, in words."""
    if target.stars:
        return Message("Products with {stars}", stars=", ".join(f"{each}★" for each in target.stars))
    return _COUNTED[target.counts]


def _in_words(quarters: Section) -> Section:
    """Return certificates by quarter with the quarters as people say them."""
    return replace(quarters, rows=[(_quarter(str(code)), *numbers) for code, *numbers in quarters.rows])


def _quarter(code: str) -> Message:
    year, _, quarter = code.partition("-Q")
    return Message("Q{quarter} {year}", quarter=quarter, year=year)
