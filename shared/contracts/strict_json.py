"""JSON as RFC 8259 has it, where Python's reader is more lenient: no NaN, no duplicate names, no bottomless nesting."""

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from cloudevents.core.formats.json import JSONFormat

#: objects and lists within one another. Python's own limit depends on how deep in the program it reads, so that one
#: message could be read at one time and not at another; MongoDB takes 100 levels.
MAX_LEVELS = 64

#: A string, or one that never ends: what is in it opens and closes nothing.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
#: All bytes but brackets and quotes.
_OTHERS = bytes(set(range(256)) - {*_STEPS, ord('"')})


class JSONFaultError(ValueError):
    """It is no JSON as RFC 8259 has it; the text says why, and repeats nothing that could be personal."""


class StrictJSONFormat(JSONFormat):
    """The SDK's JSON format, strict when reading."""

    def loads(self, text: str | bytes) -> Any:
        """Read JSON. Raise ValueError with what was wrong and where."""
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        _refuse_depth(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return json.loads(
            decoded,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )

    def read_data(self, body: bytes, datacontenttype: str | None) -> dict[str, Any] | str | bytes | None:
        """Read the body of binary mode. Raise ValueError where the content type says JSON and the body is none."""
        content_type = datacontenttype or self.DEFAULT_CONTENT_TYPE
        if self.JSON_CONTENT_TYPE_PATTERN.match(content_type.partition(";")[0].strip().lower()):
            data: dict[str, Any] = self.loads(body)
            return data
        return super().read_data(body, datacontenttype)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counted = Counter(name for name, _ in pairs)  # counting one by one would take minutes in a hostile message
        twice = next(name for name, count in counted.items() if count > 1)
        raise JSONFaultError(f"a name of {len(twice)} characters stands twice in one object")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise JSONFaultError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JSONFaultError(f"number out of range: {text[:40]}")
    return number


def _refuse_depth(text: bytes) -> None:
    """Count the levels before anything is read, so that the answer does not depend on how deep the program is."""
    if text.count(b"[") + text.count(b"{") <= MAX_LEVELS:
        return
    if b"\\" in text:  # only there can a quote be no end of a string
        text = _STRING.sub(b"", text)
    marks = text.translate(None, _OTHERS).replace(b'""', b"")
    outside_strings = b"".join(marks.split(b'"')[::2])
    if max(accumulate(map(_STEPS.__getitem__, outside_strings)), default=0) > MAX_LEVELS:
        raise JSONFaultError(f"nested in over {MAX_LEVELS} levels")
