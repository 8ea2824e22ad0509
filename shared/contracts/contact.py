"""How a product's producer can be reached from now on: what an integration says, and what is announced of it."""

from shared.contracts.dossier import Contact, ProductCode, Sealed
from shared.contracts.text import Contract


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
