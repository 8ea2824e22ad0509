"""A row of a spreadsheet, read as `certificate.imported` has it, with every cell that cannot be read."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ops.importing import cells
from ops.importing.cells import Read, UnreadCellError
from ops.importing.columns import Header, columns, plain
from ops.importing.places import Gazetteer, Named, Option, in_address, in_cell, is_district, province_code
from ops.importing.titles import Titles
from ops.importing.workbook import Cell, shown
from ops.language import both_are_shown
from ops.language import gettext as _
from services.registry.former_units import UNTIL
from services.registry.time_limits import load_time_limits
from services.registry.validity import last_day
from shared.contracts.certificates import Authority
from shared.contracts.text import Bilingual

#: columns of which one at least is filled in where a row is a product, beside its name
_OF_A_PRODUCT = ("product_code", "producer_name", "certificate_number", "stars", "decision", "tax_code")
_CENTRE_STARS = 5
#: How a row begins that counts those above it. “Công ty”, “Tổng công ty” and “Cộng đồng” begin producers' names.
_SUM = re.compile(
    r"(?:tổng cộng|tổng số|tong cong(?! ty\b)|tong so)\b"
    r"|(?:tổng|cộng|tong|cong)\s*(?:[:.(\d]|$)"
    r"|(?:tổng|cộng) (?:nhóm|mục|sản phẩm|toàn|huyện|quận|thị xã|thành phố|xã|phường)\b"
)
_HAS_DIGIT = re.compile(r"\d")
_A_NUMBER = re.compile(r"(?:[IVXLC]+|[A-Z]|\d+(?:\.\d+)*)[.)]?")


@dataclass(frozen=True)
class CellFault:
    """What is wrong with a cell: under which header, what stands there, and what has to."""

    column: str
    header: str
    value: str
    expected: str


@dataclass(frozen=True)
class ReadRow:
    """A row: its number in the sheet, counted from 1, what is filed of it, what is wrong, what was put right.

    `undecided` is the place that somebody has to choose for, with what it may be. `cells` are as they stood, by column.
    """

    number: int
    name: str
    data: Mapping[str, Any]
    faults: tuple[CellFault, ...]
    notes: tuple[str, ...]
    cells: Mapping[str, str]
    undecided: tuple[Named, tuple[Option, ...]] | None = None


def spoken(said: Bilingual) -> str:
    """Return a sentence in the language that is spoken."""
    return said.en if both_are_shown() else said.vi


def is_title(row: Sequence[Cell]) -> bool:
    """Return whether a row has one text, over all of it or not, nothing but the numbers of columns, or a sum."""
    filled = [shown(cell).strip() for cell in row if shown(cell).strip()]
    if len(set(filled)) < 2 or all(each.strip("()").isdigit() for each in filled):
        return True
    return bool(_SUM.match(" ".join(filled[0].casefold().split())))


def title_of(row: Sequence[Cell]) -> str:
    """Return the one text of a row beside numbers, as of a chapter or a count; empty where it has more."""
    filled = {text for cell in row if (text := " ".join(shown(cell).split())) and not _A_NUMBER.fullmatch(text)}
    return filled.pop() if len(filled) == 1 else ""


def _signatures_begin(rows: Sequence[Sequence[Cell]]) -> int:
    """Return where who made and signed a list stands, below all rows with a digit: each product has one, a number."""
    numbered = (
        place for place, row in enumerate(rows) if not is_title(row) and any(map(_HAS_DIGIT.search, map(shown, row)))
    )
    return max(numbered, default=-1) + 1


class RowReader:
    """Reads the rows of a sheet by its header, and by the titles above them."""

    def __init__(
        self, header: Header, gazetteer: Gazetteer, set_named: Callable[[str], int | None], titles: Titles
    ) -> None:
        self._titles = titles
        self._positions = {each.column.name: each.position for each in header.headed}
        self._headers = {each.column.name: each.header for each in header.headed}
        self._gazetteer = gazetteer
        self._set_named = set_named

    def rows(self, all_rows: Sequence[Sequence[Cell]], start: int) -> Iterator[ReadRow]:
        """Yield the rows from one on that are products; titles of groups, sums and signatures are left out."""
        titles, below = self._titles, all_rows[start : _signatures_begin(all_rows)]
        for place, row in enumerate(below, start + 1):
            above, titles = titles, titles.then(title_of(row))
            of = {name: row[at] if at < len(row) else "" for name, at in self._positions.items()}
            if titles == above and self._is_product(row, of):
                yield _Reading(of, self, titles).row(place)

    def header(self, column: str) -> str:
        """Return what heads a column here, the template's title where it is not there."""
        return self._headers.get(column) or columns()[column].title

    def options(self, named: Named) -> tuple[Option, ...]:
        """Return the communes that a name may mean."""
        return self._gazetteer.options(named)

    @property
    def home(self) -> str | None:
        """The province of a sheet that names none."""
        return self._gazetteer.home

    @property
    def set_named(self) -> Callable[[str], int | None]:
        """What finds a product set by its name."""
        return self._set_named

    @staticmethod
    def _is_product(row: Sequence[Cell], of: Mapping[str, Cell]) -> bool:
        """Return whether a row is a product: no numbers of columns, no title over all of it, no header repeated."""
        name, others = shown(of.get("product_name", "")).strip(), [of.get(column, "") for column in _OF_A_PRODUCT]
        if is_title(row) or plain(name) in columns()["product_name"].headers:
            return False
        has_others = any(shown(cell).strip() for cell in others)
        return has_others and (bool(name) or sum(bool(shown(cell).strip()) for cell in others) > 1)


