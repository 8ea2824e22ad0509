"""Communes as offices name them: by the names and codes in force, and those of before 1 July 2025."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, partial

from services.registry.former_units import UNTIL, FormerUnit, former_communes, former_provinces
from services.registry.search_keys import spelt_words, without_marks
from services.registry.units import COMMUNES, PROVINCES

#: How offices write what kind of unit it is, without marks; the longest first.
_KINDS = (
    *(("thanh", "pho"), ("thi", "tran"), ("thi", "xa"), ("dac", "khu"), ("tinh",), ("huyen",), ("quan",), ("xa",)),
    *(("phuong",), ("tp",), ("tt",), ("tx",), ("t",), ("h",), ("q",), ("x",), ("p",)),
)
#: Kinds of communes and of districts, as `_KINDS` has them, by the kind that is meant.
_OF_COMMUNES = {"xa": "xa", "x": "xa", "phuong": "phuong", "p": "phuong", "thi tran": "thi tran", "tt": "thi tran"}
_OF_COMMUNES |= {"dac khu": "dac khu"}
_OF_DISTRICTS = frozenset({"huyen", "h", "quan", "q", "thi xa", "tx", "thanh pho", "tp"})
#: A kind with its marks, or too short to be a part of a name.
_MARKED = re.compile(r"(?:thành phố|thị trấn|thị xã|đặc khu|tỉnh|huyện|quận|xã|phường|tp|tt|tx|[thqxp])\b")
#: digits of a ward's number, which is no code then
_LONGEST_NUMBER = 2
_GLUED = re.compile(r"\b([pqPQ])\.?(\d+)\b")
#: What stands between the parts of an address: commas and the like, or else dashes, which some names have in them, or
#: else the kinds of the units themselves.
_BETWEEN = (
    re.compile(r"\s*[,;\n]\s*"),
    re.compile(r"\s+[-–]\s+|\s*/\s*"),
    re.compile(r"\s+(?=(?:xã(?<!thị xã)|phường|thị trấn|thị xã|huyện|quận|thành phố|tỉnh)\s)", re.IGNORECASE),
)
#: A unit with its name of today in brackets, and what else stands in brackets.
_NOW_CALLED, _IN_BRACKETS = re.compile(r"[^,;(\n]*\(\s*nay\s+(?:là|thuộc)\s+([^)]*)\)"), re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True)
class Named:
    """A place as a sheet names it, each part empty where it says nothing.

    `is_of_today`: the certificate is of a day on which today's units were in force; `is_former`: the commune is a code
    of before July 2025.
    """

    commune: str = ""
    district: str = ""
    province: str = ""
    is_of_today: bool = False
    is_former: bool = False

    @property
    def text(self) -> str:
        """What a choice is made for, as somebody would write it."""
        return ", ".join(filter(None, (self.commune, self.district, self.province)))


@dataclass(frozen=True)
class Option:
    """A commune in force that a name may mean; `formerly`: the unit of which it has a part, or all."""

    code: str
    name: str
    province: str
    formerly: FormerUnit | None = None

    @property
    def province_code(self) -> str:
        """The code of its province."""
        return _province_of(self.code)


@dataclass(frozen=True)
class Gazetteer:
    """Finds communes. `home`: the province (code) of a sheet that names none; `chosen`: name → code, by people."""

    home: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    def options(self, named: Named) -> tuple[Option, ...]:
        """Return the communes that a name may mean: one where it is certain, none where nothing is called so."""
        code = self.chosen.get(key(named.text)) if self.chosen else None
        return (_option(code),) if code else _options(named, self.home)


def key(text: str) -> str:
    """Return what names have in common that are the same place, however they are written."""
    return " ".join(" ".join(_words(part)) for part in _without_brackets(text).split(","))


def in_cell(text: str) -> Named:
    """Return the place of a commune's cell that may name what it lies in: `Đường Lâm, Sơn Tây, Hà Nội`."""
    found, parts = in_address(text), _parts(text)
    if len(parts) < 2 or _name(text) in _today() or _name(text) in _former():
        return Named(_without_brackets(text))
    if found.commune and found.district:
        return found
    commune, *around = parts[: -1 if found.province else None]
    district = found.district or next(iter(around), "")
    return Named(commune, district, found.province)


