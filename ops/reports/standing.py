"""How a target of a programme stands: what is reached, on its way in time or too late, and out of reach."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, cached_property

from ops.reports.law_days import last_day_to_file, recognised_by
from ops.reports.programme import Counts, Programme, Target
from services.evaluation.rulebook import load_rulebook
from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import TimeLimits
from services.registry.validity import window
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing

#: Rounds that have to have ended, until it can be said how many of them end well.
ENOUGH_ENDED = 5
_FIVE = 5
#: How a round ends that was judged, or given up.
_ENDINGS = frozenset(Closing) - {Closing.TAKEN_OVER, Closing.REVOKED}


@dataclass(frozen=True)
class Scene:
    """What targets are judged by: the programme, the products of its places, the day and the law's days."""

    programme: Programme
    facts: Sequence[Facts]
    today: date
    limits: TimeLimits

    @property
    def last(self) -> date:
        """The day up to which it is counted: today, or the programme's last."""
        return min(self.today, self.programme.ends)

    @cached_property
    def recognised(self) -> tuple[int, int]:
        """How many of the newest rounds that have ended were recognised, of how many."""
        ended = [each.round.closing for each in self.facts if each.round and each.round.closing in _ENDINGS]
        return ended.count(Closing.RECOGNISED), len(ended)

    @cached_property
    def chance(self) -> Fraction:
        """What is expected of a round by that, 1 where too few have ended to say."""
        well, ended = self.recognised
        return Fraction(well, ended) if ended >= ENOUGH_ENDED else Fraction(1)

    @cached_property
    def stars(self) -> Counter[int]:
        """How many products have so many stars in force on the last day."""
        return Counter(valid.stars for each in self.facts if (valid := valid_on(each, self.last)))


@dataclass(frozen=True)
class Standing:
    """How a target stands. Counted are products or, where that is the target, producers.

    `in_time` and `too_late` are on their way, by the last days that the law leaves. `ending` counts today and runs out
    before the programme ends, while nobody has filed to renew it. `renewable` are products that may still be filed
    to be re-evaluated. `file_until` is the last day to file in time, None where that was long ago.
    """

    target: Target
    reached: frozenset[str]
    in_time: Mapping[str, Facts]
    too_late: Mapping[str, Facts]
    ending: frozenset[str]
    renewable: frozenset[str]
    file_until: date | None
    can_be_filed: bool
    forecast: int

    @property
    def out_of_reach(self) -> int:
        """How many are missing whatever is filed from today on, if offices take all the time that they have."""
        if self.can_be_filed:
            return 0
        return max(self.target.at_least - len(self.reached) - len(self.in_time) - len(self.renewable), 0)


def standing(target: Target, scene: Scene) -> Standing:
    """Return how one target stands."""
    facts = [each for each in scene.facts if not target.groups or _group_of(each.product_set) in target.groups]
    unit, ends = _unit(target), scene.programme.ends
    reached = {unit(each): each for each in facts if _counts(target, scene, each)}
    way = [each for each in facts if unit(each) not in reached and each.open_round and _may_count(target, each)]
    by_law = [(_by_law(target, scene, each), each) for each in way]
    in_time = {unit(each): each for day, each in by_law if day <= ends}
    too_late = {unit(each): each for day, each in by_law if day > ends and unit(each) not in in_time}
    ending, renewable = _ending(target, scene, facts), _renewable(target, scene, facts, {*reached, *in_time, *too_late})
    file_until = last_day_to_file(_kind(target), ends, scene.limits, centrally=_is_central(target))
    expected = sum((_chance(target, scene, each) for each in in_time.values()), Fraction())
    return Standing(
        target=target,
        reached=frozenset(reached),
        in_time=in_time,
        too_late=too_late,
        ending=ending,
        renewable=renewable,
        file_until=file_until,
        can_be_filed=target.counts is not Counts.RE_EVALUATED and file_until is not None and scene.today <= file_until,
        forecast=len(reached) - len(ending) + int(expected),
    )


def valid_on(facts: Facts, day: date) -> CertificateFacts | None:
    """Return the certificate that is, or was, valid on a day."""
    found = (each for each in reversed(facts.certificates) if each.issued_on <= day)
    return next((each for each in found if each.is_in_force or day <= each.ends_on), None)


def _unit(target: Target) -> Callable[[Facts], str]:
    return _producer if target.counts is Counts.PRODUCERS else _code


