"""Places by what somebody types: a code or a name, in force or former, with marks or without."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from services.registry.former_units import FormerUnit, former_communes, former_provinces
from services.registry.search_keys import Wanted, spelt_words, wanted, without_marks
from services.registry.units import COMMUNES, PROVINCES

#: Words before a name that say what kind of unit it is, without marks.
_KINDS = (("thanh", "pho"), ("thi", "tran"), ("thi", "xa"), ("dac", "khu"), ("tinh",), ("xa",), ("phuong",))


@dataclass(frozen=True)
class FoundPlace:
    """A province or commune in force; `formerly` are the former units by which it was found.

    `rank`: 0 where its own name is what was asked for, 1 where a former one is, 2 where a name has it among others or
    nothing was asked for.
    """

    code: str
    name: str
    province_code: str
    province: str
    rank: int = 2
    formerly: tuple[FormerUnit, ...] = ()

    @property
    def is_province(self) -> bool:
        """Return whether it is a province, and not a commune."""
        return self.code == self.province_code


def places(text: str = "", province: str | None = None) -> list[FoundPlace]:
    """Return the places in force that a text means, the likeliest first; without a text all, provinces first.

    Args:
        text: a code of two or five digits, or words of a name, also of the district and province it was in.
        province: the code of the province in force in which they are to lie.
    """
    if not text.strip():
        everything = [*_provinces(), *_communes()]
        return [each for each in everything if province in {None, each.province_code}]
    asked = wanted(text)
    if not asked.words:
        return []
    by_code: dict[str, FoundPlace] = {}
    for unit, rank, former in _matches(text.strip(), asked):
        found = by_code.get(unit.code, unit)
        formerly = (*found.formerly, former) if former else found.formerly
        by_code[unit.code] = replace(found, rank=min(rank, found.rank), formerly=formerly)
    listed = (each for each in by_code.values() if province in {None, each.province_code})
    return sorted(listed, key=lambda each: (each.rank, not each.is_province, each.code))


def meant(text: str) -> list[FoundPlace]:
    """Return the places in force whose own name or code this is; where there is none, those whose former one it is."""
    return _likeliest(places(text))


def in_force(code: str) -> FoundPlace | None:
    """Return the place in force that has this code, None where none has: former ones are not looked through."""
    found = _by_code().get(code)
    return replace(found, rank=0) if found else None


def provinces_meant(text: str) -> list[FoundPlace]:
    """Return the provinces whose name or code this is, or was."""
    return _likeliest([each for each in places(text) if each.is_province])


def communes_meant(text: str, province: str | None = None) -> list[FoundPlace]:
    """Return the communes, of a province by its code or of any, whose name or code this is, or was."""
    return _likeliest([each for each in places(text, province) if not each.is_province])


def _likeliest(found: list[FoundPlace]) -> list[FoundPlace]:
    return [each for each in found if each.rank == 0] or [each for each in found if each.rank == 1]


def _matches(text: str, asked: Wanted) -> Iterator[tuple[FoundPlace, int, FormerUnit | None]]:
    """Yield each place in force with how well it fits, and by which former unit it was found."""
    by_code = _by_code()
    if text.isascii() and text.isdigit():
        if text in by_code:
            yield by_code[text], 0, None
        for former in _former_by_code().get(text, ()):
            yield from ((by_code[code], 1, former) for code in former.became)
        return
    for place in by_code.values():
        if (rank := _rank(asked, place.name, "" if place.is_province else place.province)) is not None:
            yield place, 0 if rank == 0 else 2, None
    for former in _former():
        around = f"{former.district} {former.province_name}"
        if (rank := _rank(asked, former.name, around)) is not None:
            yield from ((by_code[code], 1 if rank == 0 else 2, former) for code in former.became)


def _rank(asked: Wanted, name: str, around: str) -> int | None:
    """Return 0 where a name is what is asked for, 1 where it, or it with what lies around it, has all the words."""
    if not _may_have(asked, f"{name} {around}"):
        return None
    own = list(spelt_words(name))
    spelt = {*own, *spelt_words(around)}
    if not {*spelt, *map(without_marks, spelt)}.issuperset(asked.words):
        return None
    words = tuple(dict.fromkeys(map(without_marks, own)))
    return 0 if asked.without_marks.words in {words, _without_kind(words)} else 1


def _may_have(asked: Wanted, names: str) -> bool:
    """Return whether names may have the words that are asked for: quicker than to fold them as `search_keys` does."""
    plain = without_marks(names.casefold()).replace("y", "i")
    return all(without_marks(word).replace("y", "i") in plain for word in asked.words)


def _without_kind(words: tuple[str, ...]) -> tuple[str, ...]:
    kind = next((kind for kind in _KINDS if words[: len(kind)] == kind), ())
    return words[len(kind) :] or words


def _former() -> Iterator[FormerUnit]:
    yield from former_provinces().values()
    yield from former_communes()


@cache
def _former_by_code() -> dict[str, list[FormerUnit]]:
    found: dict[str, list[FormerUnit]] = {}
    for each in _former():
        found.setdefault(each.code, []).append(each)
    return found


@cache
def _by_code() -> dict[str, FoundPlace]:
    return {each.code: each for each in (*_provinces(), *_communes())}


def _provinces() -> Iterator[FoundPlace]:
    for code, name in sorted(PROVINCES.items()):
        yield FoundPlace(f"{code:02}", name, f"{code:02}", name)


def _communes() -> Iterator[FoundPlace]:
    for code, commune in sorted(COMMUNES.items()):
        province = commune.province_code
        yield FoundPlace(f"{code:05}", commune.name, f"{province:02}", PROVINCES[province])
