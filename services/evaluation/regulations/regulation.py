"""A council's regulation (quy chế hội đồng): what Decision 26/2026/QĐ-TTg leaves to it, each rule with its source."""

from datetime import date
from fractions import Fraction
from math import ceil
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.councils import Level
from shared.contracts.text import Bilingual

RegulationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64, strict=True)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strict=True)]
#: A share such as `3/4`, exact.
Share = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}/[1-9][0-9]{0,3}$", strict=True)]
#: YAML has no days: they are text there.
Day = Annotated[date, BeforeValidator(lambda day: date.fromisoformat(day) if isinstance(day, str) else day)]


class RegulationModel(BaseModel):
    """Base of everything in a regulation: immutable, and without fields that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(RegulationModel):
    """A rule, where it was read, and how sure that is.

    V: read in the text; R: in one secondary source; I: inferred by whoever entered it.
    """

    source: Line
    certainty: Literal["V", "R", "I"]


class Quorum(Rule):
    """How many members' cards it takes: a share of those who sit, or a number."""

    share: Share | None = None
    count: Annotated[int, Field(strict=True, ge=1, le=50)] | None = None

    def needed(self, members: int) -> int:
        """Return how many of so many members it takes."""
        return self.count if self.count is not None else ceil(Fraction(self.share or "1") * members)

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.share is None) == (self.count is None):
            raise ValueError("needs share or count, and not both")
        if self.share and Fraction(self.share) > 1:
            raise ValueError(f"share is above the whole: {self.share}")
        return self


class Presiding(Rule):
    """Whether the chair, or a deputy, has to preside."""

    by_chair_or_deputy: Annotated[bool, Field(strict=True)]


class Spread(Rule):
    """How far the highest total may lie above the lowest, in points; beyond that the members score anew."""

    largest: Annotated[int, Field(strict=True, ge=0, le=100)]


class Rescoring(Rule):
    """How often the members score anew; after that the conclusion stands whatever the spread."""

    times: Annotated[int, Field(strict=True, ge=0, le=10)]


class Minimums(Rule):
    """By which option of a criterion the minimums are judged, which the sheets print as * marks.

    `agreed`: the one that the council agreed on, else as `majority`; `majority`: the one that most members chose, of
    equals the lower; `every-member`: the lowest that a member chose.
    """

    judged_by: Literal["agreed", "majority", "every-member"]


class Eliminations(Rule):
    """Who declares the sheet's own elimination: the council's conclusion, or so many members on their cards."""

    declared_by: Literal["conclusion", "members"]
    members: Annotated[int, Field(strict=True, ge=1, le=50)] | None = None

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if (self.declared_by == "members") != (self.members is not None):
            raise ValueError("members says how many: needed for declared_by members, and for nothing else")
        return self


class Regulation(RegulationModel):
    """A regulation of one level's councils, in one of its versions: its number and date say which."""

    id: RegulationId
    name: Bilingual
    #: of the decision that adopted it
    number: Line
    #: the day from which it is in force
    date: Day
    level: Level
    quorum: Quorum
    presiding: Presiding
    spread: Spread
    rescoring: Rescoring
    minimums: Minimums
    eliminations: Eliminations

    @property
    def reference(self) -> str:
        """Its id, number and date, as results carry them."""
        return f"{self.id}, {self.number}, {self.date.isoformat()}"
