import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest

from services.registry.intake import _LONGEST_LIST_READ, examine
from shared.contracts.dossier import Dossier
from shared.faults.fault import MOST_FAULTS_LISTED
from tests.unit.registry.dossiers import ABSENT, acceptable_dossier, changed, document, documents

TOURISM = {"/product/product_set": 26, "/samples": 0}
UPGRADE = {"/registration": "upgrade", "/product_code": "01-09574-7-2024"}
RE_EVALUATION = {"/registration": "re-evaluation", "/product_code": "01-09574-7-2024"}
FIRST_PAPERS = ("registration-form", "self-assessment-report", "business-registration")


def found(filed: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in examine(filed).faults]


def test_an_acceptable_dossier_has_no_fault() -> None:
    examination = examine(acceptable_dossier())

    assert examination.faults == ()
    assert examination.dossier == Dossier.model_validate(acceptable_dossier())
    assert not examination.breaks_contract


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/producer/tax_code": "0100233488"}, id="tax code of ten digits"),
        pytest.param({"/producer/tax_code": "0314409058-002"}, id="tax code of a branch, with hyphen"),
        pytest.param({"/producer/tax_code": "0314409058002"}, id="tax code of a branch, without hyphen"),
        pytest.param({"/producer/contact/email": ABSENT}, id="no e-mail"),
        pytest.param({"/producer/contact/phone": "+81 3-3210-7000"}, id="foreign phone"),
        pytest.param({"/producer/contact/phone": "0912345678"}, id="mobile phone"),
        pytest.param(TOURISM | {"/documents": documents(*FIRST_PAPERS)}, id="tourism without samples"),
        pytest.param(
            TOURISM | {"/producer/kind": "association", "/documents": documents(*FIRST_PAPERS)},
            id="association for tourism",
        ),
        pytest.param(
            TOURISM | {"/producer/kind": "operating-centre", "/documents": documents(*FIRST_PAPERS)},
            id="operating centre for tourism",
        ),
        pytest.param({"/product/product_set": 21, "/documents": documents(*FIRST_PAPERS)}, id="crafts"),
        pytest.param(
            UPGRADE | {"/documents": documents(*FIRST_PAPERS, "food-safety-certificate", "change-report")}, id="upgrade"
        ),
        pytest.param(
            RE_EVALUATION
            | {"/documents": documents(*FIRST_PAPERS, "food-safety-certificate", "change-report", "test-report")},
            id="re-evaluation",
        ),
        pytest.param({"/product_code": "01-09574-7-2024"}, id="first under the code that it has"),
        pytest.param({"/documents/0/sha256": f"{11:064x}"}, id="one file for two papers"),
        pytest.param({"/a_field_of_tomorrow": 1}, id="field of a later version"),
        pytest.param({"/product/name": unicodedata.normalize("NFD", "Bánh tẻ")}, id="name in combining marks"),
    ],
)
def test_accepted(changes: Mapping[str, object]) -> None:
    assert found(changed(changes)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"/product/province_code": "02"}, [("/product/province_code", "province-unknown")], id="old province"
        ),
        pytest.param(
            {"/product/commune_code": "09577"}, [("/product/commune_code", "commune-unknown")], id="merged commune"
        ),
        pytest.param(
            {"/product/province_code": "15"},
            [("/product/commune_code", "commune-outside-province")],
            id="commune of another province",
        ),
        pytest.param(
            {"/producer/kind": "association"}, [("/producer/kind", "producer-kind-not-allowed")], id="association"
        ),
        pytest.param(
            {"/producer/kind": "operating-centre"},
            [("/producer/kind", "producer-kind-not-allowed")],
            id="operating centre",
        ),
        pytest.param(
            {"/producer/registration_number": ABSENT}, [("/producer", "producer-number-missing")], id="no number"
        ),
        pytest.param(
            {"/producer/registration_number": None}, [("/producer", "producer-number-missing")], id="null number"
        ),
        pytest.param(
            {"/producer/registration_number": "*********345"},
            [("/producer/registration_number", "registration-number-invalid")],
            id="a number as it was announced, masked",
        ),
        pytest.param(
            {"/producer/registration_number": "---"},
            [("/producer/registration_number", "registration-number-invalid")],
            id="registration number without digit",
        ),
        pytest.param(
            {"/producer/tax_code": "0100233480"}, [("/producer/tax_code", "tax-code-invalid")], id="wrong check digit"
        ),
        pytest.param(
            {"/producer/tax_code": "00108501234"}, [("/producer/tax_code", "tax-code-invalid")], id="eleven digits"
        ),
        pytest.param(
            {"/producer/tax_code": "001085012345", "/producer/kind": "enterprise"},
            [("/producer/tax_code", "tax-code-invalid")],
            id="twelve digits of an enterprise",
        ),
        pytest.param(
            {"/producer/contact/phone": "113"}, [("/producer/contact/phone", "phone-invalid")], id="emergency call"
        ),
        pytest.param(
            {"/producer/contact/phone": "gọi cho tôi"}, [("/producer/contact/phone", "phone-invalid")], id="words"
        ),
        pytest.param(
            {"/producer/contact/email": "banhte@localhost"},
            [("/producer/contact/email", "email-invalid")],
            id="e-mail without a domain",
        ),
        pytest.param(
            {"/producer/contact/email": "bánhtẻ@example.vn"},
            [("/producer/contact/email", "email-invalid")],
            id="e-mail with accents",
        ),
        pytest.param({"/samples": 4}, [("/samples", "samples-wrong")], id="four samples"),
        pytest.param({"/samples": -1}, [("/samples", "samples-wrong")], id="fewer than no samples"),
        pytest.param(
            TOURISM | {"/samples": 5, "/documents": documents(*FIRST_PAPERS)},
            [("/samples", "samples-wrong")],
            id="samples of tourism",
        ),
        pytest.param({"/documents/3": ABSENT}, [("/documents", "document-missing")], id="no food safety certificate"),
        pytest.param({"/documents": []}, [("/documents", "document-missing")] * 4, id="no papers"),
        pytest.param(
            {"/documents/1": document("registration-form", f"{10:064X}")},
            [("/documents", "document-missing"), ("/documents/1", "document-twice")],
            id="paper listed twice",
        ),
        pytest.param(
            {"/registration": "upgrade"},
            [("/product_code", "product-code-missing"), ("/documents", "document-missing")],
            id="upgrade without code and change report",
        ),
        pytest.param(
            RE_EVALUATION, [("/documents", "document-missing")] * 2, id="re-evaluation without news and tests"
        ),
    ],
)
def test_a_broken_rule_is_one_fault(changes: Mapping[str, object], expected: list[tuple[str, str]]) -> None:
    filed = changed(changes)

    assert found(filed) == expected
    assert examine(filed).dossier is not None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"/samples": ABSENT}, [("/samples", "missing")], id="field missing"),
        pytest.param({"/product": ABSENT}, [("/product", "missing")], id="object missing"),
        pytest.param({"/producer": []}, [("/producer", "wrong-type")], id="list for an object"),
        pytest.param({"/documents": {}}, [("/documents", "wrong-type")], id="object for a list"),
        pytest.param({"/samples": "5"}, [("/samples", "wrong-type")], id="text for a number"),
        pytest.param({"/samples": 5.5}, [("/samples", "wrong-type")], id="decimal number"),
        pytest.param({"/samples": 1e300}, [("/samples", "out-of-range")], id="huge decimal number"),
        pytest.param({"/samples": True}, [("/samples", "wrong-type")], id="true for a number"),
        pytest.param({"/samples": 2**70}, [("/samples", "out-of-range")], id="huge number"),
        pytest.param({"/product/name": None}, [("/product/name", "wrong-type")], id="null"),
        pytest.param({"/product/name": ""}, [("/product/name", "empty")], id="empty"),
        pytest.param({"/product/name": "x" * 301}, [("/product/name", "too-long")], id="too long"),
        pytest.param({"/product/name": "Bánh\x1b[2J"}, [("/product/name", "wrong-format")], id="control character"),
        pytest.param({"/product/name": "\ud800"}, [("/product/name", "broken-characters")], id="half a surrogate pair"),
        pytest.param({"/product/product_set": 0}, [("/product/product_set", "out-of-range")], id="set 0"),
        pytest.param({"/product/product_set": 27}, [("/product/product_set", "out-of-range")], id="set 27"),
        pytest.param({"/product/commune_code": "9574"}, [("/product/commune_code", "wrong-format")], id="four digits"),
        pytest.param(
            {"/product/must_declare_quality": "perhaps"},
            [("/product/must_declare_quality", "wrong-type")],
            id="neither true nor false",
        ),
        pytest.param({"/registration": "renewal"}, [("/registration", "not-allowed")], id="unknown kind"),
        pytest.param(
            {"/producer/contact/language": "fr"}, [("/producer/contact/language", "not-allowed")], id="language"
        ),
        pytest.param(
            {"/documents": [*documents(*FIRST_PAPERS, "food-safety-certificate"), document("other", "f" * 63)]},
            [("/documents/4/sha256", "wrong-format")],
            id="short hash",
        ),
        pytest.param(
            {"/documents/2/location": "C:/giấy tờ.pdf"}, [("/documents/2/location", "wrong-format")], id="spaces"
        ),
        pytest.param(
            {"/self_assessment/answers/0/option": "3"},
            [("/self_assessment/answers/0/option", "wrong-type")],
            id="text for an option",
        ),
        pytest.param(
            {"/self_assessment/answers": [{"criterion": "1.1", "option": 1}] * 201},
            [("/self_assessment/answers", "too-long")],
            id="too many answers",
        ),
        pytest.param(
            {"/producer/registration_number": 123},
            [("/producer/registration_number", "wrong-type")],
            id="unreadable number is not a missing one",
        ),
        pytest.param(
            {"/product/product_set": None, "/documents/3": ABSENT},
            [("/product/product_set", "wrong-type")],
            id="unreadable set asks for the papers of all sets only",
        ),
    ],
)
def test_a_broken_contract_is_one_fault(changes: Mapping[str, object], expected: list[tuple[str, str]]) -> None:
    examination = examine(changed(changes))

    assert [(fault.pointer, fault.code) for fault in examination.faults] == expected
    assert examination.dossier is None
    assert examination.breaks_contract


