"""`ocop report renewals`: which certificates run out when, which have lapsed, and whose window closes soon."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ops.language import Message
from ops.reports.measures import CERTIFIED, STARS, grouped
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.registry.facts import CertificateFacts, Facts
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


@dataclass(frozen=True)
class Renewal:
    """The certificate in force of a product, and what may be filed to renew it on a day."""

    facts: Facts
    certificate: CertificateFacts
    of: Window
    filing: Filing

    @property
    def may_be_filed(self) -> bool:
        """Return whether it is time to file, in time, and nobody has."""
        return self.filing is Filing.IN_TIME and not self.facts.renewing

    @property
    def is_late(self) -> bool:
        """Return whether it may be filed still, by the transition rule alone, and nobody has."""
        return self.filing is Filing.LATE and not self.facts.renewing


def in_force(facts: Iterable[Facts], day: date, limits: TimeLimits) -> list[Renewal]:
    """Return the certificates in force, the first that ends first."""
    found = []
    for each in facts:
        newest = each.newest
        if newest and newest.is_in_force:
            of = window(newest.issued_on, newest.last_day, limits)
            found.append(Renewal(each, newest, of, judged(day, of)))
    return sorted(found, key=lambda each: (each.certificate.last_day, each.facts.code))


def closing(renewals: Iterable[Renewal], day: date, days: int) -> list[Renewal]:
    """Return those that may be filed, but for so many days at most, the first that closes first."""
    return [each for each in renewals if each.may_be_filed and each.of.last <= day + timedelta(days=days)]


def lapsed(facts: Iterable[Facts]) -> list[Facts]:
    """Return the products whose last certificate has run out, the newest first."""
    found = (each for each in facts if each.newest and each.newest.status is CertificateStatus.EXPIRED)
    return sorted(found, key=lambda each: (_ended(each), each.code), reverse=True)


def listed(facts: Sequence[Facts], day: date, limits: TimeLimits, days: int) -> list[str]:
    """Return the codes of the products that the report names."""
    soon = closing(in_force(facts, day, limits), day, days)
    return [each.facts.code for each in soon[:MOST_LISTED]] + [each.code for each in lapsed(facts)[:MOST_LISTED]]


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
    running, gone = in_force(facts, day, limits), lapsed(facts)
    soon = closing(running, day, days)
    made = (
        _quarters(running),
        _closing(soon, names, day, days),
        _lapsed(gone, names),
        _communes(running, soon, gone, day),
    )
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


def _quarters(running: Iterable[Renewal]) -> Section:
    rows: list[Sequence[Value]] = []
    for quarter, those in grouped_by_quarter(running).items():
        stars = [each.certificate.stars for each in those]
        renewing = sum(each.facts.renewing for each in those)
        rows.append((quarter, len(those), *map(stars.count, CERTIFIED), renewing))
    columns = (
        Column("quarter", Message("Quarter"), Kind.ID),
        Column("certificates", Message("Certificates"), _NUMBER, summed=True),
        *STARS,
        Column("renewing", Message("Being renewed"), _NUMBER, summed=True),
    )
    note = Message("Of certificates in force, by their last day. One that is extended stands where that was.")
    return Section("quarters", Message("By the quarter in which they end"), columns, rows, (note,))


def grouped_by_quarter(running: Iterable[Renewal]) -> dict[str, list[Renewal]]:
    """Return certificates by the quarter of their last day, in the order of time."""
    found: dict[str, list[Renewal]] = {}
    for each in running:
        last = each.certificate.last_day
        found.setdefault(f"{last.year}-Q{(last.month + 2) // 3}", []).append(each)
    return found


def _closing(soon: Sequence[Renewal], names: Mapping[str, str], day: date, days: int) -> Section:
    rows = [
        (
            *_named(each.facts, names),
            each.certificate.last_day,
            each.of.last,
            (each.of.last - day).days,
            each.of.late_until,
        )
        for each in soon[:MOST_LISTED]
    ]
    columns = (
        *_PRODUCT,
        Column("last_day", Message("Last day"), Kind.DAY),
        Column("file_until", Message("File until"), Kind.DAY),
        Column("days_left", Message("Days left"), _NUMBER),
        Column("late_until", Message("Late until"), Kind.DAY),
    )
    title = Message("Whose window closes within {days} days", days=days)
    return Section("closing", title, columns, rows, _how_many(len(soon)))


def _lapsed(gone: Sequence[Facts], names: Mapping[str, str]) -> Section:
    rows = [
        (*_named(each, names), _ended(each), each.open_round.stage if each.open_round else None)
        for each in gone[:MOST_LISTED]
    ]
    columns = (
        *_PRODUCT,
        Column("ended_on", Message("Was valid until"), Kind.DAY),
        Column("stage", Message("Round"), Kind.CODED),
    )
    return Section("lapsed", Message("Lapsed, the newest first"), columns, rows, _how_many(len(gone)))


def _communes(running: Sequence[Renewal], soon: Sequence[Renewal], gone: Sequence[Facts], day: date) -> Section:
    by_place = {place: list(those) for place, those in grouped([each.facts for each in running], _place).items()}
    of_code = {each.facts.code: each for each in running}
    closing_soon = {each.facts.code for each in soon}
    lapsed_in = grouped(gone, _place)
    rows = []
    for place in sorted({*by_place, *lapsed_in}):
        those = [of_code[each.code] for each in by_place.get(place, ())]
        this_year = sum(each.certificate.last_day <= day + _YEAR for each in those)
        open_now, late = sum(each.may_be_filed for each in those), sum(each.is_late for each in those)
        closes = sum(each.facts.code in closing_soon for each in those)
        rows.append(
            (
                place[1],
                commune_name(place[1]),
                len(those),
                this_year,
                open_now,
                closes,
                late,
                len(lapsed_in.get(place, ())),
            )
        )
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


def _place(facts: Facts) -> tuple[str, str]:
    return facts.place


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
