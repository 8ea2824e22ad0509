"""JSON as RFC 8259 has it, where Python's reader is more lenient: no NaN, no duplicate names, no bottomless nesting.

What is written compactly, as the services write, a fast reader takes, where it surely says what the strict one would.
"""

import json
import math
import re
from collections import Counter
from itertools import accumulate
from typing import Any, NoReturn

from cloudevents.core.formats.json import JSONFormat
from pydantic_core import from_json, to_json

#: objects and lists within one another. Python's own limit depends on how deep in the program it reads, so that one
#: message could be read at one time and not at another; MongoDB takes 100 levels.
MAX_LEVELS = 64

#: A string, or one that never ends: what is in it opens and closes nothing.
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
#: All bytes but brackets and quotes.
_OTHERS = bytes(set(range(256)) - {*_STEPS, ord('"')})

#: bytes, in which a sender that puts a space behind its colons has done so
_ENOUGH = 100


class JSONFaultError(ValueError):
    """It is no JSON as RFC 8259 has it; the text says why, and repeats nothing that could be personal."""


class StrictJSONFormat(JSONFormat):
    """The SDK's JSON format, strict when reading."""

    def loads(self, text: str | bytes) -> Any:
        """Read JSON. Raise ValueError with what was wrong and where."""
        if isinstance(text, bytes) and (read := read_compact(text)) is not None:
            return read
        return read_strictly(text)

    def read_data(self, body: bytes, datacontenttype: str | None) -> dict[str, Any] | str | bytes | None:
        """Read the body of binary mode. Raise ValueError where the content type says JSON and the body is none."""
        content_type = datacontenttype or self.DEFAULT_CONTENT_TYPE
        if self.JSON_CONTENT_TYPE_PATTERN.match(content_type.partition(";")[0].strip().lower()):
            data: dict[str, Any] = self.loads(body)
            return data
        return super().read_data(body, datacontenttype)


def read_compact(text: bytes) -> Any:
    """Return what compact JSON in UTF-8 says, None where it is none or in doubt: then the strict reader decides.

    The library takes what is none (a name twice, 1e999) and keeps only a part of it. But what it read it writes with
    each name once and each number as it is: where that is the same text, nothing was lost. Raise JSONFaultError.
    """
    if b'": ' in text[:_ENOUGH] or (b"\\" in text and b"\\u" in text):  # not read in vain
        return None
    try:
        value = from_json(text, allow_inf_nan=False)
        if to_json(value) != text:
            return None
    except ValueError:
        return None
    _refuse_depth(text)
    return value


def read_strictly(text: str | bytes) -> Any:
    """Read JSON, whatever its form. Raise ValueError with what was wrong and where."""
    decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    _refuse_depth(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return json.loads(
        decoded,
        object_pairs_hook=_without_duplicates,
        parse_constant=_refuse_constant,
        parse_float=_finite,
    )


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
    marks = text.translate(None, _OTHERS)
    if marks.count(b"[") + marks.count(b"{") <= MAX_LEVELS:
        return
    if b"\\" in text:  # only there can a quote be no end of a string
        marks = _STRING.sub(b"", text).translate(None, _OTHERS)
    outside_strings = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
    if max(accumulate(map(_STEPS.__getitem__, outside_strings)), default=0) > MAX_LEVELS:
        raise JSONFaultError(f"nested in over {MAX_LEVELS} levels")
