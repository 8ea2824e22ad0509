"""A judgement on a terminal: each sentence in Vietnamese, and in English on a line below."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from ops.certificates.standing import VALID, Standing, State
from ops.named import one_line
from ops.report import stars_of
from ops.tables import facts
from services.registry.units import PROVINCES
from shared.certificate_token import CertificateClaims, Refusal

_VALID, _INVALID = "bold green", "bold red"

_REFUSALS = {
    Refusal.UNREADABLE: (
        "Không phải mã giấy chứng nhận.",
        "This is no certificate's token.",
    ),
    Refusal.NOT_A_CERTIFICATE: (
        "Không phải giấy chứng nhận: được ký cho mục đích khác, hoặc thiếu thông tin.",
        "This is no certificate: it was signed for another purpose, or claims are missing.",
    ),
    Refusal.OTHER_ALGORITHM: (
        "Không hợp lệ: ký bằng thuật toán khác, hoặc không ký.",
        "Not valid: it is signed by another algorithm, or not at all.",
    ),
    Refusal.UNKNOWN_KEY: (
        "Không hợp lệ: khóa ký không có trong các khóa công khai đã công bố. Giấy giả, hoặc tệp khóa đã cũ.",
        "Not valid: the key that signed it is none of the published ones. It is forged, or the keys are out of date.",
    ),
    Refusal.BROKEN_SIGNATURE: (
        "Không hợp lệ: chữ ký sai. Nội dung đã bị sửa, hoặc giấy giả.",
        "Not valid: the signature is wrong. Something was changed, or it is forged.",
    ),
}

_STANDINGS = {
    Standing.IN_FORCE: (
        "Hợp lệ: có hiệu lực đến hết ngày {ngay}.",
        "Valid: in force until the end of {day}.",
    ),
    Standing.EXTENDED: (
        "Hợp lệ: được kéo dài đến khi có kết quả phân hạng lại, chậm nhất là hết ngày {ngay}.",
        "Valid: extended until the result of its re-evaluation, at the latest until the end of {day}.",
    ),
    Standing.NOT_YET: (
        "Chưa có hiệu lực: cấp ngày {ngay}.",
        "Not valid yet: its day of issue is {day}.",
    ),
    Standing.PAST_LAST_DAY: (
        "Không hợp lệ: đã quá ngày cuối, {ngay}.",
        "Not valid: its last day, {day}, has passed.",
    ),
    Standing.EXPIRED: (
        "Không hợp lệ: đã hết hạn ({ngay}).",
        "Not valid: it has expired ({day}).",
    ),
    Standing.SUPERSEDED: (
        "Không hợp lệ: đã được thay bằng giấy chứng nhận {by}; ngày cuối là {ngay}.",
        "Not valid: certificate {by} has come in its place; its last day was {day}.",
    ),
    Standing.REVOKED: (
        "Không hợp lệ: đã bị thu hồi theo quyết định {by} ngày {ngay}.",
        "Not valid: it was revoked by decision {by} of {day}.",
    ),
    Standing.DIFFERS: (
        "Không hợp lệ: không khớp với sổ đăng ký. Đã được đính chính{by}, hoặc giấy giả.",
        "Not valid: the register says otherwise. It was corrected since{by}, or is forged.",
    ),
    Standing.NOT_ON_RECORD: (
        "Không hợp lệ: sổ đăng ký không có giấy chứng nhận này.",
        "Not valid: the register has no such certificate.",
    ),
}

_NOT_LOOKED_UP = (
    "Chưa tra sổ đăng ký: từ khi cấp có thể đã bị thu hồi, thay thế, đính chính hoặc được kéo dài.",
    "The register was not asked: since its issue it may have been revoked, superseded, corrected or extended.",
)
_LOOKED_UP = ("Đã tra sổ đăng ký.", "The register was asked.")


def print_refusal(console: Console, refusal: Refusal) -> None:
    """Print why a token is none."""
    _print(console, _REFUSALS[refusal], _INVALID)


def print_judgement(console: Console, claims: CertificateClaims, state: State, *, key: str, is_looked_up: bool) -> None:
    """Print how a certificate stands, what it says, and whether the register was asked."""
    _print(console, _said_of(state), _VALID if state.standing in VALID else _INVALID)
    console.print(facts(dict(_facts(claims, key))))
    _print(console, _LOOKED_UP if is_looked_up else _NOT_LOOKED_UP, "dim" if is_looked_up else "yellow")


def _said_of(state: State) -> tuple[str, str]:
    by = one_line(state.by)
    if state.standing is Standing.DIFFERS and by:
        by = f" ({by})"
    named = {"ngay": f"{state.day:%d/%m/%Y}" if state.day else "", "day": state.day or "", "by": by}
    vietnamese, english = _STANDINGS[state.standing]
    return vietnamese.format(**named), english.format(**named)


def _facts(claims: CertificateClaims, key: str) -> Iterator[tuple[str, str]]:
    yield "Giấy chứng nhận / Certificate", one_line(claims.number)
    yield "Sản phẩm / Product", one_line(claims.product_name)
    yield "Mã sản phẩm / Product code", one_line(claims.product_code)
    yield "Hạng / Stars", stars_of(claims.stars)
    yield "Quyết định / Decision", f"{one_line(claims.decision_number)}, {claims.decision_date}"
    yield "Cơ quan / Authority", _authority(claims.authority)
    yield "Cấp ngày / Issued on", str(claims.issued_on)
    yield "Ngày cuối / Last day", str(claims.last_day)
    yield "Nơi cấp / Issuer", one_line(claims.issuer)
    yield "Khóa / Key", one_line(key)


def _authority(by: str) -> str:
    if by == "centre":
        return "Trung ương / the centre"
    return f"{by} {PROVINCES.get(int(by), '')}".rstrip()


def _print(console: Console, said: tuple[str, str], style: str) -> None:
    vietnamese, english = said
    console.print(Text(vietnamese, style))
    console.print(Text(english))
