"""The products of the day: where each is from, how its producer is reached, and what is filed about it."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any, Literal

from benchmarks.arena import Json
from benchmarks.country.paper import Day
from benchmarks.dossiers import acceptable_examples
from services.registry.time_limits import load_time_limits
from services.registry.units import COMMUNES
from shared.contracts.dossier import ProducerChannel

#: The channel by which producers are reached, one after the other: nobody has counted them.
CHANNELS: tuple[ProducerChannel, ...] = ("email", "zalo", "sms")
#: Days after which a certificate ends of which nothing falls due today: its window is open, or far away.
_WINDOW_IS_OPEN, _FAR = timedelta(days=140), timedelta(days=500)
#: Without its zero: a mobile number, behind which those of all producers lie.
_FIRST_PHONE = 912_000_000
_MORE_PAPERS = ("change-report", "test-report")
_YEARS_VALID = 3

Kind = Literal["first", "re-evaluation"]


@dataclass(frozen=True)
class Product:
    """A product: an example's, under a number of its own. `code` and `last_day` are of one that has a certificate."""

    number: int
    example: Json
    commune: int
    code: str | None = None
    last_day: date | None = None

    @property
    def province(self) -> str:
        """The code of its province."""
        return f"{COMMUNES[self.commune].province_code:02}"

    @property
    def kind(self) -> Kind:
        """What its dossier asks for."""
        return "re-evaluation" if self.code else "first"

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.example['product']['name']} {self.number}"

    @property
    def product_set(self) -> int:
        """The number of its set, which says which sheet it is judged by."""
        return int(self.example["product"]["product_set"])

    def imported(self) -> Json:
        """Return the data of `certificate.imported`. Raise ValueError where it has no certificate."""
        if self.last_day is None:
            raise ValueError(self.name)
        issued_on = self.last_day.replace(year=self.last_day.year - _YEARS_VALID)
        decision = {"number": f"{self.number}/QĐ-UBND", "date": issued_on.isoformat()}
        product = {"name": self.name, "product_set": self.product_set, **self._place}
        certificate = {
            "number": f"{self.number}/OCOP",
            "stars": 3,
            "authority": "province",
            "decision": decision,
            "last_day": self.last_day.isoformat(),
        }
        return {"product_code": self.code, "product": product, "producer": self._producer, "certificate": certificate}

    def dossier(self) -> Json:
        """Return the data of `dossier.filed`."""
        papers = [*self.example["documents"], *(map(_paper, _MORE_PAPERS) if self.code else ())]
        code = {"product_code": self.code} if self.code else {}
        product = self.example["product"] | self._place | {"name": self.name}
        filed = {"registration": self.kind, "producer": self._producer, "product": product, "documents": papers}
        return self.example | filed | code

    @property
    def _place(self) -> dict[str, str]:
        return {"province_code": self.province, "commune_code": f"{self.commune:05}"}

    @property
    def _producer(self) -> Json:
        """Its producer, without a tax code, whose check digit would have to fit."""
        kept: dict[str, Any] = {name: self.example["producer"][name] for name in ("name", "kind")}
        return kept | {"registration_number": f"Y{self.number}", "contact": self._contact}

    @property
    def _contact(self) -> Json:
        phone = {"phone": f"0{_FIRST_PHONE + self.number}"}
        by_mail = _channel(self.number) == "email"
        return phone | ({"email": f"chuthe{self.number}@example.vn"} if by_mail else {})


@dataclass(frozen=True)
class Cast:
    """All products of the day, by what happens to them.

    Args:
        sessions: those that a council judges, session by session, all of one province.
        lapsing: their certificate ended yesterday, and nobody asked for another.
        opening: their window opens today.
        filing: of which dossiers are filed today.
        others: that are in the register.
    """

    sessions: Sequence[Sequence[Product]]
    lapsing: Sequence[Product]
    opening: Sequence[Product]
    filing: Sequence[Product]
    others: Sequence[Product]

    @property
    def judged(self) -> Iterator[Product]:
        """Those that councils judge."""
        for products in self.sessions:
            yield from products

    @property
    def certified(self) -> Iterator[Product]:
        """Those that have a certificate as the day begins."""
        for products in (*self.sessions, self.lapsing, self.opening, self.filing, self.others):
            yield from (each for each in products if each.code)


