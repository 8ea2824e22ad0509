"""Dossiers that no other test files."""

from itertools import count
from typing import Any
from uuid import uuid4

from tests.unit.registry.dossiers import acceptable_dossier

#: Communes of Hà Nội that no other test files with, so that serial numbers start at 1.
COMMUNES = (f"{code:05}" for code in (9604, 9616, 9619, 9634, 9661, 9664, 9676, 9694, 9700, 9706))
_NUMBERS = count(1)


def new_dossier(**product: Any) -> dict[str, Any]:
    """Return a dossier of a product and a producer that nobody has filed yet."""
    dossier = acceptable_dossier()
    number = next(_NUMBERS)
    dossier["producer"]["registration_number"] = f"01Y{uuid4().hex[:10]}"
    dossier["product"] |= {"name": f"Bánh tẻ số {number}", **product}
    return dossier
