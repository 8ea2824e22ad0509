"""Decide: where a round may go from where it is, and what a product keeps of its rounds and certificates.

Decision 26/2026/QĐ-TTg, Articles 4-8. docs/lifecycle.md draws `MOVES`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.certificates import Certificate, Ground
from shared.contracts.councils import Average
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing, Letter, Stage


class Step(StrEnum):
    """What moves a round."""

    FILED = "filed"
    CORRECTED = "corrected"
    CORRECTED_FOR_PROVINCE = "corrected-for-province"
    ANSWERS_TURNED_BACK = "answers-turned-back"
    FORWARDED = "forwarded"
    RETURNED_BY_COMMUNE = "returned-by-commune"
    RETURNED_BY_PROVINCE = "returned-by-province"
    RATED_FROM_THREE_STARS = "rated-from-three-stars"
    RATED_BELOW_THREE_STARS = "rated-below-three-stars"
    REFERRED = "referred"
    CENTRE_GAVE_FIVE_STARS = "centre-gave-five-stars"
    CENTRE_GAVE_FEWER = "centre-gave-fewer"
    RECOGNISED_BY_PROVINCE = "recognised-by-province"
    RECOGNISED_BY_CENTRE = "recognised-by-centre"
    NOT_ABOVE_PRESENT_STARS = "not-above-present-stars"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    TAKEN_OVER = "taken-over"
    #: the ministry has asked for it to be done anew
    REDONE = "redone"


_AT_PROVINCE = frozenset({Stage.AT_PROVINCE, Stage.BACK_AT_PROVINCE})
_AWAITS_PROVINCE = frozenset({Stage.AWAITS_PROVINCE, Stage.BACK_AT_PROVINCE})
_BEFORE_COUNCIL = frozenset({Stage.AT_COMMUNE, Stage.RETURNED, Stage.AT_PROVINCE})
#: Where a round is that the province or the ministry is to bring to an end.
WITH_COUNCILS = frozenset(
    {Stage.AT_PROVINCE, Stage.AWAITS_PROVINCE, Stage.AT_CENTRE, Stage.AWAITS_CENTRE, Stage.BACK_AT_PROVINCE}
)
#: Where a round is before the ministry (Art. 7.4); everywhere else the province is to decide (Art. 7.3).
AT_THE_CENTRE = frozenset({Stage.AT_CENTRE, Stage.AWAITS_CENTRE})
#: Every stage of a round that is open.
OPEN = frozenset(Stage) - {Stage.CLOSED}


@dataclass(frozen=True)
class Move:
    """From where a step may be taken, where it leads, and how the round ends with it; `article` of the decision."""

    before: frozenset[Stage]
    after: Stage
    closing: Closing | None = None
    article: str = ""


#: All that may happen to a round. What is not here does not happen.
MOVES: dict[Step, Move] = {
    Step.FILED: Move(frozenset(), Stage.AT_COMMUNE, article="Art. 7.1"),
    Step.CORRECTED: Move(frozenset({Stage.RETURNED}), Stage.AT_COMMUNE, article="Art. 7.1"),
    Step.CORRECTED_FOR_PROVINCE: Move(frozenset({Stage.RETURNED}), Stage.AT_PROVINCE, article="Art. 7.3a"),
    Step.ANSWERS_TURNED_BACK: Move(frozenset({Stage.AT_COMMUNE, Stage.AT_PROVINCE}), Stage.RETURNED),
    Step.FORWARDED: Move(frozenset({Stage.AT_COMMUNE}), Stage.AT_PROVINCE, article="Art. 7.2"),
    Step.RETURNED_BY_COMMUNE: Move(frozenset({Stage.AT_COMMUNE}), Stage.RETURNED, article="Art. 7.2"),
    Step.RETURNED_BY_PROVINCE: Move(frozenset({Stage.AT_PROVINCE}), Stage.RETURNED, article="Art. 7.3a"),
    Step.RATED_FROM_THREE_STARS: Move(_AT_PROVINCE, Stage.AWAITS_PROVINCE, article="Art. 7.3"),
    Step.RATED_BELOW_THREE_STARS: Move(_AT_PROVINCE, Stage.CLOSED, Closing.BELOW_THREE_STARS, "Art. 4.1a"),
    Step.REFERRED: Move(
        frozenset({Stage.AWAITS_PROVINCE, Stage.AT_PROVINCE}), Stage.AT_CENTRE, article="Art. 7.3e, 6.3b"
    ),
    Step.CENTRE_GAVE_FIVE_STARS: Move(frozenset({Stage.AT_CENTRE}), Stage.AWAITS_CENTRE, article="Art. 7.4"),
    Step.CENTRE_GAVE_FEWER: Move(frozenset({Stage.AT_CENTRE}), Stage.BACK_AT_PROVINCE, article="Art. 7.4g"),
    Step.RECOGNISED_BY_PROVINCE: Move(_AWAITS_PROVINCE, Stage.CLOSED, Closing.RECOGNISED, "Art. 3.3, 7.3"),
    Step.RECOGNISED_BY_CENTRE: Move(
        frozenset({Stage.AWAITS_CENTRE}), Stage.CLOSED, Closing.RECOGNISED, "Art. 3.3, 7.4"
    ),
    Step.NOT_ABOVE_PRESENT_STARS: Move(
        _AWAITS_PROVINCE | {Stage.AWAITS_CENTRE}, Stage.CLOSED, Closing.NOT_ABOVE_PRESENT_STARS, "Art. 7.5"
    ),
    Step.REFUSED: Move(OPEN, Stage.CLOSED, Closing.REFUSED, "Art. 7.3, 7.4"),
    Step.WITHDRAWN: Move(OPEN, Stage.CLOSED, Closing.WITHDRAWN),
    Step.REVOKED: Move(OPEN, Stage.CLOSED, Closing.REVOKED, "Art. 8"),
    Step.TAKEN_OVER: Move(_BEFORE_COUNCIL, Stage.CLOSED, Closing.TAKEN_OVER, "Art. 7.6"),
    Step.REDONE: Move(frozenset({Stage.CLOSED}), Stage.AT_PROVINCE, article="Art. 10.1b"),
}


class NoSuchMoveError(ValueError):
    """The table has no such move: whoever asks has to look first."""


class Kept(BaseModel):
    """What a product's state keeps of something: read again years later, so it only grows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptResult(Kept):
    """What a council made of the product. `stars` is None where it eliminated it, `band` is that of the average."""

    event_id: str
    stars: int | None
    band: int
    average: Average
    held_on: date
    legal_document: str