def test_every_fault_is_found_at_once() -> None:
    filed = changed(
        {
            "/registration": "re-evaluation",
            "/producer/name": "",
            "/producer/kind": "association",
            "/producer/tax_code": "0100233480",
            "/producer/registration_number": "số",
            "/producer/contact/phone": "0",
            "/producer/contact/email": "banhte",
            "/product/description": 7,
            "/product/province_code": "99",
            "/product/commune_code": "00000",
            "/documents/0": document("registration-form", f"{1:064x}"),
            "/documents/1": document("registration-form", f"{1:064x}"),
            "/documents/2/title": ABSENT,
            "/documents/3/type": "food-safety",
            "/samples": 3,
            "/self_assessment/answers/0/criterion": ABSENT,
        }
    )

    assert sorted(found(filed)) == sorted(
        [
            ("/producer/name", "empty"),
            ("/product/description", "wrong-type"),
            ("/documents/2/title", "missing"),
            ("/documents/3/type", "not-allowed"),
            ("/self_assessment/answers/0/criterion", "missing"),
            ("/product_code", "product-code-missing"),
            ("/producer/kind", "producer-kind-not-allowed"),
            ("/producer/tax_code", "tax-code-invalid"),
            ("/producer/registration_number", "registration-number-invalid"),
            ("/producer/contact/phone", "phone-invalid"),
            ("/producer/contact/email", "email-invalid"),
            ("/product/province_code", "province-unknown"),
            ("/product/commune_code", "commune-unknown"),
            ("/documents", "document-missing"),  # self-assessment report
            ("/documents", "document-missing"),  # food safety certificate
            ("/documents", "document-missing"),  # change report
            ("/documents", "document-missing"),  # test report
            ("/documents/1", "document-twice"),
            ("/samples", "samples-wrong"),
        ]
    )


