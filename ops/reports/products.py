"""What is counted of very many products, in columns: a hundred thousand objects take longer to make than to count."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Self, overload

from ops.reports.columns import Column
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
from shared.handling.columns import Encoded, expanded, in_columns

#: What is written of each: its place, and its facts.
_COLUMNS = 1 + len(Facts._fields)


class Products(Sequence[Facts]):
    """Facts of products, each column of them for itself. One product's are put together where they are asked for."""

    def __init__(self, columns: Sequence[Sequence[Encoded]]) -> None:
        places, codes, sets, producers, kinds, certificates, rounds, renewing = columns or [()] * _COLUMNS
        #: The province and commune of each, as they stand in its code (Decision 26/2026, Annex I).
        self.places: Column[str] = Column.of(places)
        self.codes: list[str] = expanded(codes)
        self.sets: Column[int] = Column.of(sets)
        self.producers: list[str] = expanded(producers)
        self.kinds: Column[ProducerKind | None] = Column.of(kinds, kind_in)
        self.certificates: Column[tuple[CertificateFacts, ...]] = Column.of(certificates, certificates_in)
        self.rounds: Column[RoundFacts | None] = Column.of(rounds, round_in)
        self.renewing: Column[bool] = Column.of(renewing)

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Self:
        """Return products in columns."""
        return facts if isinstance(facts, cls) else cls([(each,) for each in in_columns(each.text for each in facts)])

    @cached_property
    def stars(self) -> bytes:
        """The stars in force of each, 0 for none."""
        return self.certificates.in_bytes(lambda held: stars_of(newest_of(held)))

    @cached_property
    def has_open_round(self) -> bytes:
        """Whether each has a round that has not ended."""
        return self.rounds.in_bytes(lambda of: still_open(of) is not None)

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
    def _columns(self) -> tuple[Any, ...]:
        return self.codes, self.sets, self.producers, self.kinds, self.certificates, self.rounds, self.renewing
