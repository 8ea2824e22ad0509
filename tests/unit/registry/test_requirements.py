import pytest

from services.registry.papers import REQUIREMENTS, document_faults, sample_faults
from services.registry.reading import FiledDocument
from shared.contracts.dossier import DocumentType, RegistrationKind
from shared.faults import names

ALWAYS = {"registration-form", "self-assessment-report", "business-registration"}
FOOD_SAFETY = {"food-safety-certificate"}
CHANGES = {"change-report"}
TESTS = {"test-report"}


def needed(kind: RegistrationKind | None, product_set: int | None) -> set[str]:
    return {document.value for document in DocumentType if _is_missed(document, kind, product_set)}


def _is_missed(document: DocumentType, kind: RegistrationKind | None, product_set: int | None) -> bool:
    others = tuple(FiledDocument(0, type_, None, None) for type_ in DocumentType if type_ is not document)
    return bool(document_faults(others, kind, product_set))


@pytest.mark.parametrize(
    ("kind", "product_set", "papers"),
    [
        pytest.param(RegistrationKind.FIRST, 1, ALWAYS | FOOD_SAFETY, id="first, fresh vegetables"),
        pytest.param(RegistrationKind.FIRST, 18, ALWAYS | FOOD_SAFETY, id="first, functional food"),
        pytest.param(RegistrationKind.FIRST, 19, ALWAYS, id="first, cosmetics"),
        pytest.param(RegistrationKind.FIRST, 26, ALWAYS, id="first, tourism"),
        pytest.param(RegistrationKind.UPGRADE, 6, ALWAYS | FOOD_SAFETY | CHANGES, id="upgrade, food"),
        pytest.param(RegistrationKind.UPGRADE, 21, ALWAYS | CHANGES, id="upgrade, crafts"),
        pytest.param(RegistrationKind.RE_EVALUATION, 6, ALWAYS | FOOD_SAFETY | CHANGES | TESTS, id="again, food"),
        pytest.param(RegistrationKind.RE_EVALUATION, 20, ALWAYS | CHANGES | TESTS, id="again, essential oils"),
        pytest.param(RegistrationKind.RE_EVALUATION, 21, ALWAYS | CHANGES, id="again, crafts"),
        pytest.param(None, 6, ALWAYS | FOOD_SAFETY, id="unreadable kind"),
        pytest.param(RegistrationKind.RE_EVALUATION, None, ALWAYS | CHANGES, id="unreadable set"),
        pytest.param(None, None, ALWAYS, id="neither readable"),
    ],
)
def test_papers_needed(kind: RegistrationKind | None, product_set: int | None, papers: set[str]) -> None:
    assert needed(kind, product_set) == papers


def test_every_paper_that_can_be_missing_has_a_name() -> None:
    assert {requirement.document for requirement in REQUIREMENTS} == set(names.DOCUMENTS)


def test_a_missing_paper_is_named() -> None:
    (fault,) = document_faults(
        tuple(FiledDocument(0, type_, None, None) for type_ in DocumentType if type_ != "food-safety-certificate"),
        RegistrationKind.FIRST,
        11,
    )

    assert "Giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm" in fault.message.vi
    assert "food safety certificate" in fault.message.en


@pytest.mark.parametrize(
    ("samples", "product_set", "is_wrong"),
    [
        pytest.param(5, 1, False, id="five of a product"),
        pytest.param(0, 1, True, id="none of a product"),
        pytest.param(6, 25, True, id="six of a product"),
        pytest.param(0, 26, False, id="none of tourism"),
        pytest.param(5, 26, True, id="five of tourism"),
        pytest.param(5, None, False, id="five of an unreadable set"),
        pytest.param(0, None, False, id="none of an unreadable set"),
        pytest.param(1, None, True, id="one fits no set"),
        pytest.param(None, 1, False, id="unreadable is the contract's fault"),
    ],
)
def test_samples(samples: int | None, product_set: int | None, is_wrong: bool) -> None:
    assert bool(sample_faults(samples, product_set)) == is_wrong
