from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from shared.contracts.certificates import (
    CertificateImported,
    RecognitionCorrected,
    RecognitionDecided,
    RecognitionRefused,
    RecognitionRevoked,
)
from shared.contracts.contact import ProducerContact, ProducerPreferences
from shared.contracts.councils import CouncilConcluded, CouncilConvened, ScorecardFiled
from shared.contracts.dossier import Dossier
from shared.contracts.fault_codes import MENDERS, AssessmentFault, DossierFault, Mender
from shared.contracts.filing import ProducerSucceeded
from shared.contracts.rounds import CommuneAssessed, DossierReturned, DossierWithdrawn, ResultApproved
from shared.contracts.text import Bilingual, Fault
from shared.faults import names
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import MOST_FAULTS_LISTED, fault, for_producer, listed, pointer


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param((), "", id="the whole"),
        pytest.param(("documents", 0, "sha256"), "/documents/0/sha256", id="nested"),
        pytest.param(("a/b", "m~n", ""), "/a~1b/m~0n/", id="escaped, RFC 6901 section 5"),
        pytest.param(("~1",), "/~01", id="escaped in the right order"),
    ],
)
def test_pointer(steps: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*steps) == expected


def test_as_many_faults_as_may_be_listed_are_all_listed() -> None:
    faults = [
        fault(("documents", number), DossierFault.MISSING, "Thiếu.", "Missing.") for number in range(MOST_FAULTS_LISTED)
    ]

    assert listed(others=faults) == tuple(faults)
    assert len(listed(others=[*faults, faults[0]])) == MOST_FAULTS_LISTED + 1


def test_of_every_code_that_a_producer_may_hear_it_is_known_who_can_mend_it() -> None:
    assert MENDERS.keys() == {*DossierFault, *AssessmentFault}


def test_of_what_cannot_be_read_no_producer_is_told() -> None:
    unreadable = {code for code in DossierFault if code.startswith("unreadable-")}
    assert {MENDERS[code] for code in unreadable} == {Mender.SENDER_FIRST}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param({"/samples": "samples-wrong"}, ["/samples"], id="hers"),
        pytest.param({"/samples": "wrong-type"}, [], id="a program's"),
        pytest.param({"/samples": "wrong-type", "/product/name": "empty"}, ["/product/name"], id="one of each"),
        pytest.param({"/samples": "samples-wrong", "": "id-used-twice"}, [], id="another dossier's id comes first"),
        pytest.param({"/samples": "samples-wrong", "/product": "out-of-scope"}, [], id="a place not the sender's, too"),
        pytest.param({"/documents/0/sha256": "missing"}, [], id="a digest that is missing"),
        pytest.param({"/documents/0/sha256": "wrong-format"}, [], id="a digest that is none"),
        pytest.param({"/samples": "wrong-type", "": "too-many-faults"}, [], id="and there are more"),
        pytest.param({"/product": "of-next-year"}, ["/product"], id="a code of a newer service"),
    ],
)
def test_a_producer_is_told_what_she_can_mend(found: Mapping[str, str], told: list[str]) -> None:
    words = Bilingual(vi="Sai.", en="Wrong.")
    faults = [Fault(pointer=place, code=code, message=words) for place, code in found.items()]

    assert [each.pointer for each in for_producer(faults)] == told


def test_every_field_of_what_is_filed_has_a_name() -> None:
    filed = (Dossier, ProducerSucceeded)
    assert set(names.FIELDS) == {path for model in filed for path in _paths(model.model_json_schema())}
    assert set(names.CONTACT_FIELDS) == {
        path for model in (ProducerContact, ProducerPreferences) for path in _paths(model.model_json_schema())
    }


def test_every_field_of_what_offices_file_about_a_round_has_a_name() -> None:
    filed = (
        *(CommuneAssessed, DossierReturned, DossierWithdrawn, ResultApproved),
        *(RecognitionDecided, RecognitionRefused),
    )
    assert set(names.ROUND_FIELDS) == {path for model in filed for path in _paths(model.model_json_schema())}


def test_every_field_of_what_councils_file_has_a_name() -> None:
    filed = (CouncilConvened, ScorecardFiled, CouncilConcluded)
    assert set(names.COUNCIL_FIELDS) == {path for model in filed for path in _paths(model.model_json_schema())}


@pytest.mark.parametrize("model", [CertificateImported, RecognitionCorrected, RecognitionRevoked])
def test_every_field_of_what_is_filed_about_a_certificate_has_a_name(model: type[BaseModel]) -> None:
    assert set(_paths(model.model_json_schema())) <= set(names.FIELDS | names.CERTIFICATE_FIELDS)


def test_an_error_type_that_is_not_known_is_a_fault_all_the_same() -> None:
    class Meeting(BaseModel):
        samples: float

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Meeting).validate_python({"samples": "many"})

    (found,) = contract_faults(caught.value)
    assert (found.pointer, found.code) == ("/samples", "invalid")
    assert found.message.vi == "Mục “số mẫu sản phẩm” không hợp lệ. Hãy kiểm tra và nhập lại."


@pytest.mark.parametrize(
    ("filed", "vi"),
    [
        pytest.param(
            {"registration": "renewal"},
            "Mục “hình thức đăng ký” chỉ nhận một trong các giá trị: first (đăng ký lần đầu), upgrade (nâng hạng sao), "
            "re-evaluation (đánh giá, phân hạng lại). Hãy chọn lại.",
            id="allowed values",
        ),
        pytest.param(
            {"product": {"commune_code": "9574"}},
            "Mục “mã xã, phường” chưa đúng: phải gồm đúng 5 chữ số, ví dụ 09574. Hãy nhập lại.",
            id="form",
        ),
        pytest.param(
            {"documents": [{}, {"sha256": None}]},
            "Mục “mã kiểm tra SHA-256 của giấy tờ thứ 2” đang là giá trị trống, cần là chữ (đặt trong dấu ngoặc kép). "
            "Hãy nhập lại.",
            id="counted from 1",
        ),
    ],
)
def test_sentences(filed: dict[str, Any], vi: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Dossier.model_validate(filed)

    assert vi in [found.message.vi for found in contract_faults(caught.value)]


def _paths(schema: dict[str, Any]) -> list[str]:
    definitions = schema.get("$defs", {})

    def within(part: dict[str, Any], path: str) -> list[str]:
        part = next((each for each in part.get("anyOf", ()) if "$ref" in each), part)
        part = definitions[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        below = {f"{path}/{name}".lstrip("/"): field for name, field in part.get("properties", {}).items()}
        lists = (each["items"] for each in (part, *part.get("anyOf", ())) if "items" in each)
        below |= {f"{path}/*": items for items in lists}
        return [found for name, field in below.items() for found in (name, *within(field, name))]

    return within(schema, "")
