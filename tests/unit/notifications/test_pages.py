"""How an alert looks as HTML: on a phone of any width, in light and dark, with a mail program's styles or without."""

import re
from itertools import pairwise

import pytest

from services.notifications.digest import Digest
from services.notifications.plan import Alert
from shared.contracts.dossier import Language
from tests.unit.notifications.examples import alert_of, every_event
from tests.unit.notifications.lives import every_life_event
from tests.unit.notifications.offices import every_office_event, to_office
from tests.unit.notifications.page import Page
from tests.unit.notifications.test_digest import EVERY_DIGEST

EVERY_EVENT = [*every_event("vi"), *every_event("en"), *every_life_event("vi"), *every_life_event("en")]
EVERY_ALERT = [
    *(alert_of(event) for event in EVERY_EVENT),
    *(to_office(event, language) for event in every_office_event() for language in ("vi", "en")),
]
EVERY_TEMPLATE: tuple[Alert | Digest, ...] = (
    *{(alert.kind, alert.audience, alert.language): alert for alert in EVERY_ALERT}.values(),
    *EVERY_DIGEST,
)
#: What would be wider than a phone, or stay as wide as it is.
FIXED_WIDTH = re.compile(r"(?<!max-)width:\s*\d+(px|em|rem|pt)|nowrap|<pre")


def styles_of(page: Page, tag: str) -> list[str]:
    return [attributes.get("style") or "" for name, attributes in page.elements if name == tag]


def language_of(alert: Alert | Digest) -> Language:
    return alert.alerts[0].language if isinstance(alert, Digest) else alert.language


@pytest.mark.parametrize("alert", EVERY_TEMPLATE)
def test_a_page_says_its_language_its_subject_once_and_that_it_fits_every_screen(alert: Alert | Digest) -> None:
    page = Page(alert.html)
    metas = {attributes.get("name"): attributes.get("content") for tag, attributes in page.elements if tag == "meta"}
    assert page.elements[0] == ("html", {"lang": language_of(alert)})
    assert page.tags.count("h1") == 1
    assert metas["viewport"] == "width=device-width, initial-scale=1"
    assert metas["color-scheme"] == "light dark"


@pytest.mark.parametrize("alert", EVERY_TEMPLATE)
def test_nothing_is_wider_than_the_screen(alert: Alert | Digest) -> None:
    html = alert.html
    assert not FIXED_WIDTH.search(html)
    assert not any("width" in attributes for _, attributes in Page(html).elements)
    (wrapper,) = styles_of(Page(html), "div")
    assert "overflow-wrap:anywhere" in wrapper


@pytest.mark.parametrize("alert", EVERY_TEMPLATE)
def test_colours_stand_inline_for_light_and_in_the_page_s_styles_for_dark(alert: Alert | Digest) -> None:
    page = Page(alert.html)
    coloured = {
        f".{attributes['class']}" if "class" in attributes else tag
        for tag, attributes in page.elements
        if re.search(r"color|background|border", attributes.get("style") or "")
    }
    dark = page.styles.partition("@media (prefers-color-scheme: dark)")[2]
    assert {"body", ".page", "h1"} <= coloured
    assert [each for each in sorted(coloured) if not re.search(rf"(^|[ ,\n]){re.escape(each)}[ ,]", dark)] == []


@pytest.mark.parametrize("alert", EVERY_TEMPLATE)
def test_headings_go_down_step_by_step(alert: Alert | Digest) -> None:
    steps = [int(tag[1]) for tag in Page(alert.html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(steps))
