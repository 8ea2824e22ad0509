"""What is kept of a self-assessment that was assessed: enough to judge it again without reading its whole rating.

It stands in the history and in packs: reports read that of many products, and nothing else of them.
"""

import json
from collections.abc import Mapping
from typing import Literal, NamedTuple, Self

from services.evaluation.answers import Answers
from services.evaluation.rulebook import ScoreSheet
from shared.handling.history import State

#: A character for each position of an option; position 0 is none of them.
POSITIONS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Assessed(State):
    """What became of a self-assessment: stars and points where it was rated.

    Of a rated one also which product it is of, its place in the registry's order, the sheet's code, and the answers: a
    character for each criterion in the order of the sheet, 0 for none. `eliminated`: an elimination is declared;
    `option_steps` are those of the advice.
    """

    outcome: Literal["rated", "rejected"]
    stars: int | None = None
    total: int | None = None
    product_code: str | None = None
    sequence: int | None = None
    score_sheet: str | None = None
    answers: str = ""
    eliminated: bool = False
    must_declare_quality: bool = True
    option_steps: int | None = None


class RatedAnswers(NamedTuple):
    """A rated self-assessment in short. `stars` is None where the sheet stops the evaluation."""

    code: str
    sequence: int
    score_sheet: str
    answers: str
    eliminated: bool
    must_declare_quality: bool
    stars: int | None
    total: int
    option_steps: int | None

    @property
    def text(self) -> str:
        """What is written of it."""
        return json.dumps(self, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what was written as `text`."""
        return cls._make(json.loads(text))


def in_short(sheet: ScoreSheet, options: Mapping[str, int]) -> str:
    """Return chosen options as a character for each criterion of the sheet."""
    return "".join(POSITIONS[options.get(leaf.code, 0)] for leaf in sheet.leaves)


def answers_in(sheet: ScoreSheet, rated: RatedAnswers) -> Answers:
    """Return the answers of a self-assessment; of declared eliminations only that there are any.

    All that the sheet prints stand for those that were declared: either way it gives no stars and no advice.
    """
    positions = zip(sheet.leaves, map(POSITIONS.index, rated.answers), strict=True)
    return Answers(
        options={leaf.code: position for leaf, position in positions if position},
        eliminations=frozenset(sheet.eliminations) if rated.eliminated else frozenset(),
        must_declare_quality=rated.must_declare_quality,
    )


def rated_in(state: Assessed) -> RatedAnswers | None:
    """Return a rated self-assessment in short; None of a rejected one, and of one from before this was kept."""
    if state.product_code is None or state.score_sheet is None:
        return None
    return RatedAnswers(
        state.product_code,
        state.sequence or 0,
        state.score_sheet,
        state.answers,
        state.eliminated,
        state.must_declare_quality,
        state.stars,
        state.total or 0,
        state.option_steps,
    )
