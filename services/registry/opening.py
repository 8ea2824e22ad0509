"""Decide: whether a dossier may open a round of a product, or go on in the one that was returned.

By the kind of the dossier: Decision 26/2026/QĐ-TTg, Art. 6.1, 7.5, 7.6 and 12.3.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.registry.certificates import last_valid_day
from services.registry.identity import KnownProduct
from services.registry.practice import Practice
from services.registry.province import FIVE_STARS
from services.registry.rounds import MOVES, CertificateStatus, HeldCertificate, Round, Step
from services.registry.stages import STAGES
from services.registry.validity import Filing, Window, judged, window
from shared.contracts.dossier import Dossier, RegistrationKind
from shared.contracts.fault_codes import DossierFault
from shared.contracts.rounds import Stage
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault
from shared.scopes import Role, Scope

#: Whose systems may say when a dossier was taken on paper (Form 01).
_TAKES_PAPER = frozenset({Role.COMMUNE, Role.PROVINCE})


@dataclass(frozen=True)
class FilingDay:
    """The day on which a dossier was filed, and how the offices read the decision."""

    on: date
    practice: Practice


def goes_on(dossier: Dossier, product: KnownProduct) -> bool:
    """Return whether a dossier goes on in the product's round, which was returned to be corrected."""
    round_ = product.round
    return round_ is not None and round_.stage is Stage.RETURNED and round_.registration is dossier.registration


def takes_over(dossier: Dossier, product: KnownProduct) -> bool:
    """Return whether a re-evaluation takes over an upgrade's round that no council has rated yet."""
    if dossier.registration is not RegistrationKind.RE_EVALUATION:
        return False
    round_ = product.open_round
    return (
        round_ is not None
        and round_.registration is RegistrationKind.UPGRADE
        and round_.stage in MOVES[Step.TAKEN_OVER].before
    )


def opening_faults(dossier: Dossier, product: KnownProduct, filed: FilingDay) -> tuple[Fault, ...]:
    """Return what keeps a dossier from opening a round of a product that is known, or from going on in one."""
    if goes_on(dossier, product):
        return ()  # its window was judged at the round's first filing
    match dossier.registration:
        case RegistrationKind.FIRST:
            return _first_faults(dossier, product, filed)
        case RegistrationKind.UPGRADE:
            return (*_round_faults(product), *_upgrade_faults(product, filed))
        case RegistrationKind.RE_EVALUATION:
            of_round = () if takes_over(dossier, product) else _round_faults(product)
            return (*of_round, *_re_evaluation_faults(product, filed))


def receipt_faults(dossier: Dossier, scope: Scope, filed: FilingDay) -> tuple[Fault, ...]:
    """Return what is wrong with the receipt of a dossier on paper: whose system gives it, and its day."""
    if dossier.receipt is None:
        return ()
    if scope.role not in _TAKES_PAPER:
        return (_receipt_not_allowed(),)
    earliest = filed.on - timedelta(days=filed.practice.limits.receipt_at_most_days_ago)
    if earliest <= dossier.receipt.date <= filed.on:
        return ()
    return (_receipt_out_of_range(dossier.receipt.date, earliest, filed.on),)


def _first_faults(dossier: Dossier, product: KnownProduct, filed: FilingDay) -> tuple[Fault, ...]:
    """Accept a product that has neither a certificate in force nor an open round: its code stays (Art. 6.1)."""
    held = _in_force(product, filed.on)
    if held is None and dossier.product_code:
        return _round_faults(product)
    if held is None and product.open_round is None:
        return ()
    at = ("product_code",) if dossier.product_code else ("product", "name")
    return (_already_registered(at, product, held),)


def _round_faults(product: KnownProduct) -> tuple[Fault, ...]:
    return (_round_open(product.code, product.open_round),) if product.open_round else ()


def _upgrade_faults(product: KnownProduct, filed: FilingDay) -> tuple[Fault, ...]:
    """Accept an upgrade below 5 stars, at any time while the certificate is in force (Art. 7.5)."""
    held = _in_force(product, filed.on)
    if held is None:
        return (_no_certificate(product.code),)
    return () if held.certificate.stars < FIVE_STARS else (_no_higher_stars(product.code),)


def _re_evaluation_faults(product: KnownProduct, filed: FilingDay) -> tuple[Fault, ...]:
    """Accept a re-evaluation in its window (Art. 7.6a), or late under the transition rule (Art. 12.3)."""
    held = _renewable(product)
    if held is None:
        return (_no_certificate(product.code),)
    last_day = held.certificate.last_day
    of = window(held.certificate.issued_on, last_day, filed.practice.limits)
    match judged(min(filed.on, held.filed_on_paper or filed.on), of):
        case Filing.TOO_EARLY:
            return (_window_not_open(of, last_day),)
        case Filing.TOO_LATE:
            return (_window_closed(product.code, of, last_day),)
        case Filing.IN_TIME | Filing.LATE:
            return ()


def _in_force(product: KnownProduct, day: date) -> HeldCertificate | None:
    """Return the certificate in force on a day: one whose end, or extension, was not announced yet among them."""
    held = product.in_force
    return held if held and day <= last_valid_day(product, held) else None


def _renewable(product: KnownProduct) -> HeldCertificate | None:
    """Return the certificate by whose last day a re-evaluation is judged: in force, or else the last, if it expired."""
    newest = product.certificates[-1] if product.certificates else None
    has_expired = newest is not None and newest.status is CertificateStatus.EXPIRED
    return product.in_force or (newest if has_expired else None)


