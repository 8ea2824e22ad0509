"""A rating as it is on record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.dossiers.outcomes import Ending, ending_of
from ops.named import one_line
from ops.records.reading import announced, dossier_id, understood
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.storage import Document


@dataclass(frozen=True)
class RecordedRating:
    """What evaluation has answered to one dossier."""

    recorded_at: datetime
    dossier_id: str
    score_sheet: str
    ending: Ending

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, without who was told."""
        return {
            "recorded_at": self.recorded_at.isoformat(),
            "dossier_id": self.dossier_id,
            "product_code": self.ending.product_code,
            "score_sheet": self.score_sheet,
            **self.ending.as_json(),
            "rating": self.ending.rating_as_json("recipient"),
        }


def rating_of(document: Document) -> RecordedRating:
    """Read a record of evaluation. Raises AccessError where it is of another version."""
    with understood(document):
        answer = announced(document)
        if not isinstance(answer, ProductRated | AssessmentRejected):
            raise TypeError(f"no answer of evaluation: {type(answer).__name__}")
        id, at = one_line(dossier_id(document)), document["recorded_at"]
        return RecordedRating(at, id, answer.score_sheet, ending_of(answer))
