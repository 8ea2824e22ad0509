"""Targets that are counted in columns stand as a plain count has them, product by product, of any register."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ops.reports.law_days import last_day_to_file, recognised_by
from ops.reports.programme import Counts, Programme, Target
from ops.reports.scene import ENOUGH_ENDED, Scene
from ops.reports.standing import standing
from services.evaluation.rulebook import load_rulebook
from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import load_time_limits
from services.registry.validity import window
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing
from tests.unit.ops.reports.registers import registers

LIMITS = load_time_limits()
GROUPS = {each.product_set: each.group.code for each in load_rulebook().sheets.values()}
FIRST, AGAIN, UPGRADE = RegistrationKind.FIRST, RegistrationKind.RE_EVALUATION, RegistrationKind.UPGRADE
OF_FORCE = {Counts.STARS, Counts.PRODUCERS}

wanted = st.builds(
    lambda counts, at_least, stars, groups: Target(
        name="it", counts=counts, at_least=at_least, stars=stars if counts is Counts.STARS else (), groups=groups
    ),
    st.sampled_from(Counts),
    st.integers(1, 9),
    st.lists(st.sampled_from((3, 4, 5)), min_size=1, max_size=2, unique=True),
    st.sampled_from(((), ("I",), ("I", "VI"))),
)
programmes = st.builds(
    lambda target, begins, days: Programme.model_validate(
        {
            "name": {"vi": "Kế hoạch", "en": "Plan"},
            "source": "KH 1",
            "places": ["01"],
            "begins": begins,
            "ends": begins + timedelta(days=days),
            "targets": [target.model_dump()],
        }
    ),
    wanted,
    st.dates(date(2023, 1, 1), date(2027, 1, 1)),
    st.integers(0, 1500),
)


@dataclass
class Plain:
    """A plain count of one target."""

    target: Target
    programme: Programme
    facts: Sequence[Facts]
    today: date

    @property
    def last(self) -> date:
        return min(self.today, self.programme.ends)

    @property
    def those(self) -> list[Facts]:
        return [each for each in self.facts if not self.target.groups or self.group(each) in self.target.groups]

    def group(self, each: Facts) -> str | None:
        return GROUPS.get(each.product_set)

    def unit(self, each: Facts) -> str:
        return (each.producer or each.code) if self.target.counts is Counts.PRODUCERS else each.code

    def valid(self, each: Facts) -> CertificateFacts | None:
        found = [held for held in each.certificates if held.issued_on <= self.last]
        return next((held for held in reversed(found) if held.is_in_force or self.last <= held.ends_on), None)

    def counts(self, each: Facts) -> bool:
        valid, begins = self.valid(each), self.programme.begins
        within = [held for held in each.certificates if begins <= held.issued_on <= self.last]
        first = [held for held in each.certificates[:1] if held in within]
        again = [held for held in each.certificates[1:] if held in within and held.registration is not UPGRADE]
        of_counts: dict[Counts, Any] = {
            Counts.RATED: within,
            Counts.NEW: first,
            Counts.RE_EVALUATED: again,
            Counts.STARS: valid and valid.stars in self.target.stars,
            Counts.PRODUCERS: valid,
        }
        return bool(of_counts[self.target.counts])

    def may_count(self, each: Facts, of: RoundFacts) -> bool:
        of_counts = {
            Counts.NEW: not each.certificates,
            Counts.RE_EVALUATED: bool(each.certificates) and of.registration is not UPGRADE,
            Counts.STARS: of.stars is None or of.stars in self.target.stars,
        }
        return of_counts.get(self.target.counts, True)

    @property
    def reached(self) -> set[str]:
        return {self.unit(each) for each in self.those if self.counts(each)}

    def on_their_way(self, is_one: Callable[[date], bool]) -> dict[str, RoundFacts]:
        """Of several rounds of one producer that of the last product."""
        centrally = [*self.target.stars] == [5]
        return {
            self.unit(each): each.open_round
            for each in self.those
            if each.open_round and self.unit(each) not in self.reached and self.may_count(each, each.open_round)
            if self.is_given_in_it(each.open_round)
            if is_one(recognised_by(each.open_round, self.today, LIMITS, centrally=centrally))
        }

    def is_given_in_it(self, of: RoundFacts) -> bool:
        """What a period gives, nothing gives that is over before it begins."""
        return self.target.counts in OF_FORCE or recognised_by(of, self.today, LIMITS) >= self.programme.begins

    @property
    def in_time(self) -> dict[str, RoundFacts]:
        return self.on_their_way(lambda day: day <= self.programme.ends)

    @property
    def too_late(self) -> dict[str, RoundFacts]:
        late = self.on_their_way(lambda day: day > self.programme.ends)
        return {unit: of for unit, of in late.items() if unit not in self.in_time}

    @property
    def ending(self) -> set[str]:
        if self.target.counts not in OF_FORCE:
            return set()
        return self.reached - {
            self.unit(each)
            for each in self.those
            if self.counts(each) and (each.renewing or not (valid := self.valid(each)) or self.lasts(valid))
        }

    def lasts(self, valid: CertificateFacts) -> bool:
        return valid.ends_on >= self.programme.ends

    @property
    def renewable(self) -> set[str]:
        if self.target.counts not in {Counts.RATED, Counts.RE_EVALUATED}:
            return set()
        known = {*self.reached, *self.in_time, *self.too_late}
        return {each.code for each in self.those if each.code not in known and self.may_be_renewed(each)}

    def may_be_renewed(self, each: Facts) -> bool:
        newest = each.newest
        if newest is None or each.open_round or each.renewing:
            return False
        until = last_day_to_file(AGAIN if newest.is_in_force else FIRST, self.programme.ends, LIMITS)
        of = window(newest.issued_on, newest.last_day, LIMITS)
        if until is None or until < self.today:
            return False
        opens = newest.is_in_force and of.first <= until and self.today <= (of.late_until or of.last)
        return opens or newest.status is CertificateStatus.EXPIRED

    @property
    def forecast(self) -> int:
        ended = [of.closing for each in self.facts if (of := each.round) and of.closing]
        judged = [closing for closing in ended if closing not in {Closing.TAKEN_OVER, Closing.REVOKED}]
        chance = Fraction(1)
        if len(judged) >= ENOUGH_ENDED:
            chance = Fraction(judged.count(Closing.RECOGNISED), len(judged))
        stars = [valid.stars for each in self.facts if (valid := self.valid(each))]
        share = Fraction(sum(each in self.target.stars for each in stars), len(stars) or 1)
        known = [of.stars is not None or not self.target.stars for of in self.in_time.values()]
        return len(self.reached) - len(self.ending) + int(sum(chance if each else chance * share for each in known))


@given(programme=programmes, facts=registers, today=st.dates(date(2024, 1, 1), date(2028, 1, 1)))
def test_a_target_stands_as_a_plain_count_has_it(programme: Programme, facts: list[Facts], today: date) -> None:
    (target,) = programme.targets
    plain = Plain(target, programme, facts, today)

    found = standing(target, Scene(programme, facts, today, LIMITS))

    assert (found.reached, found.ending, found.renewable) == (
        len(plain.reached),
        len(plain.ending),
        len(plain.renewable),
    )
    for counted, ways in ((found.in_time, plain.in_time), (found.too_late, plain.too_late)):
        assert counted.total() == len(ways)
        assert Counter(way.stage for way in counted.elements()) == Counter(of.stage for of in ways.values())
    assert found.forecast == plain.forecast
    if not found.can_be_filed:
        missing = target.at_least - len(plain.reached) - len(plain.in_time) - len(plain.renewable)
        assert found.out_of_reach == max(missing, 0)
