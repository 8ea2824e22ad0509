"""Recognitions (quyết định công nhận) and certificates (giấy chứng nhận): Decision 26/2026/QĐ-TTg, Articles 4 and 8."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.contracts.councils import Average
from shared.contracts.dossier import (
    AnyProductCode,
    CommuneCode,
    ProducerKind,
    ProductCode,
    ProductSet,
    ProvinceCode,
    Reach,
    Sealed,
)
from shared.contracts.rounds import Letter, OfProduct, Reasons
from shared.contracts.text import Code, Contract, Int32, Name, Text

#: The stars that a certificate has.
CertifiedStars = Annotated[int, Field(strict=True, ge=3, le=5)]


class Authority(StrEnum):
    """Who recognises: the chair of the People's Committee of the province, or the minister (Art. 3.3)."""

    PROVINCE = "province"
    CENTRE = "centre"


class ImportedProduct(Contract):
    """The product of a certificate from before this register."""

    name: Name
    product_set: ProductSet
    province_code: ProvinceCode
    commune_code: CommuneCode


class ImportedProducer(Contract):
    """Its producer: one of the two numbers is needed."""

    name: Name
    kind: ProducerKind
    tax_code: Code | None = None
    registration_number: Code | None = None
    contact: Reach | None = None


class ImportedCertificate(Contract):
    """The certificate as it stands on paper. It keeps its own dates (Art. 12.1)."""

    number: Code
    stars: CertifiedStars
    authority: Authority
    decision: Letter
    #: its last day, on which it is still valid
    last_day: date
    #: such as `148/QĐ-TTg`
    legal_document: Code | None = None


class CertificateImported(Contract):
    """The data of `certificate.imported`: a certificate from before this register, or on paper."""

    #: as on the certificate; one of an older form stays an alias of the code that the product gets
    product_code: AnyProductCode
    product: ImportedProduct
    producer: ImportedProducer
    certificate: ImportedCertificate
    #: where a re-evaluation is on its way on paper
    re_evaluation_filed_on: date | None = None


class RecognitionDecided(OfProduct):
    """The data of `recognition.decided`: a product is recognised at 3, 4 or 5 stars (Art. 7.3, 7.4)."""

    stars: CertifiedStars
    decision: Letter
    #: given by the authority
    certificate_number: Code


class RecognitionRefused(OfProduct):
    """The data of `recognition.refused`: the authority ends a round without a certificate."""

    reasons: Reasons
    letter: Letter | None = None


class RecognitionCorrected(Contract):
    """The data of `recognition.corrected`: what was mistyped in a recognition is put right (đính chính)."""

    product_code: AnyProductCode
    #: the certificate, by the number that it has so far
    certificate_number: Code
    #: the letter that corrects it
    letter: Letter
    reason: Annotated[Text, Field(min_length=1)]
    #: what is right; null: as it was
    stars: CertifiedStars | None = None
    decision: Letter | None = None
    new_number: Code | None = None


class Ground(StrEnum):
    """Why a recognition is revoked: the letters of Art. 8; a redo that the ministry asked for (Art. 10.1b)."""

    FALSE_DOSSIER = "a"
    CRITERIA_NOT_MET = "b"
    BREACH_OF_LAW = "c"
    MISUSE_OF_MARK = "d"
    PRODUCTION_ENDED = "e"
    OTHER_AUTHORITY = "f"
    REDO = "redo"


class RecognitionRevoked(Contract):
    """The data of `recognition.revoked`: a recognition is withdrawn (thu hồi)."""

    product_code: AnyProductCode
    certificate_number: Code
    ground: Ground
    reason: Annotated[Text, Field(min_length=1)]
    decision: Letter
    #: the day of the conclusion that it follows from; 15 days are given (Art. 8)
    concluded_on: date


class Certificate(Contract):
    """A certificate."""

    number: Text
    stars: CertifiedStars
    authority: Authority
    decision: Letter
    issued_on: date
    #: the last day on which it is valid
    last_day: date
    #: such as `26/2026/QĐ-TTg`
    legal_document: Text | None = None
    #: the council's; null for one that was imported
    average: Average | None = None


class OfCertificate(Contract):
    """The certificate that an event is about."""

    product_code: ProductCode
    product_name: Text
    certificate: Certificate
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None


class CertificateIssued(OfCertificate):
    """The data of `certificate.issued`: a certificate is in force from its day on."""

    producer_name: Text
    #: of the round that ended with it; null for one that was imported
    round: Int32 | None = None
    #: it comes in the place of one that was mistyped (đính chính)
    corrects: Text | None = None
    #: of one that was extended when it was corrected, and is so still: at the latest
    until: date | None = None
    #: the product's code from before July 2025, which is accepted in the place of today's
    former_code: AnyProductCode | None = None
    #: a compact JWS that anybody can check (docs/contract.md)
    token: Text | None = None


class RenewalMilestone(StrEnum):
    """What a producer is told of renewal, and when."""

    OPENS_IN_30_DAYS = "window-opens-in-30-days"
    OPEN = "window-open"
    LAST_DAY_TOMORROW = "last-day-tomorrow"
    CLOSED = "window-closed"
    LATE_FILING_POSSIBLE = "late-filing-possible"


class CertificateRenewalDue(OfCertificate):
    """The data of `certificate.renewal-due`: what is to be done for the next certificate (Art. 7.6a, 12.3)."""

    milestone: RenewalMilestone
    #: a re-evaluation may be filed from this day
    first_day: date
    #: and no later than this one
    last_day_to_file: date
    #: from today to the last day to file; below 0: it has passed
    days_left: Int32


class CertificateExpiring(OfCertificate):
    """The data of `certificate.expiring`: a certificate ends within 30 days."""

    days_left: Int32


class CertificateExpired(OfCertificate):
    """The data of `certificate.expired`: a certificate has ended, or its extension has."""

    expired_on: date
    after_extension: bool = False


class CertificateExtended(OfCertificate):
    """The data of `certificate.extended`: a certificate is valid until its re-evaluation's result (Art. 12.3)."""

    #: at the latest
    until: date


class CertificateSuperseded(OfCertificate):
    """The data of `certificate.superseded`: another certificate has come in its place."""

    ended_on: date
    by_number: Text


class CertificateRevoked(OfCertificate):
    """The data of `certificate.revoked`: a certificate is withdrawn (Art. 8)."""

    ground: Ground
    reason: Text
    revocation: Letter
    concluded_on: date
    #: the decision came later than 15 days after the conclusion
    is_late: bool = False
