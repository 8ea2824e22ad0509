"""What is asked for, as questions to the documents of now: by text and place, stars, stage and product set.

Each question looks documents up by keys (`services/registry/search_keys.py`), province by province, and stops when it
has enough: nobody waits for the products of all provinces to see the first fifty.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from services.registry.gazetteer import FoundPlace
from services.registry.search_keys import (
    Wanted,
    by_set,
    by_stage,
    by_stars,
    in_area,
    in_commune,
    in_province,
    is_looked_up,
    without_marks,
)
from services.registry.units import COMMUNES, PROVINCES
from shared.contracts.rounds import Stage

Query = Mapping[str, Any]

#: Groups of keys that are looked up at once at most; some servers hold what they find against each key again, so they
#: are few where much may be found that does not fit.
_AT_ONCE, _ALL_AT_ONCE = 4, 1024


@dataclass(frozen=True)
class Branch:
    """Documents that have one of the keys, and for which the rest holds.

    `keys` are in the order of the codes that they stand for, in groups: one of these is looked up first, then two, then
    four, `at_once` at most.
    """

    keys: Sequence[Sequence[str]]
    rest: Query = field(default_factory=dict)
    at_once: int = _AT_ONCE

    def windows(self) -> Iterator[Query]:
        """Yield a query for each window: what it finds stands before what the next one finds, by their codes."""
        begins, width = 0, 1
        while begins < len(self.keys):
            keys = [key for group in self.keys[begins : begins + width] for key in group]
            yield {"keys": {"$in": keys}, **self.rest}  # the keys first: some servers take the first index that fits
            begins, width = begins + width, min(2 * width, self.at_once)


@dataclass(frozen=True)
class Question:
    """A question to the documents of now: what one of its branches finds. `spelt_otherwise`: it passes over marks."""

    branches: tuple[Branch, ...]
    spelt_otherwise: bool = False


@dataclass(frozen=True)
class Asked:
    """Which products are wanted, in the order of their codes, and how many of them.

    Args:
        text: None where all are.
        named: places whose name or code the text is: their products are wanted too.
        place: in which they are to lie.
        stars: of the certificate in force; 0 for none.
        stages: of the open round; None for none.
        after: the code behind which the list goes on.
    """

    text: Wanted | None = None
    named: Sequence[FoundPlace] = ()
    place: FoundPlace | None = None
    stars: Sequence[int] = ()
    stages: Sequence[Stage | None] = ()
    product_sets: Sequence[int] = ()
    after: str = ""
    limit: int = 50

    def questions(self) -> list[Question]:
        """Return what to ask one behind the other, until there is an answer: what is numbered as a whole comes first.

        Where no name is spelt with the marks that were typed, those are asked for that read the same without.
        """
        if self.text is None:
            return [Question((self._all(self.place),))]
        text = self.text
        exact = [Question((Branch([text.exact], self._rest()),))] if text.exact else []
        if not text.words:
            return exact
        named = tuple(self._all(place) for place in self.named)
        spelt, loosely = Question((self._with_words(text.words), *named)), text.without_marks
        if loosely.words == text.words:
            return [*exact, spelt]
        return [*exact, spelt, Question((self._with_words(loosely.words),), spelt_otherwise=True)]

    def _with_words(self, words: Sequence[str]) -> Branch:
        """Return the branch of all words: one is looked up, the others are to be there.

        That is one with marks, the longest, the last of these: without marks more words are one, and a name begins with
        what many products are, and ends with its own. Where all are words of what producers are, none is.
        """
        known = filter(is_looked_up, reversed(words))
        looked_up = max(known, key=lambda word: (word != without_marks(word), len(word)), default=None)
        if looked_up is None or (self.place and not self.place.is_province):
            everything = self._all(self.place)
            return replace(everything, rest={**everything.rest, "words": {"$all": list(words)}}, at_once=_AT_ONCE)
        others = [word for word in words if word != looked_up]
        rest = self._rest() | ({"words": {"$all": others}} if others else {})
        provinces = [self.place.code] if self.place else self._provinces()
        return Branch(_in_each(provinces, [looked_up]), rest)

    def _all(self, place: FoundPlace | None) -> Branch:
        """Return the branch of all products of a place, or of any, by what is rarest of what they are to have."""
        if place and not place.is_province:
            return Branch([[_commune(place)]], self._rest())
        provinces = [place.code] if place else self._provinces()
        if stems := self._stems():
            return Branch(_in_each(provinces, stems), self._rest())
        begins = in_area(self.after[:2], self.after[3:8]) if self.after else ""
        areas = [area for province, area in _areas() if province in provinces and area >= begins]
        return Branch([[area] for area in areas], self._rest(), _ALL_AT_ONCE)

    def _stems(self) -> list[str]:
        return (
            [by_set(each) for each in self.product_sets]
            or [by_stage(each) for each in self.stages]
            or [by_stars(each) for each in self.stars]
        )

    def _provinces(self) -> list[str]:
        """Return the codes of provinces behind whose products the list does not begin."""
        return [code for code in (f"{each:02}" for each in sorted(PROVINCES)) if code >= self.after[:2]]

    def _rest(self) -> dict[str, Any]:
        rest: dict[str, Any] = {"_id": {"$gt": self.after}} if self.after else {}
        if self.stars:
            rest["stars"] = {"$in": [each or None for each in self.stars]}
        if self.stages:
            rest["stage"] = {"$in": list(self.stages)}
        if self.product_sets:
            rest["state.product_set"] = {"$in": list(self.product_sets)}
        return rest


@cache
def _areas() -> list[tuple[str, str]]:
    """Return the areas in which communes lie, each with its province, in the order of codes."""
    communes = ((f"{each.province_code:02}", f"{code:05}") for code, each in COMMUNES.items())
    return sorted({(province, in_area(province, commune)) for province, commune in communes})


def _in_each(provinces: Sequence[str], stems: Sequence[str]) -> list[list[str]]:
    return [[in_province(stem, province) for stem in stems] for province in provinces]


def _commune(place: FoundPlace) -> str:
    return in_commune(place.province_code, place.code)
