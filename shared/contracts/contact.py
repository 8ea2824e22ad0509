"""How a producer can be reached, and wants to be, from now on: what an integration says, what is announced of it."""

from shared.contracts.dossier import Contact, Preferences, ProductCode, Sealed
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


class ProducerPreferences(Contract):
    """The data of `producer.preferences`: how the producer of a product wants to be alerted from now on."""

    #: such as `01-09574-1-2026`, as product.submitted has it
    product_code: ProductCode
    #: whole, in the place of what was said before, in dossiers too
    preferences: Preferences


class PreferencesChanged(Contract):
    """The data of `preferences.changed`: alerts about the product go as their producer wants them from now on."""

    product_code: ProductCode
    preferences: Preferences
