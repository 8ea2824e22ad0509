"""`python -m tests.pages`: every alert with its longest texts in Chromium, 360 pixels wide, in light and in dark.

Whatever has to be scrolled sideways is named, and the result is 1. The pictures are for people to look at.
"""

import argparse
import sys
from pathlib import Path

from tests.long_run import say
from tests.pages.browser import Chromium
from tests.pages.gallery import Sheet, sheets


def main() -> int:
    """Look at the pages that the command line asks for; 0 where none is wider than the screen."""
    parser = argparse.ArgumentParser(prog="python -m tests.pages", description=__doc__)
    parser.add_argument("--browser", default="chromium", help="how the browser is called (default: chromium)")
    parser.add_argument("--folder", type=Path, default=Path(".local/pages"), help="where the pictures go")
    parser.add_argument("--only", default="", help="pages with this in their names, such as vi-certificate")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    chosen = [sheet for sheet in sheets() if options.only in sheet.name]
    browser = Chromium(options.browser, options.folder.resolve())
    too_wide = [sheet.name for sheet in chosen if not _fits(browser, sheet)]
    say(f"{len(chosen)} pages in {options.folder}, wider than the screen: {', '.join(too_wide) or 'none'}")
    return 1 if too_wide or not chosen else 0


def _fits(browser: Chromium, sheet: Sheet) -> bool:
    """Take a picture of a page and return whether it fits the screen."""
    size = browser.measure(sheet)
    browser.picture(sheet, size.height)
    return size.fits


if __name__ == "__main__":
    sys.exit(main())
