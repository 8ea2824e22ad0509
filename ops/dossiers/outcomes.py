"""What became of a dossier, as far as it is known."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ops.language import Message
from ops.named import one_line, printable
from ops.report import DossierAnswer, faults_in_short, held_back
from shared.contracts.dossier import DossierRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Fault
from shared.masking import mask_text


class DossierStatus(StrEnum):
    """How far a dossier came, and how it ended."""

    UNREADABLE = "unreadable"  #: the file holds no dossier
    NOT_FILED = "not-filed"  #: not sent
    UNCLEAR = "unclear"  #: sent, and the broker did not say that it has it
    FILED = "filed"  #: the broker has it; no answer is known
    ACCEPTED = "accepted"  #: the register has it; no rating is known
    RATED = "rated"
    DOSSIER_REJECTED = "dossier-rejected"
    ASSESSMENT_REJECTED = "assessment-rejected"


@dataclass(frozen=True)
class Ending:
    """What is known: every fault, the rating where there is one, `reason` where a file could not even be read.

    `product_code` is None where only the register could give one, and it was not asked.
    """

    outcome: DossierStatus
    product_name: str | None = None
    faults: tuple[Fault, ...] = ()
    rating: ProductRated | None = None
    product_code: str | None = None
    reason: Message | None = None

    @property
    def in_short(self) -> str:
        """What stands in the way, in a few words."""
        if self.reason:
            return self.reason.spoken
        return printable(mask_text(faults_in_short(self.faults)), keep="\n") or held_back(self.rating)

    @property
    def name(self) -> str:
        """The product's name as it may be shown: masked, one line; empty where there is none."""
        return one_line(self.product_name)

    def as_json(self) -> dict[str, Any]:
        """Return what both commands say of a dossier."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "product_name": self.name or None,
            "faults": [_masked(fault) for fault in self.faults],
        }

    def rating_as_json(self, *without: str) -> dict[str, Any] | None:
        """Return the rating without some of its fields, None where there is none."""
        rating = self.rating
        return rating.model_dump(mode="json", exclude=set(without)) | {"product_name": self.name} if rating else None


def ending_of(answer: DossierAnswer) -> Ending:
    """Return what the answer of a service says."""
    match answer:
        case ProductRated():
            return Ending(DossierStatus.RATED, answer.product_name, rating=answer, product_code=answer.product_code)
        case AssessmentRejected(product_name=name, faults=faults, product_code=code):
            return Ending(DossierStatus.ASSESSMENT_REJECTED, name, faults, product_code=code)
        case DossierRejected(product_name=name, faults=faults):
            return Ending(DossierStatus.DOSSIER_REJECTED, name, faults)


def _masked(fault: Fault) -> dict[str, Any]:
    """Return a fault without what it may repeat of a dossier."""
    return {
        "pointer": mask_text(fault.pointer),
        "code": fault.code,
        "message": {"vi": mask_text(fault.message.vi), "en": mask_text(fault.message.en)},
    }
