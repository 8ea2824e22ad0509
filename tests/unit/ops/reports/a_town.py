"""A town of made-up products in the places of Sơn Tây's plan, as the services keep them, and the report on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from ops.database_reader import Reader
from ops.reports.lifting import held_classes
from ops.reports.report import Report
from ops.reports.town.commands import Wanted
from ops.reports.town.reading import read_town
from services.evaluation.assessed import RatedAnswers
from services.evaluation.ratings import VIEW as RATINGS
from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.products import VIEW as PRODUCTS
from services.registry.rounds import CertificateStatus
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage
from shared.storage import StoredDocument
from tests.unit.ops.reports.noted import noted
from tests.unit.ops.reports.test_support_and_training import BEST, rated

PLAN = Path("programmes/son-tay-2025.yaml")
TODAY = date(2025, 6, 2)
PLACES = ("09574", "09604", "09616")
FIRST, AGAIN = RegistrationKind.FIRST, RegistrationKind.RE_EVALUATION
#: Product sets of five groups: food, drinks, herbs, crafts and tourism.
SETS = (6, 6, 9, 4, 13, 17, 17, 22, 26, 1)
NAMES = ("Bánh tẻ", "Kẹo lạc", "Miến dong", "Trà hoa cúc", "Mật ong", "Rau hữu cơ", "Tranh sơn mài", "Khăn thêu")
#: What keeps self-assessments away from their next star: a label, a trademark, both, or what no class teaches.
_ANSWERS: tuple[dict[str, int], ...] = ({"2.3": 2}, {"3.5": 1}, {"3.5": 1, "2.3": 1}, {"7": 2}, {"2.3": 1, "7": 2}, {})
_OPEN = (Stage.AT_COMMUNE, Stage.AT_PROVINCE, Stage.AWAITS_PROVINCE)


def code(number: int) -> str:
    return f"01-{PLACES[number % 3]}-{number}-2022"


def facts() -> list[Facts]:
    """Return 89 certified products of 14 producers, 6 more that have lapsed, and 17 dossiers on their way."""
    return [*map(_certified, range(1, 90)), *map(_lapsed, range(90, 96)), *map(_on_its_way, range(96, 113))]


def _of(number: int, certificates: Sequence[CertificateFacts], of_round: RoundFacts | None, **more: Any) -> Facts:
    kind = (ProducerKind.COOPERATIVE, ProducerKind.HOUSEHOLD, None)[number % 14 % 3]
    producer = f"010{number % 14:07}"
    return Facts(
        code(number), SETS[number % 10], producer, kind, tuple(certificates), of_round, more.get("renewing", False)
    )


def _certified(number: int) -> Facts:
    issued = date(2022, 7, 1) + timedelta(days=11 * number)
    stars = 5 if number == 44 else 4 if number % 3 == 0 else 3
    held = [_certificate(issued, stars)]
    if number % 7 == 0:
        held.insert(0, _certificate(issued.replace(year=issued.year - 3), 3, ended=True))
    renewing = number % 9 == 0
    return _of(number, held, _round(AGAIN, Stage.AT_PROVINCE) if renewing else None, renewing=renewing)


def _lapsed(number: int) -> Facts:
    return _of(number, [_certificate(date(2021, 3, number - 80), 3, ended=True)], None)


def _on_its_way(number: int) -> Facts:
    if number % 4 == 0:
        return _of(number, [], RoundFacts(FIRST, Stage.CLOSED, date(2024, 9, 2), None, Closing.RECOGNISED))
    return _of(number, [], _round(FIRST, _OPEN[number % 3], 4 if number % 3 == 2 else None))


def _certificate(issued_on: date, stars: int, *, ended: bool = False) -> CertificateFacts:
    last = issued_on.replace(year=issued_on.year + 3) - timedelta(days=1)
    status = CertificateStatus.EXPIRED if ended else CertificateStatus.IN_FORCE
    return CertificateFacts(issued_on, last, last, stars, status, FIRST)


def _round(registration: RegistrationKind, stage: Stage, stars: int | None = None) -> RoundFacts:
    return RoundFacts(registration, stage, date(2025, 4, 2), date(2025, 4, 16), None, stars)


@cache
def assessed() -> tuple[RatedAnswers, ...]:
    """Return 24 self-assessments."""
    return tuple(rated(code(number), BEST | _ANSWERS[number % 6]) for number in range(1, 25))


@dataclass
class Documents:
    """A reader of the documents of now that has a town."""

    facts: Sequence[Facts] = field(default_factory=facts)
    rated: Sequence[RatedAnswers] = field(default_factory=assessed)
    name: str = ""

    async def find_now(
        self, service: str, collection: str, query: Mapping[str, Any], **_: object
    ) -> list[StoredDocument]:
        if collection == "marks":
            return [{"_id": "caught-up", "shape": {"registry": PRODUCTS, "evaluation": RATINGS}[service].shape}]
        if collection.endswith("_packed"):
            return []
        if "_id" in query:
            return [self._named(each) for each in query["_id"]["$in"]]
        if service == "registry":
            return [noted((each.text for each in self.facts), shape=PRODUCTS.shape)]
        return [noted((each.text for each in self.rated), shape=RATINGS.shape)]

    def _named(self, code_: str) -> StoredDocument:
        number = int(code_.split("-")[2])
        name = self.name or f"{NAMES[number % 8]} {number}"
        return {"_id": code_, "state": {"name": name, "producer_name": f"Hộ ông Nguyễn Văn {number}"}}


def report(documents: Documents | None = None, **wanted: Any) -> Report:
    """Return the report on the town."""
    asked = Wanted(held_classes(None, (), 2), **({"file": PLAN} | wanted)).asked()
    return asyncio.run(read_town(cast("Reader", documents or Documents()), asked, TODAY))
