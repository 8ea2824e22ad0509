"""`ocop report renewals`: which certificates run out when, which have lapsed, and whose window closes soon."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property, lru_cache
from heapq import nlargest
from itertools import chain, compress
from typing import NamedTuple

from ops.language import Message
from ops.reports.columns import Column as Values
from ops.reports.columns import joined, those
from ops.reports.measures import CERTIFIED, STARS, added_up, summed
from ops.reports.products import Products
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.registry.facts import CertificateFacts, Facts, newest_of
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import TimeLimits
from services.registry.validity import Filing, Window, judged, window

#: products that are listed by name at most; all are counted
MOST_LISTED = 500
_YEAR = timedelta(days=365)
_NUMBER = Kind.NUMBER
_PRODUCT = (
    Column("product_code", Message("Product"), Kind.ID),
    Column("product_name", Message("Name")),
    Column("commune", Message("Commune")),
    Column("stars", Message("Stars"), Kind.STARS),
)
_RENEWING = Message("Where a re-evaluation is on its way, here or on paper, the certificate is being renewed.")


class Kept(NamedTuple):
    """A certificate in force, or one that has lapsed, and what may be filed to renew it on a day."""

    certificate: CertificateFacts
    of: Window
    filing: Filing

    @property
    def is_in_force(self) -> bool:
        """Return whether it has not lapsed."""
        return self.certificate.is_in_force

    @property
    def may_be_filed(self) -> bool:
        """Return whether it is time to file, in time."""
        return self.is_in_force and self.filing is Filing.IN_TIME

    @property
    def is_late(self) -> bool:
        """Return whether it may be filed still, by the transition rule alone."""
        return self.is_in_force and self.filing is Filing.LATE

    @property
    def quarter(self) -> tuple[int, int]:
        """The year and the quarter of its last day."""
        last = self.certificate.last_day
        return last.year, (last.month + 2) // 3


class Counts(NamedTuple):
    """What of a product is counted in its commune: 1, or 0 for no."""

    in_force: int = 0
    ending: int = 0
    window_open: int = 0
    closing: int = 0
    late: int = 0
    lapsed: int = 0


class Running:
    """The certificates of products on a day. Whose re-evaluation is on its way has nothing to file."""

    def __init__(self, products: Products, day: date, limits: TimeLimits, days: int) -> None:
        self.products, self.day, self.days = products, day, days
        self._limits = limits
        self._kept: Values[Kept | None] = products.certificates.meaning(self._newest)

    @cached_property
    def kept(self) -> list[tuple[Kept, bool, int]]:
        """The certificates, whether they are being renewed, and how many products have each."""
        return [
            (kept, is_renewed, number)
            for is_renewed in (False, True)
            for kept, number in self._kept.counted_among(self.products.renewing.in_bytes(is_renewed.__eq__))
            if kept
        ]

    @cached_property
    def by_place(self) -> dict[str, tuple[int, ...]]:
        """The `Counts` of each commune that has a certificate in force or a lapsed one."""
        of_each, classes = self._classes
        return summed(of_each, self.products.places, classes.__getitem__)

    @cached_property
    def soon(self) -> list[tuple[int, Kept]]:
        """The products whose window closes within so many days, by their rows, the first that ends first."""
        codes = self.products.codes
        found = self._rows(lambda counts: counts.closing)
        return sorted(found, key=lambda each: (each[1].certificate.last_day, codes[each[0]]))

    @cached_property
    def lapsed(self) -> int:
        """How many products there are whose last certificate has run out."""
        return sum(number for kept, _, number in self.kept if not kept.is_in_force)

    def lapsed_last(self, number: int) -> list[Facts]:
        """Return so many products whose last certificate has run out, the newest first."""
        codes = self.products.codes
        gone = self._rows(lambda counts: counts.lapsed)
        last = nlargest(number, ((kept.certificate.ends_on, codes[row], row) for row, kept in gone))
        return [self.products[row] for *_, row in last]

    @cached_property
    def _classes(self) -> tuple[bytes, list[Counts]]:
        """The class of each product, and what is counted of those of each."""
        pairs: dict[tuple[Counts, Counts], int] = {}

        def number(kept: Kept | None) -> int:
            pair = (self._counts(kept, renewing=False), self._counts(kept, renewing=True))
            return pairs.setdefault(pair, len(pairs))

        kept, renewing = self._kept.in_bytes(number), self.products.renewing.in_bytes(int)
        return joined(kept, renewing, below=2), list(chain.from_iterable(pairs))

    def _rows(self, has: Callable[[Counts], int]) -> list[tuple[int, Kept]]:
        """Return the products, by their rows, that count there."""
        of_each, classes = self._classes
        wanted = [number for number, counts in enumerate(classes) if has(counts)]
        rows = compress(range(len(of_each)), those(of_each, *wanted))
        return [(row, kept) for row in rows if (kept := self._kept[row])]

    def _newest(self, held: Sequence[CertificateFacts]) -> Kept | None:
        newest = newest_of(held)
        if newest is None or not (newest.is_in_force or newest.status is CertificateStatus.EXPIRED):
            return None
        of = window(newest.issued_on, newest.last_day, self._limits)
        return Kept(newest, of, judged(self.day, of))

    def _counts(self, kept: Kept | None, *, renewing: bool) -> Counts:
        if kept is None or not kept.is_in_force:
            return Counts(lapsed=int(kept is not None))
        waits = not renewing
        closing = kept.may_be_filed and kept.of.last <= self.day + timedelta(days=self.days)
        return Counts(
            in_force=1,
            ending=int(kept.certificate.last_day <= self.day + _YEAR),
            window_open=int(waits and kept.may_be_filed),
            closing=int(waits and closing),
            late=int(waits and kept.is_late),
        )


def listed(facts: Sequence[Facts], day: date, limits: TimeLimits, days: int) -> list[str]:
    """Return the codes of the products that the report names."""
    running = _running(Products.of(facts), day, limits, days)
    soon = [running.products.codes[row] for row, _ in running.soon[:MOST_LISTED]]
    return soon + [each.code for each in running.lapsed_last(MOST_LISTED)]


@lru_cache(maxsize=1)  # who asks what is listed asks for the report next
def _running(products: Products, day: date, limits: TimeLimits, days: int) -> Running:
    return Running(products, day, limits, days)


def renewals(
    facts: Sequence[Facts],
    names: Mapping[str, str],
    day: date,
    limits: TimeLimits,
    *,
    days: int = 30,
    notes: Iterable[Message] = (),
) -> Report:
    """Return what runs out when, of these products.

    Args:
        facts: the products.
        names: of those that are `listed`, by their codes.
        day: today.
        limits: the law's days.
        days: whose window closes within so many days is listed.
        notes: what is to be said besides.
    """
    running = _running(Products.of(facts), day, limits, days)
    made = (_quarters(running), _closing(running, names), _lapsed(running, names), _communes(running))
    return Report("renewals", Message("Certificates that run out"), day, made, (*notes, _rule(limits), _RENEWING))


def _rule(limits: TimeLimits) -> Message:
    """Return how it is reckoned what may be filed."""
    return Message(
        "A certificate may be renewed by a re-evaluation that is filed from {opens} to {closes} days before its last "
        "day (Decision 26/2026/QĐ-TTg, Art. 7.6a); one that was issued before {day} may be filed late, too "
        "(Art. 12.3).",
        opens=limits.window_opens,
        closes=limits.window_closes,
        day=limits.late_filing_if_issued_before,
    )


def _quarters(running: Running) -> Section:
    by_quarter = added_up(
        (kept.quarter, (number, *(number * (kept.certificate.stars == each) for each in CERTIFIED), number * renewing))
        for kept, renewing, number in running.kept
        if kept.is_in_force
    )
    rows: list[Sequence[Value]] = [
        (f"{year}-Q{quarter}", *numbers) for (year, quarter), numbers in sorted(by_quarter.items())
    ]
    columns = (
        Column("quarter", Message("Quarter"), Kind.ID),
        Column("certificates", Message("Certificates"), _NUMBER, summed=True),
        *STARS,
        Column("renewing", Message("Being renewed"), _NUMBER, summed=True),
    )
    note = Message("Of certificates in force, by their last day. One that is extended stands where that was.")
    return Section("quarters", Message("By the quarter in which they end"), columns, rows, (note,))


def _closing(running: Running, names: Mapping[str, str]) -> Section:
    rows = [
        (
            *_named(running.products[row], names),
            kept.certificate.last_day,
            kept.of.last,
            (kept.of.last - running.day).days,
            kept.of.late_until,
        )
        for row, kept in running.soon[:MOST_LISTED]
    ]
    columns = (
        *_PRODUCT,
        Column("last_day", Message("Last day"), Kind.DAY),
        Column("file_until", Message("File until"), Kind.DAY),
        Column("days_left", Message("Days left"), _NUMBER),
        Column("late_until", Message("Late until"), Kind.DAY),
    )
    title = Message("Whose window closes within {days} days", days=running.days)
    return Section("closing", title, columns, rows, _how_many(len(running.soon)))


def _lapsed(running: Running, names: Mapping[str, str]) -> Section:
    rows = [
        (*_named(each, names), _ended(each), each.open_round.stage if each.open_round else None)
        for each in running.lapsed_last(MOST_LISTED)
    ]
    columns = (
        *_PRODUCT,
        Column("ended_on", Message("Was valid until"), Kind.DAY),
        Column("stage", Message("Round"), Kind.CODED),
    )
    return Section("lapsed", Message("Lapsed, the newest first"), columns, rows, _how_many(running.lapsed))


def _communes(running: Running) -> Section:
    rows: list[Sequence[Value]] = [
        (place[3:], commune_name(place[3:], running.day), *numbers)
        for place, numbers in sorted(running.by_place.items())
    ]
    numbers = {
        "in_force": Message("In force"),
        "ending": Message("End within a year"),
        "window_open": Message("May be filed"),
        "closing": Message("Window closes soon"),
        "late": Message("Late, may be filed"),
        "lapsed": Message("Lapsed"),
    }
    columns = (
        Column("commune_code", Message("Code"), Kind.ID),
        Column("commune", Message("Commune")),
        *(Column(name, title, _NUMBER, summed=True) for name, title in numbers.items()),
    )
    return Section("communes", Message("By commune"), columns, rows)


def _named(facts: Facts, names: Mapping[str, str]) -> tuple[Value, ...]:
    newest = facts.newest
    return facts.code, names.get(facts.code), commune_name(facts.place[1]), newest.stars if newest else None


def _ended(facts: Facts) -> date:
    return facts.newest.ends_on if facts.newest else date.min


def _how_many(found: int) -> tuple[Message, ...]:
    if found <= MOST_LISTED:
        return ()
    said = Message(
        "{number:,} in all; the first {listed} are listed. Name a commune for the others.",
        number=found,
        listed=MOST_LISTED,
    )
    return (said,)
