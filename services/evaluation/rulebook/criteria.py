"""A criterion (tiêu chí) of a score sheet: its options, its rules, and what must hold in it."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.text import Bilingual

Text = Annotated[str, StringConstraints(min_length=1, strict=True)]
CriterionCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(\.[1-9][0-9]*)*$", strict=True)]
Points = Annotated[int, Field(strict=True, ge=0, le=100)]


class Entry(BaseModel):
    """Base of everything in a sheet: immutable, and without fields that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(Entry):
    """A sentence of a sheet in both languages."""

    vi: Text
    en: Text

    @property
    def text(self) -> Bilingual:
        """The sentence as the contracts carry it."""
        return Bilingual(vi=self.vi, en=self.en)


class Option(Sentence):
    """An option of a criterion. `star` marks the lowest option allowed for a product of so many stars."""

    points: Points
    star: Literal[3, 4, 5] | None = None
    case: Literal["a", "b"] | None = None


class Note(Sentence):
    """What the sheet says beside a criterion, for people."""

    kind: Literal["condition", "requirement", "evidence", "explanation"]


class Elimination(Sentence):
    """What ends the evaluation: declared by whoever files it, or a 0 in one of the criteria of `stops_at_zero`."""

    kind: Literal["elimination", "exclusion", "requirement", "stop-evaluation"]
    stops_at_zero: tuple[CriterionCode, ...] = ()


class Criterion(Entry):
    """A criterion (tiêu chí): a heading over others, or a leaf that is answered with one of its options.

    `applies_if` names the criterion that has to score above 0 for this one to apply. `minimums_if` says whom the
    minimums bind. `hard_to_change` marks what a producer can hardly change; see decision.yaml for all three.
    """

    code: CriterionCode
    name: Sentence
    max_points: Points
    criteria: "tuple[Criterion, ...]" = ()
    applies_if: CriterionCode | None = None
    minimums_if: Literal["must-declare-quality"] | None = None
    hard_to_change: bool = False
    elimination: Elimination | None = None
    notes: tuple[Note, ...] = ()
    options_note: Text | None = None
    options: tuple[Option, ...] = ()

    def walk(self) -> "Iterator[Criterion]":
        """Give this criterion and all below it, in the order of the sheet."""
        yield self
        for criterion in self.criteria:
            yield from criterion.walk()

    @cached_property
    def minimums(self) -> dict[int, int]:
        """Star → the lowest position allowed for it."""
        return {option.star: position for position, option in enumerate(self.options, 1) if option.star}

    @cached_property
    def ladders(self) -> dict[str | None, tuple[int, ...]]:
        """Case → the positions that lead upwards within it; the case is None where there are no cases."""
        cases = dict.fromkeys(option.case for option in self.options)
        return {
            case: tuple(position for position, option in enumerate(self.options, 1) if option.case == case)
            for case in cases
        }

    def points_at(self, position: int) -> int:
        """Give the points of the option at this position; 0 at position 0, which is none of them."""
        return self.options[position - 1].points if position else 0

    @model_validator(mode="after")
    def _holds(self) -> Self:
        if bool(self.criteria) == bool(self.options):
            raise ValueError("needs either criteria or options")
        refuse(self._heading_faults() if self.criteria else self._leaf_faults())
        return self

    def _heading_faults(self) -> Iterator[str]:
        yield from sum_faults(self.max_points, self.criteria)
        yield from (
            f"criterion {criterion.code} does not belong under {self.code}"
            for criterion in self.criteria
            if not criterion.code.startswith(f"{self.code}.")
        )
        if self.elimination or self.applies_if or self.minimums_if or self.hard_to_change:
            yield "rules belong on criteria with options, this one is a heading"

    def _leaf_faults(self) -> Iterator[str]:
        for case, options in groupby(self.options, lambda option: option.case):
            points = [option.points for option in options]
            where = f" of case {case}" if case else ""
            if points != sorted(points):
                yield f"points of the options{where} fall: {points}"
            if points[-1] != self.max_points:
                yield f"the best option{where} has {points[-1]} points, the maximum is {self.max_points}"
        yield from self._mark_faults()
        cases = [case for case, _ in groupby(option.case for option in self.options)]
        if cases not in ([None], ["a", "b"]):
            yield f"cases must be a, then b, or none at all: {cases}"

    def _mark_faults(self) -> Iterator[str]:
        marks = [option.star for option in self.options if option.star]
        if marks != sorted(set(marks)):
            yield f"star marks do not rise: {marks}"
        if any(option.star and not option.points for option in self.options):
            yield "a star mark on an option of 0 points"
        if marks and (self.applies_if or len(self.ladders) > 1):
            yield "star marks on a criterion with cases, or on one that does not always apply"
        if self.minimums_if and not marks:
            yield "minimums_if without a star mark"


def sum_faults(expected: int, criteria: Iterable[Criterion]) -> Iterator[str]:
    """Say where points of criteria do not add up to what is printed above them."""
    total = sum(criterion.max_points for criterion in criteria)
    if total != expected:
        yield f"its criteria add up to {total} points, not to {expected}"


def refuse(faults: Iterable[str]) -> None:
    """Raise ValueError with every fault there is."""
    found = "; ".join(faults)
    if found:
        raise ValueError(found)
