"""What is counted of very many products, in columns: a hundred thousand objects take longer to make than to count."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self, TypeVar, overload

from services.registry.facts import (
    CertificateFacts,
    Facts,
    RoundFacts,
    certificates_in,
    kind_in,
    newest_of,
    round_in,
    stars_of,
    still_open,
)
from shared.contracts.dossier import ProducerKind
from shared.handling.columns import in_columns

Written = TypeVar("Written", bound=Hashable)
Read = TypeVar("Read")
Meaning = TypeVar("Meaning")


class Column(Sequence[Read]):
    """A value of each product, kept as it is written: each of the few different ones is read once."""

    def __init__(self, written: Sequence[Written], read: Callable[[Written], Read]) -> None:
        self._written: Sequence[Any] = written
        self._read: Mapping[Any, Read] = {each: read(each) for each in set(written)}

    def each(self, meaning: Callable[[Read], Meaning]) -> list[Meaning]:
        """Return what the value of each product means; of equal ones it is asked once."""
        known = {written: meaning(value) for written, value in self._read.items()}
        return list(map(known.__getitem__, self._written))

    def counted(self) -> list[tuple[Read, int]]:
        """Return the different values and how many products have each, in the order in which they are met."""
        return [(self._read[written], number) for written, number in Counter(self._written).items()]

    def __len__(self) -> int:
        """Return how many products there are."""
        return len(self._written)

    @overload
    def __getitem__(self, place: int, /) -> Read: ...

    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Read]: ...

    def __getitem__(self, place: int | slice, /) -> Read | Sequence[Read]:
        """Return the value of a product, or of several."""
        if isinstance(place, slice):
            return [self._read[each] for each in self._written[place]]
        return self._read[self._written[place]]

    def __iter__(self) -> Iterator[Read]:
        """Yield the value of each product."""
        return map(self._read.__getitem__, self._written)


class Products(Sequence[Facts]):
    """Facts of products, each column of them for itself. One product's are put together where they are asked for."""

    def __init__(self, columns: Sequence[list[Any]]) -> None:
        codes, sets, producers, kinds, certificates, rounds, renewing = columns or [[]] * len(Facts._fields)
        self.codes: list[str] = codes
        self.sets: list[int] = sets
        self.producers: list[str] = producers
        self.kinds: Column[ProducerKind | None] = Column(kinds, kind_in)
        self.certificates: Column[tuple[CertificateFacts, ...]] = Column(certificates, certificates_in)
        self.rounds: Column[RoundFacts | None] = Column(rounds, round_in)
        self.renewing: list[bool] = renewing

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Self:
        """Return products in columns."""
        return facts if isinstance(facts, cls) else cls(in_columns(each.text for each in facts))

    @cached_property
    def places(self) -> list[str]:
        """The province and commune of each, as they stand in its code (Decision 26/2026, Annex I)."""
        return [code[:8] for code in self.codes]

    @cached_property
    def stars(self) -> list[int]:
        """The stars in force of each, 0 for none."""
        return self.certificates.each(lambda held: stars_of(newest_of(held)))

    @cached_property
    def has_open_round(self) -> list[bool]:
        """Whether each has a round that has not ended."""
        return self.rounds.each(lambda of: still_open(of) is not None)

    def __len__(self) -> int:
        """Return how many products there are."""
        return len(self.codes)

    @overload
    def __getitem__(self, place: int, /) -> Facts: ...

    @overload
    def __getitem__(self, place: slice, /) -> list[Facts]: ...

    def __getitem__(self, place: int | slice, /) -> Facts | list[Facts]:
        """Return the facts of a product, or of several."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return Facts._make(column[place] for column in self._columns)

    def __iter__(self) -> Iterator[Facts]:
        """Yield the facts of each."""
        return map(Facts._make, zip(*self._columns, strict=True))

    @property
    def _columns(self) -> tuple[Sequence[Any], ...]:
        return self.codes, self.sets, self.producers, self.kinds, self.certificates, self.rounds, self.renewing
