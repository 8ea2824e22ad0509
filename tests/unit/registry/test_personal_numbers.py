"""A person's number is taken in both fields alike, tells producers apart in the register, and goes no further."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from services.registry.identity import KnownProduct, ProducerNumbers, numbers_in_clear
from services.registry.intake import ExaminedDossier, examine
from services.registry.registration import RegisterState, decide
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Producer, ProducerKind
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.handling.records import history_document
from tests.unit.contact_keys import seal
from tests.unit.registry.dossiers import ABSENT, NUMBERS, changed
from tests.unit.registry.products import held

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SEPARATED = ("001 085 012 345", "001.085.012.345", "００１０８５０１２３４５")
NUMBER, SHOWN = "001085012345", "*********345"
SHOWN_OF_ANOTHER = "*********321"
CODE = "01-09574-1-2026"
OWN: dict[str, object] = {"/producer/registration_number": NUMBER}
AS_TAX_CODE: dict[str, object] = {"/producer/registration_number": ABSENT, "/producer/tax_code": NUMBER}
FORMS = [
    pytest.param(NUMBER, id="as it is"),
    pytest.param("001 085.012-345", id="separators"),
    pytest.param("００１０８５０１２３４５", id="full width"),
    pytest.param("001085012345-001", id="branch"),
    pytest.param("001085012345001", id="branch without hyphen"),
    pytest.param("00 1085012345", id="a group of ten"),
    pytest.param("00108501234\u00ad5", id="a group of eleven"),
    pytest.param("001    085    012345", id="wide gaps"),
]
PERSONS = [ProducerKind.HOUSEHOLD, ProducerKind.FAMILY_BUSINESS, ProducerKind.FARM, ProducerKind.COOPERATIVE_GROUP]
ORGANISATIONS = [ProducerKind.COOPERATIVE, ProducerKind.ENTERPRISE]


def producer(changes: Mapping[str, object]) -> Producer:
    return Producer.model_validate(changed(changes)["producer"])


def decided(changes: Mapping[str, object], state: RegisterState | None = None) -> Decision:
    event = Event(id="1", source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes))
    return decide(state or RegisterState(), ExaminedDossier.of(event, NUMBERS, seal, now=NOW), NOW)


def written(decision: Decision) -> str:
    """Return everything that the register keeps and announces of a dossier, as text."""
    version = decision.version and history_document(decision.version)
    return json.dumps(
        [decision.fields, version, [event.data for event in decision.announced]], ensure_ascii=False, default=str
    )


def entry(changes: Mapping[str, object]) -> dict[str, Any]:
    registered: dict[str, Any] = decided(changes).fields["registered"]
    return registered


@pytest.mark.parametrize("kind", PERSONS)
@pytest.mark.parametrize("number", FORMS)
@pytest.mark.parametrize("given", ["tax_code", "registration_number"])
def test_it_is_taken_in_either_field(given: str, number: str, kind: ProducerKind) -> None:
    changes = {"/producer/registration_number": ABSENT, f"/producer/{given}": number, "/producer/kind": kind}

    assert examine(changed(changes)).faults == ()


@pytest.mark.parametrize("kind", ORGANISATIONS)
def test_an_organisation_has_no_person_s_tax_code(kind: ProducerKind) -> None:
    (fault,) = examine(changed(AS_TAX_CODE | {"/producer/kind": kind})).faults

    assert fault.code == "tax-code-invalid"


@pytest.mark.parametrize(
    "number",
    [
        *("999999999999", "123456789012", "000000000000", "000085012345", "097085012345", "001485012345"),
        *("101085012345", "999 999 999 999-001"),
    ],
)
def test_twelve_digits_that_nobody_is_given_are_no_tax_code_and_hidden_all_the_same(number: str) -> None:
    (fault,) = examine(changed(AS_TAX_CODE | {"/producer/tax_code": number})).faults

    assert (fault.pointer, fault.code) == ("/producer/tax_code", "tax-code-invalid")
    assert NUMBERS.of(producer({"/producer/registration_number": number}))[0].startswith("hmac:")


@pytest.mark.parametrize("number", ["001085012345", "096399999999", "030200000000"])
def test_a_person_of_any_province_and_century_that_lives_may_take_part(number: str) -> None:
    assert examine(changed(AS_TAX_CODE | {"/producer/tax_code": number})).faults == ()


@pytest.mark.parametrize("number", FORMS)
@pytest.mark.parametrize("given", ["tax_code", "registration_number"])
def test_it_is_the_same_producer_in_either_field_and_form(given: str, number: str) -> None:
    same = {"/producer/registration_number": ABSENT, f"/producer/{given}": number}

    assert NUMBERS.of(producer(same)) == NUMBERS.of(producer(OWN))


def test_in_both_fields_it_is_one_number() -> None:
    assert len(NUMBERS.of(producer(OWN | {"/producer/tax_code": NUMBER}))) == 1


def test_another_person_is_another_producer_and_so_is_the_same_under_another_key() -> None:
    others = {"/producer/registration_number": "001085012346"}

    assert set(NUMBERS.of(producer(others))).isdisjoint(NUMBERS.of(producer(OWN)))
    assert set(ProducerNumbers(b"another key").of(producer(OWN))).isdisjoint(NUMBERS.of(producer(OWN)))


def test_a_number_is_hashed_as_rfc_2104_has_it() -> None:
    key = ProducerNumbers(b"key")

    # printf 'producer-number\n001085012345' | openssl dgst -sha256 -hmac key
    assert key.of(producer(OWN)) == ("hmac:cd6be47ea8123bea27b07b4c83854953e79082e6e4657e2ec01972d88dd89dae",)


@pytest.mark.parametrize("number", ["0100233488", "01Y8001234", "0314409058-002"])
def test_other_numbers_stay_as_they_are(number: str) -> None:
    given = producer({"/producer/registration_number": number})

    assert NUMBERS.known(given) == (number.lower().replace("-", ""),)
    assert (
        decided({"/producer/registration_number": number})
        .announced[0]
        .data["dossier"]["producer"]["registration_number"]
        == number
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="in the number's field"),
        pytest.param({"/producer/tax_code": "001 085 012 345"}, id="in both fields"),
        pytest.param({"/producer/name": f"Hộ kinh doanh {NUMBER}"}, id="in the producer's name"),
        pytest.param({"/product/name": f"Bánh tẻ ００１０８５０１２３４５ {NUMBER}"}, id="in the product's name"),
        pytest.param({"/product/description": "Số 001.085.012.345, của bà Lan"}, id="in the description"),
        pytest.param({"/documents/2/title": f"Giấy đăng ký hộ kinh doanh số {NUMBER}"}, id="in a title"),
        pytest.param({"/documents/2/location": f"https://example.vn/{NUMBER}-001/dk.pdf"}, id="in an address"),
        pytest.param({"/self_assessment/answers/0/evidence": f"CCCD{NUMBER}"}, id="in evidence"),
        pytest.param({"/self_assessment/answers/0/criterion": NUMBER}, id="in a code"),
        pytest.param({"/samples": 4}, id="of a dossier that breaks a rule"),
        pytest.param({"/samples": 4, "/producer/name": f"Hộ {NUMBER}"}, id="in the name of who is turned back"),
        pytest.param({"/samples": "4", "/product/name": f"Bánh {NUMBER}"}, id="of one that breaks the contract"),
        pytest.param({"/producer/contact/phone": NUMBER}, id="in the place of a telephone"),
    ],
)
def test_nothing_that_is_recorded_or_announced_shows_it(changes: Mapping[str, object]) -> None:
    decision = decided({**OWN, **changes})

    record = written(decision)
    assert len(decision.announced) == 1
    assert [form for form in (NUMBER, *SEPARATED) if form in record] == []


def test_the_last_three_digits_are_announced() -> None:
    (submitted,) = decided(OWN | {"/producer/name": f"Hộ {NUMBER}"}).announced

    shown = submitted.data["dossier"]["producer"]
    assert (shown["registration_number"], shown["name"]) == (SHOWN, f"Hộ {SHOWN}")


def test_somebody_else_s_number_in_a_text_is_hidden_too() -> None:
    (submitted,) = decided({"/product/description": "Chủ hộ: CCCD 001099054321, mã 01-09574-1-2026"}).announced

    assert submitted.data["dossier"]["product"]["description"] == "Chủ hộ: CCCD *********321, mã 01-09574-1-2026"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("001/099/054/321", SHOWN_OF_ANOTHER),
        ("001\n099054321", SHOWN_OF_ANOTHER),
        ("0010 9 9 0 5 4 3 2 1", SHOWN_OF_ANOTHER),
        ("b001099054321c", f"b{SHOWN_OF_ANOTHER}c"),
    ],
)
def test_somebody_else_s_number_is_hidden_however_it_is_written(written: str, shown: str) -> None:
    (submitted,) = decided({"/product/description": f"Chủ hộ {written}, Hà Nội"}).announced

    assert submitted.data["dossier"]["product"]["description"] == f"Chủ hộ {shown}, Hà Nội"


def test_what_else_a_dossier_says_is_announced_as_it_was_filed() -> None:
    filed = changed(OWN)

    announced = decided(OWN).announced[0].data["dossier"]

    assert announced["documents"] == filed["documents"]
    assert announced["product"]["description"] == filed["product"]["description"]


@pytest.mark.parametrize("again", [OWN, AS_TAX_CODE])
@pytest.mark.parametrize("first", [OWN, AS_TAX_CODE])
def test_an_upgrade_under_the_same_number_is_the_same_producer_s(
    first: Mapping[str, object], again: Mapping[str, object]
) -> None:
    papers = changed({})["documents"]
    upgrade = {"/registration": "upgrade", "/product_code": CODE}
    report = {"/documents": [*papers, papers[0] | {"type": "change-report"}]}

    registered = decided(first).version
    assert registered
    recognised = registered.then(registered.state.model_copy(update={"round": None, "certificates": (held(),)}))

    decision = decided({**again, **upgrade, **report}, RegisterState(by_code=recognised))

    assert decision.announced[0].type == PRODUCT_SUBMITTED.type


def test_who_was_registered_under_the_number_in_clear_is_known() -> None:
    known = KnownProduct(code=CODE, producer_numbers=(NUMBER,), product_set=6, certificates=(held(),))
    earlier = Version(CODE, 1, known)
    papers = changed({})["documents"]
    upgrade = {"/registration": "upgrade", "/product_code": CODE}
    report = {"/documents": [*papers, papers[0] | {"type": "change-report"}]}

    decision = decided({**AS_TAX_CODE, **upgrade, **report}, RegisterState(by_code=earlier))

    assert decision.announced[0].type == PRODUCT_SUBMITTED.type


def test_in_clear_a_number_is_looked_for_and_never_recorded() -> None:
    branch = producer({"/producer/registration_number": "001085012345-001"})

    assert numbers_in_clear(branch) == ("001085012345001", NUMBER)
    assert set(numbers_in_clear(branch)).isdisjoint(NUMBERS.of(branch))


def test_neither_key_nor_number_is_in_the_repr() -> None:
    assert repr(NUMBERS) == "ProducerNumbers()"
