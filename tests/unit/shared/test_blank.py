"""Text that nobody can see."""

import re
import sys
import unicodedata

import pytest

from shared.contracts.text import BLANK, is_blank


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t\u00a0\u3000\u2009\u202f", id="spaces of several widths"),
        pytest.param("\u2028\u2029", id="separators of lines and paragraphs"),
        pytest.param("\u200b\u200c\u200d\u2060\ufeff", id="zero width"),
        pytest.param("\u00ad", id="soft hyphen"),
        pytest.param("\u034f", id="combining grapheme joiner"),
        pytest.param("\u200e\u200f\u061c", id="direction marks"),
        pytest.param("\u115f\u1160\u3164\uffa0", id="Hangul fillers"),
        pytest.param("\u17b4\u17b5", id="Khmer inherent vowels"),
        pytest.param("\u180b\u180e", id="Mongolian selectors"),
        pytest.param("\u2800", id="Braille blank"),
        pytest.param("\u2061\u2062\u2063\u2064", id="invisible operators"),
        pytest.param("\ufe0f\U000e0100", id="variation selectors"),
        pytest.param("\U000e0041\U000e007f", id="tags"),
        pytest.param("\U0001d159\U0001d173", id="musical null notehead and beam"),
        pytest.param("\u0301\u0323", id="marks without a letter"),
        pytest.param("\ufffc", id="object replacement character"),
        pytest.param("\ue000\U000f0000", id="private use"),
        pytest.param("\u0378\ufffe\U0001ffff", id="not assigned, no characters"),
        pytest.param("\x00\x1b", id="control characters"),
    ],
)
def test_what_has_no_visible_form_is_blank(text: str) -> None:
    assert is_blank(text)
    assert is_blank(f" {text}\u200b")


@pytest.mark.parametrize(
    "text", ["a", "\u200bBánh tẻ", "e\u0301", "-", "1", "の", "ក", "👍🏽", "®", "\ufffd", "\u00b4"]
)
def test_one_visible_character_is_enough(text: str) -> None:
    assert not is_blank(text)


def test_the_pattern_of_the_schemas_calls_nothing_blank_that_is_not() -> None:
    pattern = re.compile(BLANK)
    wrong = [hex(code) for code in range(sys.maxunicode + 1) if pattern.match(chr(code)) and not is_blank(chr(code))]
    assert wrong == []


def test_the_pattern_of_the_schemas_knows_the_blanks_that_people_meet() -> None:
    pattern = re.compile(BLANK)
    spaces = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) in {"Zs", "Zl", "Zp", "Cc"}]
    met = [*spaces, *"\u00ad\u034f\u200b\u200c\u200d\u200e\u2060\u2063\u2800\u3164\u115f\ufe0f\ufeff"]
    assert [hex(ord(character)) for character in met if not pattern.match(character)] == []
