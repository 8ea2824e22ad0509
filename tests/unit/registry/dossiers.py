"""Dossiers as they are filed: one that is acceptable, and ways to change it."""

import copy
from collections.abc import Mapping
from typing import Any

from services.registry.identity import ProducerNumbers

#: Under what the register of a test keeps persons' numbers.
NUMBERS = ProducerNumbers(b"a key of a test, which nobody uses")
#: In the place of a value: leave the field out.
ABSENT = object()


def acceptable_dossier() -> dict[str, Any]:
    """Return a first registration of a household's rice cakes from Sơn Tây ward, Hà Nội, with nothing wrong."""
    return {
        "registration": "first",
        "producer": {
            "name": "Cơ sở bánh tẻ Hưng Vân",
            "kind": "family-business",
            "registration_number": "01Y8001234",
            "contact": {"phone": "024 3383 0000", "email": "banhte@example.vn", "language": "vi"},
        },
        "product": {
            "name": "Bánh tẻ Hưng Vân",
            "product_set": 6,
            "description": "Bánh gạo tẻ, nhân thịt và mộc nhĩ, gói lá dong.",
            "province_code": "01",
            "commune_code": "09574",
        },
        "documents": documents(
            "registration-form", "self-assessment-report", "business-registration", "food-safety-certificate"
        ),
        "samples": 5,
        "self_assessment": {"answers": [{"criterion": "1.1", "option": 3, "evidence": "Hợp đồng mua gạo"}]},
    }


def documents(*types: str) -> list[dict[str, Any]]:
    return [document(type_, f"{number:064x}") for number, type_ in enumerate(types, start=10)]


def document(type_: str, sha256: str) -> dict[str, Any]:
    return {"type": type_, "title": "Giấy tờ", "location": f"https://example.vn/{sha256}.pdf", "sha256": sha256}


def changed(changes: Mapping[str, object]) -> dict[str, Any]:
    """Return the acceptable dossier with other values at these JSON pointers."""
    dossier = acceptable_dossier()
    for pointer, value in changes.items():
        *path, last = pointer.removeprefix("/").split("/")
        place: Any = dossier
        for step in path:
            place = place[int(step) if isinstance(place, list) else step]
        key = int(last) if isinstance(place, list) else last
        if value is ABSENT:
            del place[key]
        else:
            place[key] = copy.deepcopy(value)
    return dossier
