"""The dossier (hồ sơ): Forms 01 and 02 of Decision 26/2026/QĐ-TTg, Annex III, and what answers it.

Persons appear nowhere: the sheets score whether the legal representative is a woman, of an ethnic minority or disabled
(criterion 3.2), and the chosen option says that without a name, a sex or an ethnicity.
"""

import operator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints, WithJsonSchema

from shared.contracts.text import WHOLE, Code, Contract, Email, Fault, Int32, Name, Prose, Text

#: The product sets (bộ sản phẩm) of Annex I, each with its own score sheet.
ProductSet = Annotated[int, Field(strict=True, ge=1, le=26), WHOLE]
#: The set of community tourism, ecotourism and tourist sites: no samples, and producers of its own (Art. 2.3).
TOURISM: ProductSet = 26

#: Two digits, Decision 19/2025/QĐ-TTg.
ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
#: Five digits, Decision 19/2025/QĐ-TTg.
CommuneCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
#: Province, commune, serial number kept by the commune, year of evaluation: `01-09574-1-2026` (Annex I).
ProductCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{5}-[1-9][0-9]{0,8}-[0-9]{4}$")]

#: The same, or as codes were before July 2025, with a district: `01-269-09574-3-2022`.
AnyProductCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{2}-([0-9]{3}-)?[0-9]{5}-[1-9][0-9]{0,8}-[0-9]{4}$"),
    # in published schemas two forms, so that whoever compares them sees that the first is still taken
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{2}-[0-9]{5}-[1-9][0-9]{0,8}-[0-9]{4}$"},
                {"type": "string", "pattern": r"^[0-9]{2}-[0-9]{3}-[0-9]{5}-[1-9][0-9]{0,8}-[0-9]{4}$"},
            ]
        }
    ),
]

#: A URI without spaces.
Location = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+$")]

#: An address of the web that anybody can open: https, without spaces.
WebAddress = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]://[^\s\x00-\x1f]+$")]

Language = Literal["vi", "en"]


class RegistrationKind(StrEnum):
    """Why the dossier is filed (Art. 6.1)."""

    FIRST = "first"
    UPGRADE = "upgrade"
    RE_EVALUATION = "re-evaluation"


class ProducerKind(StrEnum):
    """Who may take part (chủ thể OCOP, Art. 2.3); the last two for tourism only."""

    COOPERATIVE = "cooperative"
    COOPERATIVE_GROUP = "cooperative-group"
    ENTERPRISE = "enterprise"
    FARM = "farm"
    HOUSEHOLD = "household"
    FAMILY_BUSINESS = "family-business"
    ASSOCIATION = "association"
    OPERATING_CENTRE = "operating-centre"


class DocumentType(StrEnum):
    """The papers of Art. 6.1 and the proofs that Form 02 lists."""

    REGISTRATION_FORM = "registration-form"
    SELF_ASSESSMENT_REPORT = "self-assessment-report"
    CHANGE_REPORT = "change-report"
    BUSINESS_REGISTRATION = "business-registration"
    PRODUCTION_ELIGIBILITY = "production-eligibility"
    FOOD_SAFETY_CERTIFICATE = "food-safety-certificate"
    MATERIAL_ORIGIN = "material-origin"
    LINKAGE_CONTRACT = "linkage-contract"
    ENVIRONMENT = "environment"
    LABOUR = "labour"
    FINANCIAL_REPORT = "financial-report"
    INTELLECTUAL_PROPERTY = "intellectual-property"
    SALES_CONTRACT = "sales-contract"
    PROMOTION = "promotion"
    PRODUCT_STORY = "product-story"
    QUALITY_DECLARATION = "quality-declaration"
    QUALITY_MANAGEMENT = "quality-management"
    TEST_REPORT = "test-report"
    TRACEABILITY = "traceability"
    AWARD = "award"
    OTHER = "other"


#: By which a producer can be alerted.
ProducerChannel = Literal["email", "zalo", "sms"]
#: A time of day in Vietnam, such as `21:00`.
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietHours(Contract):
    """Hours in which nothing is to come that can wait, every day, by the time of Vietnam; they may go over midnight."""

    begins: TimeOfDay = "21:00"
    ends: TimeOfDay = "07:00"


class Preferences(Contract):
    """How she wants to be alerted."""

    #: in the order in which they are tried; what is not named comes behind, in the usual order
    channels: Annotated[tuple[ProducerChannel, ...], Field(max_length=10)] = ()
    #: on which nothing is to come; where these are all, results are handed over on paper (Art. 7.3g)
    declined: Annotated[tuple[ProducerChannel, ...], Field(max_length=10)] = ()
    #: by default from 21:00 to 07:00
    quiet_hours: QuietHours | None = None


class Reach(Contract):
    """How an organisation can be reached: its telephone and mail as far as known, and the language it reads."""

    phone: Code | None = None
    email: Email | None = None
    language: Language = "vi"
    preferences: Preferences | None = None