class _Drawn:
    """Draws products, each under the next number, with the next code of its commune where it has a certificate."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"{seed}-country")  # noqa: S311  # repeatable, not secret
        self._examples = acceptable_examples()
        self._numbers = count(1)
        self._serials: Counter[int] = Counter()
        self._communes = {each: _communes_of(each) for each in {unit.province_code for unit in COMMUNES.values()}}

    @property
    def provinces(self) -> list[int]:
        """The codes of all provinces."""
        return sorted(self._communes)

    def product(self, last_day: date | None = None, province: int | None = None) -> Product:
        commune = self._draw.choice(self._communes[province or self._draw.choice(self.provinces)])
        example, number = self._draw.choice(self._examples), next(self._numbers)
        return Product(number, example, commune, self._code(commune, last_day) if last_day else None, last_day)

    def _code(self, commune: int, last_day: date) -> str:
        self._serials[commune] += 1
        place = f"{COMMUNES[commune].province_code:02}-{commune:05}"
        return f"{place}-{self._serials[commune]}-{last_day.year - _YEARS_VALID}"


def cast_of(day: Day, seed: int) -> Cast:
    """Return the products of a day, the same for the same seed."""
    drawn, ends = _Drawn(seed), day.yesterday
    window = day.on + timedelta(days=load_time_limits().window_opens)
    provinces = drawn.provinces
    renewed = iter([True] * day.renewed + [False] * (day.judged - day.renewed))
    sessions = [
        [drawn.product(ends if next(renewed) else None, provinces[number % len(provinces)]) for _ in range(size)]
        for number, size in enumerate([day.session_products] * day.sessions)
    ]
    lapsing = [drawn.product(ends) for _ in range(day.lapsed)]
    opening = [drawn.product(window) for _ in range(day.window_opens)]
    again = [drawn.product(day.on + _WINDOW_IS_OPEN) for _ in range(day.re_evaluations)]
    new = [drawn.product() for _ in range(day.rounds - day.re_evaluations)]
    known = day.renewed + len(lapsing) + len(opening) + len(again)
    others = [drawn.product(day.on + _FAR) for _ in range(day.products - known)]
    return Cast(sessions, lapsing, opening, [*again, *new], others)


def has_zalo(phone: str) -> bool:
    """Return whether whoever has this number, with its country's code, is reached by Zalo; who is not gets a text."""
    return _channel(int(phone.removeprefix("84")) - _FIRST_PHONE) != "sms"


def _channel(number: int) -> ProducerChannel:
    return CHANNELS[number % len(CHANNELS)]


def _communes_of(province: int) -> list[int]:
    return sorted(code for code, unit in COMMUNES.items() if unit.province_code == province)


def _paper(type: str) -> Json:
    location = f"https://hoso.example.vn/2026/{type}.pdf"
    return {"type": type, "title": type, "location": location, "sha256": "ab" * 32}


def forwarded(code: str, on: date) -> Json:
    """Return the data of `commune.assessed`: the commune sends a dossier on to the province."""
    words = "Sản phẩm của địa phương, do người trong xã làm."
    report = dict.fromkeys(("local_material", "local_labour", "origin_of_idea", "local_identity"), words)
    return {"product_code": code, "outcome": "forwarded", "report": report, "letter": _letter("71/TTr-UBND", on)}


def returned(code: str, on: date) -> Json:
    """Return the data of `commune.assessed`: the commune sends a dossier back to its producer."""
    reasons = ["Hợp đồng liên kết chưa có chữ ký."]
    return {"product_code": code, "outcome": "returned", "reasons": reasons, "letter": _letter("58/UBND", on)}


def recognised(code: str, stars: int, on: date) -> Json:
    """Return the data of `recognition.decided`; the certificate has the product's code for a number."""
    return {"product_code": code, "stars": stars, "decision": _letter("900/QĐ-UBND", on), "certificate_number": code}


def _letter(number: str, on: date) -> Mapping[str, str]:
    return {"number": number, "date": on.isoformat()}
