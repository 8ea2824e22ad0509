"""Chromium by its command line: it measures a page, and takes a picture of it."""

import html
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.pages.gallery import PHONE, SIDE_BY_SIDE, Sheet

#: No sandbox, since it may run as root, and nothing but the pages, which fetch nothing.
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--blink-settings=imagesEnabled=false",
)
#: seconds
_PATIENCE = 60
#: pixels; the most that Chromium takes a picture of
_HIGHEST = 16_000


@dataclass(frozen=True)
class Size:
    """How large a page is in a window as wide as a phone: pixels. `backgrounds` are those by day and at night."""

    width: int
    height: int
    backgrounds: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Return whether nobody has to scroll it sideways, and it is dark at night."""
        return self.width <= PHONE and len(set(self.backgrounds)) > 1


@dataclass(frozen=True)
class Chromium:
    """A browser, and the folder that its pages and pictures go to."""

    command: str
    folder: Path

    def measure(self, sheet: Sheet) -> Size:
        """Return how large a page is."""
        title = re.search(r"<title>(.*?)</title>", self._run(sheet, PHONE, "--dump-dom"))
        if title is None:
            raise RuntimeError(f"{sheet.name}: the browser has not measured it")
        found = json.loads(html.unescape(title[1]))
        return Size(found["width"], found["height"], tuple(found["background"]))

    def picture(self, sheet: Sheet, height: int) -> None:
        """Take a picture of a page that is so high, as PNG beside it."""
        self._run(sheet, min(height, _HIGHEST), f"--screenshot={self.folder / sheet.name}.png")

    def _run(self, sheet: Sheet, height: int, task: str) -> str:
        page = self.folder / f"{sheet.name}.html"
        page.write_text(sheet.framed(height), "utf-8")
        window = f"--window-size={SIDE_BY_SIDE},{height}"
        with tempfile.TemporaryDirectory() as profile:
            command = [self.command, *_QUIET, window, task, f"--user-data-dir={profile}", page.as_uri()]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
        return done.stdout
