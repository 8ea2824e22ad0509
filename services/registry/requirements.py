"""Decide: what a dossier has to contain, by the kind of registration and the product set."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.registry.reading import FiledDocument, Reading
from shared.contracts.dossier import TOURISM, DocumentType, RegistrationKind
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault

#: Decision 26/2026, Art. 6.2 and 6.3: samples that go with a dossier; none for tourism.
SAMPLES = 5

_EVERY_KIND = frozenset(RegistrationKind)
_EVERY_SET = frozenset(range(1, 27))
#: Food, drinks, functional food and traditional medicine.
_FOOD_AND_DRINKS = frozenset(range(1, 19))
#: What is eaten, drunk or put on the skin: the sheets with a quality declaration and tests.
_TESTED = frozenset(range(1, 21))


@dataclass(frozen=True)
class Requirement:
    """A paper that a dossier needs, for these kinds of registration and these product sets."""

    document: DocumentType
    kinds: frozenset[RegistrationKind] = _EVERY_KIND
    product_sets: frozenset[int] = _EVERY_SET

    def applies(self, kind: RegistrationKind | None, product_set: int | None) -> bool:
        """Return whether the paper is needed; where kind or set could not be read, whether it is needed for all."""
        kinds = _EVERY_KIND if kind is None else {kind}
        product_sets = _EVERY_SET if product_set is None else {product_set}
        return kinds <= self.kinds and product_sets <= self.product_sets


#: Decision 26/2026, Annex III (Forms 01 and 02), by the article that asks for each.
REQUIREMENTS = (
    Requirement(DocumentType.REGISTRATION_FORM),  # Art. 6.1, Form 01
    Requirement(DocumentType.SELF_ASSESSMENT_REPORT),  # Art. 6.1, Form 02
    Requirement(DocumentType.BUSINESS_REGISTRATION),  # Art. 6.1; Form 02, first proof
    # The score sheets reject a dossier that does not follow the rules on this certificate.
    Requirement(DocumentType.FOOD_SAFETY_CERTIFICATE, product_sets=_FOOD_AND_DRINKS),
    # Art. 6.1: an upgrade shows the changes, a re-evaluation brings material, technology, packaging, labels up to date.
    Requirement(
        DocumentType.CHANGE_REPORT, kinds=frozenset({RegistrationKind.UPGRADE, RegistrationKind.RE_EVALUATION})
    ),
    # Art. 6.1: a re-evaluation shows the periodic tests.
    Requirement(DocumentType.TEST_REPORT, kinds=frozenset({RegistrationKind.RE_EVALUATION}), product_sets=_TESTED),
)


def requirement_faults(reading: Reading) -> tuple[list[Fault], list[Fault]]:
    """Return what is wrong with the product code, and what with papers and samples, as far as they could be read."""
    kind, product_set, documents = reading.registration, reading.product_set, reading.documents
    of_papers = [] if documents is None else document_faults(documents, kind, product_set)
    of_code = product_code_faults(kind, given=reading.product_code_given)
    return of_code, [*of_papers, *sample_faults(reading.samples, product_set)]


def document_faults(
    documents: tuple[FiledDocument, ...], kind: RegistrationKind | None, product_set: int | None
) -> list[Fault]:
    """Return every paper that is missing, and every one listed twice."""
    given = {document.type for document in documents}
    needed = [requirement.document for requirement in REQUIREMENTS if requirement.applies(kind, product_set)]
    return [*(_missing(document) for document in needed if document not in given), *_listed_twice(documents)]


def sample_faults(samples: int | None, product_set: int | None) -> list[Fault]:
    """Return the fault of a wrong number of samples; where the set could not be read, of one that fits no set."""
    by_set = {None: {0, SAMPLES}, TOURISM: {0}}
    if samples is None or samples in by_set.get(product_set, {SAMPLES}):
        return []
    return [
        fault(
            ("samples",),
            DossierFault.SAMPLES_WRONG,
            f"Hồ sơ ghi {samples} mẫu sản phẩm. Cần đúng {SAMPLES} mẫu; riêng dịch vụ du lịch (bộ {TOURISM}) không nộp "
            "mẫu, hãy ghi 0.",
            f"The dossier has {samples} samples. It needs exactly {SAMPLES}; tourism services (set {TOURISM}) need "
            "none: give 0.",
        )
    ]


def product_code_faults(kind: RegistrationKind | None, *, given: bool) -> list[Fault]:
    """Return the fault of a product code that is not there, but at a first registration."""
    return [] if given or kind in {None, RegistrationKind.FIRST} else [_code_missing(kind)]


def _missing(document: DocumentType) -> Fault:
    vi, en = names.DOCUMENTS[document]
    return fault(
        ("documents",),
        DossierFault.DOCUMENT_MISSING,
        f"Hồ sơ còn thiếu: {vi}. Hãy bổ sung giấy tờ này (loại {document}).",
        f"The dossier lacks the {en}. Add this document (type {document}).",
    )


def _listed_twice(documents: Iterable[FiledDocument]) -> list[Fault]:
    first: dict[tuple[DocumentType, str], int] = {}
    faults: list[Fault] = []
    for document in documents:
        if document.type is None or document.sha256 is None:
            continue
        earlier = first.setdefault((document.type, document.sha256), document.position)
        if earlier != document.position:
            faults.append(_twice(earlier, document.position))
    return faults


def _twice(earlier: int, later: int) -> Fault:
    return fault(
        ("documents", later),
        DossierFault.DOCUMENT_TWICE,
        f"Giấy tờ thứ {later + 1} trùng với giấy tờ thứ {earlier + 1}: cùng loại, cùng nội dung. Hãy bỏ bớt một tờ.",
        f"Document {later + 1} is document {earlier + 1} again: same type, same content. Remove one of them.",
    )


def _code_missing(kind: RegistrationKind) -> Fault:
    vi, en = names.VALUES[kind]
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_CODE_MISSING,
        f"Hồ sơ {vi} cần mã OCOP mà sản phẩm đã được cấp. Hãy điền mã, ví dụ 01-09574-1-2026.",
        f"A dossier of the kind “{en}” needs the code that the product already has. Give it, such as 01-09574-1-2026.",
    )