def in_address(address: str) -> Named:
    """Return the place that an address names, by the kinds of units in it: `Thôn 3, xã Thuận Hà, huyện Đắk Song, …`."""
    commune = district = province = ""
    parts = _parts(address)
    for place, part in enumerate(reversed(parts)):
        kind, name = _parted(part)
        if place == 0 and province_code(part):
            province = part
        elif kind in _OF_COMMUNES and name and not commune:
            commune = part
        elif not district and ((kind in _OF_DISTRICTS and name) or (not commune and is_district(part))):
            district = part
    return Named(commune, district, province)


def unit_titled(title: str) -> Named:
    """Return the district or commune that a title is the name of, with its kind; nothing where it is none's."""
    kind, words = _parted(title)
    name = _plain(words)
    if kind in _OF_DISTRICTS and any(name in names for names in _districts().values()):
        return Named(district=title)
    if kind in _OF_COMMUNES and (name in _today() or name in _former()):
        return Named(commune=title)
    return Named()


def _parts(text: str) -> list[str]:
    said = _without_brackets(text).strip(" .,;")
    for between in _BETWEEN:
        parts = [part for part in between.split(said) if part and _plain(_words(part)) != "viet nam"]
        if len(parts) > 1:
            return parts
    return [said]


def _without_brackets(text: str) -> str:
    return _IN_BRACKETS.sub("", _NOW_CALLED.sub(r"\1", unicodedata.normalize("NFC", text)))


@lru_cache(10_000)
def province_code(text: str) -> str | None:
    """Return the code in force of a province by its name or code, of one of before July 2025 where it lies now."""
    return next((now for _, now in _provinces_meant(text)), None)


@lru_cache(50_000)
def _options(named: Named, home: str | None) -> tuple[Option, ...]:
    of = tuple(_provinces_meant(named.province)) if named.province else ((None, home),)
    found = [*_by_code(named.commune, is_former=named.is_former)] if _is_number(named.commune) else []
    if len(named.commune) <= _LONGEST_NUMBER or not _is_number(named.commune):
        found += _by_name(named, of)
    within = [each for each in found if any(now in {None, each.province_code} for _, now in of)]
    return tuple({each.code: each for each in reversed(within)}.values())[::-1]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _by_code(text: str, *, is_former: bool) -> Iterator[Option]:
    code = text.zfill(5)
    if int(code) in COMMUNES and not (is_former and code in _by_former_code()):
        yield _option(code)
    elif former := _by_former_code().get(code):
        yield from (_option(each, former) for each in former.became)


@cache
def _by_former_code() -> dict[str, FormerUnit]:
    return {unit.code: unit for unit in former_communes() if unit.until <= UNTIL}


def _by_name(named: Named, of: Iterable[tuple[str | None, str | None]]) -> list[Option]:
    kind, words = _parted(named.commune)
    likeliest = partial(_likeliest, kind=_OF_COMMUNES.get(kind), words=words, has_marks=not named.text.isascii())
    today, former = _today().get(_plain(words), []), _former_within(named, tuple(of), _plain(words))
    if is_district(named.district):
        return likeliest(former) if former else _in_district(likeliest(today), named.district)
    in_force = [each for each in today if any(now in {None, each.option.province_code} for _, now in of)]
    if named.is_of_today and len(certain := likeliest(in_force)) == 1:
        return certain
    return likeliest([*in_force, *former])


def _likeliest(
    found: Sequence["_Candidate"], *, kind: str | None, words: tuple[str, ...], has_marks: bool
) -> list[Option]:
    """Return those of a kind, where one is named and any is, and of them, of a name with marks, those with these."""
    found = [each for each in found if kind in {None, each.kind}] or found
    if has_marks:
        found = [each for each in found if each.words == words] or found
    return [each.option for each in found]


def _former_within(named: Named, of: Sequence[tuple[str | None, str | None]], plain: str) -> list["_Candidate"]:
    return [
        _Candidate(_option(code, unit), kind, words)
        for unit, kind, words in _former().get(plain, ())
        if any(_lay_in(unit, then, now) for then, now in of) and _is_in_district(unit, named.district)
        for code in unit.became
    ]


def _lay_in(unit: FormerUnit, then: str | None, now: str | None) -> bool:
    """Return whether a former unit lay in a former province, or lies in one of today's; None is any."""
    if then:
        return unit.province == then
    return now is None or any(_province_of(code) == now for code in unit.became)


def _is_in_district(unit: FormerUnit, district: str) -> bool:
    return not is_district(district) or _name(district) == _name(unit.district)


