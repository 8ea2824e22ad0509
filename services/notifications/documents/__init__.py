"""Decide: what is attached to an alert, for who keeps it on paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from services.notifications.documents.certificate import certificate_pdf
from services.notifications.documents.rating import rating_pdf
from shared.contracts.certificates import CertificateIssued
from shared.contracts.dossier import Language
from shared.contracts.rating import ProductRated

_RATING: Mapping[Language, str] = {"vi": "bang-diem-tu-danh-gia", "en": "points-of-the-self-assessment"}
_CERTIFICATE: Mapping[Language, str] = {"vi": "ban-in-tu-so-dang-ky", "en": "printout-of-the-register"}


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an alert. What is in it is personal, and in no `repr`."""

    #: in letters that every system takes
    file_name: str
    media_type: str
    content: bytes = field(repr=False)


def attachments_of(event_data: BaseModel, language: Language) -> tuple[Attachment, ...]:
    """Return the files of an event, the same bytes for the same event. Each takes some milliseconds to set.

    A council's result has none: it tells no points by criterion.
    """
    match event_data:
        case ProductRated():
            return (_pdf(_RATING[language], event_data.product_code, rating_pdf(event_data, language)),)
        case CertificateIssued():
            return (_pdf(_CERTIFICATE[language], event_data.product_code, certificate_pdf(event_data, language)),)
        case _:
            return ()


def _pdf(name: str, product_code: str, content: bytes) -> Attachment:
    return Attachment(f"{name}-{product_code}.pdf", "application/pdf", content)