def _producer(facts: Facts) -> str:
    return facts.producer or facts.code


def _code(facts: Facts) -> str:
    return facts.code


def _counts(target: Target, scene: Scene, facts: Facts) -> bool:
    """Return whether a product counts already."""
    within = [scene.programme.begins <= each.issued_on <= scene.last for each in facts.certificates]
    match target.counts:
        case Counts.RATED:
            return any(within)
        case Counts.NEW:
            return bool(within) and within[0]
        case Counts.RE_EVALUATED:
            again = (each.registration is not RegistrationKind.UPGRADE for each in facts.certificates[1:])
            return any(is_within and is_again for is_within, is_again in zip(within[1:], again, strict=True))
        case Counts.STARS | Counts.PRODUCERS:
            valid = valid_on(facts, scene.last)
            return valid is not None and (not target.stars or valid.stars in target.stars)


def _may_count(target: Target, facts: Facts) -> bool:
    """Return whether a product may count once its open round has ended well."""
    of_round = _open(facts)
    match target.counts:
        case Counts.NEW:
            return not facts.certificates
        case Counts.RE_EVALUATED:
            return bool(facts.certificates) and of_round.registration is not RegistrationKind.UPGRADE
        case Counts.STARS:
            return of_round.stars is None or of_round.stars in target.stars
        case _:
            return True


def _chance(target: Target, scene: Scene, facts: Facts) -> Fraction:
    """Return what of a round is expected; of stars that no council has given yet, as often as they are in force."""
    if not target.stars or _open(facts).stars is not None:
        return scene.chance
    wanted = sum(scene.stars[each] for each in set(target.stars))
    return scene.chance * Fraction(wanted, scene.stars.total() or 1)


def _ending(target: Target, scene: Scene, facts: Iterable[Facts]) -> frozenset[str]:
    """Return what counts today by a certificate in force, and will no more at the end unless somebody files."""
    if target.counts not in {Counts.STARS, Counts.PRODUCERS}:
        return frozenset()
    unit, counted = _unit(target), [each for each in facts if _counts(target, scene, each)]
    stays = {unit(each) for each in counted if each.renewing or not _runs_out(each, scene)}
    return frozenset(map(unit, counted)) - stays


def _runs_out(facts: Facts, scene: Scene) -> bool:
    valid = valid_on(facts, scene.last)
    return valid is not None and valid.ends_on < scene.programme.ends


def _renewable(target: Target, scene: Scene, facts: Iterable[Facts], known: Collection[str]) -> frozenset[str]:
    """Return the products whose certificate ends or has ended, and that may be filed again in time."""
    if target.counts not in {Counts.RATED, Counts.RE_EVALUATED}:
        return frozenset()
    return frozenset(each.code for each in facts if each.code not in known and _may_be_renewed(each, scene))


def _may_be_renewed(facts: Facts, scene: Scene) -> bool:
    newest = facts.newest
    if newest is None or facts.open_round or facts.renewing:
        return False
    again = RegistrationKind.RE_EVALUATION if newest.is_in_force else RegistrationKind.FIRST
    until = last_day_to_file(again, scene.programme.ends, scene.limits)
    if until is None or until < scene.today:
        return False
    of = window(newest.issued_on, newest.last_day, scene.limits)
    may_be_filed = of.first <= until and scene.today <= (of.late_until or of.last)
    return newest.status is CertificateStatus.EXPIRED or (newest.is_in_force and may_be_filed)


def _by_law(target: Target, scene: Scene, facts: Facts) -> date:
    return recognised_by(_open(facts), scene.today, scene.limits, centrally=_is_central(target))


def _is_central(target: Target) -> bool:
    """Return whether the centre alone can give what is wanted (Art. 3.3)."""
    return set(target.stars) == {_FIVE}


def _kind(target: Target) -> RegistrationKind:
    return RegistrationKind.RE_EVALUATION if target.counts is Counts.RE_EVALUATED else RegistrationKind.FIRST


def _open(facts: Facts) -> RoundFacts:
    if facts.open_round is None:
        raise LookupError(facts.code)
    return facts.open_round


@cache
def _groups() -> dict[int, str]:
    return {each.product_set: each.group.code for each in load_rulebook().sheets.values()}


def _group_of(product_set: int) -> str | None:
    return _groups().get(product_set)