def test_faults_beyond_the_cap_are_counted() -> None:
    faults = examine({"documents": [{}] * 60_000}).faults

    assert len(faults) == MOST_FAULTS_LISTED + 1
    assert (faults[-1].pointer, faults[-1].code) == ("", "too-many-faults")


def test_no_list_of_the_contract_is_longer_than_what_is_read() -> None:
    schema = json.dumps(Dossier.model_json_schema())
    limits = [int(part.split(",")[0].split("}")[0]) for part in schema.split('"maxItems": ')[1:]]

    assert schema.count('"type": "array"') == len(limits)
    assert max(limits) < _LONGEST_LIST_READ


def test_the_producer_can_be_told_of_a_dossier_that_breaks_the_contract() -> None:
    examination = examine(changed({"/samples": "năm", "/producer/kind": "club", "/product/product_set": 99}))

    assert examination.recipient is not None
    assert examination.recipient.name == "Cơ sở bánh tẻ Hưng Vân"
    assert examination.recipient.contact.email == "banhte@example.vn"
    assert examination.product_name == "Bánh tẻ Hưng Vân"


@pytest.mark.parametrize(
    ("changes", "name", "email"),
    [
        pytest.param({"/producer/name": 5}, "Chủ thể OCOP", "banhte@example.vn", id="unreadable name"),
        pytest.param(
            {"/producer/name": 5, "/producer/contact/language": "en"},
            "OCOP producer",
            "banhte@example.vn",
            id="unreadable name, in English",
        ),
        pytest.param({"/producer/contact/email": 5}, "Cơ sở bánh tẻ Hưng Vân", None, id="unreadable e-mail"),
        pytest.param(
            {"/producer/contact/email": "banhte"}, "Cơ sở bánh tẻ Hưng Vân", None, id="e-mail that cannot work"
        ),
    ],
)
def test_the_recipient_is_what_could_be_read(changes: Mapping[str, object], name: str, email: str | None) -> None:
    recipient = examine(changed(changes)).recipient

    assert recipient is not None
    assert (recipient.name, recipient.contact.email) == (name, email)


