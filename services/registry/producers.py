"""Decide: whether the producer may take part, and can be recognised and reached."""

from collections.abc import Sequence
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.vn import mst

from services.registry.disclosure import read_phone
from services.registry.reading import FiledProducer
from shared.contracts.dossier import TOURISM, ProducerKind, Reach, Recipient
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault
from shared.personal_number import HIDDEN_DIGIT, hide, is_issued, personal_number

#: Decision 26/2026, Art. 2.3: community tourism, ecotourism and tourist sites only.
_TOURISM_ONLY = frozenset({ProducerKind.ASSOCIATION, ProducerKind.OPERATING_CENTRE})
#: Organisations, whose tax code never is the number of a person. Of the others (household, family business, farm,
#: cooperative group) it may be the owner's or the representative's (Circular 86/2024/TT-BTC).
_ORGANISATIONS = _TOURISM_ONLY | {ProducerKind.COOPERATIVE, ProducerKind.ENTERPRISE}
#: What a producer is called whose name cannot be read.
_NAMELESS = {"vi": "Chủ thể OCOP", "en": "OCOP producer"}


def producer_faults(producer: FiledProducer, product_set: int | None) -> list[Fault]:
    """Return what is wrong with a producer, as far as she could be read."""
    of_kind, of_contact = _kind_faults(producer.kind, product_set), contact_faults(producer.phone, producer.email)
    return [*of_kind, *_number_faults(producer), *of_contact]


def recipient(producer: FiledProducer | None) -> Recipient | None:
    """Return who is to be alerted, None where no way to reach her can be read.

    An address that cannot work is left out, and a person's number in name or telephone hidden.
    """
    if producer is None:
        return None
    email = producer.email if producer.email and _is_email(producer.email) else None
    phone = producer.phone
    if phone and not _is_phone(phone):
        phone = hide(phone, producer.own_numbers)
    if not (phone or email):
        return None
    language = producer.language or "vi"
    contact = Reach(phone=phone, email=email, language=language, preferences=producer.preferences)
    return Recipient(name=producer.name or _NAMELESS[language], contact=contact)


def _kind_faults(kind: ProducerKind | None, product_set: int | None) -> list[Fault]:
    if kind not in _TOURISM_ONLY or product_set in {None, TOURISM}:
        return []
    vi, en = names.VALUES[kind]
    return [
        fault(
            ("producer", "kind"),
            DossierFault.PRODUCER_KIND_NOT_ALLOWED,
            f"Chủ thể là “{vi}” chỉ được đăng ký dịch vụ du lịch (bộ {TOURISM}), không được đăng ký bộ {product_set}. "
            "Hãy để hợp tác xã, tổ hợp tác, doanh nghiệp, trang trại hoặc hộ sản xuất đứng tên.",
            f"Producers of the kind “{en}” may register tourism services (set {TOURISM}) only, not set {product_set}. "
            "Let a cooperative, cooperative group, enterprise, farm or household register the product.",
        )
    ]


def _number_faults(producer: FiledProducer) -> list[Fault]:
    if not producer.numbers_given:
        return [_number_missing()]
    return [*_tax_code_faults(producer), *_registration_number_faults(producer.registration_number)]


def _number_missing() -> Fault:
    return fault(
        ("producer",),
        DossierFault.PRODUCER_NUMBER_MISSING,
        "Chưa có mã số thuế hoặc số đăng ký kinh doanh. Hãy điền một trong hai số; của hộ thì có thể là số định danh "
        "cá nhân (căn cước) của chủ hộ.",
        "Neither a tax code nor a business registration number is given. Give one of them; a household's may be its "
        "owner's personal number.",
    )


def _tax_code_faults(producer: FiledProducer) -> list[Fault]:
    code = producer.tax_code
    if code is None or mst.is_valid(code):
        return []
    number = None if producer.kind in _ORGANISATIONS else personal_number(code)
    return [] if number and is_issued(number) else [_tax_code_invalid()]


def _tax_code_invalid() -> Fault:
    return fault(
        ("producer", "tax_code"),
        DossierFault.TAX_CODE_INVALID,
        "Mã số thuế chưa đúng: mã có 10 chữ số, hoặc 13 chữ số nếu là chi nhánh, và có một chữ số kiểm tra; của hộ, "
        "trang trại, tổ hợp tác cũng có thể là số định danh cá nhân 12 chữ số. Hãy chép lại đúng mã ghi trên giấy đăng "
        "ký.",
        "The tax code is wrong: it has 10 digits, or 13 for a branch, and one of them is a check digit; that of a "
        "household, farm or cooperative group may also be a personal number of 12 digits. Copy it again from the "
        "registration.",
    )


def _registration_number_faults(number: str | None) -> list[Fault]:
    if number is None:
        return []
    if HIDDEN_DIGIT in number:
        return [_number_hidden()]
    return [] if any(character.isdecimal() for character in number) else [_registration_number_invalid()]


def _number_hidden() -> Fault:
    return fault(
        ("producer", "registration_number"),
        DossierFault.REGISTRATION_NUMBER_INVALID,
        "Số đăng ký kinh doanh đang bị che bằng dấu *. Hãy ghi đủ các chữ số; số định danh cá nhân không bị để lộ.",
        "The business registration number is masked with asterisks. Give all its digits; a personal number is not "
        "given away.",
    )


def _registration_number_invalid() -> Fault:
    return fault(
        ("producer", "registration_number"),
        DossierFault.REGISTRATION_NUMBER_INVALID,
        "Số đăng ký kinh doanh phải có chữ số. Hãy chép đúng số ghi trên giấy đăng ký.",
        "The business registration number has no digit. Copy it as it stands on the registration.",
    )


def contact_faults(phone: str | None, email: str | None, *, within: Sequence[str] = ("producer",)) -> list[Fault]:
    """Return what is wrong with a contact; `within` is the object that has it."""
    return [*_phone_faults(phone, within), *_email_faults(email, within)]


def _phone_faults(phone: str | None, within: Sequence[str]) -> list[Fault]:
    if phone is None or _is_phone(phone):
        return []
    return [
        fault(
            (*within, "contact", "phone"),
            DossierFault.PHONE_INVALID,
            "Số điện thoại chưa đúng. Hãy nhập đủ 10 hoặc 11 chữ số, bắt đầu bằng số 0; số nước ngoài thì bắt đầu bằng "
            "dấu + và mã nước.",
            "The phone number is not valid. Give all its 10 or 11 digits, starting with 0; a foreign one starts with + "
            "and the country code.",
        )
    ]


def _email_faults(email: str | None, within: Sequence[str]) -> list[Fault]:
    if email is None or _is_email(email):
        return []
    return [
        fault(
            (*within, "contact", "email"),
            DossierFault.EMAIL_INVALID,
            "Địa chỉ thư điện tử chưa đúng. Hãy viết không dấu, không khoảng trắng, ví dụ htx@example.vn; nếu không có "
            "thì bỏ mục này.",
            "The e-mail address is not valid. Write it without accents and spaces, such as htx@example.vn, or leave it "
            "out.",
        )
    ]


@lru_cache(1)  # of one dossier it is asked twice
def _is_phone(phone: str) -> bool:
    number = read_phone(phone)
    return number is not None and phonenumbers.is_valid_number(number)


@lru_cache(1)  # likewise
def _is_email(email: str) -> bool:
    try:  # an accent before the @ is a slip of the keyboard far more often than an internationalised mailbox
        validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return False
    return True
