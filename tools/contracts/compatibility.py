"""Whether a schema breaks those who know an earlier one of the same version.

Two questions, each the same comparison the other way round:

- *Is what was sent before still read?* Always asked: old messages wait on queues and lie in the journal.
- *Is what is sent now read by those who know the earlier schema?* Asked of what the services announce.

Fields that a schema does not know are passed over by those who read by it. What cannot be compared counts as a break.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

#: What the comparison understands; a schema with anything else is refused, so that no change is overlooked.
_KNOWN = frozenset(
    {
        "$defs",
        "$ref",
        "anyOf",
        "const",
        "default",
        "enum",
        "format",
        "items",
        "pattern",
        "properties",
        "required",
        "type",
    }
    | {"maximum", "maxItems", "maxLength", "maxProperties", "minimum", "minItems", "minLength"}
)
#: Where a reader's number must be as low as the sender's, or as high.
_LOWER = ("minimum", "minLength", "minItems")
_UPPER = ("maximum", "maxLength", "maxItems", "maxProperties")


@dataclass(frozen=True)
class Break:
    """One place of the data at which one side sends what the other does not read."""

    place: str
    what: str

    def __str__(self) -> str:
        """Return it as a line for people."""
        return f"{self.place or 'the whole'}: {self.what}"


class UnknownKeywordError(ValueError):
    """A schema uses a keyword that the comparison does not understand: teach it in tools/contracts/compatibility.py."""


def breaks(earlier: dict[str, Any], now: dict[str, Any], *, announced: bool) -> tuple[Break, ...]:
    """Return every break between two schemas of one version, without titles and descriptions.

    Args:
        earlier: the schema that was published.
        now: the schema of today's code.
        announced: whether the services write the event. Otherwise integrations write it, and only we read it.
    """
    old, new = _Side.of(earlier), _Side.of(now)
    found = list(_Comparison(fields_may_vanish=False).between(old, new, ""))
    if announced:
        back = _Comparison(fields_may_vanish=True).between(new, old, "")
        found += [replace(each, what=f"sent from now on: {each.what}") for each in back]
    return tuple(found)


@dataclass(frozen=True)
class _Side:
    """A schema, with the definitions that it refers to."""

    node: Mapping[str, Any]
    definitions: Mapping[str, Any]

    @staticmethod
    def of(schema: Mapping[str, Any]) -> "_Side":
        return _Side({}, schema.get("$defs", {})).at(schema)

    def at(self, node: Mapping[str, Any]) -> "_Side":
        """Return the side at an inner schema, references followed."""
        while "$ref" in node:
            rest = {name: value for name, value in node.items() if name != "$ref"}
            node = {**self.definitions[node["$ref"].removeprefix("#/$defs/")], **rest}
        if unknown := sorted(node.keys() - _KNOWN):
            raise UnknownKeywordError(f"{', '.join(unknown)}: {UnknownKeywordError.__doc__}")
        return replace(self, node=node)

    def branches(self) -> "list[_Side]":
        """Return the alternatives of which the data is one."""
        if "anyOf" not in self.node:
            return [self]
        return [each for branch in self.node["anyOf"] for each in self.at(branch).branches()]

    def fields(self) -> "dict[str, _Side]":
        return {name: self.at(node) for name, node in self.node.get("properties", {}).items()}

    def required(self) -> frozenset[str]:
        return frozenset(self.node.get("required", ()))

    def values(self) -> list[Any] | None:
        """Return the only values allowed, or None where there are no such."""
        if "const" in self.node:
            return [self.node["const"]]
        allowed: list[Any] | None = self.node.get("enum")
        return allowed


@dataclass(frozen=True)
class _Comparison:
    """What the sender may send and the reader does not read. `fields_may_vanish`: the reader need not know them."""

    fields_may_vanish: bool

    def between(self, sent: _Side, read: _Side, place: str) -> Iterator[Break]:
        for branch in sent.branches():
            alike = [each for each in read.branches() if _type_mismatch(branch, each) is None]
            refusals = [list(self._one(branch, alternative, place)) for alternative in alike or read.branches()]
            yield from min(refusals, key=len)

    def _one(self, sent: _Side, read: _Side, place: str) -> Iterator[Break]:
        if (mismatch := _type_mismatch(sent, read)) is not None:
            yield Break(place, mismatch)
            return
        yield from (Break(place, what) for what in (*_values(sent, read), *_limits(sent, read), *_pattern(sent, read)))
        if "items" in sent.node and "items" in read.node:
            yield from self.between(sent.at(sent.node["items"]), read.at(read.node["items"]), f"{place}[]")
        yield from self._fields(sent, read, place)

    def _fields(self, sent: _Side, read: _Side, place: str) -> Iterator[Break]:
        ours, theirs = sent.fields(), read.fields()
        for name in sorted(read.required() - sent.required()):
            yield Break(_field(place, name), "needed, and may be missing")
        for name, field in ours.items():
            if name in theirs:
                yield from self.between(field, theirs[name], _field(place, name))
                yield from self._defaults(field, theirs[name], _field(place, name))
            elif not self.fields_may_vanish:
                yield Break(_field(place, name), "removed")

    def _defaults(self, sent: _Side, read: _Side, place: str) -> Iterator[Break]:
        before, now = sent.node.get("default"), read.node.get("default")
        both = "default" in sent.node and "default" in read.node
        if both and not self.fields_may_vanish and before != now:
            yield Break(place, f"where it is missing it meant {before!r}, now {now!r}")


def _field(place: str, name: str) -> str:
    return f"{place}.{name}".removeprefix(".")


def _type_mismatch(sent: _Side, read: _Side) -> str | None:
    theirs, ours = read.node.get("type"), sent.node.get("type")
    if theirs is None or ours == theirs or (ours, theirs) == ("integer", "number"):
        return None
    return f"{ours or 'anything'}, read as {theirs}"


def _values(sent: _Side, read: _Side) -> Iterator[str]:
    theirs, ours = read.values(), sent.values()
    if theirs is None:
        return
    if ours is None:
        yield f"any value, read only: {_listed(theirs)}"
    elif unread := [value for value in ours if value not in theirs]:
        yield f"not read: {_listed(unread)}"


def _listed(values: list[Any]) -> str:
    return ", ".join(repr(value) for value in values)


def _limits(sent: _Side, read: _Side) -> Iterator[str]:
    if sent.values() is not None:
        return
    for keyword in (*_LOWER, *_UPPER):
        ours, theirs = sent.node.get(keyword), read.node.get(keyword)
        if theirs is None or theirs == ours:
            continue
        if ours is None or (ours < theirs if keyword in _LOWER else ours > theirs):
            yield f"{keyword} {'none' if ours is None else ours}, read with {theirs}"


def _pattern(sent: _Side, read: _Side) -> Iterator[str]:
    for keyword in ("pattern", "format"):
        theirs, ours = read.node.get(keyword), sent.node.get(keyword)
        if theirs not in (None, ours):
            yield f"{keyword} {ours or 'none'}, read with {theirs}"
