"""Draws a chart as SVG by Vega-Lite: text as text, no script, nothing that is fetched (docs/decisions/0030)."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import vl_convert

from ops.reports.town.charts import Bar, Chart
from services.notifications import documents

#: pixels, the width of a small phone without its margins; larger screens scale it
WIDTH = 340
#: pixels
_LINE, _BAR, _GAP, _BELOW = 17, 16, 14, 3
#: characters in a line of a label, which leaves room for the number at the right
_LABEL, _DETAIL = 36, 52
#: from white to the darkest: told apart by lightness alone
_SHADES = ("#ffffff", "#bfd9e7", "#78adcb", "#35739a", "#123d55")
_INK = "#1b1b1b"
#: What text is measured by, whatever machine it is; the page shows it in the reader's own.
FONT = "Be Vietnam Pro"
_DRAWN = re.compile(r'<svg [^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', re.DOTALL)


def drawn(chart: Chart) -> tuple[str, str]:
    """Return the view box of a chart and what is in it, as SVG."""
    _fonts()
    found = _DRAWN.fullmatch(vl_convert.vegalite_to_svg(specification(chart)))
    if found is None:
        raise TypeError("Vega-Lite drew no SVG")
    return found[1], found[2]


def specification(chart: Chart) -> dict[str, Any]:
    """Return a chart as Vega-Lite describes it: bars at their places in pixels, their lengths to scale."""
    places = list(_placed(chart.bars))
    texts = [_texts(place, bar) for place, bar in zip(places, chart.bars, strict=True)]
    return {
        "width": WIDTH,
        "height": places[-1].bottom + _BELOW,
        "padding": {"left": 2, "top": 6, "right": 2, "bottom": 2},  # room for marks on capitals above
        "layer": [*_labels(texts), _bars(chart, places)],
        "config": {"aria": False, "background": None, "font": FONT, "view": {"stroke": None}},
    }


class _Place(NamedTuple):
    """Where a bar and its texts stand: pixels from the top."""

    label: int
    detail: int
    top: int
    bottom: int


def _placed(bars: Sequence[Bar]) -> Iterator[_Place]:
    label = 0
    for bar in bars:
        detail = label + len(_lines(bar.label, _LABEL)) * _LINE
        top = detail + len(_lines(bar.detail, _DETAIL)) * _LINE + _BELOW
        bottom = top + (_BAR if any(bar.parts) else 0)
        yield _Place(label, detail, top, bottom)
        label = bottom + _GAP


def _lines(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width)


def _texts(place: _Place, bar: Bar) -> dict[str, Any]:
    """Return the texts of a bar in lines, and where they stand."""
    texts = {"label": _lines(bar.label, _LABEL), "number": bar.number, "detail": _lines(bar.detail, _DETAIL)}
    return texts | {"label_top": place.label, "detail_top": place.detail}


def _labels(texts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    data = {"values": texts}
    return [
        {"data": data, **_text("label", "label_top", 0, fontWeight="bold", fontSize=13)},
        {"data": data, **_text("number", "label_top", WIDTH, fontWeight="bold", fontSize=14, align="right")},
        {"data": data, **_text("detail", "detail_top", 0, fontSize=12)},
    ]


def _text(field: str, top: str, left: int, **how: Any) -> dict[str, Any]:
    mark = {"type": "text", "align": "left", "baseline": "top", "lineHeight": _LINE, "color": _INK} | how
    return {"mark": mark, "encoding": {"text": {"field": field}, "y": _pixels(top), "x": {"value": left}}}


def _bars(chart: Chart, places: Sequence[_Place]) -> dict[str, Any]:
    """Return the bars, each part of them with a dark edge, so that white ones are seen on paper."""
    names = [each.name for each in chart.series]
    shades = [_SHADES[each.shade] for each in chart.series]
    legend = {"orient": "bottom", "direction": "vertical", "title": None, "labelFontSize": 12, "labelColor": _INK}
    drawn_as = {"symbolType": "square", "symbolSize": 160, "symbolStrokeColor": _INK, "symbolStrokeWidth": 1}
    return {
        "data": {"values": list(_parts(chart, places))},
        "mark": {"type": "bar", "stroke": _INK, "strokeWidth": 1},
        "encoding": {
            "y": _pixels("top"),
            "y2": {"field": "bottom"},
            "x": {"field": "begins", "type": "quantitative", "scale": _scale(chart), "axis": None},
            "x2": {"field": "ends"},
            "color": {
                "field": "series",
                "type": "nominal",
                "scale": {"domain": names, "range": shades},
                "legend": legend | drawn_as | {"labelLimit": WIDTH} if len(names) > 1 else None,
            },
        },
    }


def _parts(chart: Chart, places: Sequence[_Place]) -> Iterator[dict[str, Any]]:
    for bar, place in zip(chart.bars, places, strict=True):
        ends = list(accumulate(float(each) for each in bar.parts))
        for series, begins, end in zip(chart.series, [0.0, *ends], ends, strict=False):
            if begins < end:
                where = {"top": place.top, "bottom": place.bottom, "begins": begins, "ends": end}
                yield {"series": series.name, **where}


def _scale(chart: Chart) -> dict[str, Any]:
    return {"domain": [0, float(chart.longest)], "range": [0, WIDTH], "nice": False}


def _pixels(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


@cache
def _fonts() -> None:
    vl_convert.register_font_directory(str(Path(documents.__file__).parent / "fonts"))
