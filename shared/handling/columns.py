"""Very many short texts as a few columns: what one document has of a place, so that they are read in one piece.

Each text is a JSON list of the same length. A column is encoded by a dictionary: each value that there is stands once,
and an index for each text says which one it is. A value that is a list itself stands as its JSON text: who reads it
does so once, however often it is there.
"""

import json
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, compress
from typing import Any, NamedTuple, Self

from shared.storage import StoredDocument

#: Of how many values an index has one byte, two or four.
_ONE_BYTE, _TWO_BYTES = 1 << 8, 1 << 16
#: A sign that no value has where this stands between all of them.
_BETWEEN = "\n"


class Encoded(NamedTuple):
    """A column: the values, and for each text the index of its own; None where each text has the next value."""

    values: list[Any]
    indices: Sequence[int] | None

    @property
    def expanded(self) -> list[Any]:
        """A value for each text."""
        return self.values if self.indices is None else list(map(self.values.__getitem__, self.indices))

    def only(self, stays: Iterable[bool]) -> Self:
        """Return the column of the texts that stay: some values may be of none of them."""
        if self.indices is None:
            return self._replace(values=list(compress(self.values, stays)))
        return self._replace(indices=_indices(len(self.values), compress(self.indices, stays)))

    @property
    def in_use(self) -> Self:
        """The column without values that are of no text."""
        if self.indices is None or len(used := sorted(set(self.indices))) == len(self.values):
            return self
        places = {former: place for place, former in enumerate(used)}
        values = [self.values[place] for place in used]
        return self._replace(values=values, indices=_indices(len(values), map(places.__getitem__, self.indices)))


#: One column after the other, each of all texts.
Columns = list[Encoded]


def expanded(parts: Iterable[Encoded]) -> list[Any]:
    """Return the parts of one column as a value for each text."""
    return list(chain.from_iterable(part.expanded for part in parts))


def packed(columns: Iterable[Encoded]) -> list[StoredDocument]:
    """Return columns as a document has them."""
    return [_written(column) for column in columns]


def unpacked(columns: Iterable[StoredDocument]) -> Columns:
    """Return columns as `packed` wrote them."""
    return [_read(column) for column in columns]


def joined(columns: Columns, more: Columns) -> Columns:
    """Return the columns of texts with those of others behind them, without values that are of no text."""
    return [_joined(one.in_use, other) for one, other in zip(columns, more, strict=True)] if columns else more


def _joined(one: Encoded, other: Encoded) -> Encoded:
    places = {value: place for place, value in enumerate(dict.fromkeys(chain(one.values, other.values)))}
    if one.indices is other.indices is None and len(places) == len(one.values) + len(other.values):
        return Encoded(list(places), None)
    before = range(len(one.values)) if one.indices is None else one.indices  # its values have the same places
    return Encoded(list(places), _indices(len(places), chain(before, map(places.__getitem__, other.expanded))))


def in_columns(texts: Iterable[str]) -> Columns:
    """Return texts as columns."""
    return [_encoded(column) for column in zip(*map(json.loads, texts), strict=True)]


def _encoded(column: Sequence[Any]) -> Encoded:
    written = [_as_text(value) for value in column]
    places = {value: place for place, value in enumerate(dict.fromkeys(written))}
    if len(places) == len(written):
        return Encoded(written, None)
    return Encoded(list(places), _indices(len(places), map(places.__getitem__, written)))


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _indices(number_of_values: int, indices: Iterable[int]) -> Sequence[int]:
    if number_of_values <= _ONE_BYTE:
        return bytes(indices)
    return array("H" if number_of_values <= _TWO_BYTES else "I", indices)


def _written(column: Encoded) -> StoredDocument:
    indices = column.indices
    if isinstance(indices, array):
        indices = _lowest_first(indices).tobytes()
    return {**_values_written(column.values), "indices": indices}


def _values_written(values: Sequence[Any]) -> StoredDocument:
    """Return values as a document has them: texts in lines are read in a third of the time."""
    if values and all(isinstance(each, str) and _BETWEEN not in each for each in values):
        return {"lines": _BETWEEN.join(values)}
    return {"values": json.dumps(values, ensure_ascii=False, separators=(",", ":"))}


def _read(column: StoredDocument) -> Encoded:
    values = column["lines"].split(_BETWEEN) if "lines" in column else json.loads(column["values"])
    if column["indices"] is None or len(values) <= _ONE_BYTE:
        return Encoded(values, column["indices"])
    indices = array("H" if len(values) <= _TWO_BYTES else "I")
    indices.frombytes(column["indices"])
    return Encoded(values, _lowest_first(indices))


def _lowest_first(indices: "array[int]") -> "array[int]":
    """Return indices with the lowest byte of each first, or such ones as this machine has them."""
    if sys.byteorder == "big":
        indices = indices[:]
        indices.byteswap()
    return indices
