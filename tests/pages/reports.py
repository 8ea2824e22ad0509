"""The page of a town's programme in a window: as wide as a phone, and as a screen on the wall."""

import html
from collections.abc import Iterator
from dataclasses import dataclass

from ops.language import Language
from ops.reports.town.page import page
from tests.pages.browser import Size
from tests.pages.gallery import PHONE
from tests.unit.ops.reports import a_town

#: pixels
SCREEN = 1400
#: 300 characters, the longest word without a space
_LONGEST = f"Bánh tẻ gói bằng lá dong, {'Hưng' * 20} {'nhân thịt và mộc nhĩ ' * 10}"[:300].strip()


@dataclass(frozen=True)
class Wall:
    """The page as it was written, and how wide the window is: pixels."""

    name: str
    page: str
    window: int

    @property
    def is_printed(self) -> bool:
        """Return whether it is printed, too: once for all windows."""
        return self.window == SCREEN

    def framed(self, height: int) -> str:
        """Return a page that shows this one in a frame so high, and says how large its contents are."""
        style = f"width:{self.window}px;height:{height}px;border:0"
        return _FRAME.replace("FRAME", f'<iframe style="{style}" srcdoc="{html.escape(self.page)}"></iframe>')

    def fits(self, size: Size) -> bool:
        """Return whether nobody has to scroll it sideways."""
        return size.width <= self.window


def walls() -> Iterator[Wall]:
    """Yield the page in each language, and with the longest names, in each width."""
    town, longest = a_town.report(), a_town.report(a_town.Documents(name=_LONGEST))
    pages = {f"{language}-town": page(town, language) for language in Language}
    for name, written in (pages | {"longest-town": page(longest, Language.VI)}).items():
        for window in (PHONE, SCREEN):
            yield Wall(f"{name}-{window}", written, window)


_FRAME = """<!DOCTYPE html>
<html><body style="margin:0">FRAME
<script>
addEventListener("load", () => {
  const root = document.querySelector("iframe").contentDocument.documentElement
  document.title = JSON.stringify({width: root.scrollWidth, height: root.scrollHeight, background: []})
})
</script></body></html>
"""
