"""A product that has been registered."""

from datetime import date

from shared.contracts.dossier import AnnouncedDossier, ProductCode, Sealed
from shared.contracts.rounds import RoundNumber
from shared.contracts.text import Contract, Text


def parts_of(code: str) -> tuple[str, int, int]:
    """Return of a product code its place (province and commune), year and serial number (Decision 26/2026, Annex I)."""
    place, serial, year = code.rsplit("-", 2)
    return place, int(year), int(serial)


class ProductSubmitted(Contract):
    """The data of `product.submitted`: an accepted dossier and the product's code, which it keeps for life."""

    #: the product's for life: province, commune, serial number, year, such as `01-09574-1-2026`
    product_code: ProductCode
    #: id of the dossier.filed that is answered
    dossier_id: Text
    #: as accepted, without the producer's contact
    dossier: AnnouncedDossier
    #: of the product: this dossier opens it, or goes on with it
    round: RoundNumber = 1
    #: the commune's last day to assess it (15 working days, Art. 7.2); null where it goes on elsewhere
    due_on: date | None = None
    #: who is alerted, sealed for notifications alone
    sealed_recipient: Sealed | None = None
