"""What targets are judged by: a programme, a day, the law's days, and what products are like, as far as targets ask."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ops.reports.law_days import last_day_to_file, recognised_by
from ops.reports.products import Products
from ops.reports.programme import Programme
from services.registry.facts import CertificateFacts, Facts, RoundFacts, newest_of, still_open
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import TimeLimits
from services.registry.validity import window
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing, Stage

#: Rounds that have to have ended, until it can be said how many of them end well.
ENOUGH_ENDED = 5
#: How a round ends that was judged, or given up.
_ENDINGS = frozenset(Closing) - {Closing.TAKEN_OVER, Closing.REVOKED}
#: The classes of a product's certificates and round, its product set, and whether it is renewing.
Key = tuple[int, int, int, bool]


class Held(NamedTuple):
    """The certificates of a product: whether one of them counts as `rated`, `new` or `re_evaluated`.

    `stars` are those on the day up to which it is counted, None where no certificate is valid then; `runs_out`: that
    is not valid any more when the programme ends. `renewable`: may be filed again in time, unless that was done.
    """

    any: bool
    rated: bool
    new: bool
    re_evaluated: bool
    stars: int | None
    runs_out: bool
    renewable: bool


class Way(NamedTuple):
    """An open round: `stars` are what a council has given so far in it.

    `in_time`: recognised before the programme ends by the last days that the law leaves; `in_time_centrally`: by the
    centre. `too_early`: recognised before it begins.
    """

    registration: RegistrationKind
    stage: Stage
    stars: int | None
    in_time: bool
    in_time_centrally: bool
    too_early: bool


class Like(NamedTuple):
    """What a product is like: very many are alike."""

    held: Held
    way: Way | None
    product_set: int
    renewing: bool


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
    def products(self) -> Products:
        """The products in columns."""
        return Products.of(self.facts)

    @cached_property
    def alike(self) -> Mapping[Key, tuple[Like, int]]:
        """What products are like and how many are like that, by the `keys` of the products."""
        (_, held), (_, ways) = self._held, self._ways
        counted = Counter(self.keys).items()
        return {key: (Like(held[key[0]], ways[key[1]], *key[2:]), number) for key, number in counted}

    @property
    def keys(self) -> Iterator[Key]:
        """The key of each product: small numbers, counted faster than what they stand for."""
        return zip(self._held[0], self._ways[0], self.products.sets, self.products.renewing, strict=True)

    @cached_property
    def recognised(self) -> tuple[int, int]:
        """How many of the newest rounds that have ended were recognised, of how many."""
        ended = [(of.closing, number) for of, number in self.products.rounds.counted if of and of.closing in _ENDINGS]
        well = (number for closing, number in ended if closing is Closing.RECOGNISED)
        return sum(well), sum(number for _, number in ended)

    @cached_property
    def chance(self) -> Fraction:
        """What is expected of a round by that, 1 where too few have ended to say."""
        well, ended = self.recognised
        return Fraction(well, ended) if ended >= ENOUGH_ENDED else Fraction(1)

    @cached_property
    def stars(self) -> Counter[int]:
        """How many products have so many stars in force on the last day."""
        found: Counter[int] = Counter()
        for like, number in self.alike.values():
            if like.held.stars is not None:
                found[like.held.stars] += number
        return found

    @cached_property
    def _held(self) -> tuple[Sequence[int], Sequence[Held]]:
        return self.products.certificates.classed(self._held_by)

    @cached_property
    def _ways(self) -> tuple[Sequence[int], Sequence[Way | None]]:
        return self.products.rounds.classed(self._way_of)

    def _held_by(self, certificates: Sequence[CertificateFacts]) -> Held:
        programme, valid = self.programme, valid_on(certificates, self.last)
        within = [programme.begins <= each.issued_on <= self.last for each in certificates]
        again = [each.registration is not RegistrationKind.UPGRADE for each in certificates]
        return Held(
            any=bool(certificates),
            rated=any(within),
            new=any(within[:1]),
            re_evaluated=any(is_within and is_again for is_within, is_again in zip(within[1:], again[1:], strict=True)),
            stars=valid.stars if valid else None,
            runs_out=valid is not None and valid.ends_on < programme.ends,
            renewable=self._may_be_renewed(newest_of(certificates)),
        )

    def _may_be_renewed(self, newest: CertificateFacts | None) -> bool:
        if newest is None:
            return False
        again = RegistrationKind.RE_EVALUATION if newest.is_in_force else RegistrationKind.FIRST
        until = last_day_to_file(again, self.programme.ends, self.limits)
        if until is None or until < self.today:
            return False
        of = window(newest.issued_on, newest.last_day, self.limits)
        may_be_filed = of.first <= until and self.today <= (of.late_until or of.last)
        return newest.status is CertificateStatus.EXPIRED or (newest.is_in_force and may_be_filed)

    def _way_of(self, newest: RoundFacts | None) -> Way | None:
        of = still_open(newest)
        if of is None:
            return None
        first, last = (recognised_by(of, self.today, self.limits, centrally=each) for each in (False, True))
        begins, ends = self.programme.begins, self.programme.ends
        return Way(of.registration, of.stage, of.stars, first <= ends, last <= ends, first < begins)


def valid_on(certificates: Sequence[CertificateFacts], day: date) -> CertificateFacts | None:
    """Return the certificate that is, or was, valid on a day."""
    found = (each for each in reversed(certificates) if each.issued_on <= day)
    return next((each for each in found if each.is_in_force or day <= each.ends_on), None)