class _Reading:
    """One row while it is read."""

    def __init__(self, of: Mapping[str, Cell], reader: RowReader, titles: Titles) -> None:
        self._of, self._reader, self._titles = of, reader, titles
        self._faults: list[CellFault] = []
        self._notes: list[str] = []

    def row(self, number: int) -> ReadRow:
        code = self._read("product_code", cells.product_code)
        stars = self._read("stars", cells.stars)
        decided = self._decision()
        product = {
            "name": self._read("product_name", cells.text),
            "product_set": self._read("product_set", cells.product_set(self._reader.set_named)),
        }
        place, undecided = self._place(code, decided.get("date"))
        data = {
            "product_code": code,
            "product": product | place,
            "producer": self._producer(),
            "certificate": {
                "number": self._read("certificate_number", cells.certificate_number),
                "stars": stars,
                "authority": None if stars is None else _authority(stars),
                "decision": decided or None,
                "last_day": self._last_day(decided.get("date")),
                "legal_document": self._read("legal_document", cells.text),
            },
            "re_evaluation_filed_on": self._read("re_evaluation_filed_on", cells.day),
        }
        stood = {name: shown(cell).strip() for name, cell in self._of.items()}
        named = product["name"] or ""
        return ReadRow(number, named, _filled(data), tuple(self._faults), tuple(self._notes), stood, undecided)

    def _said(self, column: str) -> str:
        return shown(self._of.get(column, "")).strip()

    def _read(self, column: str, read: Callable[[Cell], Read]) -> Any:
        """Return what a cell means, None where it is empty, or not what it has to be: then it is a fault."""
        if not self._said(column):
            return None
        try:
            found = read(self._of[column])
        except UnreadCellError:
            self.wrong(column, spoken(columns()[column].expected))
            return None
        if found.was_mended:
            self._put_right(column, found.value)
        return found.value

    def wrong(self, column: str, expected: str) -> None:
        self._faults.append(CellFault(column, self._reader.header(column), self._said(column), expected))

    def _put_right(self, column: str, value: object) -> None:
        after = f"{value:%d/%m/%Y}" if isinstance(value, date) else value
        said = _("{header}: {before} read as {after}")
        self._notes.append(said.format(header=self._reader.header(column), before=self._said(column), after=after))

    def _decision(self) -> dict[str, Any]:
        if "decision" not in self._of and self._titles.decision:
            return self._decision_of_title(*self._titles.decision)
        try:
            number, in_text = cells.decision(self._of.get("decision", ""))
        except UnreadCellError:
            self.wrong("decision", _("number and day: 858/QĐ-UBND ngày 19/06/2025"))
            return {}
        on = self._read("decision_date", cells.day) if self._said("decision_date") else in_text
        if number and on is None and not self._said("decision_date"):
            self.wrong(
                "decision_date" if "decision_date" in self._of else "decision",
                _("number and day: 858/QĐ-UBND ngày 19/06/2025"),
            )
        return {name: value for name, value in (("number", number), ("date", on)) if value}

    def _decision_of_title(self, number: str, day: date) -> dict[str, Any]:
        on = self._read("decision_date", cells.day) if self._said("decision_date") else day
        self._notes.append(
            _("decision {number} of {day}, by the title above").format(number=number, day=f"{day:%d/%m/%Y}")
        )
        return {name: value for name, value in (("number", number), ("date", on)) if value}

    def _last_day(self, decided: date | None) -> date | None:
        """Return a certificate's last day; where the sheet has none, 36 months after its decision, which is said."""
        months = cells.months(self._of.get("last_day", ""))
        if months is not None and decided:
            day = last_day(decided, load_time_limits().model_copy(update={"valid_months": months}))
            self._put_right("last_day", day)
            return day
        if self._said("last_day") and months is None:
            found: date | None = self._read("last_day", cells.day)
            return found
        if decided is None:
            return None
        reckoned = last_day(decided, load_time_limits())
        said = _("last day {day}, as the sheet has none: {months} months after the decision")
        self._notes.append(said.format(day=f"{reckoned:%d/%m/%Y}", months=load_time_limits().valid_months))
        return reckoned

    def _producer(self) -> dict[str, Any]:
        kind = self._read("producer_kind", cells.producer_kind)
        name = self._read("producer_name", cells.text)
        if not self._said("producer_kind") and name and not (kind := cells.kind_in(name)):
            self.wrong("producer_kind", spoken(columns()["producer_kind"].expected))
        contact = {"phone": self._read("phone", cells.phone), "email": self._read("email", cells.text)}
        return {
            "name": name,
            "kind": kind,
            "tax_code": self._read("tax_code", cells.tax_code),
            "registration_number": self._read("registration_number", cells.text),
            "contact": contact,
        }

    def _place(self, code: str | None, decided: date | None) -> tuple[dict[str, str], Any]:
        named = self._named(decided is not None and decided > UNTIL)
        found = self._reader.options(named) if named.commune else self._by_code(code, named.province)
        if named.commune and not found and not self._said("district"):  # a title above may be that of other products
            found = self._reader.options(named := replace(named, district=self._address().district))
        if len(found) == 1:
            return {"province_code": found[0].province_code, "commune_code": found[0].code}, None
        column = "commune" if self._said("commune") or not self._said("address") else "address"
        if not found:
            column = self._unknown_around(named) or column
            self.wrong(column, spoken(columns()["commune" if column == "address" else column].expected))
            return {}, None
        self.wrong(column, _undecided(found))
        return {}, (named, found)

    def _unknown_around(self, named: Named) -> str:
        """Return the column in which a commune is not where the others say: of no province, or of another district."""
        if self._said("province") and province_code(named.province) is None:
            return "province"
        is_elsewhere = self._said("district") and is_district(named.district)
        return "district" if is_elsewhere and self._reader.options(replace(named, district="")) else ""

    def _named(self, is_of_today: bool) -> Named:
        """Return the place that a row names, by its own columns or else by the address, or by the titles above it."""
        address = self._address()
        return self._titles.place(
            Named(
                address.commune,
                self._said("district") or address.district,
                self._said("province") or address.province,
                is_of_today,
            )
        )

    def _address(self) -> Named:
        return in_cell(self._said("commune")) if self._said("commune") else in_address(self._said("address"))

    def _by_code(self, code: str | None, province: str) -> tuple[Option, ...]:
        """Return the commune that a product's code names, where the sheet names none."""
        if code is None:
            return ()
        of, *district, commune, _serial, _year = code.split("-")
        return self._reader.options(Named(commune, "", province or of, is_former=bool(district)))


def _undecided(found: Sequence[Option]) -> str:
    """Return what is expected where a name may mean several communes."""
    listed = "; ".join(f"{each.code} {each.name}, {each.province}" for each in found[:12])
    if all(each.formerly and each.formerly.is_split for each in found):
        return _("the land of this commune went to several: choose one, by its code: {listed}").format(listed=listed)
    return _("this name may mean several communes: name the district, or the code of one: {listed}").format(
        listed=listed
    )


def _authority(stars: int) -> str:
    return Authority.CENTRE.value if stars == _CENTRE_STARS else Authority.PROVINCE.value


def _filled(value: Any) -> Any:
    """Return data as JSON has it, without what is empty."""
    if isinstance(value, dict):
        inner = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each not in (None, "", {})}
    return value.isoformat() if isinstance(value, date) else value
