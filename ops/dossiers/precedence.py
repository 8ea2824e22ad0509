"""Decide: which dossiers have to be answered before another is filed.

The registry gives a product its code, and takes the dossiers that come together in any order. One that names a code may
only come when the product is there: the first registrations of that commune that were filed before it, and what names
the same code, have their answers by then.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

FilingT = TypeVar("FilingT")


class Precedence(Generic[FilingT]):
    """What of the dossiers so far bears on a product code: asked of each dossier, in the order of filing."""

    def __init__(self) -> None:
        self._so_far: defaultdict[str, list[FilingT]] = defaultdict(list)

    def before(self, filing: FilingT, dossier: Mapping[str, Any]) -> list[FilingT]:
        """Return those that have to be answered before this one is filed, none where it names no code."""
        code, place = _code(dossier), _place(dossier)
        due = [*self._so_far[_place_of(code)], *self._so_far[code]] if code else []
        self._so_far[code or place].append(filing)
        return due


def _code(dossier: Mapping[str, Any]) -> str:
    code = dossier.get("product_code")
    return code if isinstance(code, str) else ""


def _place(dossier: Mapping[str, Any]) -> str:
    """Return province and commune as they stand in a code (Decision 26/2026, Annex I)."""
    product = dossier.get("product")
    return f"{product.get('province_code')}-{product.get('commune_code')}" if isinstance(product, dict) else ""


def _place_of(code: str) -> str:
    return code.rpartition("-")[0].rpartition("-")[0]
