"""Certified products for tests of the catalogue: an organisation's and a household's, with photographs and shops."""

from datetime import date
from typing import Any

from ops.reports.catalogue.entries import Entry, entries
from services.registry.identity import KnownProduct
from shared.contracts.dossier import Photograph, ProducerKind, SalesLink
from tests.unit.registry.products import held, product

TODAY = date(2026, 11, 29)
CAKES, TEA = "01-09574-1-2026", "19-05500-3-2026"
#: A token as long as most.
TOKEN = f"eyJhbGciOiJFZDI1NTE5In0.{'A' * 420}.{'B' * 86}"


def cakes(**changed: Any) -> KnownProduct:
    """Return a family business's rice cakes from Sơn Tây, 3 stars, known by its owner's number."""
    values: dict[str, Any] = {
        "name": "Bánh tẻ Hưng Vân",
        "producer_name": "Nguyễn Thị Hưng Vân",
        "producer_kind": ProducerKind.FAMILY_BUSINESS,
        "producer_numbers": ("hmac:5f0e",),
        "product_set": 6,
    }
    return product(held(3), **(values | changed))


def tea(*, stars: int = 4, **changed: Any) -> KnownProduct:
    """Return a cooperative's tea from Thái Nguyên, 4 stars, with two photographs and a shop."""
    values: dict[str, Any] = {
        "code": TEA,
        "name": "Chè đinh Hảo Đạt",
        "producer_name": "Hợp tác xã chè Hảo Đạt",
        "producer_kind": ProducerKind.COOPERATIVE,
        "producer_numbers": ("4600999991",),
        "product_set": 11,
        "photographs": (
            Photograph(url="https://hinhanh.example.vn/hop.jpg?rong=800&cao=600", caption="Hộp 100 g"),
            Photograph(url="https://hinhanh.example.vn/doi-che.jpg"),
        ),
        "sales_links": (SalesLink(url="https://cuahang.example.vn/che-dinh", shop="Gian hàng Hảo Đạt"),),
    }
    return product(held(stars), **(values | changed))


def listed(*products: KnownProduct, day: date = TODAY) -> list[Entry]:
    """Return the entries of products, the tea's with a token."""
    return entries(products, {TEA: TOKEN}, day)
