"""What councils may do and what is said to it, reckoned apart from the services: rows 3-7 of LIFECYCLE.md, section 3.

Whole numbers only, and no rule of the services is called.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from tests.unit.evaluation.councils import CENTRE, OTHER_PROVINCE, PROVINCE, SHEET

#: The legal day on which everything is handled.
TODAY = date(2026, 11, 28)
LEVEL_OF = {PROVINCE: "province", OTHER_PROVINCE: "province", CENTRE: "centre"}
LEVEL_AT = {"at-province": "province", "back-at-province": "province", "at-centre": "centre"}


class At(StrEnum):
    """Where a product is with its council."""

    ELSEWHERE = "elsewhere"
    WAITS = "waits"
    CONVENED = "convened"
    SCORED = "scored"
    #: was to be scored anew
    ANEW = "anew"
    #: has its result, and the registry has not moved it yet
    CONCLUDED = "concluded"


_IN_SESSION = (At.CONVENED, At.SCORED, At.ANEW)
#: What each outcome of what was filed or announced may do to a product: before, after. Nothing else happens, and what a
#: product has of its council stays the same.
TABLE: dict[str, set[tuple[At, At]]] = {
    "followed": {(before, after) for before in At for after in (At.ELSEWHERE, At.WAITS)},
    # its first session, one that replaces that, or one that replaces it without this product
    "convened": {(before, after) for before in (At.WAITS, *_IN_SESSION) for after in (At.CONVENED, At.WAITS)},
    "card-kept": {(At.CONVENED, At.SCORED), (At.SCORED, At.SCORED), (At.ANEW, At.ANEW)},
    "rescore-requested": {(At.SCORED, At.ANEW)},
    "result": {(At.SCORED, At.CONCLUDED), (At.ANEW, At.CONCLUDED)},
    "incomplete": set(),
    "card-older": set(),
    "older": set(),
    "rejected": set(),
}


class Card(NamedTuple):
    """What counts of a member's card."""

    total: int
    minute: int | None


@dataclass
class Seats:
    """A session."""

    level: str
    members: tuple[str, ...]
    visits: dict[str, int]
    replaced_by: str | None = None


@dataclass
class Place:
    """A product, as far as councils are concerned."""

    at: At = At.ELSEWHERE
    level: str | None = None
    #: of the registry's newest event
    sequence: int = 0
    came_on: date | None = None
    #: in which the cards are
    session: str | None = None
    cards: dict[str, Card] = field(default_factory=dict)
    concluded: set[str] = field(default_factory=set)


class Expected(NamedTuple):
    """What is to come of a filing: an outcome, or the codes of its faults; of a conclusion, the totals that count."""

    outcome: str
    codes: frozenset[str] = frozenset()
    totals: tuple[int, ...] = ()


def rejected(codes: set[str]) -> Expected:
    return Expected("rejected", frozenset(codes))