@pytest.mark.parametrize(
    ("filed", "known"),
    [
        pytest.param({"channels": ["sms"], "declined": ["zalo"]}, (("sms",), ("zalo",)), id="readable"),
        pytest.param({"channels": "sms"}, None, id="unreadable"),
    ],
)
def test_the_recipient_is_alerted_as_the_dossier_says(filed: object, known: object) -> None:
    recipient = examine(changed({"/producer/contact/preferences": filed})).recipient

    assert recipient is not None
    preferences = recipient.contact.preferences
    assert (preferences and (preferences.channels, preferences.declined)) == known


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/producer": ABSENT}, id="no producer"),
        pytest.param({"/producer/contact": "024 3383 0000"}, id="contact is no object"),
        pytest.param({"/producer/contact/phone": ABSENT, "/producer/contact/email": "x"}, id="no phone, bad mail"),
    ],
)
def test_nobody_is_told_where_no_contact_can_be_read(changes: Mapping[str, object]) -> None:
    assert examine(changed(changes)).recipient is None


@pytest.mark.parametrize(
    ("changes", "personal"),
    [
        pytest.param({"/producer/contact/phone": "0912 345"}, "0912 345", id="phone"),
        pytest.param({"/producer/contact/email": "ba.lan@"}, "ba.lan", id="e-mail"),
        pytest.param(
            {"/producer/tax_code": "001085012345", "/producer/kind": "enterprise"}, "001085012345", id="personal number"
        ),
        pytest.param(
            {"/producer/registration_number": "001085012345", "/samples": 4}, "001085012345", id="number beside a fault"
        ),
        pytest.param({"/producer/name": "Bà Lan " * 100}, "Bà Lan", id="name"),
    ],
)
def test_a_fault_does_not_repeat_personal_data(changes: Mapping[str, object], personal: str) -> None:
    (fault,) = examine(changed(changes)).faults

    assert personal not in fault.message.vi
    assert personal not in fault.message.en


def test_a_producer_without_a_phone_is_told_by_mail() -> None:
    recipient = examine(changed({"/producer/contact/phone": ABSENT})).recipient

    assert recipient is not None
    assert (recipient.contact.phone, recipient.contact.email) == (None, "banhte@example.vn")
