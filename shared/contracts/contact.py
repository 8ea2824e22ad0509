"""How a product's producer can be reached from now on: what an integration says, and what is announced of it."""

from typing import Annotated

from pydantic import Field

from shared.contracts.dossier import Contact, ProductCode, Sealed
from shared.contracts.text import Contract, Fault, Text


class ProducerContact(Contract):
    """The data of `producer.contact`: how the producer of a product can be reached from now on."""

    #: such as `01-09574-1-2026`, as product.submitted has it
    product_code: ProductCode
    #: whole: an e-mail address that is not there is not known any more
    contact: Contact


class ContactChanged(Contract):
    """The data of `contact.changed`: alerts about the product go to another contact from now on."""

    product_code: ProductCode
    #: the contact, sealed for notifications alone
    sealed_contact: Sealed


class FilingRejected(Contract):
    """The data of `filing.rejected`: why an event on the intake that is no dossier cannot be accepted, all at once."""

    #: id of the event that is answered
    filing_id: Text
    #: its name, such as `producer.contact`
    filing: Text
    #: null where it could not be read
    product_code: ProductCode | None = None
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
