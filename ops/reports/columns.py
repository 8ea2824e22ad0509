"""Columns of very many products, of which each has few different values: these are read and asked, not the products."""

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, Generic, Self, TypeVar

from shared.handling.columns import Encoded, expanded

Key = TypeVar("Key", bound=Hashable)
Read = TypeVar("Read")
Meaning = TypeVar("Meaning")

#: How many different values a byte tells apart.
_BYTES = 1 << 8


class Column(Generic[Read]):
    """A value of each product: each of the few different ones is read once, and asked once for what it means."""

    def __init__(self, values: Sequence[Read], indices: Sequence[int]) -> None:
        self._values, self._indices = values, indices

    @classmethod
    def of(cls, parts: Iterable[Encoded], read: Callable[[Any], Read] = lambda written: written) -> Self:
        """Return parts of a column as one."""
        found: dict[Any, int] = {}
        parts = [part._replace(values=[found.setdefault(each, len(found)) for each in part.values]) for part in parts]
        few = len(found) <= _BYTES
        return cls([*map(read, found)], b"".join(map(_in_bytes, parts)) if few else array("I", expanded(parts)))

    def meaning(self, meaning: Callable[[Read], Meaning]) -> "Column[Meaning]":
        """Return the column of what the values mean."""
        return Column([*map(meaning, self._values)], self._indices)

    def each(self, meaning: Callable[[Read], Meaning]) -> list[Meaning]:
        """Return what the value of each product means."""
        return list(map([meaning(each) for each in self._values].__getitem__, self._indices))

    def in_bytes(self, meaning: Callable[[Read], int]) -> bytes:
        """Return what the value of each product means, which is a number below 256."""
        return _in_bytes(Encoded([meaning(each) for each in self._values], self._indices))

    def classed(self, meaning: Callable[[Read], Key]) -> tuple[list[int], list[Key]]:
        """Return the class of each product and what each class means: products of one class mean the same."""
        found: dict[Key, int] = {}
        classes = [found.setdefault(meaning(each), len(found)) for each in self._values]
        return list(map(classes.__getitem__, self._indices)), list(found)

    @property
    def counted(self) -> list[tuple[Read, int]]:
        """The different values and how many products have each, in the order in which they are met."""
        return [(self._values[place], number) for place, number in self._numbers.items()]

    def counted_among(self, among: bytes) -> list[tuple[Read, int]]:
        """Return the same of the products for which that is not 0."""
        return [(self._values[place], number) for place, number in Counter(compress(self._indices, among)).items()]

    def counted_by(self, classes: bytes) -> Iterator[tuple[int, Iterable[tuple[Read, int]]]]:
        """Yield each class of products with the different values that they have, and how many of them have each."""
        for each in sorted(set(classes)):
            numbers = Counter(compress(self._indices, those(classes, each)))
            yield each, ((self._values[place], number) for place, number in numbers.items())

    @cached_property
    def _numbers(self) -> Counter[int]:
        return Counter(self._indices)

    def __getitem__(self, place: int) -> Read:
        """Return the value of a product."""
        return self._values[self._indices[place]]

    def __iter__(self) -> Iterator[Read]:
        """Yield the value of each product."""
        return map(self._values.__getitem__, self._indices)


def _in_bytes(column: Encoded) -> bytes:
    """Return a column of numbers below 256."""
    if isinstance(column.indices, bytes):
        return column.indices.translate(bytes(column.values).ljust(_BYTES, b"\0"))
    return bytes(column.expanded)


def joined(first: bytes, second: bytes, *, below: int) -> bytes:
    """Return two columns as one: the number of each in the first, times what the second is below, and that of it."""
    # As one number with a byte for each product, all of them are reckoned at once; no byte overflows.
    both = int.from_bytes(first, "little") * below + int.from_bytes(second, "little")
    return both.to_bytes(len(first), "little")


def those(classes: bytes, *of: int) -> bytes:
    """Return for each product whether it is of one of these classes, 0 for no."""
    return classes.translate(bytes(each in of for each in range(_BYTES)))
