"""Decide: which papers and samples a dossier has to contain, and whether its papers lie where others can open them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from services.registry.reading import FiledDocument, Reading
from services.registry.spelling import is_invisible
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

#: What an address may begin with, where the settings say nothing.
HTTPS = frozenset({"https"})
#: Schemes whose address names a host of the internet; another's authority may be a bucket, say.
_OF_HOSTS = frozenset({"http", "https", "ftp", "ftps", "sftp"})
#: Last labels that no name server of the internet answers: Special-Use Domain Names (RFC 6761 and its registry), and
#: what people call their own networks.
_PRIVATE = frozenset(
    {
        *("alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"),
        *("corp", "domain", "home", "intranet", "lan", "localdomain", "private", "workgroup"),
    }
)
_HOME = ("home", "arpa")
#: Endings of files that are no top-level domains: who wrote a file's name as host. (`zip` and `mov` are domains.)
_FILES = frozenset(
    {"bmp", "doc", "docx", "gif", "heic", "jpeg", "jpg", "pdf", "png", "rar", "tif", "tiff", "xls", "xlsx"}
)
#: What stands for a dot between labels (RFC 3490, section 3.1).
_DOTS = str.maketrans("。．｡", "...")
#: IPv6 addresses whose last 32 bits are an IPv4 address: by NAT64 (RFC 6052), and the IPv4-compatible (RFC 4291).
_WITH_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_LABEL = re.compile(r"(?!-)[^\W_]([\w-]{0,61}[^\W_])?")
#: An IPv6 address as an authority has it: nothing but a port stands behind the bracket.
_BRACKETED = re.compile(r"\[[^\]]*\](:[0-9]*)?")
#: A number in any of the forms in which programs write IPv4 addresses: 127.1, 0x7f000001, 017700000001.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


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


def location_faults(documents: Iterable[FiledDocument], schemes: frozenset[str]) -> list[Fault]:
    """Return the fault of each document whose location only its sender can open, or nobody.

    `schemes` are what an address may begin with, in small letters.
    """
    return [
        _not_open(each.position, schemes)
        for each in documents
        if each.location and not is_open_to_others(each.location, schemes)
    ]


def is_open_to_others(location: str, schemes: frozenset[str]) -> bool:
    """Return whether others can open an address: of one of these schemes, at a host of the internet, no user in it."""
    if "\\" in location or not (location.isascii() or all(map(_is_seen, location))):
        return False
    try:
        parts = urlsplit(location)
        _ = parts.port
    except ValueError:  # no port, no IPv6 address
        return False
    if parts.scheme not in schemes or "@" in parts.netloc:
        return False
    return _names_a_host(parts) if parts.scheme in _OF_HOSTS else bool(parts.netloc or parts.path.strip("/"))


def _is_seen(character: str) -> bool:
    return not (character.isspace() or is_invisible(character))


def _names_a_host(parts: SplitResult) -> bool:
    host = unicodedata.normalize("NFC", parts.hostname or "").translate(_DOTS).removesuffix(".")
    if parts.netloc.startswith("["):
        return bool(_BRACKETED.fullmatch(parts.netloc)) and _is_public_address(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_public_address(host)
    known = labels[-1] not in _PRIVATE | _FILES and tuple(labels[-2:]) != _HOME
    return known and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))


def _is_public_address(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (address, *_ipv4_in(address)))


def _ipv4_in(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    if any(address in network for network in _WITH_IPV4):
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [found for found in (address.ipv4_mapped, address.sixtofour) if found]


def _not_open(position: int, schemes: frozenset[str]) -> Fault:
    path = ("documents", position, "location")
    vi_name, en_name = names.field(path)
    allowed = ", ".join(f"{scheme}://" for scheme in sorted(schemes))
    return fault(
        path,
        DossierFault.WRONG_FORMAT,
        f"Mục “{vi_name}” chưa đúng: phải là địa chỉ mà người khác mở được, bắt đầu bằng {allowed}, ví dụ "
        "https://example.vn/giay-to.pdf; không phải tệp trên máy của bạn. Hãy tải giấy tờ lên rồi nhập lại.",
        f"The {en_name} is not as it should be: an address that others can open, beginning with {allowed}, such as "
        "https://example.vn/paper.pdf, and no file of your own computer. Upload the document and enter it again.",
    )
