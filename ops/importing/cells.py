"""Cells as offices fill them in, read as what they mean; what was put right is said.

Numbers stored as text, leading zeros that a spreadsheet took away, dates in every form, stars in every spelling.
"""

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from stdnum.vn import mst

from ops.importing.columns import plain
from ops.importing.workbook import Cell, shown
from shared.contracts.dossier import ProducerKind
from shared.personal_number import is_issued, personal_number

#: The day before Excel's first: its serial numbers count from it, 29 February 1900 included, which was none.
_EXCEL_EPOCH = date(1899, 12, 30)
#: Serial numbers that are taken for days: 2010 to 2064.
_SERIALS = range(40_179, 60_269)
#: Before the last day of a month, which a two-digit year cannot be behind.
_CENTURY = 2000
_DATE = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})(?!\d)")
_DATE_IN_WORDS = re.compile(r"(?<!\d)(\d{1,2})\s+th[áa]ng\s+(\d{1,2}),?\s+n[ăa]m\s+(\d{4})", re.IGNORECASE)
_ISO_DATE = re.compile(r"(?<![\d/])(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ][\d:.]+)?(?!\d)")
_DECISION = re.compile(r"^(?:quyết định|qđ)?\s*(?:số|so)?\s*[:.]?\s*", re.IGNORECASE)
#: What stands between the number of a decision and its day.
_BEFORE_DATE = re.compile(r"[\s,;(]*(?:ngày|ngay|ký ngày|,)?\s*$", re.IGNORECASE)
#: The year of stars: `3 sao (2024)`.
_YEAR = re.compile(r"(?:n[ăa]m\s*)?\b20\d\d\b", re.IGNORECASE)
_STAR_SIGNS = "★⭐🌟✩✪✭✮✯*"
_STARS_IN_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
#: Months for which a certificate is valid, in the place of its last day.
_MONTHS = re.compile(r"\s*(?:trong\s+)?(\d{1,2})\s+th[áa]ng(?:\s*(?:\(|kể|ke|từ|tu)\b.*)?\s*", re.IGNORECASE)
#: What a number is written with by a program that takes it for one with a fraction.
_FRACTION = re.compile(r"\.0+$")
_DASHES = re.compile(r"\s*[-‐‑‒–—−_./\\]\s*")
_WIDTHS = {4: (2, 5, 0, 4), 5: (2, 3, 5, 0, 4)}

_KINDS: tuple[tuple[str, ProducerKind], ...] = (
    (r"lien hiep (htx|hop tac xa)|hop tac xa|htx\w*|quy tin dung", ProducerKind.COOPERATIVE),
    (r"to hop tac|tht|to san xuat|to lien ket|to nhom|nhom san xuat", ProducerKind.COOPERATIVE_GROUP),
    (
        r"(chi nhanh )?(cong ty|cty|ctcp|ct (cp|tnhh)|doanh nghiep|dntn|tap doan|tong cong ty|xi nghiep)",
        ProducerKind.ENTERPRISE,
    ),
    (r"trang trai|nong trai", ProducerKind.FARM),
    (
        r"ho kinh doanh|hkd|ho kd|ho gia dinh co dang ky kinh doanh|ho gia dinh dang ky kinh doanh",
        ProducerKind.FAMILY_BUSINESS,
    ),
    (r"ho san xuat|ho sx|ho gia dinh|ho ong|ho ba", ProducerKind.HOUSEHOLD),
    (r"hiep hoi|hoi", ProducerKind.ASSOCIATION),
    (r"trung tam dieu hanh|ban quan ly", ProducerKind.OPERATING_CENTRE),
)


class UnreadCellError(Exception):
    """A cell is not what its column has to have."""


@dataclass(frozen=True)
class Read:
    """What a cell means, and whether it had to be put right for that."""

    value: Any
    was_mended: bool = False


def text(cell: Cell) -> Read:
    """Return a text on one line; of a number its digits."""
    said = " ".join(shown(cell).split())
    return Read(said)


def stars(cell: Cell) -> Read:
    """Return the stars of `4`, `4 sao`, `OCOP 4 sao`, `★★★★`, `bốn sao`. Raise UnreadCellError."""
    said = _YEAR.sub("", shown(cell))
    signs = sum(said.count(sign) for sign in _STAR_SIGNS)
    digits = {int(found) for found in re.findall(r"\d+", unicodedata.normalize("NFKC", said))}
    words = {_STARS_IN_WORDS[word] for word in plain(said).split() if word in _STARS_IN_WORDS}
    found = digits or ({signs} if signs else words)
    if len(found) != 1 or "tiem nang" in plain(said) or (digits and signs > 1 and {signs} != digits):
        raise UnreadCellError
    number = found.pop()
    if number not in range(3, 6):  # of fewer there is no certificate (Decision 26/2026, Art. 3.3)
        raise UnreadCellError
    return Read(number)


def day(cell: Cell) -> Read:
    """Return the day of a date, of a serial number, or of text with one date in it. Raise UnreadCellError."""
    match cell:
        case bool():
            raise UnreadCellError
        case datetime():
            return Read(cell.date())
        case date():
            return Read(cell)
        case int() | float():
            return _of_serial(cell)
        case str():
            return _day_in_text(cell)
        case _:
            raise UnreadCellError


def months(cell: Cell) -> int | None:
    """Return for how many months a cell says that a certificate is valid, None where it says something else."""
    found = _MONTHS.fullmatch(shown(cell))
    return int(found[1]) if found else None


