"""The JSON Schema of an event's data: what a reader may rely on, in every message of this version ever sent.

Docstrings of the models become descriptions; so do the `#:` comments above their fields.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.catalogue import INTAKE, EventType
from shared.contracts.text import BLANK

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: What a schema's reader looks for first.
_FIRST = ("$schema", "$id", "title", "description", "$ref", "type")
#: What a schema says to people only.
_PROSE = ("$schema", "$id", "title", "description", "examples")
#: What a field holds that was left empty.
_EMPTY: Schema = {
    "title": "Empty",
    "description": "Nothing: the field counts as not given.",
    "anyOf": [
        {"type": "null"},
        {"type": "string", "pattern": BLANK},
        {"type": "array", "maxItems": 0},
        {"type": "object", "maxProperties": 0},
    ],
}


@cache
def schema_of(event_type: EventType[Any]) -> Schema:
    """Return the schema of an event's data, with titles and descriptions; not to be changed."""
    made: Schema = event_type.model.model_json_schema(schema_generator=_WithoutFieldTitles)
    models = {model.__name__: model for model in _models(event_type.model)}
    for name, shape in made.get("$defs", {}).items():
        _describe(shape, models.get(name))
    _describe(made, event_type.model)
    if event_type.exchange == INTAKE:
        _let_optional_fields_be_empty(made)
    named = {"$schema": _DIALECT, "$id": f"urn:ocop:schema:{event_type.routing_key}", "title": event_type.routing_key}
    return mapped({**made, **named}, _in_order)


def component_name(event_type: EventType[Any], model: str | None = None) -> str:
    """Return what a model of an event is called where the schemas of all events lie in one place.

    What people file may be left empty in places, so it has a name of its own beside what services announce.
    """
    name = model or event_type.model.__name__
    schema = schema_of(event_type)
    definitions = schema.get("$defs", {})
    is_object = model is None or "properties" in definitions[model]
    return f"Filed{name}" if is_object and "Empty" in definitions else name


def components_of(event_type: EventType[Any]) -> dict[str, Schema]:
    """Return the schemas of an event's models, each by its `component_name`."""
    schema = schema_of(event_type)
    models = {component_name(event_type, name): node for name, node in schema.get("$defs", {}).items()}
    own = {name: value for name, value in schema.items() if not name.startswith("$")}

    def renamed(node: Schema) -> Schema:
        reference = node.get("$ref", "")
        name = reference.removeprefix("#/$defs/")
        return {**node, "$ref": f"#/$defs/{component_name(event_type, name)}"} if reference else node

    named = {**models, component_name(event_type): own}
    return {name: {**mapped(node, renamed), **_title(name, node)} for name, node in named.items()}


def _title(name: str, node: Schema) -> Schema:
    return {"title": name} if "title" in node else {}


def shape_of(schema: Schema) -> Schema:
    """Return what of a schema matters to programs: without titles, descriptions and examples."""
    return mapped(schema, lambda node: {name: value for name, value in node.items() if name not in _PROSE})


def mapped(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Return a schema with every schema in it changed, the inner ones first."""
    return change({name: _mapped_value(name, value, change) for name, value in schema.items()})


def _mapped_value(keyword: str, value: Any, change: Callable[[Schema], Schema]) -> Any:
    match keyword:
        case "properties" | "$defs":  # names of fields and models, which are no keywords
            return {name: mapped(each, change) for name, each in value.items()}
        case "items":
            return mapped(value, change)
        case "anyOf":
            return [mapped(each, change) for each in value]
        case _:
            return value


def _in_order(node: Schema) -> Schema:
    first = {name: node[name] for name in _FIRST if name in node}
    last = {"$defs": node["$defs"]} if "$defs" in node else {}
    return {**first, **{name: value for name, value in node.items() if name != "$defs"}, **last}


class _WithoutFieldTitles(GenerateJsonSchema):
    """Pydantic's schemas, but for the titles that only repeat the names of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _describe(shape: Schema, model: type[BaseModel] | None) -> None:
    if "description" in shape:
        shape["description"] = _unwrapped(shape["description"])
    for name, comment in (field_comments(model) if model else {}).items():
        shape["properties"][name]["description"] = comment


def _let_optional_fields_be_empty(schema: Schema) -> None:
    """Document of every optional field that it may be left empty, as `without_blanks` reads what people file."""
    definitions = schema.setdefault("$defs", {})
    for shape in (schema, *definitions.values()):
        fields = shape.get("properties", {})
        optional = fields.keys() - set(shape.get("required", ()))
        fields |= {name: _or_empty(fields[name]) for name in optional}
        if optional:
            definitions = {**definitions, "Empty": _EMPTY}
    schema["$defs"] = definitions


def _or_empty(field: Schema) -> Schema:
    value = {name: value for name, value in field.items() if name not in ("description", "default")}
    given = [each for each in value.get("anyOf", [value]) if each != {"type": "null"}]
    about = {"description": field["description"]} if "description" in field else {}
    return {**about, "anyOf": [*given, {"$ref": "#/$defs/Empty"}], "default": field["default"]}


def _unwrapped(docstring: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", docstring.strip()))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models(field.annotation)
    for argument in get_args(annotation):
        yield from _models(argument)


@cache
def field_comments(model: type[BaseModel]) -> Mapping[str, str]:
    """Return field → the `#:` comment above it, inherited ones too."""
    found: dict[str, str] = {}
    for known in reversed(model.__mro__):
        if issubclass(known, BaseModel) and known is not BaseModel:
            found |= {name: text for name, text in _own_comments(known).items() if name in model.model_fields}
    return found


def _own_comments(model: type[BaseModel]) -> Mapping[str, str]:
    source = textwrap.dedent(inspect.getsource(model))
    (definition,) = ast.parse(source).body
    lines = source.splitlines()
    fields = [each for each in ast.walk(definition) if isinstance(each, ast.AnnAssign)]
    comments = {ast.unparse(field.target): _comment_above(lines, field.lineno - 1) for field in fields}
    return {name: comment for name, comment in comments.items() if comment}


def _comment_above(lines: list[str], line: int) -> str:
    first = line
    while lines[first - 1].strip().startswith("#:"):
        first -= 1
    return " ".join(each.strip().removeprefix("#:").strip() for each in lines[first:line])