def _already_registered(at: tuple[str, ...], product: KnownProduct, held: HeldCertificate | None) -> Fault:
    code = product.code
    if held:
        vi = "Không cần đăng ký lần đầu nữa: hãy chọn nâng hạng sao hoặc đánh giá, phân hạng lại và ghi mã này."
        en = "Register an upgrade or a re-evaluation instead and give this code."
    else:
        vi = f"{_where(product.open_round)[0]} Không cần đăng ký lần đầu nữa."
        en = f"{_where(product.open_round)[1]} There is no need to register it again."
    return fault(
        at,
        DossierFault.PRODUCT_ALREADY_REGISTERED,
        f"Bạn đã đăng ký sản phẩm này, mã {code}. {vi}",
        f"You have registered this product already, its code is {code}. {en}",
        product_code=code,
    )


def _where(round_: Round | None) -> tuple[str, str]:
    """Return where an open round is, and which kind of dossier it began with, in a sentence."""
    if round_ is None:
        return "", ""
    (vi_kind, en_kind), (vi, en) = names.VALUES[round_.registration], STAGES[round_.stage]
    return (
        f"Lượt đánh giá {round_.number} ({vi_kind}) {vi}.",
        f"Round {round_.number} ({en_kind}) {en}.",
    )


def _round_open(code: str, round_: Round | None) -> Fault:
    vi, en = _where(round_)
    return fault(
        ("product_code",),
        DossierFault.ROUND_OPEN,
        f"Sản phẩm mã {code} còn lượt đánh giá chưa kết thúc. {vi} Hãy chờ lượt này kết thúc, hoặc rút hồ sơ rồi nộp "
        "lại.",
        f"A round of the product {code} has not ended. {en} Wait for its end, or withdraw its dossier and file again.",
        product_code=code,
    )


def _no_certificate(code: str) -> Fault:
    return fault(
        ("product_code",),
        DossierFault.NO_CERTIFICATE_IN_FORCE,
        f"Sản phẩm mã {code} không có giấy chứng nhận còn hiệu lực trong hệ thống. Nếu đã được cấp trước khi dùng hệ "
        "thống này, hãy đề nghị cơ quan quản lý OCOP của tỉnh nhập giấy chứng nhận; nếu chưa được công nhận hoặc đã "
        "hết hạn, hãy đăng ký lần đầu với mã này.",
        f"The product {code} has no certificate in force in this system. If it was given before this system was used, "
        "ask the province's OCOP office to bring it in; if it never was or has expired, register for the first time "
        "under this code.",
        product_code=code,
    )


def _no_higher_stars(code: str) -> Fault:
    return fault(
        ("registration",),
        DossierFault.NO_CERTIFICATE_IN_FORCE,
        f"Sản phẩm mã {code} không có giấy chứng nhận dưới 5 sao: đang ở 5 sao, hạng cao nhất. Hãy chọn đánh giá, phân "
        "hạng lại.",
        f"The product {code} has no certificate below 5 stars: it has 5, the most there are. Register a re-evaluation.",
        product_code=code,
    )


def _window_not_open(of: Window, last_day: date) -> Fault:
    return fault(
        ("registration",),
        DossierFault.WINDOW_NOT_OPEN,
        f"Giấy chứng nhận có giá trị đến {last_day:%d/%m/%Y}. Hồ sơ đánh giá lại chỉ nhận từ {of.first:%d/%m/%Y} đến "
        f"hết {of.last:%d/%m/%Y}. Hãy nộp trong thời gian đó.",
        f"The certificate is valid until {last_day}. A re-evaluation may be filed from {of.first} to {of.last}. File "
        "it then.",
    )


def _window_closed(code: str, of: Window, last_day: date) -> Fault:
    behind, last = last_day + timedelta(days=1), of.late_until or of.last
    return fault(
        ("registration",),
        DossierFault.WINDOW_CLOSED,
        f"Hạn nộp hồ sơ đánh giá lại đã hết vào {last:%d/%m/%Y}. Giấy chứng nhận có giá trị đến {last_day:%d/%m/%Y}; "
        "trước đó có thể nộp hồ sơ nâng hạng sao nếu dưới 5 sao, "
        f"từ {behind:%d/%m/%Y} hãy đăng ký lần đầu với mã {code}.",
        f"The last day for a re-evaluation was {last}. The certificate is valid until {last_day}; until then an "
        f"upgrade may be filed below 5 stars, from {behind} on register for the first time under the code {code}.",
    )


def _receipt_not_allowed() -> Fault:
    return fault(
        ("receipt",),
        DossierFault.RECEIPT_NOT_ALLOWED,
        "Chỉ hệ thống của xã hoặc tỉnh được ghi số và ngày tiếp nhận hồ sơ giấy. Hãy bỏ mục này.",
        "Only the system of a commune or a province says when a dossier was taken on paper. Leave this out.",
    )


def _receipt_out_of_range(day: date, earliest: date, latest: date) -> Fault:
    return fault(
        ("receipt", "date"),
        DossierFault.RECEIPT_NOT_ALLOWED,
        f"Ngày tiếp nhận {day:%d/%m/%Y} không hợp lệ: cần từ {earliest:%d/%m/%Y} đến {latest:%d/%m/%Y}. Hãy sửa ngày.",
        f"The receipt is of {day}; it has to be from {earliest} to {latest}. Correct its date.",
    )