class Contact(Reach):
    """How the producer can be reached; Form 01 asks for a telephone."""

    #: a valid number, national or with `+` and country code
    phone: Code


class AnnouncedProducer(Contract):
    """The producer (chủ thể) without a way to reach her: one of the two numbers is there, tax code or registration."""

    name: Name
    kind: ProducerKind
    #: 10 or 13 digits with a correct check digit, or, of a household, family business, farm or cooperative group, a
    #: person's number of 12; the services announce only the last three digits of that: `*********345`
    tax_code: Code | None = None
    #: with a digit in it; a person's number is announced as in `tax_code`
    registration_number: Code | None = None


class Producer(AnnouncedProducer):
    """The producer (chủ thể): one of the two numbers is needed, the tax code or the registration number."""

    contact: Contact


class Photograph(Contract):
    """A photograph of the product, for the public; it lies elsewhere."""

    #: an address that others can open, by https
    url: WebAddress
    caption: Name | None = None


class SalesLink(Contract):
    """Where the public can buy the product."""

    #: an address that others can open, by https
    url: WebAddress
    #: the name of the shop
    shop: Name | None = None


class Product(Contract):
    """The product as Form 01 names it, filed with the commune where it is made."""

    name: Name
    #: number in Annex I; each set has its own score sheet
    product_set: ProductSet
    description: Prose = ""
    #: in force since 1 July 2025 (Decision 19/2025/QĐ-TTg)
    province_code: ProvinceCode
    #: in that province
    commune_code: CommuneCode
    #: does the law oblige this product to declare its quality; false lifts the minimums of sheet 21, criterion 7, which
    #: are “compulsory only for products that must declare quality”
    must_declare_quality: StrictBool = True
    #: for the catalogue; where there are none, they are not written at all
    photographs: Annotated[tuple[Photograph, ...], Field(max_length=10, exclude_if=operator.not_)] = ()
    #: likewise
    sales_links: Annotated[tuple[SalesLink, ...], Field(max_length=10, exclude_if=operator.not_)] = ()


class Document(Contract):
    """A paper of the dossier: it lies elsewhere, its SHA-256 says which bytes are meant."""

    type: DocumentType
    title: Name
    #: an address that others can open, without spaces: https, or what the settings name besides
    location: Location
    #: of its bytes
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)]


class Answer(Contract):
    """One answer to a criterion.

    Whether the sheet knows the criterion and the option is for evaluation to say, not for the contract.
    """

    #: its code on the sheet, such as `1.1`
    criterion: Code
    #: the option's position on the printed sheet, the first is 1
    option: Int32
    #: what proves it
    evidence: Prose = ""


class SelfAssessment(Contract):
    """Form 02, part III."""

    #: a criterion without an answer counts 0
    answers: Annotated[tuple[Answer, ...], Field(max_length=200)] = ()
    #: criteria at which the sheet's own elimination applies, such as 1.1 where all raw material is imported: the sheets
    #: print these beside the options, so no option can say them
    eliminations: Annotated[tuple[Code, ...], Field(max_length=50)] = ()


class Receipt(Contract):
    """The block of Form 01 that an office fills in when it takes a dossier on paper (số, ngày tiếp nhận)."""

    number: Code
    date: date


class AnnouncedDossier(Contract):
    """An accepted dossier without the producer's contact; her telephone and mail are masked in its texts."""

    registration: RegistrationKind
    #: the code that the product already has: needed for `upgrade` and `re-evaluation`, not allowed for `first`
    product_code: ProductCode | None = None
    producer: AnnouncedProducer
    product: Product
    documents: Annotated[tuple[Document, ...], Field(max_length=500)]
    #: 5; for product set 26: 0
    samples: Int32
    self_assessment: SelfAssessment
    #: of a dossier on paper, given by the commune's or the province's own system; else the day of the message counts
    receipt: Receipt | None = None


class Dossier(AnnouncedDossier):
    """The data of `dossier.filed`: a dossier as the producer files it with the commune (Art. 7.1)."""

    #: the code that the product already has, today's or one from before July 2025: needed for `upgrade` and
    #: `re-evaluation`; for `first`, of a product without a certificate in force
    product_code: AnyProductCode | None = None
    producer: Producer


class Recipient(Contract):
    """Who receives an answer, and how she can be reached. It is announced sealed only."""

    name: Text
    contact: Reach


#: A recipient sealed for notifications alone: a compact JWE (RFC 7516).
Sealed = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}$")]


class DossierRejected(Contract):
    """The data of `dossier.rejected`: every fault that was found, all at once."""

    #: id of the dossier.filed that is answered
    dossier_id: Text
    #: null where it could not be read
    product_name: Text | None = None
    #: who is alerted, sealed for notifications alone; null where nobody who can be reached could be read
    sealed_recipient: Sealed | None = None
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
    #: true: filed before, unchanged, and turned back for the same reasons; nothing has come in between, and nobody is
    #: alerted again
    repeated: bool = False
