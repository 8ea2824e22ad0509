"""The scenarios that the examples show: a dossier of examples/dossiers goes in, what the services say of it comes out.

The services' own rules say it, with a clock that stands still and ids that are always the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.evaluation import assessment, standing
from services.evaluation import trial as trial_of_evaluation
from services.evaluation.rulebook import load_rulebook
from services.evaluation.standing import OnRecord
from services.notifications import sending
from services.notifications.alert_state import AlertState
from services.notifications.channels import Delivered, Refused, Unavailable
from services.notifications.plan import alert_about
from services.notifications.routes import Route
from services.notifications.sending import Subject, Turn
from services.registry import contact_change, registration, succession, trial, unreadable
from services.registry.contact_change import ExaminedContact
from services.registry.identity import KnownProduct, ProducerNumbers
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from services.registry.succession import Succession, SuccessionState
from shared.contracts.alert import Reason
from shared.contracts.catalogue import (
    BY_TYPE,
    CATALOGUE,
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    PRODUCER_CONTACT,
    PRODUCER_PREFERENCES,
    PRODUCER_SUCCEEDED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
    QUERY_REJECTED,
    EventType,
)
from shared.contracts.dossier import Recipient
from shared.contracts.event import Event, UnreadableError, derived_id
from shared.contracts.fault_codes import Unreadable
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.integrations import user_of
from shared.scopes import Role, Scope
from tools.contracts.messages import Message, announced, filed, filed_structured
from tools.contracts.programme import life_examples
from tools.contracts.register_examples import register_examples
from tools.examples import load_examples

_PORTAL = user_of("portal")
_OFFICE = user_of("ha-noi")
_SOURCE = "/portal/son-tay"
_NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_SCOPE = Scope(Role.PORTAL, frozenset({"01"}))
#: No example shows what the register keeps, so that any key does.
_NUMBERS = ProducerNumbers(b"examples")
#: A sealed text as it looks. It stays the same, as everything in the examples; nobody has its key.
_SEALED = (
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImFOaW44d2xyVWstaUwxV0ZEMHlROVhVWVVkbG9TU1dVNzdr"
    "WkVWX2xWNUUiLCJlcGsiOnsiY3J2IjoiWDI1NTE5IiwieCI6IlZoSzN0NEVqZno0YjZ2Q2VYX2tXeUR2M1RGZVgtUmduNzVLX2Jv"
    "TFJTUWsiLCJrdHkiOiJPS1AifX0..yFFraFo5iG6CPI1n.wNN8hFV8F7NEAZ4wIyqhvuRRCY7-D1_IB_sFIOBet-6mLUMFBtGijF"
    "sk66ja1I6o1fhwcc5Ep4eazJYiiQX55_ot95lkIoQqJuHw5rGFLfRjHfdZBTuO01BHSGTR.J7gKTOL_fvNtikhk9udfiw"
)
#: A certificate's token as it looks, likewise.
_SIGNED = (
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiSlp4MUY2RS1pQjJXSTlSa3hFZG5tVERpX3hVeV9JQUhFNXpGdFVBRGFkRSIsInR5cCI6"
    "Im9jb3AtY2VydGlmaWNhdGUrand0In0.eyJpc3MiOiJodHRwczovL29jb3AuZXhhbXBsZS52biIsImlhdCI6MTgwMTQ0NzIwMSwi"
    "c3ViIjoiMTUtMDQ2MzAtMS0yMDI2IiwibnVtIjoiTEMtMjAyNy0wMDE3Iiwic3RhcnMiOjQsImRlYyI6IjUxMi9RxJAtVUJORCIs"
    "ImRlY19vbiI6IjIwMjctMDItMDEiLCJieSI6IjE1Iiwib24iOiIyMDI3LTAyLTAxIiwidW50aWwiOiIyMDMwLTAyLTAxIiwicHJv"
    "ZHVjdCI6IkfhuqFvIG7hur9wIFTDuiBM4buHIn0.ArxmPykJzxA7o7451LapELnFjGFO6BNUnB4xBm_W_uOAPHoac8QiFVvUtPcZ"
    "rZwxjbzHUZKwmnxNAhzSfwonDw"
)


@dataclass(frozen=True)
class Scenario:
    """A dossier and its answers. `mail`: None where the mail is taken over, else why it was not, and the reply code."""

    name: str
    dossier: str
    mail: tuple[Reason, str] | None = None


SCENARIOS = (
    Scenario("held-back-by-one-minimum", "01-banh-te-hung-van"),
    Scenario("five-stars", "03-che-dinh-hao-dat"),
    Scenario("no-mail-address", "17-ruou-ngo-bac-ha"),
    Scenario("stopped-by-the-sheet", "18-vang-nho-song-nhue"),
    Scenario("many-faults", "33-faulty-many-rules", mail=("refused", "550 5.1.1")),
    Scenario("breaks-contract", "34-faulty-contract-broken"),
    Scenario("unknown-answers", "36-faulty-unknown-answers", mail=("attempts-used-up", "450 4.2.1")),
)


@dataclass(frozen=True)
class QueryScenario:
    """A product.query, and what is on record of the product: nothing, or what became of a dossier.

    `by_dossier` is the code of the product of the dossier by which is asked, None where the asker filed no such one.
    """

    name: str
    data: Mapping[str, object]
    dossier: str | None = None
    by_dossier: str | None = None

    @property
    def event(self) -> Event:
        """The event in which it is asked."""
        id = derived_id("examples", "question", self.name)
        return Event(
            id=id,
            source=_SOURCE,
            type=PRODUCT_QUERY.type,
            time=_NOON + 9 * _SECOND,
            data=dict(self.data),
            filed_by=_PORTAL,
        )

    @property
    def answer(self) -> Event:
        """The event that answers it."""
        question = standing.Question.of(self.event, _SCOPE).about(self.by_dossier, _SCOPE)
        (answer,) = standing.decide(self._on_record(), question, _NOON + 10 * _SECOND).announced
        return answer

    def _on_record(self) -> OnRecord | None:
        if self.dossier is None:
            return None
        submitted = _answer(_dossier_filed(self.dossier))
        latest = _assessed(submitted)
        rated = latest if latest.type == PRODUCT_RATED.type else None
        return OnRecord(registered_at=_NOON + _SECOND, latest=latest, rated=rated)


_ID = derived_id("examples", "01-banh-te-hung-van")
QUERIES = (
    QueryScenario("rated", {"product_code": "01-09574-1-2026"}, "01-banh-te-hung-van"),
    QueryScenario("not-rated-yet", {"product_code": "01-09574-1-2026"}, "36-faulty-unknown-answers"),
    QueryScenario("unknown", {"product_code": "01-09574-999-2026"}),
    QueryScenario("by-dossier", {"dossier_id": _ID}, "01-banh-te-hung-van", by_dossier="01-09574-1-2026"),
    QueryScenario("dossier-unknown", {"dossier_id": derived_id("examples", "of somebody else")}),
    QueryScenario("no-code", {"code": "01-09574-1-2026"}),
    QueryScenario("out-of-scope", {"product_code": "25-07918-1-2026"}),
)


#: Scenarios whose dossiers are tried, too: one that is rated, and one that either service turns back.
TRIED = ("held-back-by-one-minimum", "many-faults", "unknown-answers")


_REGISTRATION = {
    "type": "business-registration",
    "title": "Giấy chứng nhận đăng ký doanh nghiệp",
    "location": "https://hanoi.example.vn/chuyen-doi/0106858609.pdf",
    "sha256": "5f" * 32,
}
#: A household whose product is that of the first example became a company; the second gives a number that nobody knows.
SUCCESSIONS: dict[str, dict[str, object]] = {
    name: {
        "product_code": "01-09574-1-2026",
        "former_producer": {"registration_number": number},
        "producer": {"name": "Công ty TNHH Bánh tẻ Hưng Vân", "kind": "enterprise", "tax_code": "0106858609"},
        "documents": [_REGISTRATION],
    }
    for name, number in (("household-became-company", "01Y9990001"), ("unknown-former-number", "01Y0000000"))
}


@dataclass(frozen=True)
class ContactScenario:
    """A producer.contact of a product that a dossier has registered, and what answers it."""

    name: str
    contact: Mapping[str, object]
    dossier: str = "01-banh-te-hung-van"
    kind: EventType[Any] = PRODUCER_CONTACT

    @property
    def event(self) -> Event:
        """The event in which the contact is said, or the preferences."""
        id, time = derived_id("examples", "contact", self.name), _NOON + 9 * _SECOND
        about = "contact" if self.kind == PRODUCER_CONTACT else "preferences"
        data = {"product_code": self._registered.of, about: dict(self.contact)}
        return Event(id=id, source=_SOURCE, type=self.kind.type, time=time, data=data, filed_by=_PORTAL)

    @property
    def answer(self) -> Event:
        """The event that answers it."""
        filing = ExaminedContact.of(self.event, lambda _: _SEALED, _SCOPE)
        (answer,) = contact_change.decide(self._registered, filing, _NOON + 10 * _SECOND).announced
        return answer

    @property
    def _registered(self) -> Version[KnownProduct]:
        version = _decision(_dossier_filed(self.dossier), RegisterState()).version
        if version is None:
            raise ValueError(f"{self.dossier} registers no product")
        return version


CONTACTS = (
    ContactScenario("changed", {"phone": "0912 000 000", "email": "banhte.moi@example.vn"}),
    ContactScenario("no-mail-any-more", {"phone": "0912 000 000"}),
    ContactScenario("phone-invalid", {"phone": "0912"}),
    ContactScenario(
        "text-messages-by-day",
        {"channels": ["sms"], "declined": ["zalo"], "quiet_hours": {"begins": "18:00", "ends": "08:00"}},
        kind=PRODUCER_PREFERENCES,
    ),
)


@cache
def examples() -> Mapping[str, Mapping[str, Message]]:
    """Return routing key → name of the scenario → message."""
    found: dict[str, dict[str, Message]] = {event_type.routing_key: {} for event_type in CATALOGUE}
    for name, message in _all():
        found[BY_TYPE[message.event().type].routing_key][name] = message
    return found


def _all() -> Iterator[tuple[str, Message]]:
    for scenario in SCENARIOS:
        for message in _messages(scenario):
            yield scenario.name, message
    yield "structured-mode", filed_structured(_dossier_filed("08-ca-phe-bechamp-nang-vang"), user=_PORTAL)
    for message in _unreadable():
        yield "unreadable", message
    for name, data in SUCCESSIONS.items():
        event = _filing(name, PRODUCER_SUCCEEDED, data)
        yield name, filed(event, user=_OFFICE)
        yield name, announced(_succeeded(event))
    for contact in CONTACTS:
        yield contact.name, filed(contact.event, user=_PORTAL)
        yield contact.name, announced(contact.answer)
    for question in QUERIES:
        if question.answer.type != QUERY_REJECTED.type:
            yield question.name, filed(question.event, user=_PORTAL)
        yield question.name, announced(question.answer)
    yield "structured-mode", filed_structured(QUERIES[0].event, user=_PORTAL)
    yield from _trials()
    yield from register_examples(_SEALED, _SIGNED)
    yield from life_examples(_SEALED, _SIGNED)


def _messages(scenario: Scenario) -> Iterator[Message]:
    dossier = _dossier_filed(scenario.dossier)
    answer = _answer(dossier)
    examination = _examined(dossier).examination
    if not examination.breaks_contract:
        yield filed(dossier, user=_PORTAL)
    yield announced(answer)
    if answer.type == PRODUCT_SUBMITTED.type:
        answer = _assessed(answer)
        yield announced(answer)
    yield announced(_alert(answer, examination.recipient, scenario.mail))


def _trials() -> Iterator[tuple[str, Message]]:
    for name in TRIED:
        (dossier,) = (scenario.dossier for scenario in SCENARIOS if scenario.name == name)
        tried = _dossier_tried(dossier)
        yield name, filed(tried, user=_PORTAL)
        (answer,) = trial.decide(RegisterState(), _examined(tried), _NOON + _SECOND).announced
        yield name, announced(answer)
        if answer.type == DOSSIER_EXAMINED.type:
            (result,) = trial_of_evaluation.decide(load_rulebook(), answer, _NOON + 2 * _SECOND).announced
            yield name, announced(result)
    yield "structured-mode", filed_structured(_dossier_tried(SCENARIOS[0].dossier), user=_PORTAL)


def _unreadable() -> Iterator[Message]:
    error = UnreadableError(Unreadable.NOT_JSON, "Expecting ',' delimiter: line 4 column 3 (char 61)")
    id = derived_id("examples", "unreadable")
    event = Event(id=id, source=_SOURCE, type=DOSSIER_FILED.type, data={"unreadable": ""}, filed_by=_PORTAL)
    decision = unreadable.decide(error, event, _NOON + _SECOND)
    (rejected,) = decision.announced
    yield announced(rejected)


def _filing(name: str, kind: EventType[Any], data: dict[str, object]) -> Event:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    return Event(
        derived_id("examples", name), _SOURCE, kind.type, data, time=_NOON, traceparent=trace, filed_by=_OFFICE
    )


def _succeeded(event: Event) -> Event:
    """Return the registry's answer, where it has the product of the first example."""
    office = Scope(Role.PROVINCE, frozenset({"01"}))
    product = _decision(_dossier_filed(SCENARIOS[0].dossier), RegisterState()).version
    filing = Succession.of(event, _NUMBERS, scope=office)
    (answer,) = succession.decide(SuccessionState(product), filing, _NOON + _SECOND).announced
    return answer