def is_district(text: str) -> bool:
    """Return whether a text names a district of before July 2025; what else stands in its column says nothing."""
    return bool(text) and _name(text) in _names_of_districts()


def _in_district(today: list[Option], district: str) -> list[Option]:
    """Return the communes of today that have land of a former district: a sheet may have both names mixed."""
    wanted = _name(district)
    return [each for each in today if wanted in _districts().get(each.code, ())]


@cache
def _districts() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unit in former_communes():
        for code in unit.became:
            found.setdefault(code, set()).add(_plain(_split(unit.district)[1]))
    return found


@cache
def _names_of_districts() -> frozenset[str]:
    return frozenset(_plain(_split(unit.district)[1]) for unit in former_communes() if unit.district)


@dataclass(frozen=True)
class _Candidate:
    """A commune in force with the kind and the words of the name by which it was found."""

    option: Option
    kind: str
    words: tuple[str, ...]


@cache
def _today() -> dict[str, list[_Candidate]]:
    """Return the communes in force by their names without kind and marks, and by the names that they had since."""
    index: dict[str, list[_Candidate]] = {}
    for number, commune in COMMUNES.items():
        for name in dict.fromkeys((commune.name, *(each.former_name for each in commune.renamed))):
            kind, words = _split(name)
            index.setdefault(_plain(words), []).append(_Candidate(_option(f"{number:05}"), kind, words))
    return index


@cache
def _former() -> dict[str, list[tuple[FormerUnit, str, tuple[str, ...]]]]:
    index: dict[str, list[tuple[FormerUnit, str, tuple[str, ...]]]] = {}
    for unit in former_communes():
        if unit.until <= UNTIL:
            kind, words = _split(unit.name)
            index.setdefault(_plain(words), []).append((unit, kind, words))
    return index


def _provinces_meant(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield the provinces that a name or code means: the code then, None for one of today, and the code now."""
    if _is_number(text) and len(text) <= 2:
        code = text.zfill(2)
        if int(code) in PROVINCES:
            yield None, code
        elif code in former_provinces():
            yield code, former_provinces()[code].became[0]
        return
    wanted = _name(text)
    for then, now, name in _provinces():
        if wanted and name == wanted:
            yield then, now


@cache
def _provinces() -> list[tuple[str | None, str, str]]:
    """Return the provinces, of a name that is in force only as it is today: it has the land of the former one."""
    today = [(None, f"{code:02}", _plain(_split(name)[1])) for code, name in PROVINCES.items()]
    today += [(None, "79", "ho chi minh"), (None, "79", "hcm"), (None, "79", "sai gon")]
    names = {name for *_, name in today}
    former = [(code, unit.became[0], _plain(_split(unit.name)[1])) for code, unit in former_provinces().items()]
    return [*today, *(each for each in former if each[2] not in names)]


def _option(code: str, formerly: FormerUnit | None = None) -> Option:
    commune = COMMUNES[int(code)]
    return Option(code, commune.name, PROVINCES[commune.province_code], formerly)


def _province_of(code: str) -> str:
    return f"{COMMUNES[int(code)].province_code:02}"


def _name(text: str) -> str:
    return _plain(_parted(text)[1])


@lru_cache(50_000)
def _parted(text: str) -> tuple[str, tuple[str, ...]]:
    """Return what `_split` does, but that a kind may be part of the name: Quan Hoa, Phương Liệt, Tịnh Biên."""
    kind, words = _split(text)
    whole = _words(text)
    is_part = kind and not _MARKED.match(" ".join(whole)) and _plain(whole) in _all_names()
    return ("", whole) if is_part else (kind, words)


@cache
def _all_names() -> frozenset[str]:
    """Return the names of all units, without their kinds and marks."""
    return frozenset({*_today(), *_former(), *_names_of_districts(), *(name for *_, name in _provinces())})


def _plain(words: Iterable[str]) -> str:
    return " ".join(map(without_marks, words))


@lru_cache(50_000)
def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the kind that a name begins with, empty for none, and its words with their marks."""
    words = _words(text)
    plain = tuple(map(without_marks, words))
    for kind in _KINDS:
        if plain[: len(kind)] == kind and len(words) > len(kind):
            return " ".join(kind), words[len(kind) :]
    return "", words


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a name; numbers without leading zeros: `Phường 05` is `P.5`."""
    spelt = spelt_words(_GLUED.sub(r"\1 \2", text))
    return tuple(word.lstrip("0") or "0" if word.isdigit() else word for word in spelt)
