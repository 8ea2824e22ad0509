"""Very many short texts as a few columns: what one document has of a place, so that they are read in one piece.

Each text is a JSON list of the same length. Of a column each value that there is stands once, and a number for each
text says which one it is. A value that is a list itself stands as its JSON text: who reads it does so once, however
often it is there.
"""

import json
import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from shared.storage import StoredDocument

#: Unsigned, of four bytes, the lowest first.
_NUMBERS = "I"


def packed(texts: Iterable[str]) -> list[StoredDocument]:
    """Return texts as columns, as a document has them."""
    return [_column(column) for column in in_columns(texts)]


def unpacked(columns: Iterable[StoredDocument]) -> list[list[Any]]:
    """Return columns as `packed` wrote them: a value for each text."""
    return [_values(column) for column in columns]


def in_columns(texts: Iterable[str]) -> list[list[Any]]:
    """Return texts as they are once they were packed and unpacked."""
    return [[_written(value) for value in column] for column in zip(*map(json.loads, texts), strict=True)]


def _column(values: Sequence[Any]) -> StoredDocument:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    rows = _in_order(array(_NUMBERS, map(places.__getitem__, values)))
    distinct = json.dumps(list(places), ensure_ascii=False, separators=(",", ":"))
    return {"values": distinct, "rows": b"" if len(places) == len(values) else rows.tobytes()}


def _values(column: StoredDocument) -> list[Any]:
    values: list[Any] = json.loads(column["values"])
    if not column["rows"]:  # each is another
        return values
    rows = array(_NUMBERS)
    rows.frombytes(column["rows"])
    return list(map(values.__getitem__, _in_order(rows)))


def _in_order(rows: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        rows.byteswap()
    return rows


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value
