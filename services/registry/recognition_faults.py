"""What is wrong with a recognition, or with what is filed about a certificate, in words for people."""

from collections.abc import Sequence
from datetime import date

from shared.contracts.certificates import Authority
from shared.contracts.fault_codes import FilingFault
from shared.contracts.text import Fault
from shared.faults.fault import fault

Path = Sequence[str | int]

#: The stars that each authority gives (Art. 3.3).
STARS_OF = {Authority.PROVINCE: frozenset({3, 4}), Authority.CENTRE: frozenset({5})}


def date_faults(
    where: Path, day: date, today: date, *, not_before: date | None = None, what: tuple[str, str] = ("", "")
) -> tuple[Fault, ...]:
    """Return what is wrong with a date that an office has written on a paper.

    Args:
        where: its place in the data.
        day: the date.
        today: the legal day on which it is handled.
        not_before: the day of what it follows.
        what: what it follows, in Vietnamese and English.
    """
    if day > today:
        return (_in_future(where, day, today),)
    return (_too_early(where, day, not_before, what),) if not_before and day < not_before else ()


def _in_future(where: Path, day: date, today: date) -> Fault:
    return fault(
        where,
        FilingFault.DATE_IN_FUTURE,
        f"Ngày {day:%d/%m/%Y} chưa đến: hôm nay là {today:%d/%m/%Y}. Hãy kiểm tra lại ngày ghi trên văn bản.",
        f"{day} is in the future: today is {today}. Check the date on the paper.",
    )


def _too_early(where: Path, day: date, not_before: date, what: tuple[str, str]) -> Fault:
    vi, en = what
    return fault(
        where,
        FilingFault.DATE_TOO_EARLY,
        f"Ngày {day:%d/%m/%Y} sớm hơn {vi} ({not_before:%d/%m/%Y}). Hãy kiểm tra lại ngày ghi trên văn bản.",
        f"{day} is before {en} ({not_before}). Check the date on the paper.",
    )


def authority_faults(where: Path, stars: int, authority: Authority) -> tuple[Fault, ...]:
    """Return the fault of stars that an authority does not give."""
    if stars in STARS_OF[authority]:
        return ()
    return (
        fault(
            where,
            FilingFault.STARS_OF_ANOTHER_AUTHORITY,
            "Chủ tịch Ủy ban nhân dân cấp tỉnh công nhận 3 sao, 4 sao; Bộ trưởng công nhận 5 sao. Hãy kiểm tra lại số "
            "sao và cơ quan công nhận.",
            "The province recognises 3 and 4 stars, the minister 5. Check the stars and who recognised them.",
        ),
    )


def not_the_authority(where: Path) -> Fault:
    """Return the fault of a filing about a certificate by an office that has not given it."""
    return fault(
        where,
        FilingFault.STARS_OF_ANOTHER_AUTHORITY,
        "Giấy chứng nhận này do cơ quan khác cấp: 3 sao, 4 sao thuộc thẩm quyền cấp tỉnh, 5 sao thuộc thẩm quyền Bộ "
        "trưởng. Chỉ cơ quan đã công nhận mới được đính chính hoặc thu hồi.",
        "Another authority gave this certificate: the province gives 3 and 4 stars, the minister 5. Only who "
        "recognised the product corrects or revokes.",
    )


def number_taken(where: Path, number: str) -> Fault:
    """Return the fault of a number under which the office has given another certificate in that year."""
    return fault(
        where,
        FilingFault.CERTIFICATE_NUMBER_TAKEN,
        f"Số giấy chứng nhận {number} đã cấp cho giấy chứng nhận khác trong cùng năm. Hãy kiểm tra lại số.",
        f"Certificate number {number} was given to another certificate in the same year. Check the number.",
    )


def certificate_unknown(where: Path, number: str, code: str) -> Fault:
    """Return the fault of a number under which a product has no certificate."""
    return fault(
        where,
        FilingFault.CERTIFICATE_UNKNOWN,
        f"Sản phẩm mã {code} không có giấy chứng nhận số {number}. Hãy kiểm tra lại số giấy chứng nhận và mã sản phẩm.",
        f"{code} has no certificate {number}. Check the number and the product's code.",
    )


def certificate_ended(where: Path, number: str, ended_on: date) -> Fault:
    """Return the fault of a certificate that is not in force any more."""
    return fault(
        where,
        FilingFault.CERTIFICATE_ENDED,
        f"Giấy chứng nhận số {number} đã hết hiệu lực từ sau ngày {ended_on:%d/%m/%Y}. Hãy kiểm tra lại số giấy chứng "
        "nhận.",
        f"Certificate {number} is not in force any more, its last day was {ended_on}. Check the number.",
    )


def already_imported(code: str, number: str) -> Fault:
    """Return the fault of a certificate that the register has."""
    return fault(
        ("certificate", "number"),
        FilingFault.ALREADY_IMPORTED,
        f"Giấy chứng nhận số {number} của sản phẩm mã {code} đã có trong hệ thống. Không cần nhập lại; nếu có chỗ sai, "
        "hãy gửi đính chính (recognition.corrected).",
        f"The register has certificate {number} of {code}. Do not import it again; file recognition.corrected where "
        "something in it is wrong.",
        product_code=code,
    )


def nothing_corrected() -> Fault:
    """Return the fault of a correction that changes nothing."""
    return fault(
        (),
        FilingFault.NOTHING_CORRECTED,
        "Đính chính này không thay đổi gì so với giấy chứng nhận hiện có. Hãy ghi số sao, số, ngày quyết định hoặc số "
        "giấy chứng nhận đúng.",
        "This correction changes nothing of the certificate. Give the stars, the decision or the number that is right.",
    )


def stars_above_result(where: Path, stars: int, most: int) -> Fault:
    """Return the fault of more stars than the council has given."""
    return fault(
        where,
        FilingFault.STARS_ABOVE_RESULT,
        f"Hội đồng đánh giá {most} sao, không thể công nhận {stars} sao. Hãy kiểm tra lại số sao.",
        f"The council gave {most} stars: {stars} cannot be recognised. Check the stars.",
    )
