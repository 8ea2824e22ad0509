"""A criterion (tiêu chí) of a score sheet: its options, its rules, and what must hold in it."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.rating import CriterionPoints, OptionText, PartPoints, UnmetMinimum
from shared.contracts.text import Bilingual

NonEmptyText = Annotated[str, StringConstraints(min_length=1, strict=True)]
CriterionCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*(\.[1-9][0-9]*)*$", strict=True)]
Points = Annotated[int, Field(strict=True, ge=0, le=100)]


class SheetModel(BaseModel):
    """Base of everything in a sheet: immutable, and without fields that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(SheetModel):
    """A sentence of a sheet in both languages."""

    vi: NonEmptyText
    en: NonEmptyText

    @cached_property
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


_NO_OPTION = Bilingual(vi="Chưa đạt mức nào", en="None of the options")
#: How an option begins that adds to the one before it: clear on the sheet, not where it stands alone.
_AS_BEFORE_VI, _AS_BEFORE_EN = re.compile(r"\ANhư mức trên\b"), re.compile(r"\AAs (above|the previous level)\b")


class Criterion(SheetModel):
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
    options_note: NonEmptyText | None = None
    options: tuple[Option, ...] = ()

    def walk(self) -> "Iterator[Criterion]":
        """Return this criterion and all below it, in the order of the sheet."""
        yield self
        for criterion in self.criteria:
            yield from criterion.walk()

    @cached_property
    def minimums(self) -> dict[int, int]:
        """Star → the lowest position allowed for it."""
        return {option.star: position for position, option in enumerate(self.options, 1) if option.star}

    def binds(self, *, must_declare_quality: bool) -> bool:
        """Return whether the minimums bind a product that the law obliges to declare its quality, or does not."""
        return self.minimums_if != "must-declare-quality" or must_declare_quality

    @cached_property
    def ladders(self) -> dict[str | None, tuple[int, ...]]:
        """Case → the positions that lead upwards within it; the case is None where there are no cases."""
        cases = dict.fromkeys(option.case for option in self.options)
        return {
            case: tuple(position for position, option in enumerate(self.options, 1) if option.case == case)
            for case in cases
        }

    @cached_property
    def points(self) -> tuple[int, ...]:
        """The points at each position; 0 at position 0, which is none of the options."""
        return (0, *(option.points for option in self.options))

    # The sentences of a sheet are many and the same for every product, so they are put together once, not each time.

    @cached_property
    def option_texts(self) -> tuple[OptionText, ...]:
        """The option at each position; position 0 is none of them. Each can be read without the others."""
        texts = (_NO_OPTION, *self._written_out())
        return tuple(
            OptionText(option=position, points=points, text=text)
            for position, (points, text) in enumerate(zip(self.points, texts, strict=True))
        )

    def _written_out(self) -> Iterator[Bilingual]:
        before = dict[str | None, Bilingual]()
        for option in self.options:
            text = option.text
            if less := before.get(option.case):
                text = Bilingual(
                    vi=_added_to(less.vi, text.vi, _AS_BEFORE_VI), en=_added_to(less.en, text.en, _AS_BEFORE_EN)
                )
            before[option.case] = text
            yield text

    @cached_property
    def filled_in(self) -> dict[tuple[int | None, bool], CriterionPoints]:
        """What is said of a leaf, by the option chosen (None without an answer) and whether the leaf applies."""
        return {
            (option, applies): CriterionPoints(
                code=self.code,
                option=option,
                points=self.points[option or 0] if applies else 0,
                max_points=self.max_points,
                applies=applies,
            )
            for option in (None, *range(1, len(self.points)))
            for applies in {True, self.applies_if is None}
        }

    @cached_property
    def shortfalls(self) -> tuple[tuple[UnmetMinimum, ...], ...]:
        """The minimums that each position does not meet."""
        return tuple(
            tuple(
                UnmetMinimum(
                    star=star, criterion=self.code, name=self.name.text, has=has, needs=self.option_texts[lowest]
                )
                for star, lowest in self.minimums.items()
                if position < lowest
            )
            for position, has in enumerate(self.option_texts)
        )

    @cached_property
    def added_up(self) -> tuple[PartPoints, ...]:
        """What is said of a group of criteria, by the points they bring together."""
        return added_up(self.code, self.name.text, self.max_points)

    @cached_property
    def leaf_codes(self) -> tuple[str, ...]:
        """The codes of the criteria with options, this one or those below it."""
        return tuple(criterion.code for criterion in self.walk() if criterion.options)

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


def added_up(code: str, name: Bilingual, max_points: int) -> tuple[PartPoints, ...]:
    """Return what is said of a part or group of criteria, for each number of points from 0 to the most."""
    return tuple(
        PartPoints(code=code, name=name, max_points=max_points, points=points) for points in range(max_points + 1)
    )


def sum_faults(expected: int, criteria: Iterable[Criterion]) -> Iterator[str]:
    """Yield where points of criteria do not add up to what is printed above them."""
    total = sum(criterion.max_points for criterion in criteria)
    if total != expected:
        yield f"its criteria add up to {total} points, not to {expected}"


def refuse(faults: Iterable[str]) -> None:
    """Raise ValueError with every fault there is."""
    found = "; ".join(faults)
    if found:
        raise ValueError(found)


def _added_to(less: str, text: str, as_before: re.Pattern[str]) -> str:
    """Return an option's text with that of the one before it, to which it adds, in the place of a mention of it."""
    mention = as_before.match(text)
    return f"{less}{text[mention.end() :]}" if mention else text