def days_in(said: str) -> list[tuple[date, int]]:
    """Return the days that a text names, each with where it begins."""
    found = [
        (match, (match[3], match[2], match[1])) for each in (_DATE, _DATE_IN_WORDS) for match in each.finditer(said)
    ]
    found += [(match, (match[1], match[2], match[3])) for match in _ISO_DATE.finditer(said)]
    days = []
    for match, (year, month, of_month) in found:
        with suppress(ValueError):
            full = int(year) if len(year) == 4 else _CENTURY + int(year)
            days.append((date(full, int(month), int(of_month)), match.start()))
    return days


def _of_serial(cell: float) -> Read:
    if int(cell) not in _SERIALS:
        raise UnreadCellError
    return Read(_EXCEL_EPOCH + timedelta(days=int(cell)), was_mended=True)


def _day_in_text(said: str) -> Read:
    said = said.strip()
    if re.fullmatch(r"\d{5}([.,]\d+)?", said):
        return _of_serial(float(said.replace(",", ".")))
    days = {found for found, _ in days_in(said)}
    if len(days) != 1:
        raise UnreadCellError
    return Read(days.pop())


def decision(cell: Cell) -> tuple[str, date | None]:
    """Return number and day of a decision: `858/QĐ-UBND`, `858/QĐ-UBND ngày 19/6/2025`; the day may be missing.

    Raises:
        UnreadCellError: it names more than one day, as of two decisions.
    """
    said = " ".join(shown(cell).split())
    days = days_in(said)
    if len({found for found, _ in days}) > 1:
        raise UnreadCellError
    day, begins = min(days, key=lambda each: each[1], default=(None, len(said)))
    return _BEFORE_DATE.sub("", _DECISION.sub("", said[:begins])).strip(), day


def certificate_number(cell: Cell) -> Read:
    """Return a certificate's number.

    Raises:
        UnreadCellError: there are several, or a spreadsheet made a day of it: of `5/2024` 1 May.
    """
    if isinstance(cell, date) or re.search(r"[;\n]", shown(cell).strip(" ;\n")):
        raise UnreadCellError
    return text(cell)


def product_code(cell: Cell) -> Read:
    """Return a product's code, its parts as long as they have to be. Raise UnreadCellError."""
    said = re.sub(r"\s+", "", shown(cell))
    parts = _DASHES.split(said.strip("-–—"))
    widths = _WIDTHS.get(len(parts))
    if widths is None or not all(part.isascii() and part.isdigit() for part in parts):
        raise UnreadCellError
    if len(parts[-1]) == len("26"):  # zeros are no century
        parts[-1] = str(_CENTURY + int(parts[-1]))
    if len(parts[-1]) != len("2026"):
        raise UnreadCellError
    code = "-".join(
        part.zfill(width) if width else part.lstrip("0") or "0" for part, width in zip(parts, widths, strict=True)
    )
    return Read(code, code != shown(cell).strip())


def tax_code(cell: Cell) -> Read:
    """Return a tax code; a leading zero that is missing is put back where the check digit says so."""
    said = _FRACTION.sub("", shown(cell).strip().lstrip("'"))
    digits = re.sub(r"[\s.\-–]", "", said)
    if not digits.isdigit():
        return Read(said)
    for length in (10, 13):
        padded = digits.zfill(length)
        if len(digits) <= length and length - len(digits) <= 1 and mst.is_valid(padded):
            return Read(_branched(padded), padded != digits)
    person = digits.zfill(12)
    if len(digits) == 11 and (number := personal_number(person)) and is_issued(number):
        return Read(person, was_mended=True)
    return Read(digits)


def _branched(code: str) -> str:
    return code if len(code) == 10 else f"{code[:10]}-{code[10:]}"


def phone(cell: Cell) -> Read:
    """Return the first telephone number of a cell, with the zero that a spreadsheet took away."""
    said = re.split(r"[;/,]|\s+-\s+|\n| hoặc ", shown(cell).strip().lstrip("'"))[0].strip()
    said = _FRACTION.sub("", said)
    digits = re.sub(r"\D", "", said)
    if len(digits) == 9 and not said.startswith(("0", "+")):
        return Read(f"0{digits}", was_mended=True)
    return Read(said)


def producer_kind(cell: Cell) -> Read:
    """Return the kind that a cell names, in words or as in the contract. Raise UnreadCellError."""
    said = shown(cell).strip()
    with suppress(ValueError):
        return Read(ProducerKind(said))
    if kind := kind_in(said):
        return Read(kind)
    raise UnreadCellError


def kind_in(name: str) -> ProducerKind | None:
    """Return the kind that the beginning of a producer's name says, None where it says none."""
    said = plain(name)
    return next((kind for pattern, kind in _KINDS if re.match(rf"({pattern})\b", said)), None)


def product_set(numbers: Callable[[str], int | None]) -> Callable[[Cell], Read]:
    """Return what reads a product set, by its number or by its name. Raise UnreadCellError."""

    def read(cell: Cell) -> Read:
        said = shown(cell).strip()
        leading = re.match(r"(?:bo (?:san pham )?(?:so )?|so |qd26 )?(\d{1,2})\b", plain(said))
        found = int(leading[1]) if leading else numbers(said)
        if found is None or found not in range(1, 27):
            raise UnreadCellError
        return Read(found)

    return read
