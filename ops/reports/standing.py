"""How a target of a programme stands: what is reached, on its way in time or too late, and out of reach."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from fractions import Fraction
from functools import cache

from ops.reports.law_days import last_day_to_file
from ops.reports.programme import Counts, Target
from ops.reports.scene import Like, Scene, Way
from services.evaluation.rulebook import load_rulebook
from shared.contracts.dossier import RegistrationKind

_FIVE = 5
#: What counts certificates of the period, not those in force at its end.
_GIVEN_IN_IT = frozenset({Counts.RATED, Counts.NEW, Counts.RE_EVALUATED})


@dataclass(frozen=True)
class Standing:
    """How a target stands. Counted are products or, where that is the target, producers.

    `in_time` and `too_late` are on their way, by the last days that the law leaves. `ending` counts today and runs out
    before the programme ends, while nobody has filed to renew it. `renewable` are products that may still be filed
    to be re-evaluated. `file_until` is the last day to file in time, None where that was long ago.
    """

    target: Target
    reached: int
    in_time: Counter[Way]
    too_late: Counter[Way]
    ending: int
    renewable: int
    file_until: date | None
    can_be_filed: bool
    forecast: int

    @property
    def out_of_reach(self) -> int:
        """How many are missing whatever is filed from today on, if offices take all the time that they have."""
        if self.can_be_filed:
            return 0
        return max(self.target.at_least - self.reached - self.in_time.total() - self.renewable, 0)


class _Is(Enum):
    """What a product is to a target."""

    REACHED = auto()
    #: reached, and will not be any more when the programme ends, unless somebody files
    ENDING = auto()
    IN_TIME = auto()
    TOO_LATE = auto()
    RENEWABLE = auto()
    NOTHING = auto()


#: How many products, or producers, are what to a target, by where their rounds are.
_Tally = Counter[tuple[_Is, Way | None]]


def standing(target: Target, scene: Scene) -> Standing:
    """Return how one target stands."""
    tally = _producers(target, scene) if target.counts is Counts.PRODUCERS else _products(target, scene)
    in_time, too_late = _ways(tally, _Is.IN_TIME), _ways(tally, _Is.TOO_LATE)
    ending = _number(tally, _Is.ENDING)
    reached = _number(tally, _Is.REACHED) + ending
    file_until = last_day_to_file(_kind(target), scene.programme.ends, scene.limits, centrally=_is_central(target))
    expected = sum((_chance(target, scene, way) * number for way, number in in_time.items()), Fraction())
    return Standing(
        target=target,
        reached=reached,
        in_time=in_time,
        too_late=too_late,
        ending=ending,
        renewable=_number(tally, _Is.RENEWABLE),
        file_until=file_until,
        can_be_filed=target.counts is not Counts.RE_EVALUATED and file_until is not None and scene.today <= file_until,
        forecast=reached - ending + int(expected),
    )


def _products(target: Target, scene: Scene) -> _Tally:
    tally: _Tally = Counter()
    for like, number in scene.alike.values():
        tally[_what(target, like), like.way] += number
    return tally


def _producers(target: Target, scene: Scene) -> _Tally:
    """Return what producers are to a target: what the best of their products is, of equal ones the last."""
    whats = {key: (_what(target, like), like.way) for key, (like, _) in scene.alike.items()}
    found: dict[_Is, dict[str, Way | None]] = defaultdict(dict)
    for producer, code, key in zip(scene.products.producers, scene.products.codes, scene.keys, strict=True):
        what, way = whats[key]
        found[what][producer or code] = way
    best: dict[str, tuple[_Is, Way | None]] = {}
    for what in reversed(_Is):
        best |= {producer: (what, way) for producer, way in found[what].items()}
    return Counter(best.values())


def _what(target: Target, like: Like) -> _Is:
    if target.groups and _group_of(like.product_set) not in target.groups:
        return _Is.NOTHING
    if _counts(target, like):
        lasts = target.counts not in {Counts.STARS, Counts.PRODUCERS} or like.renewing or not like.held.runs_out
        return _Is.REACHED if lasts else _Is.ENDING
    if like.way and _may_count(target, like, like.way):
        return _Is.IN_TIME if _is_in_time(target, like.way) else _Is.TOO_LATE
    if target.counts in {Counts.RATED, Counts.RE_EVALUATED} and like.held.renewable:
        return _Is.NOTHING if like.way or like.renewing else _Is.RENEWABLE
    return _Is.NOTHING


def _counts(target: Target, like: Like) -> bool:
    """Return whether a product counts already."""
    match target.counts:
        case Counts.RATED:
            return like.held.rated
        case Counts.NEW:
            return like.held.new
        case Counts.RE_EVALUATED:
            return like.held.re_evaluated
        case Counts.STARS:
            return like.held.stars in target.stars
        case Counts.PRODUCERS:
            return like.held.stars is not None


def _may_count(target: Target, like: Like, way: Way) -> bool:
    """Return whether a product may count once its open round has ended well."""
    if way.too_early and target.counts in _GIVEN_IN_IT:
        return False
    match target.counts:
        case Counts.NEW:
            return not like.held.any
        case Counts.RE_EVALUATED:
            return like.held.any and way.registration is not RegistrationKind.UPGRADE
        case Counts.STARS:
            return way.stars is None or way.stars in target.stars
        case _:
            return True


def _is_in_time(target: Target, way: Way) -> bool:
    return way.in_time_centrally if _is_central(target) else way.in_time


def _chance(target: Target, scene: Scene, way: Way) -> Fraction:
    """Return what of a round is expected; of stars that no council has given yet, as often as they are in force."""
    if not target.stars or way.stars is not None:
        return scene.chance
    wanted = sum(scene.stars[each] for each in set(target.stars))
    return scene.chance * Fraction(wanted, scene.stars.total() or 1)


def _number(tally: _Tally, what: _Is) -> int:
    return sum(number for (each, _), number in tally.items() if each is what)


def _ways(tally: _Tally, what: _Is) -> Counter[Way]:
    return Counter({way: number for (each, way), number in tally.items() if each is what and way})


def _is_central(target: Target) -> bool:
    """Return whether the centre alone can give what is wanted (Art. 3.3)."""
    return set(target.stars) == {_FIVE}


def _kind(target: Target) -> RegistrationKind:
    return RegistrationKind.RE_EVALUATION if target.counts is Counts.RE_EVALUATED else RegistrationKind.FIRST


@cache
def _groups() -> dict[int, str]:
    return {each.product_set: each.group.code for each in load_rulebook().sheets.values()}


def _group_of(product_set: int) -> str | None:
    return _groups().get(product_set)
