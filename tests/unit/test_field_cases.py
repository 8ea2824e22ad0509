"""Inputs that came in from the field and came out wrong: each is what it should be now, by the services' own code."""

import copy
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.dossiers.outcomes import DossierStatus
from ops.dossiers.scoring import checked
from services.registry.disclosure import without_personal_numbers
from services.registry.identity import KnownProduct, examine_registration, registration_keys
from services.registry.intake import examine
from services.registry.opening import FilingDay, opening_faults
from services.registry.practice import Practice
from shared.contracts.dossier import Dossier
from tests.unit.registry.dossiers import NUMBERS
from tests.unit.registry.products import a_round, product

_PAPERS = (
    ("registration-form", "Mẫu 01", "https://example.vn/mau-01.pdf"),
    ("self-assessment-report", "Mẫu 02", "https://example.vn/mau-02.pdf"),
    ("business-registration", "Giấy đăng ký", "https://example.vn/dang-ky.pdf"),
    ("food-safety-certificate", "ATTP", "https://example.vn/attp.pdf"),
)
_DOSSIER: dict[str, Any] = {
    "registration": "first",
    "producer": {
        "name": "Cơ sở thử nghiệm",
        "kind": "family-business",
        "registration_number": "01Y8001234",
        "contact": {"phone": "024 3383 0000"},
    },
    "product": {"name": "Bánh tẻ thử", "product_set": 6, "province_code": "01", "commune_code": "09574"},
    "documents": [
        {"type": type, "title": title, "location": location, "sha256": f"{number:064}"}
        for number, (type, title, location) in enumerate(_PAPERS, 1)
    ],
    "samples": 5,
    "self_assessment": {},
}
_YAML = """\
registration: first
producer: {name: Cơ sở thử nghiệm, kind: family-business, registration_number: 01Y8001234, contact: {phone: "024 3383 0000"}}
product: {name: Trà thử, product_set: 012, province_code: "01", commune_code: "09574"}
documents:
  - {type: registration-form, title: Mẫu 01, location: "https://example.vn/mau-01.pdf", sha256: "0000000000000000000000000000000000000000000000000000000000000001"}
  - {type: self-assessment-report, title: Mẫu 02, location: "https://example.vn/mau-02.pdf", sha256: "0000000000000000000000000000000000000000000000000000000000000002"}
  - {type: business-registration, title: Giấy đăng ký, location: "https://example.vn/dang-ky.pdf", sha256: "0000000000000000000000000000000000000000000000000000000000000003"}
  - {type: food-safety-certificate, title: ATTP, location: "https://example.vn/attp.pdf", sha256: "0000000000000000000000000000000000000000000000000000000000000004"}
samples: 5
self_assessment: {}
"""  # noqa: E501  # as it came


def with_fields(changes: Mapping[str, object]) -> dict[str, Any]:
    """Return the dossier of the field cases with the fields at these JSON pointers changed or added."""
    dossier = copy.deepcopy(_DOSSIER)
    for pointer, value in changes.items():
        *steps, last = pointer.removeprefix("/").split("/")
        container: Any = dossier
        for step in steps:
            container = container[int(step) if isinstance(container, list) else step]
        container[int(last) if isinstance(container, list) else last] = value
    return dossier


def faults_of(changes: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in examine(with_fields(changes)).faults]


def test_08_a_product_set_with_a_leading_zero_in_yaml_is_scored_on_its_own_sheet(tmp_path: Path) -> None:
    file = tmp_path / "dossier.yaml"
    file.write_text(_YAML, "utf-8")

    ending = checked(file)

    assert ending.outcome is DossierStatus.RATED
    assert ending.rating is not None
    assert ending.rating.product_set == 12


#: What people, word processors and forms leave between two digits.
_GAPS = st.sampled_from(["", "", "", " ", ".", "-", "/", "    ", " – ", "\u00a0", "\u200b", "\u00ad", "_"])
_NUMBER = "001085012345"


@given(st.sampled_from(["tax_code", "registration_number"]), st.lists(_GAPS, min_size=11, max_size=11))
def test_01_a_personal_number_in_any_grouping_is_taken_hashed_and_hidden(field: str, gaps: list[str]) -> None:
    written = _NUMBER[0] + "".join(f"{gap}{digit}" for gap, digit in zip(gaps, _NUMBER[1:], strict=True))
    filed = with_fields({"/product/description": f"Hộ số {written}."})
    del filed["producer"]["registration_number"]
    filed["producer"][field] = written

    assert examine(filed).faults == ()
    dossier = Dossier.model_validate(filed)
    assert NUMBERS.of(dossier.producer) == NUMBERS.of(
        dossier.producer.model_copy(update={"registration_number": None, "tax_code": _NUMBER})
    )
    shown = without_personal_numbers(dossier)
    assert getattr(shown.producer, field) == "*********345"
    assert shown.product.description == "Hộ số *********345."


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        pytest.param({"/producer/name": "\u200b\ufeff"}, "/producer/name", id="producer"),
        pytest.param({"/product/name": "\u200b"}, "/product/name", id="zero width"),
    ],
)
def test_03_a_name_that_nobody_sees_is_empty(changes: Mapping[str, object], pointer: str) -> None:
    assert faults_of(changes) == [(pointer, "empty")]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/producer/contact/email": ""}, id="e-mail"),
        pytest.param({"/product_code": ""}, id="product code"),
        pytest.param({"/product/description": None}, id="description"),
    ],
)
def test_09_an_optional_field_left_empty_is_not_given(changes: Mapping[str, object]) -> None:
    assert faults_of(changes) == []


