"""An AsyncAPI document as a page for people: one file, with nothing to load and nothing to run."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.contracts.text import BLANK, MANY_LINES, ONE_LINE

Schema = Mapping[str, Any]

#: Patterns that are easier said in words.
_IN_WORDS = {ONE_LINE: "one line", MANY_LINES: "lines allowed", BLANK: "nothing that anybody can see"}
#: Keywords of JSON Schema: lower limit, upper limit, and what they count.
_RANGES = (
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " entries"),
    ("minProperties", "maxProperties", " fields"),
)
_INT32 = (-(2**31), 2**31 - 1)


def page(document: Mapping[str, Any]) -> str:
    """Return the page of a document."""
    return _TEMPLATES.get_template("page.html.jinja").render(document=document, **document) + "\n"


def anchor(name: str) -> str:
    """Return the id of what a name names on the page."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def prose(text: str) -> Markup:
    """Return text with its paragraphs, and its `code` as code."""
    return Markup().join(Markup("<p>{}</p>").format(inline(paragraph)) for paragraph in text.split("\n\n"))


def inline(text: str) -> Markup:
    """Return a line of text with its `code` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just before


def kind(schema: Schema) -> Markup:
    """Return what a value is: a word, or a link to the table that says it."""
    match schema:
        case {"$ref": reference}:
            name = reference.rsplit("/", 1)[-1]
            return Markup('<a href="#data-{}">{}</a>').format(anchor(name), name)
        case {"allOf": [only]}:
            return kind(only)
        case {"anyOf": branches}:
            return Markup(" or ").join(kind(branch) for branch in branches)
        case {"type": "array", "items": items}:
            return Markup("list of {}").format(kind(items))
        case {"type": "integer"}:
            return Markup("whole number")
        case _:
            return escape(schema.get("type", "anything"))


def limits(schema: Schema) -> Markup:
    """Return what a value may be, beyond its kind."""
    match schema:
        case {"anyOf": branches}:
            found = [limits(branch) for branch in branches]
        case _:
            found = [*_allowed(schema), *_ranges(schema), *_pattern(schema)]
    return Markup("; ").join(each for each in found if each)


def _allowed(schema: Schema) -> list[Markup]:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return [Markup(", ").join(Markup("<code>{}</code>").format(value) for value in values)]


def _ranges(schema: Schema) -> list[Markup]:
    found = []
    for lower, upper, what in _RANGES:
        low, high = schema.get(lower), schema.get(upper)
        if (low, high) == _INT32:
            found.append(escape("32 bits"))
        elif low is not None and high is not None:
            found.append(escape(f"{low:,} to {high:,}{what}"))
        elif (low, high) == (1, None) and what:
            found.append(escape("not empty"))
        elif low is not None or high is not None:
            found.append(escape(f"at most {high:,}{what}" if low is None else f"at least {low:,}{what}"))
    return found


def _pattern(schema: Schema) -> list[Markup]:
    match schema:
        case {"pattern": pattern} if pattern in _IN_WORDS:
            return [escape(_IN_WORDS[pattern])]
        case {"pattern": pattern}:
            return [Markup("<code>{}</code>").format(pattern)]
        case {"format": named}:
            return [escape(named)]
        case _:
            return []


def _referred(reference: Schema) -> str:
    """Return the name that a reference leads to."""
    return str(reference["$ref"]).rsplit("/", 1)[-1]


def _as_json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)


_TEMPLATES = Environment(
    loader=PackageLoader("tools.contracts", ""),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    {each.__name__.strip("_"): each for each in (anchor, prose, inline, kind, limits, _as_json, _referred)}
)
