"""Every alert on a page of its own: as a phone shows it by day, and beside it as at night."""

import html
from collections.abc import Iterator
from dataclasses import dataclass

from services.notifications.digest import Digest
from services.notifications.plan import Alert
from shared.contracts.dossier import Language
from tests.pages.browser import Size
from tests.unit.notifications.longest import every_longest, every_longest_digest

#: pixels; the width of a small phone, and of two side by side
PHONE = 360
SIDE_BY_SIDE = 2 * PHONE + 24
LANGUAGES: tuple[Language, ...] = ("vi", "en")


@dataclass(frozen=True)
class Sheet:
    """An alert to look at, `page` as it was sent."""

    name: str
    page: str
    window: int = SIDE_BY_SIDE

    def framed(self, height: int) -> str:
        """Return a page that shows this one twice in frames so high, and says how large its contents are."""
        frames = "".join(_frame(self.page, scheme, height) for scheme in ("light", "dark"))
        return _FRAMES.replace("FRAMES", frames)

    def fits(self, size: Size) -> bool:
        """Return whether nobody has to scroll it sideways, and it is dark at night."""
        return size.width <= PHONE and len(set(size.backgrounds)) > 1


def sheets() -> Iterator[Sheet]:
    """Yield the longest alert of each template, and the digests."""
    for language in LANGUAGES:
        for name, alert in _longest_of_each(language).items():
            yield Sheet(f"{language}-{name}", alert.html)
        for digest in every_longest_digest(language):
            yield Sheet(f"{language}-{digest.alerts[0].audience}-digest", digest.html)


def _longest_of_each(language: Language) -> dict[str, Alert | Digest]:
    longest: dict[str, Alert] = {}
    for alert in every_longest(language):
        name = f"{alert.audience}-{alert.kind}"
        longest[name] = max(alert, longest.get(name, alert), key=lambda each: len(each.html))
    return {**longest}


def _frame(page: str, scheme: str, height: int) -> str:
    """Return a frame in a colour scheme: a page in it is told so, as by a device."""
    style = f"width:{PHONE}px;height:{height}px;border:0;color-scheme:{scheme}"
    return f'<iframe style="{style}" srcdoc="{html.escape(page, quote=True)}"></iframe>'


_FRAMES = """<!DOCTYPE html>
<html><body style="margin:0;display:flex;gap:24px;background:#888">FRAMES
<script>
addEventListener("load", () => {
  const roots = [...document.querySelectorAll("iframe")].map(each => each.contentDocument.documentElement)
  document.title = JSON.stringify({
    width: Math.max(...roots.map(each => each.scrollWidth)),
    height: Math.max(...roots.map(each => each.scrollHeight)),
    background: roots.map(each => getComputedStyle(each.querySelector(".page")).backgroundColor),
  })
})
</script></body></html>
"""
