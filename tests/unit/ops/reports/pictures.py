"""Charts as pictures, in shades of grey as on paper: `python -m tests.unit.ops.reports.pictures` keeps those of now.

They are drawn with our own font, so that every machine draws the same; it has no star, in whose place is an asterisk.
"""

import io
from collections.abc import Mapping
from pathlib import Path

import vl_convert
from PIL import Image, ImageChops

from ops.language import Language, speaking
from ops.reports.report import Report
from ops.reports.town.charts import chart_of
from ops.reports.town.drawing import drawn
from tests.unit.ops.reports import a_town

KEPT = Path(__file__).parent / "pictures"
#: Of 255: what a pixel may differ by, as edges do that another version smooths otherwise.
_UNSEEN = 48
#: pixels; so many that differ by more are seen: one digit for another is about 50
SEEN = 25


def pictures(report: Report) -> Mapping[str, Image.Image]:
    """Return the charts of a report in Vietnamese, by the names of their sections."""
    with speaking(Language.VI):
        charts = {each.name: chart_of(each) for each in report.sections}
    return {name: _picture(*drawn(chart)) for name, chart in charts.items() if chart}


def kept(name: str) -> Image.Image:
    """Return the picture that is kept of a section."""
    with Image.open(KEPT / f"{name}.png") as opened:
        return opened.convert("L")


def difference(one: Image.Image, other: Image.Image) -> int:
    """Return how many pixels are seen to differ: all where the sizes do."""
    if one.size != other.size:
        return one.width * one.height
    return sum(ImageChops.difference(one, other).histogram()[_UNSEEN:])


def _picture(view_box: str, inner: str) -> Image.Image:
    inner = inner.replace("★", "*")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}"><rect width="100%" height="100%" fill="#fff"/>'
    with Image.open(io.BytesIO(vl_convert.svg_to_png(f"{svg}{inner}</svg>"))) as opened:
        return opened.convert("L")


def keep() -> None:
    """Write the pictures of now in the place of those that are kept."""
    KEPT.mkdir(exist_ok=True)
    for file in KEPT.glob("*.png"):
        file.unlink()
    for name, picture in pictures(a_town.report()).items():
        picture.save(KEPT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    keep()
