"""What the offices and the portal file, as messages: the data of each kind, for one product."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.lives.law.life import Certificate
from tests.lives.law.said import Said
from tests.lives.law.sheet import Options, Sheet
from tests.lives.law.sitting import Conclusion

_EXAMPLES = Path(__file__).parents[3] / "examples"


@dataclass(frozen=True)
class Home:
    """Where a product is from: its province's user, and example dossiers for its first registration and later ones."""

    user: str
    province: str
    commune: str
    product_set: int
    first: str
    later: str


HOMES = (
    Home("ha-noi", "01", "09574", 6, "dossiers/01-banh-te-hung-van", "lives/dossiers/30-banh-te-hung-van-nang-hang"),
    Home("lao-cai", "15", "04630", 3, "dossiers/13-gao-nep-tu-le", "lives/dossiers/32-gao-nep-tu-le-danh-gia"),
    Home("nghe-an", "40", "16792", 22, "dossiers/25-tho-cam-hoa-tien", "lives/dossiers/31-tho-cam-hoa-tien-danh-gia"),
)


@dataclass(frozen=True)
class Filed:
    """One message: who files what, the instant that it says of itself, and how often it is sent."""

    by: str
    kind: str
    data: Mapping[str, Any]
    time: datetime
    copies: int = 1


@dataclass(frozen=True)
class Wave:
    """Messages that are sent one right behind the other, and all that is to follow before the next wave.

    `date_matters` is false where the answer is the same on whatever day it comes.
    """

    filed: tuple[Filed, ...]
    expected: tuple[Said, ...] = ()
    date_matters: bool = True


@cache
def _example(name: str) -> str:
    return (_EXAMPLES / f"{name}.json").read_text("utf-8")


def dossier(home: Home, kind: str, name: str, code: str | None) -> dict[str, Any]:
    """Return the data of `dossier.filed`."""
    data: dict[str, Any] = json.loads(_example(home.first if kind == "first" else home.later))
    data.pop("product_code", None)
    data["registration"] = kind
    data["product"]["name"] = name
    return data | ({"product_code": code} if code else {})


def imported(home: Home, name: str, code: str, held: Certificate) -> dict[str, Any]:
    """Return the data of `certificate.imported`."""
    producer = json.loads(_example(home.first))["producer"]
    product = {
        "name": name,
        "product_set": home.product_set,
        "province_code": home.province,
        "commune_code": home.commune,
    }
    certificate = {
        "number": held.number,
        "stars": held.stars,
        "authority": held.by,
        "decision": letter(f"QĐ {held.number}", held.issued_on),
        "last_day": str(held.last_day),
    }
    on_paper = {"re_evaluation_filed_on": str(held.filed_on_paper)} if held.filed_on_paper else {}
    return {
        "product_code": code,
        "product": product,
        "producer": {key: value for key, value in producer.items() if key != "contact"},
        "certificate": certificate,
        **on_paper,
    }


def letter(number: str, day: date) -> dict[str, str]:
    """Return a letter or a decision."""
    return {"number": number, "date": str(day)}


def forwarded(code: str, day: date) -> dict[str, Any]:
    """Return the data of `commune.assessed`: it goes to the province."""
    words = "Sản phẩm của địa phương, do người trong xã làm."
    report = dict.fromkeys(("local_material", "local_labour", "origin_of_idea", "local_identity"), words)
    return {"product_code": code, "outcome": "forwarded", "report": report, "letter": letter("71/TTr-UBND", day)}


def returned(code: str, day: date) -> dict[str, Any]:
    """Return the data of `commune.assessed`: it goes back to its producer."""
    reasons = ["Hợp đồng liên kết chưa có chữ ký."]
    return {"product_code": code, "outcome": "returned", "reasons": reasons, "letter": letter("58/UBND", day)}


def card(session: str, code: str, member: str, sheet: Sheet, options: Options) -> dict[str, Any]:
    """Return the data of `scorecard.filed`; a criterion without an answer is left out."""
    answers = [{"criterion": each, "option": option} for each, option in options.items() if option]
    return {
        "session": session,
        "product_code": code,
        "member": member,
        "score_sheet": sheet.code,
        "answers": answers,
    }


def concluded(session: str, code: str, conclusion: Conclusion) -> dict[str, Any]:
    """Return the data of `council.concluded`."""
    present = {} if conclusion.present is None else {"present": list(conclusion.present)}
    return {
        "session": session,
        "product_code": code,
        "way": "meeting" if present else "written-opinions",
        "presided_by": conclusion.presided_by,
        "agreed": [{"criterion": each, "option": option} for each, option in conclusion.agreed.items()],
        "held_on": str(conclusion.held_on),
        **present,
    }
