"""Certificates as offices file them, and products that have some, for tests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from services.registry import milestones
from services.registry.identity import KnownProduct
from services.registry.rounds import HeldCertificate, Round
from shared.contracts.certificates import Authority, Certificate
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Letter, Stage
from shared.handling.history import Version
from shared.handling.now import in_order
from shared.legal_date import LEGAL_ZONE, legal_date

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


class Life:
    """A product whose timers run: what is said of it, on which day."""

    def __init__(self, known: KnownProduct) -> None:
        self._set(Version(known.code, 1, known))
        self.said: list[tuple[date, str]] = []
        self.announced: list[Event] = []
        self._now = datetime.min.replace(tzinfo=UTC)

    @property
    def product(self) -> KnownProduct:
        return self.version.state

    def change(self, **changed: Any) -> None:
        """Let an event change the product."""
        self._set(self.version.then(self.product.model_copy(update=changed)))

    def until(self, day: date) -> "Life":
        """Let time pass to noon of a day, the service running: each thing is handled when it falls due."""
        return self._handle(at_noon(day), at_once=True)

    def down_until(self, day: date) -> "Life":
        """Let time pass to noon of a day, the service down until then."""
        return self._handle(at_noon(day), at_once=False)

    def _set(self, version: Version[KnownProduct]) -> None:
        self.version = version
        self._next = next(iter(in_order(version.state.due)), None)

    def _handle(self, end: datetime, *, at_once: bool) -> "Life":
        while (due := self._next) and due.at <= end:
            now = max(due.at, self._now) if at_once else end
            event = Event(due.milestone, "/timers", "due", {"milestone": due.milestone}, time=due.at)
            decision = milestones.decide(self.version, event, now)
            assert decision.version
            assert decision.version.number == self.version.number + 1
            self._set(decision.version)
            self.announced += decision.announced
            self.said += [(legal_date(now), what(each)) for each in decision.announced]
        self._now = end
        return self


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LEGAL_ZONE).astimezone(UTC)


def what(event: Event) -> str:
    """Return what an event says in short: its kind, and which milestone or deadline."""
    data, kind = event.data, event.type.removeprefix("vn.ocop.").removesuffix(".v1").partition(".")[2]
    match kind:
        case "renewal-due":
            return f"{data['milestone']}, {data['days_left']} days left"
        case "due":
            return f"{data['deadline']} {data['when']} {data['due_on']}"
        case "expired":
            return "expired after extension" if data["after_extension"] else "expired"
        case _:
            return kind
