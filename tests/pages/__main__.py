"""`python -m tests.pages`: every alert with its longest texts in Chromium, 360 pixels wide, in light and in dark.

And the page of a town's programme, 360 and 1,400 pixels wide and on paper. Whatever has to be scrolled sideways, or is
not on A4, is named, and the result is 1. The pictures are for people to look at. The network is off.
"""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from pypdfium2 import PdfDocument

from tests.long_run import say
from tests.pages.browser import Chromium, Sheet
from tests.pages.gallery import sheets
from tests.pages.reports import Wall, walls

#: points
_A4 = (595, 842)
#: of paper; the page of a town takes eight, with the longest names some more
_SHEETS = 20


def main() -> int:
    """Look at the pages that the command line asks for; 0 where none is wider than the screen."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages", description=__doc__)
    parser.add_argument("--browser", default="chromium", help="how the browser is called (default: chromium)")
    parser.add_argument("--folder", type=Path, default=Path(".local/pages"), help="where the pictures go")
    parser.add_argument("--only", default="", help="pages with this in their names, such as vi-certificate")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    every: list[Sheet] = [*sheets(), *walls()]
    chosen = [sheet for sheet in every if options.only in sheet.name]
    browser = Chromium(options.browser, options.folder.resolve())
    too_wide = [sheet.name for sheet in chosen if not _fits(browser, sheet)]
    printed = [sheet for sheet in chosen if isinstance(sheet, Wall) and sheet.is_printed]
    too_wide += [f"{sheet.name} on paper" for sheet in printed if not _is_on_a4(browser, sheet)]
    say(f"{len(chosen)} pages in {options.folder}, wider than the screen or paper: {', '.join(too_wide) or 'none'}")
    return 1 if too_wide or not chosen else 0


def _fits(browser: Chromium, sheet: Sheet) -> bool:
    """Take a picture of a page and return whether it fits the screen."""
    size = browser.measure(sheet)
    browser.picture(sheet, size.height)
    return sheet.fits(size)


def _is_on_a4(browser: Chromium, sheet: Sheet) -> bool:
    """Print a page and return whether it takes a few sheets of A4."""
    with closing(PdfDocument(browser.print(sheet))) as paper:
        sizes = {tuple(map(round, paper[number].get_size())) for number in range(len(paper))}
        return sizes == {_A4} and len(paper) <= _SHEETS


if __name__ == "__main__":
    sys.exit(main())
