"""The published schema of a dossier and the registry agree: what one takes, the other takes, as far as shapes go."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.registry.intake import examine
from shared.contracts.dossier import Dossier
from tests.unit.registry.dossiers import acceptable_dossier, changed
from tools.contracts.published import DOCS

SCHEMA = json.loads((DOCS / "schemas" / "dossier.filed.v1.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
#: A field that nothing must be in, by its path, and what it means when it is left out.
OPTIONAL: dict[str, object] = {
    "/product_code": None,
    "/producer/tax_code": None,
    "/producer/contact/email": None,
    "/producer/contact/language": "vi",
    "/producer/contact/preferences": None,
    "/producer/contact/preferences/channels": [],
    "/producer/contact/preferences/declined": [],
    "/producer/contact/preferences/quiet_hours": None,
    "/producer/contact/preferences/quiet_hours/begins": "21:00",
    "/producer/contact/preferences/quiet_hours/ends": "07:00",
    "/product/description": "",
    "/product/must_declare_quality": True,
    "/product/photographs": [],
    "/product/photographs/0/caption": None,
    "/product/sales_links": [],
    "/product/sales_links/0/shop": None,
    "/self_assessment/answers": [],
    "/self_assessment/answers/0/evidence": "",
    "/self_assessment/eliminations": [],
}
EMPTY: dict[str, object] = {
    "null": None,
    "empty": "",
    "spaces": "   ",
    "lines": "\n\t",
    "nobody sees it": "\u200b\u00ad",
    "list": [],
    "object": {},
}


PUBLIC = {f"/product/{of}": [{"url": "https://example.vn/"}] for of in ("photographs", "sales_links")}
PREFERENCES = {"channels": ["sms"], "declined": ["zalo"], "quiet_hours": {"begins": "18:00", "ends": "06:00"}}


def filed(changes: Mapping[str, object]) -> dict[str, Any]:
    answers = [{"criterion": "1.1", "option": 1}]
    return changed(
        {"/self_assessment/answers": answers, "/producer/contact/preferences": PREFERENCES, **PUBLIC, **changes}
    )


def field(dossier: Dossier, pointer: str) -> object:
    value: Any = dossier
    for step in pointer.removeprefix("/").split("/"):
        value = value[int(step)] if isinstance(value, tuple) else getattr(value, step)
    return list(value) if isinstance(value, tuple) else value


def optional_fields(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, definition in {**schema["$defs"], "": schema}.items():
        yield from (
            name + "/" + each for each in definition.get("properties", {}) if each not in definition.get("required", ())
        )


def test_every_optional_field_is_looked_at() -> None:
    looked_at = {pointer.rpartition("/")[2] for pointer in OPTIONAL} | {"registration_number", "receipt"}
    assert {each.rpartition("/")[2] for each in optional_fields(SCHEMA)} == looked_at


@pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize(("pointer", "default"), OPTIONAL.items(), ids=OPTIONAL)
def test_an_optional_field_that_is_left_empty_is_not_given(pointer: str, default: object, empty: object) -> None:
    dossier = filed({pointer: empty})

    examination = examine(dossier)

    assert list(VALIDATOR.iter_errors(dossier)) == []
    assert examination.faults == ()
    assert examination.dossier is not None
    assert field(examination.dossier, pointer) == default


@pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
def test_of_two_numbers_the_empty_one_is_not_given(empty: object) -> None:
    dossier = filed({"/producer/tax_code": "0100233488", "/producer/registration_number": empty})

    assert list(VALIDATOR.iter_errors(dossier)) == []
    assert examine(dossier).faults == ()


@pytest.mark.parametrize(
    ("number", "is_whole"),
    [
        pytest.param("5", True, id="integer"),
        pytest.param("5.0", True, id="no fraction"),
        pytest.param("0.5e1", True, id="exponent"),
        pytest.param("5.5", False, id="fraction"),
        pytest.param("true", False, id="true"),
        pytest.param('"5"', False, id="text"),
        pytest.param("1e300", False, id="huge"),
        pytest.param("null", False, id="null"),
    ],
)
@pytest.mark.parametrize("pointer", ["/samples", "/product/product_set", "/self_assessment/answers/0/option"])
def test_a_whole_number_is_one_without_a_fraction(pointer: str, number: str, is_whole: bool) -> None:
    dossier = filed({pointer: json.loads(number)})

    assert VALIDATOR.is_valid(dossier) is is_whole
    assert (examine(dossier).dossier is not None) is is_whole


def test_what_is_accepted_is_announced_as_a_whole_number() -> None:
    dossier = examine(filed({"/samples": 5.0})).dossier

    assert dossier is not None
    assert json.dumps(dossier.model_dump(mode="json")["samples"]) == "5"


def test_what_was_filed_is_not_changed() -> None:
    dossier = filed({"/product_code": "", "/product/description": None})
    before = copy.deepcopy(dossier)

    examine(dossier)

    assert dossier == before


@pytest.mark.parametrize("empty", EMPTY.values(), ids=EMPTY)
def test_what_must_be_there_cannot_be_left_empty(empty: object) -> None:
    faults = examine(filed({"/product/name": empty})).faults

    assert [(fault.pointer, fault.code) for fault in faults] == [
        ("/product/name", "empty" if isinstance(empty, str) else "wrong-type")
    ]


def test_a_dossier_without_any_optional_field_is_taken_by_both() -> None:
    assert list(VALIDATOR.iter_errors(acceptable_dossier())) == []