@dataclass
class Model:
    """Sessions and products, as they are to be."""

    sessions: dict[str, Seats] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def move(self, code: str, to: str, sequence: int, letter: date | None, sent_on: date | None) -> Expected:
        """Let the registry say where a round is."""
        place = self.places.setdefault(code, Place())
        if place.sequence >= sequence:
            return Expected("older")
        level = LEVEL_AT.get(to)
        came_on = letter or max((day for day in (place.came_on, sent_on) if day), default=None)
        at = At.WAITS if level else At.ELSEWHERE
        self.places[code] = Place(at, level, sequence, came_on, concluded=place.concluded)
        return Expected("followed")

    def convene(self, data: dict[str, Any], user: str) -> Expected:
        if user == OTHER_PROVINCE and data["province_code"]:
            return rejected({"out-of-scope"})
        codes = self._session_codes(data, user) | self._product_codes(data)
        if codes:
            return rejected(codes)
        if replaced := self.sessions.get(data["replaces"]):
            replaced.replaced_by = data["session"]
            self._leave(data["replaces"], replaced)
        visits = {code: self.places[code].sequence for code in data["products"]}
        self.sessions[data["session"]] = Seats(data["level"], tuple(m["id"] for m in data["members"]), visits)
        for code in visits:
            self.places[code].at, self.places[code].session = At.CONVENED, data["session"]
            self.places[code].cards = {}
        return Expected("convened")

    def _leave(self, id: str, replaced: Seats) -> None:
        for code in replaced.visits:
            if self.holder(code) == id:
                self.places[code].at, self.places[code].session, self.places[code].cards = At.WAITS, None, {}

    def holder(self, code: str) -> str | None:
        """Return the session that a product is in."""
        return self.places[code].session if self.places[code].at in _IN_SESSION else None

    def _session_codes(self, data: dict[str, Any], user: str) -> set[str]:
        codes = set() if LEVEL_OF[user] == data["level"] else {"level-of-another-council"}
        codes |= {"session-id-taken"} if data["session"] in self.sessions else set()
        codes |= set() if [m.get("seat") for m in data["members"]].count("chair") == 1 else {"chair-wrong"}
        if data["replaces"] is None:
            return codes
        replaced = self.sessions.get(data["replaces"])
        if replaced is None:
            return codes | {"session-unknown"}
        codes |= {"session-replaced"} if replaced.replaced_by else set()
        return codes | ({"level-of-another-council"} if replaced.level != data["level"] else set())

    def _product_codes(self, data: dict[str, Any]) -> set[str]:
        codes = set()
        for code in data["products"]:
            place = self.places.get(code, Place())
            if place.level != data["level"] or place.at is At.CONCLUDED:
                codes.add("product-not-at-level")
            elif self.holder(code) not in {None, data["session"], data["replaces"]}:
                codes.add("product-in-another-session")
        return codes

    def score(self, data: dict[str, Any], user: str, total: int, minute: int | None) -> Expected:
        if codes := self._sitting_codes(data, user):
            return rejected(codes)
        place, member = self.places[data["product_code"]], data["member"]
        earlier = place.cards.get(member)
        if earlier and None not in {earlier.minute, minute} and (minute or 0) < (earlier.minute or 0):
            return Expected("card-older")
        place.cards[member] = Card(total, minute)
        place.at = At.SCORED if place.at is At.CONVENED else place.at
        return Expected("card-kept")

    def conclude(self, data: dict[str, Any], user: str) -> Expected:
        if codes := self._sitting_codes(data, user):
            return rejected(codes)
        place, seats = self.places[data["product_code"]], self.sessions[data["session"]]
        if not place.cards:
            return rejected({"no-scorecards"})
        present = set(place.cards) if data["present"] is None else set(data["present"])
        totals = tuple(place.cards[m].total for m in seats.members if m in present and m in place.cards)
        if not _is_complete(seats, place, present, len(totals), data["presided_by"]):
            return Expected("incomplete", totals=totals)
        if max(totals) - min(totals) > 10 and place.at is At.SCORED:
            place.at = At.ANEW
            return Expected("rescore-requested", totals=totals)
        concluded = place.concluded | {data["session"]}
        held_on = date.fromisoformat(data["held_on"])
        self.places[data["product_code"]] = Place(
            At.CONCLUDED, place.level, place.sequence, held_on, concluded=concluded
        )
        return Expected("result", totals=totals)

    def _sitting_codes(self, data: dict[str, Any], user: str) -> set[str]:
        """Return what is wrong with a card or a conclusion."""
        seats = self.sessions.get(data["session"])
        if user == OTHER_PROVINCE:
            return {"out-of-scope"}
        if seats is None:
            return {"session-unknown"}
        if LEVEL_OF[user] != seats.level:
            return {"level-of-another-council"}
        place = self.places.get(data["product_code"])
        own = _conclusion_codes(data, place) if "held_on" in data else _card_codes(data, place)
        named = {data["member"]} if "member" in data else {*(data["present"] or ()), data["presided_by"]}
        own |= set() if named <= set(seats.members) else {"member-unknown"}
        own |= {"session-replaced"} if seats.replaced_by else set()
        if place is None or data["product_code"] not in seats.visits:
            return own | {"product-not-in-session"}
        if data["session"] in place.concluded:
            return own | {"council-concluded"}
        is_here = seats.visits[data["product_code"]] == place.sequence and place.level
        return own if is_here and place.at is not At.CONCLUDED else own | {"product-not-in-session"}


def _is_complete(seats: Seats, place: Place, present: set[str], counted: int, presided_by: str) -> bool:
    """Return whether all who were there have scored, the chair presided, and they are enough."""
    enough = 4 * counted >= 3 * len(seats.members) if seats.level == "province" else counted >= 5
    return enough and present <= set(place.cards) and presided_by == "m1" and "m1" in present


def _card_codes(data: dict[str, Any], place: Place | None) -> set[str]:
    return {"score-sheet-wrong"} if place and data["score_sheet"] != SHEET else set()


def _conclusion_codes(data: dict[str, Any], place: Place | None) -> set[str]:
    codes = {"content-missing"} if data["present"] is None and data["way"] == "meeting" else set()
    held_on = date.fromisoformat(data["held_on"])
    codes |= {"date-in-future"} if held_on > TODAY else set()
    return codes | ({"date-too-early"} if place and place.came_on and held_on < place.came_on else set())
