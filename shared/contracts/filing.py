"""What integrations file beside dossiers, and what answers it."""

from typing import Annotated

from pydantic import Field

from shared.contracts.dossier import AnyProductCode, Document, ProducerKind, ProductCode
from shared.contracts.text import Code, Contract, Fault, Name, Text


class FormerProducer(Contract):
    """The numbers that a producer was registered under: one of them is enough."""

    tax_code: Code | None = None
    #: a household's may be its owner's personal number, in either field
    registration_number: Code | None = None


class Successor(FormerProducer):
    """The producer (chủ thể) as it is registered from now on."""

    name: Name
    kind: ProducerKind


class ProducerSucceeded(Contract):
    """The data of `producer.succeeded`: a product's producer goes on under new numbers, or another has taken it over.

    A household becomes a company, a cooperative merges, an heir goes on. The product keeps its code.
    """

    product_code: ProductCode
    #: as the product is registered now
    former_producer: FormerProducer
    producer: Successor
    #: the paper that proves it, such as the new registration or the contract
    documents: Annotated[tuple[Document, ...], Field(min_length=1, max_length=500)]


class ProductTransferred(Contract):
    """The data of `product.transferred`: from now on, dossiers of the product may be filed under the new numbers."""

    product_code: ProductCode
    #: id of the producer.succeeded that is answered
    filing_id: Text


class FilingRejected(Contract):
    """The data of `filing.rejected`: every fault of what was filed, all at once. A dossier has an answer of its own."""

    #: id of the event that is answered
    filing_id: Text
    #: its kind, such as `producer.succeeded`
    filing: Text
    #: the product that it is about as the filing names it, null where that could not be read
    product_code: AnyProductCode | None = None
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