def _dossier_filed(name: str) -> Event:
    return Event(
        id=derived_id("examples", name),
        source=_SOURCE,
        type=DOSSIER_FILED.type,
        time=_NOON,
        data=_dossiers()[name],
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        filed_by=_PORTAL,
    )


def _dossier_tried(name: str) -> Event:
    return replace(_dossier_filed(name), id=derived_id("examples", "trial", name), type=DOSSIER_TRIED.type)


@cache
def _dossiers() -> dict[str, dict[str, object]]:
    return load_examples(_NOON)


def _answer(dossier: Event) -> Event:
    (answer,) = _decision(dossier, RegisterState()).announced
    return answer


def _decision(dossier: Event, state: RegisterState) -> Decision:
    return registration.decide(state, _examined(dossier), _NOON + _SECOND)


def _examined(dossier: Event) -> ExaminedDossier:
    return ExaminedDossier.of(dossier, _NUMBERS, lambda _: _SEALED, now=_NOON)


def _assessed(submitted: Event) -> Event:
    (answer,) = assessment.decide(load_rulebook(), submitted, _NOON + 2 * _SECOND).announced
    return answer


def _alert(event: Event, recipient: Recipient | None, mail: tuple[Reason, str] | None) -> Event:
    now = _NOON + 3 * _SECOND
    alert = alert_about(event, now, lambda _: recipient)
    if alert is None:
        raise ValueError(f"nobody is told of this {event.type}")
    subject = Subject.first(alert, event)
    if not alert.email:
        (answer,) = sending.logged(subject, now).announced
        return answer
    (task,) = sending.planned(subject, Route(("email",)), now, now).announced
    state = AlertState(channel="email", outcome="sending", failing_since=now - timedelta(hours=30))
    subject, turn = replace(subject, known=Version(alert.id, 1, state)), Turn(task.key, now, now)
    match mail:
        case None:
            (answer,) = sending.settled(subject, Delivered(), turn).announced
        case "refused", detail:
            (answer,) = sending.settled(subject, Refused(detail), turn).announced
        case _, detail:
            (answer,) = sending.later(subject, Unavailable(detail), turn).announced
    return answer
