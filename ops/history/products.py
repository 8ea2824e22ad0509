"""A product with its dossiers, a rating and an alert, put together from what the services have recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ops.dossiers.outcomes import DossierStatus, Ending, ending_of
from ops.history.records import Record, understood
from ops.named import one_line
from services.registry.units import COMMUNES, PROVINCES
from shared.clock import system_clock
from shared.contracts.catalogue import PRODUCT_SUBMITTED
from shared.contracts.dossier import AnnouncedDossier, AnnouncedProducer, DossierRejected
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.legal_date import legal_date
from shared.masking import NAME, mask_text
from shared.personal_number import hidden, personal_number

#: From here on the registry records of which product a rejected dossier was.
_REJECTIONS_FROM = datetime(2026, 11, 29, 10, 18, tzinfo=UTC)
_ALERT = ("alert_id", "kind", "channel", "language", "outcome", "detail", "product_code", "subject")


@dataclass(frozen=True)
class FiledDossier:
    """A dossier that was filed, and its end as it is on record. `registration` is None where nobody could read it."""

    record: Record
    registration: str | None
    ending: Ending

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        rating = self.ending.rating
        return {
            "id": self.record.dossier_id,
            "source": self.record.source,
            "filed_by": self.record.filed_by,
            "recorded_at": self.record.recorded_at,
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

    @property
    def may_lack_rejections(self) -> bool:
        """Return whether some may have been rejected of which no record says that they were this product's."""
        return self.latest is not None and self.dossiers[0].record.recorded_at < _REJECTIONS_FROM

    def facts(self, *, reveal: bool) -> dict[str, Any]:
        """Return its code, what it is and where it is made, and its producer; `reveal`: by name."""
        names = ("product_code", "product_name", "product_set", "province", "commune", "producer")
        if self.latest is None:
            return dict.fromkeys(names)
        producer = _producer(self.latest.dossier.producer, reveal=reveal)
        return dict(zip(names, (self.latest.product_code, *_description(self.latest.dossier), producer), strict=True))

    def as_json(self, *, reveal: bool) -> dict[str, Any]:
        """Return it as JSON values."""
        return self.facts(reveal=reveal) | {"dossiers": [dossier.as_json() for dossier in self.dossiers]}


def product_of(registered: Sequence[Record], rated: Sequence[Record]) -> RecordedProduct | None:
    """Put together what registry and evaluation have recorded. None: nothing was filed.

    Raises:
        AccessError: a record is of another version.
    """
    ratings = {record.correlation_id: record.answer for record in rated}
    latest: ProductSubmitted | None = None
    dossiers = []
    for record in registered:
        match record.answer:
            case ProductSubmitted() as submitted:
                latest, registration = submitted, str(submitted.dossier.registration)
                ending = _ending(submitted, ratings.get(record.correlation_id))
                dossiers.append(FiledDossier(record, registration, ending))
            case DossierRejected() as rejected:
                dossiers.append(FiledDossier(record, None, ending_of(rejected)))
    return RecordedProduct(latest, tuple(dossiers)) if dossiers else None


@dataclass(frozen=True)
class RecordedRating:
    """What evaluation has answered to one dossier."""

    record: Record
    score_sheet: str
    ending: Ending

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, without the recipient."""
        return {
            "recorded_at": self.record.recorded_at,
            "dossier_id": self.record.dossier_id,
            "product_code": self.ending.product_code,
            "score_sheet": self.score_sheet,
            **self.ending.as_json(),
            "rating": self.ending.rating_as_json("sealed_recipient"),
        }


def assessments(records: Sequence[Record]) -> list[Record]:
    """Return evaluation's records of self-assessments: those of councils stand beside them."""
    of_dossiers = PRODUCT_SUBMITTED.type
    return [record for record in records if record.document["event"].get("type", of_dossiers) == of_dossiers]


def rating_of(record: Record) -> RecordedRating:
    """Read a record of evaluation. Raise AccessError where it is of another version."""
    answer = record.answer
    with understood(record.document):
        if not isinstance(answer, ProductRated | AssessmentRejected):
            raise TypeError(f"no answer of evaluation: {type(answer).__name__}")
    return RecordedRating(record, answer.score_sheet, ending_of(answer))


def alert_of(record: Record) -> dict[str, Any]:
    """Return what is recorded of an alert as JSON values: no address is. Raise AccessError, as `rating_of` does."""
    with understood(record.document):
        said = {name: record.document[name] and one_line(record.document[name]) for name in _ALERT}
        state = record.document.get("history", {}).get("state", {})  # before there were others, all were producers'
        reader = {"audience": one_line(state.get("audience", "producer")), "to": one_line(state.get("to")) or None}
    known = {"recorded_at": record.recorded_at, "dossier_id": record.dossier_id, "about": record.event_id}
    return known | said | reader | {"held_until": record.document.get("held_until")}


def alerts_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return each alert among the records of notifications, as it stands last. Raise AccessError, as `rating_of`."""
    of_alerts = (each for each in records if "kind" in each.document)  # mailboxes and contacts stand beside them
    newest = {each.document.get("alert_id", each.event_id): each for each in of_alerts}
    return [alert_of(each) for each in newest.values()]


def _ending(submitted: ProductSubmitted, answer: object) -> Ending:
    if isinstance(answer, ProductRated | AssessmentRejected):
        return ending_of(answer)
    return Ending(DossierStatus.ACCEPTED, submitted.dossier.product.name, product_code=submitted.product_code)


def _description(dossier: AnnouncedDossier) -> tuple[object, ...]:
    """Return what product it is, and where it is made, in words."""
    product = dossier.product
    return (one_line(product.name), product.product_set, *place_in_words(product.province_code, product.commune_code))


def place_in_words(province_code: str, commune_code: str) -> tuple[str | None, str | None]:
    """Return the names of a province and a commune, as the commune is called today; None of codes that are none."""
    commune = COMMUNES.get(int(commune_code))
    return PROVINCES.get(int(province_code)), commune.name_on(legal_date(system_clock())) if commune else None


def _producer(producer: AnnouncedProducer, *, reveal: bool) -> dict[str, Any]:
    """Return who makes it: a name, which may be a person's, only where that is asked for, a personal number never."""
    fields = producer.model_dump(mode="json")
    fields |= {name: _shown(fields[name]) for name in ("tax_code", "registration_number") if fields[name]}
    return fields if reveal else fields | {"name": NAME}


def _shown(number: str) -> str:
    """Return a number, a person's hidden: the first version of the registry recorded it in clear."""
    personal = personal_number(number)
    return hidden(personal) if personal else mask_text(number)
