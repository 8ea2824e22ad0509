"""Every kind of change that breaks those who know an earlier schema is found, and growth is no break."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts.catalogue import CATALOGUE, EventType
from tools.contracts.compatibility import UnknownKeywordError, breaks
from tools.contracts.schemas import schema_of, shape_of

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
NULL = {"type": "null"}
LANGUAGE = {"type": "string", "enum": ["vi", "en"]}


def event(*, required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


def optional(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, NULL], "default": None}


def found(earlier: dict[str, Any], now: dict[str, Any], *, announced: bool) -> list[str]:
    return [str(each) for each in breaks(earlier, now, announced=announced)]


#: Changes that break what was sent before, whoever writes the event.
OF_THE_PAST = [
    pytest.param(event(a=TEXT, b=TEXT), event(a=TEXT), "b: removed", id="field removed"),
    pytest.param(
        event(a=TEXT), event(a=TEXT, required=("a",)), "a: needed, and may be missing", id="field made compulsory"
    ),
    pytest.param(
        event(), event(a=TEXT, required=("a",)), "a: needed, and may be missing", id="new field that is compulsory"
    ),
    pytest.param(event(a=TEXT), event(a=NUMBER), "a: string, read as integer", id="another type"),
    pytest.param(event(a={"type": "number"}), event(a=NUMBER), "a: number, read as integer", id="narrower type"),
    pytest.param(event(a={}), event(a=TEXT), "a: anything, read as string", id="a type where there was none"),
    pytest.param(event(a=optional(TEXT)), event(a=TEXT), "a: null, read as string", id="null no longer taken"),
    pytest.param(event(a=LANGUAGE), event(a={"type": "string", "enum": ["vi"]}), "a: not read: 'en'", id="value gone"),
    pytest.param(event(a=LANGUAGE), event(a={"type": "string", "const": "vi"}), "a: not read: 'en'", id="one value"),
    pytest.param(event(a=TEXT), event(a=LANGUAGE), "a: any value, read only: 'vi', 'en'", id="values where any was"),
    pytest.param(
        event(a={**NUMBER, "maximum": 26}),
        event(a={**NUMBER, "maximum": 25}),
        "a: maximum 26, read with 25",
        id="lower maximum",
    ),
    pytest.param(
        event(a={**TEXT, "minLength": 1}),
        event(a={**TEXT, "minLength": 2}),
        "a: minLength 1, read with 2",
        id="higher minimum",
    ),
    pytest.param(
        event(a={"type": "array", "items": TEXT}),
        event(a={"type": "array", "items": TEXT, "maxItems": 9}),
        "a: maxItems none, read with 9",
        id="a limit where there was none",
    ),
    pytest.param(
        event(a={**TEXT, "pattern": "^[0-9]{2}$"}),
        event(a={**TEXT, "pattern": "^[0-9]{3}$"}),
        "a: pattern ^[0-9]{2}$, read with ^[0-9]{3}$",
        id="another pattern",
    ),
    pytest.param(
        event(a={**LANGUAGE, "default": "vi"}),
        event(a={**LANGUAGE, "default": "en"}),
        "a: where it is missing it meant 'vi', now 'en'",
        id="another default",
    ),
    pytest.param(
        event(a={"type": "array", "items": event(b=TEXT)}),
        event(a={"type": "array", "items": event()}),
        "a[].b: removed",
        id="within a list",
    ),
    pytest.param(
        event(a=optional({"$ref": "#/$defs/B"})) | {"$defs": {"B": event(c=TEXT)}},
        event(a=optional({"$ref": "#/$defs/C"})) | {"$defs": {"C": event(c=NUMBER)}},
        "a.c: string, read as integer",
        id="within a model that has another name",
    ),
]

#: Changes that only those who know the earlier schema stumble over.
OF_THE_FUTURE = [
    pytest.param(event(a=LANGUAGE), event(a={"type": "string", "enum": ["vi", "en", "fr"]}), "'fr'", id="new value"),
    pytest.param(event(a=TEXT), event(a=optional(TEXT)), "null, read as string", id="may be null"),
    pytest.param(event(a=TEXT, required=("a",)), event(a=TEXT), "may be missing", id="no longer always there"),
    pytest.param(event(a={**NUMBER, "maximum": 5}), event(a={**NUMBER, "maximum": 6}), "6", id="higher maximum"),
]

GROWTH = [
    pytest.param(event(a=TEXT), event(a=TEXT, b=optional(TEXT)), id="new field that may be missing"),
    pytest.param(event(a=NUMBER), event(a=NUMBER), id="nothing"),
    pytest.param(
        event(a={"$ref": "#/$defs/B"}) | {"$defs": {"B": event(c=TEXT)}}, event(a=event(c=TEXT)), id="models renamed"
    ),
]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "filed"])
@pytest.mark.parametrize(("earlier", "now", "place"), OF_THE_PAST)
def test_what_was_sent_before_must_still_be_read(
    earlier: dict[str, Any], now: dict[str, Any], place: str, announced: bool
) -> None:
    assert place in found(earlier, now, announced=announced)


@pytest.mark.parametrize(("earlier", "now", "what"), OF_THE_FUTURE)
def test_what_services_announce_must_be_read_by_those_who_know_the_earlier_schema(
    earlier: dict[str, Any], now: dict[str, Any], what: str
) -> None:
    [line] = found(earlier, now, announced=True)
    assert line.startswith("a: sent from now on: ")
    assert what in line


@pytest.mark.parametrize(("earlier", "now", "what"), OF_THE_FUTURE)
def test_what_integrations_file_may_be_taken_more_generously(
    earlier: dict[str, Any], now: dict[str, Any], what: str
) -> None:
    assert found(earlier, now, announced=False) == [], what


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "filed"])
@pytest.mark.parametrize(("earlier", "now"), GROWTH)
def test_growth_is_no_break(earlier: dict[str, Any], now: dict[str, Any], announced: bool) -> None:
    assert found(earlier, now, announced=announced) == []


def test_a_keyword_that_the_comparison_does_not_know_is_no_silent_pass() -> None:
    with pytest.raises(UnknownKeywordError, match="multipleOf"):
        breaks(event(a=NUMBER), event(a={**NUMBER, "multipleOf": 5}), announced=False)


def objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (each for each in (schema, *schema.get("$defs", {}).values()) if "properties" in each)


@pytest.mark.parametrize("event_type", CATALOGUE, ids=lambda event_type: event_type.name)
def test_in_the_real_schemas_every_field_that_is_removed_is_found(event_type: EventType[Any]) -> None:
    shape = shape_of(schema_of(event_type))
    for number, model in enumerate(objects(shape)):
        for name in model["properties"]:
            changed = copy.deepcopy(shape)
            del list(objects(changed))[number]["properties"][name]
            assert any(f"{name}: removed" in line for line in found(shape, changed, announced=False))


@pytest.mark.parametrize("event_type", CATALOGUE, ids=lambda event_type: event_type.name)
def test_in_the_real_schemas_every_field_that_becomes_compulsory_is_found(event_type: EventType[Any]) -> None:
    shape = shape_of(schema_of(event_type))
    for number, model in enumerate(objects(shape)):
        for name in set(model["properties"]) - set(model.get("required", [])):
            changed = copy.deepcopy(shape)
            list(objects(changed))[number].setdefault("required", []).append(name)
            assert any(f"{name}: needed" in line for line in found(shape, changed, announced=False))
