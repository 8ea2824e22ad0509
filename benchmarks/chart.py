"""A bar chart as SVG, for the report: medians as bars, slowest and fastest as whiskers."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _LABELS, _FIGURES, _ROW, _BAR, _TOP = 820, 260, 120, 38, 20, 44
_STYLE = (
    "text{font:13px sans-serif;fill:#24292f}.title{font-weight:bold;font-size:15px}"
    ".bar{fill:#7a9cc6}.ours{fill:#2f6f4f}.whisker{stroke:#24292f;stroke-width:1.5}"
)


@dataclass(frozen=True)
class Bar:
    """One bar; `ours` differ by colour."""

    label: str
    median: float
    slowest: float
    fastest: float
    ours: bool = False


def bar_chart(title: str, bars: Sequence[Bar]) -> str:
    """Return the chart's SVG; it stands on white, so that it can be read on dark pages too."""
    height = _TOP + _ROW * len(bars) + 10
    longest = max((bar.fastest for bar in bars), default=0) or 1
    rows = "".join(_row(bar, _TOP + _ROW * number, longest) for number, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text class="title" x="12" y="26">{escape(title)}</text>{rows}</svg>\n'
    )


def _row(bar: Bar, top: int, longest: float) -> str:
    room = _WIDTH - _LABELS - _FIGURES
    width, low, high = (room * value / longest for value in (bar.median, bar.slowest, bar.fastest))
    middle = top + _BAR / 2
    return (
        f'<text x="{_LABELS - 10}" y="{middle + 5}" text-anchor="end">{escape(bar.label)}</text>'
        f'<rect class="{"ours" if bar.ours else "bar"}" x="{_LABELS}" y="{top}" width="{width:.1f}" height="{_BAR}"/>'
        f'<line class="whisker" x1="{_LABELS + low:.1f}" x2="{_LABELS + high:.1f}" y1="{middle}" y2="{middle}"/>'
        f'<text x="{_LABELS + high + 8:.1f}" y="{middle + 5}">{bar.median:,.0f}</text>'
    )
