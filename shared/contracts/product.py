"""A product that has been registered."""

from shared.contracts.dossier import Dossier, ProductCode
from shared.contracts.text import Contract, Text


class ProductSubmitted(Contract):
    """The data of `product.submitted`: an accepted dossier and the product's code, which it keeps for life."""

    product_code: ProductCode
    dossier_id: Text
    dossier: Dossier
