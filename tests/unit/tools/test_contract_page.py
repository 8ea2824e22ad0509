"""What a schema says, in words for people."""

from typing import Any

import pytest

from shared.contracts.text import MANY_LINES, ONE_LINE
from tools.contracts.page import inline, kind, limits, prose


@pytest.mark.parametrize(
    ("schema", "what", "allowed"),
    [
        pytest.param({"type": "string"}, "string", "", id="text"),
        pytest.param(
            {"type": "string", "minLength": 1, "maxLength": 300, "pattern": ONE_LINE},
            "string",
            "1 to 300 characters; one line",
            id="a line",
        ),
        pytest.param(
            {"type": "string", "maxLength": 4000, "pattern": MANY_LINES},
            "string",
            "at most 4,000 characters; lines allowed",
            id="prose",
        ),
        pytest.param(
            {"type": "string", "pattern": "^[0-9]{2}$"}, "string", "<code>^[0-9]{2}$</code>", id="another pattern"
        ),
        pytest.param({"type": "integer", "minimum": 1, "maximum": 26}, "whole number", "1 to 26", id="a range"),
        pytest.param(
            {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}, "whole number", "32 bits", id="any number"
        ),
        pytest.param({"type": "string", "const": "1.0"}, "string", "<code>1.0</code>", id="one value"),
        pytest.param(
            {"type": "string", "enum": ["vi", "en"]}, "string", "<code>vi</code>, <code>en</code>", id="values"
        ),
        pytest.param(
            {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"type": "null"}]},
            "whole number or null",
            "1 to 5",
            id="or null",
        ),
        pytest.param(
            {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Fault"}},
            'list of <a href="#data-fault">Fault</a>',
            "not empty",
            id="list of models",
        ),
        pytest.param(
            {"allOf": [{"$ref": "#/components/schemas/Dossier"}], "description": "as accepted"},
            '<a href="#data-dossier">Dossier</a>',
            "",
            id="model with a word on it",
        ),
    ],
)
def test_a_value_is_told_in_words(schema: dict[str, Any], what: str, allowed: str) -> None:
    assert (str(kind(schema)), str(limits(schema))) == (what, allowed)


def test_text_cannot_bring_markup_of_its_own() -> None:
    assert inline("`a<b>` & c") == "<code>a&lt;b&gt;</code> &amp; c"


def test_paragraphs_stay_paragraphs() -> None:
    assert prose("one\n\ntwo") == "<p>one</p><p>two</p>"
