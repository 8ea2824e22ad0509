"""Every template, in each language and for each reader, with the longest texts of every product set."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain

import pytest

from services.notifications.digest import Digest
from services.notifications.plan import Alert
from services.notifications.told import ALERTED
from shared.contracts.dossier import Language
from tests.unit.notifications.longest import every_longest, every_longest_digest
from tests.unit.notifications.page import Page

LANGUAGES: tuple[Language, ...] = ("vi", "en")
#: A day as a program writes it, or a date with one of two digits missing.
NOT_VIETNAMESE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|(?<![\d/-])(\d/\d{1,2}|\d{1,2}/\d)/\d{4}\b|\b\d{1,2} [A-Z][a-z]+ \d{4}\b"
)
NOT_A_TEXT = re.compile(r"\bNone\b|Undefined|\{\{|\{%|<[a-z]+ [a-z]+=")


def every(language: Language) -> Iterator[Alert | Digest]:
    return chain(every_longest(language), every_longest_digest(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_among_them(language: Language) -> None:
    kinds = {(alert.audience, alert.kind) for alert in every_longest(language)}
    assert {kind for audience, kind in kinds if audience == "producer"} == {kind.name for kind in ALERTED}
    assert len({kind for audience, kind in kinds if audience == "office"}) == 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole(language: Language) -> None:
    for alert in every(language):
        page = Page(alert.html)
        assert page.open == []
        assert page.tags.count("h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_anything_of_the_program_in_it(language: Language) -> None:
    for alert in every(language):
        for text in (alert.subject, alert.short, alert.text, " ".join(Page(alert.html).seen)):
            assert not NOT_A_TEXT.search(text)
            assert unicodedata.is_normalized("NFC", text)
            assert not any(unicodedata.category(each) == "Cc" and each != "\n" for each in text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_short_form_is_short_and_one_line(language: Language) -> None:
    shorts = [alert.short for alert in every(language)]
    assert [short for short in shorts if len(short) > 160 or "\n" in short] == []


def test_days_are_written_as_in_viet_nam() -> None:
    for alert in every("vi"):
        for text in (alert.subject, alert.short, alert.text):
            assert not NOT_VIETNAMESE.search(text)
        assert re.search(r"\b\d{2}/\d{2}/\d{4}\b", alert.text) or not alert_has_days(alert)


def alert_has_days(alert: Alert | Digest) -> bool:
    """Return whether an alert is about a day: a certificate, or an office's last day."""
    return isinstance(alert, Alert) and alert.kind.startswith(("certificate.", "deadline."))
