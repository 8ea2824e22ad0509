"""A product as it is on record: its dossiers, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.dossiers.outcomes import Ending, Outcome, ending_of
from ops.named import one_line
from ops.records.reading import announced, dossier_id, understood
from services.registry.units import COMMUNES, PROVINCES
from shared.clock import system_clock
from shared.contracts.dossier import Dossier, DossierRejected, Producer
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Contract
from shared.legal_date import legal_date
from shared.masking import EMAIL, NAME, PHONE, mask_text
from shared.storage import Document


@dataclass(frozen=True)
class FiledDossier:
    """A dossier that was filed, and what is on record of its end; what its sender chose is masked.

    `registration` is None where nobody could read it.
    """

    id: str
    source: str
    filed_by: str | None
    recorded_at: datetime
    registration: str | None
    ending: Ending

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        rating = self.ending.rating
        return {
            "id": self.id,
            "source": self.source,
            "filed_by": self.filed_by,
            "recorded_at": self.recorded_at.isoformat(),
            "registration": self.registration,
            **self.ending.as_json(),
            "total": rating.total if rating else None,
            "stars": rating.stars if rating else None,
        }


@dataclass(frozen=True)
class RecordedProduct:
    """What was found. `latest`: as accepted last, None where no dossier was; the dossiers stand in their order."""

    latest: ProductSubmitted | None
    dossiers: tuple[FiledDossier, ...]

    def as_json(self, *, reveal: bool) -> dict[str, Any]:
        """Return it as JSON values; `reveal`: with the producer's name, telephone and mail."""
        found = described(self.latest.dossier) if self.latest else dict.fromkeys(_DESCRIPTION)
        return {
            "product_code": self.latest.product_code if self.latest else None,
            **found,
            "producer": producer_fields(self.latest.dossier.producer, reveal=reveal) if self.latest else None,
            "dossiers": [dossier.as_json() for dossier in self.dossiers],
        }


def product_of(registered: Sequence[Document], ratings: Sequence[Document]) -> RecordedProduct | None:
    """Put together what registry and evaluation have recorded. None: nothing was filed.

    Raises:
        AccessError: a record is of another version.
    """
    rated = {}
    for document in ratings:
        with understood(document):
            rated[dossier_id(document)] = announced(document)
    latest, dossiers = None, []
    for document in registered:
        with understood(document):
            match announced(document):
                case ProductSubmitted() as submitted:
                    latest = submitted
                    dossiers.append(_accepted(document, submitted, rated.get(dossier_id(document))))
                case DossierRejected() as rejected:
                    dossiers.append(_filed(document, None, ending_of(rejected)))
    return RecordedProduct(latest, tuple(dossiers)) if dossiers else None


_DESCRIPTION = ("product_name", "product_set", "province", "commune")


def described(dossier: Dossier) -> dict[str, Any]:
    """Return what product it is, and where it is made, in words."""
    product = dossier.product
    commune = COMMUNES.get(int(product.commune_code))
    values = (
        one_line(product.name),
        product.product_set,
        PROVINCES.get(int(product.province_code)),
        commune.name_on(legal_date(system_clock())) if commune else None,
    )
    return dict(zip(_DESCRIPTION, values, strict=True))


def producer_fields(producer: Producer, *, reveal: bool) -> dict[str, Any]:
    """Return who makes it. A name may be a person's, so it is shown only where that is asked for."""
    fields = producer.model_dump(mode="json", exclude={"contact"}) | producer.contact.model_dump(mode="json")
    if reveal:
        return fields
    numbers = {name: mask_text(fields[name]) for name in ("tax_code", "registration_number") if fields[name]}
    return fields | numbers | {"name": NAME, "phone": PHONE, "email": EMAIL if fields["email"] else None}


def _accepted(document: Document, submitted: ProductSubmitted, found: Contract | None) -> FiledDossier:
    ending = Ending(Outcome.ACCEPTED, submitted.dossier.product.name, product_code=submitted.product_code)
    if isinstance(found, ProductRated | AssessmentRejected):
        ending = ending_of(found)
    return _filed(document, str(submitted.dossier.registration), ending)


def _filed(document: Document, registration: str | None, ending: Ending) -> FiledDossier:
    event = document["event"]
    id, source, filed_by = (one_line(event.get(name)) for name in ("id", "source", "filed_by"))
    return FiledDossier(id, source, filed_by or None, document["recorded_at"], registration, ending)
