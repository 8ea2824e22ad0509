"""YAML as version 1.2 reads it (core schema, section 10.3), for every file that people write.

PyYAML reads YAML 1.1, in which `012` is ten, `no` is false, `1:30` is ninety and a day is no text. Its fast scanner is
used here with the words and numbers of 1.2, and a key that stands twice in one mapping is the mistake that it is.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

import yaml
from yaml.constructor import ConstructorError

_TAG = "tag:yaml.org,2002:"
_BASES = {"0o": 8, "0x": 16}


def load_yaml(text: str) -> Any:
    """Return what a document of YAML 1.2 says.

    Raises:
        yaml.YAMLError: it is no YAML, a key stands twice in one mapping, or a tag is not of the core schema.
    """
    return yaml.load(text, _Loader)  # noqa: S506  # a safe loader: it derives from CSafeLoader


def has_alias(text: str) -> bool:
    """Return whether a document refers to a part of itself (`*name`). Raise yaml.YAMLError."""
    return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader))


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the types of the core schema, and no others."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own name
    yaml_constructors = {  # noqa: RUF012  # PyYAML's own name
        f"{_TAG}str": yaml.CSafeLoader.construct_yaml_str,
        f"{_TAG}seq": yaml.CSafeLoader.construct_yaml_seq,
        f"{_TAG}map": yaml.CSafeLoader.construct_yaml_map,
        None: yaml.CSafeLoader.construct_undefined,
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Return a mapping. Raise ConstructorError, which says which key stands twice where."""
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise self._twice(node)
        return mapping

    def _twice(self, node: yaml.MappingNode) -> ConstructorError:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        (twice, _), *_ = Counter(names).most_common(1)
        return ConstructorError(None, None, f"{twice!r} stands twice", node.value[names.index(twice)][0].start_mark)


def _add_type(name: str, form: str, first: str, read: Callable[[str], object]) -> None:
    """Add a type of the core schema: what its scalars look like, with which characters they begin, what they say."""
    pattern = re.compile(rf"(?:{form})\Z")

    def construct(loader: _Loader, node: yaml.ScalarNode) -> object:
        text = loader.construct_scalar(node)
        try:
            if pattern.match(text):  # it need not where the type is written out, as in `!!int one`
                return read(text)
        except ValueError:  # more digits than Python reads
            pass
        raise ConstructorError(None, None, f"is no {name} of YAML 1.2", node.start_mark)

    _Loader.add_constructor(f"{_TAG}{name}", construct)
    _Loader.add_implicit_resolver(f"{_TAG}{name}", pattern, list(first) or [""])


_add_type("null", "null|Null|NULL|~|", "nN~", lambda _: None)
_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"\Z"), [""])
_add_type("bool", "true|True|TRUE|false|False|FALSE", "tTfF", lambda text: text.lower() == "true")
_add_type(
    "int",
    "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "-+0123456789",
    lambda text: int(text, _BASES.get(text[:2], 10)),
)
_add_type(
    "float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "-+.0123456789",
    lambda text: float(re.sub(r"\.(?=[a-z])", "", text.lower())),
)