class Round(Kept):
    """A round of a product (lượt đánh giá).

    `filed_on` is the day of its first filing, by which its window was judged; `received_on` that of the newest dossier,
    from which the commune's time runs. `moves` counts its moves, so that a council's result from before the newest of
    them is known as overtaken. `submitted` is the id of the newest `product.submitted`, `filed_by` the broker's user
    that filed its dossier. `sent_on` is the day on which it went to the council that has it (Art. 7.6g).
    """

    number: int
    registration: RegistrationKind
    stage: Stage
    filed_on: date
    received_on: date
    submitted: str
    filed_by: str | None = None
    closing: Closing | None = None
    due_on: date | None = None
    moves: int = 0
    back_to: Literal["commune", "province"] | None = None
    sent_on: date | None = None
    provincial: KeptResult | None = None
    central: KeptResult | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it has not ended."""
        return self.stage is not Stage.CLOSED

    def after(self, step: Step, **changed: Any) -> "Round":
        """Return the round behind a step. Raise NoSuchMoveError.

        What is due is of the new stage, but that the time of the councils runs on until they are done (Art. 7.6g).
        """
        move = MOVES[step]
        if self.stage not in move.before:
            raise NoSuchMoveError(f"{step} from {self.stage}")
        runs_on = {self.stage, move.after} <= WITH_COUNCILS
        left = {"due_on": self.due_on if runs_on else None, "back_to": None, "moves": self.moves + 1}
        return self.model_copy(update={**left, "stage": move.after, "closing": move.closing, **changed})


class CertificateStatus(StrEnum):
    """How a certificate stands. Nothing leaves the last three."""

    IN_FORCE = "in-force"
    EXTENDED = "extended"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class HeldCertificate(Kept):
    """A certificate of a product, and how it stands.

    `ended_on` is the last day of one that was superseded or revoked, or that ended before or after its own last day;
    `until` that of one that is extended, at most.
    `round` is the number of the round that it came from, None of one that was imported, and `council_stars` what the
    council gave there. `registration` is of what kind that round was, None, too, where that was not kept yet.
    """

    certificate: Certificate
    status: CertificateStatus = CertificateStatus.IN_FORCE
    round: int | None = None
    registration: RegistrationKind | None = None
    council_stars: int | None = None
    until: date | None = None
    ended_on: date | None = None
    ground: Ground | None = None
    revocation: Letter | None = None
    #: a re-evaluation is on its way on paper since this day
    filed_on_paper: date | None = None

    @property
    def is_in_force(self) -> bool:
        """Return whether it is valid now, extended or not."""
        return self.status in {CertificateStatus.IN_FORCE, CertificateStatus.EXTENDED}
