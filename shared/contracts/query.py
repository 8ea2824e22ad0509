"""How a product stands, or all of a scope: the questions of an integration, and what answers them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.certificates import Certificate
from shared.contracts.dossier import AnyProductCode, ProductCode, ProductSet, RegistrationKind
from shared.contracts.rating import Advice, PartPoints, Star, Stop, UnmetMinimum
from shared.contracts.rounds import Closing, Stage
from shared.contracts.text import Contract, Fault, Int32, Text

#: Of a `register.query`.
MOST_PRODUCTS_A_PAGE = 200


class ProductQuery(Contract):
    """The data of `product.query`: the question how a product stands, by its code or by a dossier of it."""

    #: such as `01-09574-1-2026`, as product.submitted has it; this or `dossier_id`, not both
    product_code: AnyProductCode | None = None
    #: id of a dossier.filed of the product, which the asker filed
    dossier_id: Text | None = None


class RegisteredProduct(Contract):
    """What is on record of the product itself. Where it is made stands in its code: province, commune."""

    #: as the latest dossier has it
    name: Text
    #: number in Annex I
    product_set: ProductSet
    #: when its first dossier was accepted
    registered_at: AwareDatetime


class LatestDossier(Contract):
    """The last dossier of the product that was looked at."""

    registration: RegistrationKind
    assessed_at: AwareDatetime
    #: `rejected`: the sheet does not know its answers; whoever listens to assessment.rejected has the faults
    outcome: Literal["rated", "rejected"]


class LatestRating(Contract):
    """The last rating, as product.rated carried it, without its criteria one by one."""

    #: id of the product.rated that announced it
    event_id: Text
    rated_at: AwareDatetime
    registration: RegistrationKind
    basis: Literal["self-assessment"]
    #: such as `26/2026/QĐ-TTg`
    legal_document: Text
    #: the sheet's code
    score_sheet: Text
    #: parts A, B, C of the sheet
    parts: tuple[PartPoints, ...]
    #: 0 to 100
    total: Int32
    #: the star that the total alone would give (Art. 3.3)
    band: Star
    #: the star that the minimums allow; null where the sheet stops the evaluation
    stars: Star | None
    #: why the sheet ends the evaluation; empty where it does not
    stops: tuple[Stop, ...] = ()
    #: what keeps the product from a higher star, whatever its points
    unmet_minimums: tuple[UnmetMinimum, ...] = ()
    #: criteria without an answer, which count 0
    unanswered: tuple[Text, ...] = ()
    #: null where there is no next star, or no way to it
    advice: Advice | None = None


class RoundState(Contract):
    """The latest round of the product."""

    round: Int32
    registration: RegistrationKind
    stage: Stage
    #: how it ended; null unless it is closed
    closing: Closing | None = None
    #: the last day for the office that has it now, null where the law names none
    due_on: date | None = None


class CertificateState(Contract):
    """The certificate in force, or the last one."""

    certificate: Certificate
    state: Literal["in-force", "extended", "expired", "superseded", "revoked"]
    #: until when an extended one is valid at the latest
    until: date | None = None


class ProductState(Contract):
    """The data of `product.state`: how a product stands now. Nothing in it says who made it or how to reach anybody.

    It goes to the queue of who asked, and to no other.
    """

    product_code: ProductCode
    #: as asked; null where the code was asked for
    dossier_id: Text | None = None
    #: false: nothing is on record of this code, and all else is null
    known: bool
    #: null where no dossier of the product was assessed: its certificate was imported
    product: RegisteredProduct | None = None
    latest_dossier: LatestDossier | None = None
    #: null where no dossier of the product was rated yet
    rating: LatestRating | None = None
    #: null where the product has had none
    round: RoundState | None = None
    #: null where the product has had none
    certificate: CertificateState | None = None


class RegisterQuery(Contract):
    """The data of `register.query`: the question how all products of the asker's places stand, page by page."""

    #: the `next` of the page before; null: from the beginning
    after: ProductCode | None = None
    #: how many products the page is to have at most
    limit: Annotated[int, Field(strict=True, ge=1, le=MOST_PRODUCTS_A_PAGE)] = 100


class ProductRow(Contract):
    """A product of the register as its history's newest version has it. Nothing in it says who makes it."""

    product_code: ProductCode
    #: the version of its history: what an event with this `ce-sequence`, or a lower one, says is in here
    sequence: Int32
    #: as the latest dossier has it; null where it was registered before names were kept
    name: Text | None = None
    #: number in Annex I
    product_set: ProductSet
    #: null where the product has had none
    round: RoundState | None = None
    #: all that it has had, the newest last
    certificates: tuple[CertificateState, ...] = ()


class RegisterPage(Contract):
    """The data of `register.page`: how products stand now, in the order of their codes.

    It goes to the queue of who asked, and to no other.
    """

    #: id of the register.query that is answered
    query_id: Text
    products: tuple[ProductRow, ...]
    #: where the next page begins, for its `after`; null where this one is the last
    next: ProductCode | None = None


class QueryRejected(Contract):
    """The data of `query.rejected`: why a question has no answer.

    It goes to the queue of who asked, and to no other.
    """

    #: id of the question that is answered
    query_id: Text
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
