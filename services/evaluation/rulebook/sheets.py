"""A score sheet (phiếu đánh giá): its parts and criteria, and what must hold in it."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.evaluation.rulebook.criteria import (
    Criterion,
    Elimination,
    NonEmptyText,
    Points,
    Sentence,
    SheetModel,
    added_up,
    refuse,
    sum_faults,
)
from services.evaluation.rulebook.units import Unit
from shared.contracts.dossier import ProductSet
from shared.contracts.rating import PartPoints

#: The numbers of the product sets of Annex I.
ALL_SETS = range(1, 27)
#: Points of the parts A, B and C: product and community strength, marketing, quality.
PART_POINTS = {"A": 40, "B": 25, "C": 35}


class ProductGroup(Sentence):
    """A product group (nhóm sản phẩm) of Annex I, such as I, food."""

    code: NonEmptyText


class Correction(SheetModel):
    """Where the printed sheet cannot be meant as it stands: what is printed and what is used."""

    where: NonEmptyText
    printed: NonEmptyText
    used: NonEmptyText
    certainty: NonEmptyText


class Doubt(SheetModel):
    """What is doubtful on the printed sheet and kept as printed."""

    where: NonEmptyText
    what: NonEmptyText


class Part(SheetModel):
    """A part of a sheet: A product and community strength, B marketing, C quality."""

    code: Literal["A", "B", "C"]
    name: Sentence
    max_points: Points
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @cached_property
    def added_up(self) -> tuple[PartPoints, ...]:
        """What is said of the part, by its points."""
        return added_up(self.code, self.name.text, self.max_points)

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        refuse(sum_faults(self.max_points, self.criteria))
        return self


class ScoreSheet(SheetModel):
    """The score sheet of one product set, Annex II of the decision."""

    code: NonEmptyText
    product_set: ProductSet
    name: Sentence
    group: ProductGroup
    subgroup: Sentence | None = None
    annex_1_item: NonEmptyText
    lead_ministries: Annotated[tuple[Sentence, ...], Field(min_length=1)]
    samples: Points
    dossier_rejected_when: Sentence | None = None
    corrections: tuple[Correction, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    parts: tuple[Part, ...]

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """All criteria by code, headings too, in the order of the sheet."""
        return {criterion.code: criterion for criterion in self._walk()}

    @cached_property
    def leaves(self) -> tuple[Criterion, ...]:
        """The criteria that are answered, in the order of the sheet."""
        return tuple(criterion for criterion in self._walk() if criterion.options)

    @cached_property
    def conditional(self) -> tuple[tuple[Criterion, Criterion], ...]:
        """The leaves that do not always apply, each after the criterion that has to score above 0."""
        return tuple((self.criteria[leaf.applies_if], leaf) for leaf in self.leaves if leaf.applies_if)

    @cached_property
    def marked(self) -> tuple[Criterion, ...]:
        """The leaves with minimums."""
        return tuple(leaf for leaf in self.leaves if leaf.minimums)

    @cached_property
    def cased(self) -> tuple[Criterion, ...]:
        """The leaves whose options belong to cases."""
        return tuple(leaf for leaf in self.leaves if None not in leaf.ladders)

    @cached_property
    def eliminations(self) -> dict[str, Elimination]:
        """The eliminations that the sheet prints, by the criterion beside which it prints them."""
        return {criterion.code: criterion.elimination for criterion in self.leaves if criterion.elimination}

    @cached_property
    def stops_at_zero(self) -> dict[str, Elimination]:
        """The criteria at which a 0 stops the evaluation, and what the sheet says of it."""
        return {code: elimination for elimination in self.eliminations.values() for code in elimination.stops_at_zero}

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The leaves, each with those that apply only if it scores above 0."""
        return tuple(self._unit(leaf) for leaf in self.leaves if leaf.applies_if is None)

    def _unit(self, leaf: Criterion) -> Unit:
        criteria = (leaf, *(other for other in self.leaves if other.applies_if == leaf.code))
        return Unit(criteria, frozenset(self.stops_at_zero) & {criterion.code for criterion in criteria})

    def _walk(self) -> Iterator[Criterion]:
        return (found for part in self.parts for criterion in part.criteria for found in criterion.walk())

    @model_validator(mode="after")
    def _holds(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        parts = {part.code: part.max_points for part in self.parts}
        if parts != PART_POINTS or len(self.parts) != len(parts):
            yield f"parts must be {PART_POINTS}, not {[(part.code, part.max_points) for part in self.parts]}"
        codes = [criterion.code for criterion in self._walk()]
        yield from (f"criterion {code}: printed twice" for code in sorted({c for c in codes if codes.count(c) > 1}))
        yield from self._reference_faults()

    def _reference_faults(self) -> Iterator[str]:
        leaves = {leaf.code: leaf for leaf in self.leaves}
        for leaf in self.leaves:
            condition = leaves.get(leaf.applies_if) if leaf.applies_if else None
            if leaf.applies_if and (condition is None or condition is leaf or condition.applies_if):
                yield f"criterion {leaf.code}: applies_if names {leaf.applies_if}, which cannot be a condition"
        for code in self.stops_at_zero.keys() - leaves.keys():
            yield f"criterion {code}: named by stops_at_zero, but no criterion with options"
        remarks = [correction.where for correction in self.corrections] + [doubt.where for doubt in self.doubts]
        for where in remarks:
            if where[0].isdigit() and where not in self.criteria:
                yield f"criterion {where}: named by a correction or doubt, but not on the sheet"


class LegalDecision(SheetModel, extra="ignore"):
    """The legal document that the sheets belong to; what else decision.yaml says is for people."""

    legal_document: NonEmptyText
    issued: date
    effective_from: date


class Rulebook(SheetModel):
    """Score sheets of one legal document, by product set."""

    decision: LegalDecision
    sheets: dict[int, ScoreSheet]
