"""Communes as offices name them: by the names and codes in force, and those of before 1 July 2025."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

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
_GLUED = re.compile(r"\b([pqPQ])\.?(\d+)\b")
#: What stands between the parts of an address; a dash, which some names have in them, where there is nothing else.
_BETWEEN, _DASH = re.compile(r"\s*[,;]\s*"), re.compile(r"\s+[-–]\s+")


@dataclass(frozen=True)
class Named:
    """A place as a sheet names it, each part empty where it says nothing.

    `is_of_today`: the certificate is of a day on which today's units were in force.
    """

    commune: str = ""
    district: str = ""
    province: str = ""
    is_of_today: bool = False

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
    return " ".join(" ".join(_words(part)) for part in text.split(","))


def in_cell(text: str) -> Named:
    """Return the place of a commune's cell that may name what it lies in: `Đường Lâm, Sơn Tây, Hà Nội`."""
    found, parts = in_address(text), _parts(text)
    if len(parts) < 2 or _name(text) in _today() or _name(text) in _former():
        return Named(text)
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
        kind, name = _split(part)
        if place == 0 and province_code(part):
            province = part
        elif kind in _OF_COMMUNES and name and not commune:
            commune = part
        elif kind in _OF_DISTRICTS and name and not district:
            district = part
    return Named(commune, district, province)


def unit_titled(title: str) -> Named:
    """Return the district or commune that a title is the name of, with its kind; nothing where it is none's."""
    kind, words = _split(title)
    name = _plain(words)
    if kind in _OF_DISTRICTS and any(name in names for names in _districts().values()):
        return Named(district=title)
    if kind in _OF_COMMUNES and (name in _today() or name in _former()):
        return Named(commune=title)
    return Named()


def _parts(text: str) -> list[str]:
    parts = [part for part in _BETWEEN.split(text.strip(" .")) if part]
    return parts if len(parts) > 1 else _DASH.split(text.strip(" ."))


@lru_cache(10_000)
def province_code(text: str) -> str | None:
    """Return the code in force of a province by its name or code, of one of before July 2025 where it lies now."""
    return next((now for _, now in _provinces_meant(text)), None)


@lru_cache(50_000)
def _options(named: Named, home: str | None) -> tuple[Option, ...]:
    of = tuple(_provinces_meant(named.province)) if named.province else ((None, home),)
    found = [*_by_code(named.commune)] if named.commune.isdigit() else [*_by_name(named, of)]
    within = [each for each in found if any(now in {None, each.province_code} for _, now in of)]
    return tuple({each.code: each for each in reversed(within)}.values())[::-1]


def _by_code(text: str) -> Iterator[Option]:
    code = text.zfill(5)
    if int(code) in COMMUNES:
        yield _option(code)
        return
    for former in former_communes():
        if former.code == code:
            yield from (_option(each, former) for each in former.became)


def _by_name(named: Named, of: Iterable[tuple[str | None, str | None]]) -> list[Option]:
    kind, words = _split(named.commune)
    today, former = _today().get(_plain(words), []), _former_within(named, tuple(of), _plain(words))
    if named.district and former:
        return _likeliest(former, _OF_COMMUNES.get(kind), words)
    if named.district:
        found = _likeliest(today, _OF_COMMUNES.get(kind), words)
        return _in_district(found, named.district) or found
    in_force = [each for each in today if any(now in {None, each.option.province_code} for _, now in of)]
    if named.is_of_today and len(certain := _likeliest(in_force, _OF_COMMUNES.get(kind), words)) == 1:
        return certain
    return _likeliest([*in_force, *former], _OF_COMMUNES.get(kind), words)


def _likeliest(found: Sequence["_Candidate"], kind: str | None, words: tuple[str, ...]) -> list[Option]:
    """Return those of a kind, where one is named and any is, and of them those with the very marks."""
    found = [each for each in found if kind in {None, each.kind}] or found
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
    return not district or _name(district) == _name(unit.district)


def _in_district(today: list[Option], district: str) -> list[Option]:
    """Return the communes of today that have land of a former district: a sheet may have both names mixed."""
    wanted = _name(district)
    return [each for each in today if wanted in _districts().get(each.code, ())]


@cache
def _districts() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for unit in former_communes():
        for code in unit.became:
            found.setdefault(code, set()).add(_name(unit.district))
    return found


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
    if text.isdigit() and len(text) <= 2:
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
    today = [(None, f"{code:02}", _name(name)) for code, name in PROVINCES.items()]
    today += [(None, "79", "ho chi minh"), (None, "79", "hcm"), (None, "79", "sai gon")]
    names = {name for *_, name in today}
    former = [(code, unit.became[0], _name(unit.name)) for code, unit in former_provinces().items()]
    return [*today, *(each for each in former if each[2] not in names)]


def _option(code: str, formerly: FormerUnit | None = None) -> Option:
    commune = COMMUNES[int(code)]
    return Option(code, commune.name, PROVINCES[commune.province_code], formerly)


def _province_of(code: str) -> str:
    return f"{COMMUNES[int(code)].province_code:02}"


def _name(text: str) -> str:
    return _plain(_split(text)[1])


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
