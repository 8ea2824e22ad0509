"""Which sections of the report are drawn, and how: bars, with their numbers in words beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from ops.language import Message
from ops.reports.measures import CERTIFIED
from ops.reports.report import Section, spoken
from ops.reports.town.writing import number as written

#: Places are drawn up to so many, beyond they are a table alone.
_MOST_BARS = 20
#: Option steps, and the column of each.
_STEPS = {f"steps_{n}": n for n in range(1, 6)} | {"steps_6_or_more": 6}


class Series(NamedTuple):
    """A part that bars have; `shade` tells it from others in black and white: 0 is white, 4 the darkest."""

    name: str
    shade: int


class Bar(NamedTuple):
    """A bar: what stands above it at the left, its number at the right, details below, and the length of each part."""

    label: str
    number: str
    detail: str
    parts: Sequence[int | Fraction]


@dataclass(frozen=True)
class Chart:
    """Bars below each other, and what they show."""

    caption: str
    series: Sequence[Series]
    bars: Sequence[Bar]

    @property
    def longest(self) -> int | Fraction:
        """The length of the longest bar."""
        return max((sum(each.parts) for each in self.bars), default=0)

    @property
    def description(self) -> str:
        """What it shows, in words, for who does not see it."""
        said = (", ".join(filter(None, (each.number, each.detail))) for each in self.bars)
        return "; ".join(f"{bar.label}: {words}" for bar, words in zip(self.bars, said, strict=True))


Row = Mapping[str, Any]


def chart_of(section: Section) -> Chart | None:
    """Return the chart of a section in the language that is spoken, None where it has none, or nothing to show."""
    rows = list(section.named())
    chart = _CHARTS[section.name](rows) if section.name in _CHARTS and rows else None
    return chart if chart and chart.longest and len(chart.bars) <= _MOST_BARS else None


def _targets(rows: Sequence[Row]) -> Chart:
    series = (Series(_say(Message("Reached")), 4), Series(_say(Message("On its way, in time")), 2))
    missing = Series(_say(Message("Still missing")), 0)
    caption = Message("How much of each target is reached; the whole bar is the target.")
    return Chart(_say(caption), (*series, missing), [_target(row) for row in rows])


def _target(row: Row) -> Bar:
    """Return a bar as long as any other, whatever the target; what goes beyond it is told in words alone."""
    reached, in_time, at_least = row["reached"], row["in_time"], row["at_least"]
    drawn = min(reached, at_least), min(in_time, max(at_least - reached, 0))
    groups = f" ({row['groups']})" if row.get("groups") else ""
    on_its_way = Message("{number} on their way in time", number=in_time)
    return Bar(
        f"{spoken(row['target'])}{groups}",
        f"{written(reached)} / {written(at_least)}",
        " · ".join((spoken(row["verdict"]), spoken(on_its_way))),
        [Fraction(each, at_least) for each in (*drawn, at_least - sum(drawn))],
    )


def _stars(rows: Sequence[Row]) -> Chart:
    found = [Bar(_star(row["stars"]), written(row["products"]), "", [row["products"]]) for row in rows if row["stars"]]
    caption = _say(Message("Products with stars in force."))
    return Chart(caption, [Series("", 3)], found)


def _groups(rows: Sequence[Row]) -> Chart:
    labels = [spoken(row["name"]) for row in rows]
    return _by_stars(_say(Message("Products with stars in force, by product group.")), labels, rows, "certified")


def _communes(rows: Sequence[Row]) -> Chart:
    labels = [spoken(row["commune"]) for row in rows]
    return _by_stars(_say(Message("Products with stars in force, by commune.")), labels, rows, "certified")


def _quarters(rows: Sequence[Row]) -> Chart:
    renewing = Series(_say(Message("Being renewed")), 1)
    series = (Series(_say(Message("Nobody has filed yet")), 3), renewing)
    caption = _say(Message("Certificates in force, by the quarter in which they end."))
    return Chart(caption, series, [_quarter(row) for row in rows])


def _quarter(row: Row) -> Bar:
    number, renewing = row["certificates"], row["renewing"]
    detail = spoken(Message("{number} being renewed", number=renewing)) if renewing else ""
    return Bar(spoken(row["quarter"]), written(number), detail, [number - renewing, renewing])


def _distances(rows: Sequence[Row]) -> Chart:
    caption = _say(Message("Products by the steps to their next star; a step raises one criterion by one option."))
    stars = [row["next_star"] for row in rows]
    series = [Series(spoken(Message("to {stars}★", stars=each)), each - 1) for each in stars]
    bars = []
    for name, steps in _STEPS.items():
        numbers = [row[name] for row in rows]
        bars.append(Bar(_steps(steps), written(sum(numbers)), _shares(series, numbers), numbers))
    return Chart(caption, series, bars)


def _steps(steps: int) -> str:
    match steps:
        case 1:
            return spoken(Message("1 step"))
        case 6:
            return spoken(Message("6 steps and more"))
        case _:
            return spoken(Message("{steps} steps", steps=steps))


def _topics(rows: Sequence[Row]) -> Chart:
    bars = [Bar(spoken(row["name"]), written(row["products"]), "", [row["products"]]) for row in rows]
    return Chart(_say(Message("Products that gain a star by each class alone.")), [Series("", 3)], bars)


def _by_stars(caption: str, labels: Sequence[str], rows: Sequence[Row], number: str) -> Chart:
    series = [Series(_star(each), shade) for each, shade in zip(CERTIFIED, (1, 2, 4), strict=True)]
    bars = []
    for label, row in zip(labels, rows, strict=True):
        numbers = [row[f"stars_{each}"] for each in CERTIFIED]
        bars.append(Bar(label, written(row[number]), _shares(series, numbers), numbers))
    return Chart(caption, series, bars)


def _shares(series: Sequence[Series], numbers: Sequence[int]) -> str:
    return " · ".join(f"{each.name}: {written(number)}" for each, number in zip(series, numbers, strict=True) if number)


def _star(stars: int) -> str:
    return f"{stars}★"


def _say(message: Message) -> str:
    return message.spoken


_CHARTS: Mapping[str, Callable[[Sequence[Row]], Chart]] = {
    "targets": _targets,
    "stars": _stars,
    "groups": _groups,
    "communes": _communes,
    "quarters": _quarters,
    "distances": _distances,
    "topics": _topics,
}
