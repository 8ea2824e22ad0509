"""Certificates as offices file them, and products that have some, for tests."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.registry.identity import KnownProduct
from services.registry.rounds import HeldCertificate, Round
from shared.contracts.certificates import Authority, Certificate
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Letter, Stage

CODE = "01-09574-1-2026"


def imported(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a certificate of 2024 with nothing wrong, for the product of case 10; names as `certificate.last_day`."""
    data: dict[str, Any] = {
        "product_code": "01-09574-3-2024",
        "product": {"name": "Bánh tẻ thử", "product_set": 6, "province_code": "01", "commune_code": "09574"},
        "producer": {
            "name": "Cơ sở thử nghiệm",
            "kind": "family-business",
            "registration_number": "01Y8001234",
            "contact": {"phone": "024 3383 0000"},
        },
        "certificate": {
            "number": "15/GCN-OCOP",
            "stars": 4,
            "authority": "province",
            "decision": {"number": "1234/QĐ-UBND", "date": "2024-05-20"},
            "last_day": "2027-05-20",
            "legal_document": "148/QĐ-TTg",
        },
    }
    for name, value in (changes or {}).items():
        *path, last = name.split(".")
        place = data
        for step in path:
            place = place[step]
        place[last] = value
    return data


def certificate(issued_on: date, last_day: date, *, number: str = "1/GCN", stars: int = 4) -> Certificate:
    return Certificate(
        number=number,
        stars=stars,
        authority=Authority.CENTRE if stars == 5 else Authority.PROVINCE,
        decision=Letter(number="1/QĐ", date=issued_on),
        issued_on=issued_on,
        last_day=last_day,
    )


def product(*held: HeldCertificate, round_: Round | None = None) -> KnownProduct:
    return KnownProduct(
        code=CODE,
        producer_numbers=("01y8001234",),
        product_set=6,
        name="Bánh tẻ Hưng Vân",
        producer_name="Cơ sở bánh tẻ Hưng Vân",
        certificates=held,
        round=round_,
    )


def round_of(kind: RegistrationKind, filed_on: date, *, stage: Stage = Stage.AT_PROVINCE, **changed: Any) -> Round:
    return Round(
        number=changed.pop("number", 2),
        registration=kind,
        stage=stage,
        filed_on=filed_on,
        received_on=filed_on,
        submitted="submitted",
        **changed,
    )
