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

from shared.contracts.catalogue import EventType

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: What a schema's reader looks for first.
_FIRST = ("$schema", "$id", "title", "description", "$ref", "type")
#: What a schema says to people only.
_PROSE = ("$schema", "$id", "title", "description", "examples")


@cache
def schema_of(event_type: EventType[Any]) -> Schema:
    """Return the schema of an event's data, with titles and descriptions; not to be changed."""
    made: Schema = event_type.model.model_json_schema(schema_generator=_WithoutFieldTitles)
    models = {model.__name__: model for model in _models(event_type.model)}
    for name, shape in made.get("$defs", {}).items():
        _describe(shape, models.get(name))
    _describe(made, event_type.model)
    named = {"$schema": _DIALECT, "$id": f"urn:ocop:schema:{event_type.routing_key}", "title": event_type.routing_key}
    return mapped({**made, **named}, _in_order)


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
