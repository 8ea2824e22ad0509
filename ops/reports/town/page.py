"""The report as one page of HTML: charts, each with its numbers as a table; no script, and nothing that is fetched."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ops.language import Language, Message, speaking
from ops.language import gettext as _
from ops.reports.report import Column, Kind, Report, Section, Value, spoken
from ops.reports.town.charts import chart_of
from ops.reports.town.drawing import drawn
from ops.reports.town.writing import days_in, written

_HERE = Path(__file__).parent
#: Columns that a table has at most on a phone.
_NARROW = 6
#: Rows below which their sum is told: of one there is nothing to sum.
_SUMMED = 2
#: Rows that stay on one sheet of paper.
_TOGETHER = 14
#: What stands above all, as large numbers.
_GLANCE = "headline"
#: In which chapter which section stands.
_CHAPTERS = (
    (Message("The plan, and how it stands"), ("programme", "targets")),
    (Message("What there is"), ("stars", "groups", "communes")),
    (Message("Certificates that run out"), ("quarters", "closing", "lapsed")),
    (Message("Where support lifts most"), ("distances", "products", "topics", "choices", "seats")),
)


@dataclass(frozen=True)
class Picture:
    """A chart as SVG, with its words for who does not see it."""

    caption: str
    description: str
    view_box: str
    drawn: Markup


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and of what kind it is."""

    text: str
    kind: Kind

    @property
    def style(self) -> str:
        """How it is shown: a number at the right, words over several lines, all else in one."""
        if self.kind.is_number:
            return "number"
        return "text" if self.kind in {Kind.TEXT, Kind.CODED} else "one-line"


@dataclass(frozen=True)
class Exhibit:
    """A section as the page shows it: its table and, where it has one, its chart."""

    name: str
    title: str
    heads: list[Cell]
    rows: list[list[Cell]]
    totals: list[Cell]
    notes: list[str]
    picture: Picture | None

    @property
    def is_wide(self) -> bool:
        """Return whether its table is too wide for a phone, so that each row is a list there."""
        return len(self.heads) > _NARROW or any(each.kind is Kind.TEXT for each in self.heads[1:])

    @property
    def is_short(self) -> bool:
        """Return whether it stays together on paper."""
        return len(self.rows) <= _TOGETHER


@dataclass(frozen=True)
class Chapter:
    """Exhibits below one heading."""

    title: str
    exhibits: list[Exhibit]


def page(report: Report, language: Language) -> str:
    """Return a report as a page in a language."""
    style = _style()
    with speaking(language):
        return _template().render(
            language=language,
            title=spoken(report.title),
            iso_day=str(report.day),
            day=days_in(str(report.day)),
            style=Markup(style),  # noqa: S704  # our own file
            policy=policy(),
            glance=[_exhibit(each) for each in report.sections if each.name == _GLANCE],
            chapters=list(_chapters(report)),
            notes=[days_in(spoken(note)) for note in report.notes],
            words={"as_of": _("as of"), "none": _("none"), "how": _("How it was made"), "chart": _("Chart")},
        )


def policy() -> str:
    """Return what a browser may load: the page's own style alone (Content Security Policy, level 3)."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def write_page(report: Report, file: Path, language: Language) -> None:
    """Write a report as a page, whole or not at all. Raise OSError."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.write_text(page(report, language), "utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def _style() -> str:
    return (_HERE / "page.css").read_text("utf-8")


def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("page.html.jinja")


def _chapters(report: Report) -> Iterator[Chapter]:
    for title, names in _CHAPTERS:
        exhibits = [_exhibit(each) for each in report.sections if each.name in names]
        if exhibits:
            yield Chapter(title.spoken, exhibits)


def _exhibit(section: Section) -> Exhibit:
    return Exhibit(
        section.name,
        spoken(section.title),
        [Cell(spoken(each.title), each.kind) for each in section.columns],
        [_cells(row, section.columns) for row in section.rows],
        _totals(section),
        [days_in(spoken(note)) for note in section.notes],
        _picture(section),
    )


def _cells(row: Sequence[Value], columns: Sequence[Column]) -> list[Cell]:
    return [Cell(written(value, each.kind), each.kind) for value, each in zip(row, columns, strict=True)]


def _totals(section: Section) -> list[Cell]:
    totals = section.totals
    if totals is None or len(section.rows) < _SUMMED:
        return []
    _first, *others = _cells(totals, section.columns)
    return [Cell(_("In all"), Kind.TEXT), *others]


def _picture(section: Section) -> Picture | None:
    chart = chart_of(section)
    if chart is None:
        return None
    view_box, inner = drawn(chart)
    return Picture(chart.caption, chart.description, view_box, Markup(inner))  # noqa: S704  # Vega has escaped texts