@pytest.mark.parametrize(
    ("filed_on", "name"), [(date(2026, 11, 28), "Phường Tiên Du"), (date(2026, 9, 19), "Xã Tiên Du")]
)
def test_02_a_commune_has_the_name_in_force_on_the_day(filed_on: date, name: str) -> None:
    (fault,) = examine(with_fields({"/product/commune_code": "09319"}), filed_on=filed_on).faults

    assert f"09319 là {name} thuộc Bắc Ninh (24), không thuộc Hà Nội (01)" in fault.message.vi


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        pytest.param("Bánh tẻ \ufffdưng Vân", None, id="replacement characters"),
        pytest.param("B¸nh tÎ H\u00adng V©n", "Bánh tẻ Hưng Vân", id="TCVN3"),
    ],
)
def test_04_a_name_with_broken_characters_is_refused(name: str, reading: str | None) -> None:
    (fault,) = examine(with_fields({"/product/name": name})).faults

    assert (fault.pointer, fault.code) == ("/product/name", "broken-characters")
    assert reading is None or f"“{reading}”" in fault.message.vi


def test_06_a_document_on_somebody_s_own_disk_is_refused() -> None:
    assert faults_of({"/documents/0/location": "C:\\OCOP\\mau-01.pdf"}) == [("/documents/0/location", "wrong-format")]


def test_05_two_spellings_that_read_the_same_are_one_product() -> None:
    first, second = (
        Dossier.model_validate(with_fields({"/product/name": name, "/producer/registration_number": "01Y8001234"}))
        for name in ("Nước mắm Hòa Phú", "Nước mắm Hoà Phú")
    )
    numbers = NUMBERS.of(first.producer)
    assert set(registration_keys(first, numbers)) & set(registration_keys(second, numbers))


FORMER = {"/registration": "re-evaluation", "/product_code": "83-829-28780-3-2022"}


def test_10_a_code_of_five_parts_that_no_product_had_is_one_that_an_office_brings_in() -> None:
    dossier = Dossier.model_validate(with_fields(FORMER))

    (found,) = examine_registration(dossier, numbers=("01y8001234",), by_key=None, by_code=None)

    assert (found.pointer, found.code) == ("/product_code", "product-unknown")
    assert "nhập giấy chứng nhận" in found.message.vi


@pytest.mark.parametrize("code", ["1-001-00004-12-2021", "83-82-28780-3-2022"])
def test_10_a_code_of_five_parts_is_said_to_be_a_former_one_that_an_office_brings_in(code: str) -> None:
    faults = examine(with_fields(FORMER | {"/product_code": code})).faults

    (found,) = [each for each in faults if each.pointer == "/product_code"]
    assert found.code == "wrong-format"
    assert "mã cũ gồm năm phần" in found.message.vi
    assert "nhập giấy chứng nhận" in found.message.vi


def test_10_a_code_that_is_simply_wrong_is_not_said_to_be_a_former_one() -> None:
    faults = examine(with_fields(FORMER | {"/product_code": "83-28780-3"})).faults

    assert [each.message.vi for each in faults if "mã cũ" in each.message.vi] == []


def test_10_a_code_that_the_register_does_not_have_may_be_of_before_this_system() -> None:
    dossier = Dossier.model_validate(with_fields({"/registration": "upgrade", "/product_code": "01-09574-3-2024"}))

    (found,) = examine_registration(dossier, numbers=("01y8001234",), by_key=None, by_code=None)

    assert found.code == "product-unknown"
    assert "nhập giấy chứng nhận" in found.message.vi
    assert "bring its certificate into the system" in found.message.en


def test_11_another_producer_s_product_may_have_been_one_s_own_under_former_numbers() -> None:
    known = KnownProduct(code="01-09574-1-2026", producer_numbers=("01y8001234",), product_set=6)
    dossier = Dossier.model_validate(with_fields({"/registration": "upgrade", "/product_code": known.code}))

    (found,) = examine_registration(dossier, numbers=("0106858609",), by_key=None, by_code=known)

    assert found.code == "product-of-another-producer"
    assert "hộ kinh doanh thành công ty" in found.message.vi


def test_a_product_that_is_registered_is_named_by_its_code_for_programs_too() -> None:
    known = product(round=a_round())
    dossier = Dossier.model_validate(with_fields({}))

    (found,) = opening_faults(dossier, known, FilingDay(date(2026, 11, 28), Practice()))

    assert (found.code, found.product_code) == ("product-already-registered", "01-09574-1-2026")
