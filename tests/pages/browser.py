"""Chromium by its command line: it measures a page, and takes a picture of it."""

import html
import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
#: seconds
_PATIENCE = 60
#: pixels; the most that Chromium takes a picture of, and how high a window is before it is known how high a page is
_HIGHEST, _AT_FIRST = 16_000, 360


@dataclass(frozen=True)
class Size:
    """How large a page is in its window: pixels. `backgrounds` are those by day and at night."""

    width: int
    height: int
    backgrounds: tuple[str, ...]


class Sheet(Protocol):
    """What is looked at: `page` as it was sent or written, in a window so wide, in pixels."""

    @property
    def name(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def window(self) -> int: ...

    def framed(self, height: int) -> str:
        """Return a page that shows it in frames so high, and says how large its contents are."""

    def fits(self, size: Size) -> bool:
        """Return whether it is shown as it is to be."""


@dataclass(frozen=True)
class Chromium:
    """A browser, and the folder that its pages and pictures go to."""

    command: str
    folder: Path

    def measure(self, sheet: Sheet) -> Size:
        """Return how large a page is."""
        title = re.search(r"<title>(.*?)</title>", self._run(sheet, _AT_FIRST, "--dump-dom"))
        if title is None:
            raise RuntimeError(f"{sheet.name}: the browser has not measured it")
        found = json.loads(html.unescape(title[1]))
        return Size(found["width"], found["height"], tuple(found["background"]))

    def picture(self, sheet: Sheet, height: int) -> None:
        """Take a picture of a page that is so high, as PNG beside it."""
        self._run(sheet, min(height, _HIGHEST), f"--screenshot={self.folder / sheet.name}.png")

    def print(self, sheet: Sheet) -> Path:
        """Print a page on A4. Return the file."""
        paper = self.folder / f"{sheet.name}.pdf"
        self._open(sheet, sheet.page, _AT_FIRST, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
        return paper

    def _run(self, sheet: Sheet, height: int, task: str) -> str:
        return self._open(sheet, sheet.framed(height), height, task)

    def _open(self, sheet: Sheet, shown: str, height: int, *tasks: str) -> str:
        page = self.folder / f"{sheet.name}.html"
        page.write_text(shown, "utf-8")
        window = f"--window-size={sheet.window},{height}"
        with tempfile.TemporaryDirectory() as profile:
            command = [self.command, *_QUIET, window, *tasks, f"--user-data-dir={profile}", page.as_uri()]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
        return done.stdout
