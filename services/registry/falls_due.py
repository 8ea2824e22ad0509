"""Decide: what falls due for a product, and when: of its certificate in force, and for the office that has its round.

Decision 26/2026/QĐ-TTg, Articles 4.3, 7.2, 7.6, 12.3. T is the last day of a certificate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.registry.due_days import RE_EVALUATION_DAYS, is_working_day
from services.registry.rounds import CertificateStatus, HeldCertificate, Round
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from shared.handling.history import Due
from shared.legal_date import LEGAL_ZONE

#: days after T to which a certificate is extended at most (Art. 12.3)
EXTENSION_DAYS = 180
#: An upgrade's round that was opened by then extends a certificate too (inferred: it is not worse off).
UPGRADE_EXTENDS_FROM = 120
#: days before an office's last day for a re-evaluation on which it is reminded
REMINDED_BEFORE = 7


class What(StrEnum):
    """What falls due: each once for a certificate and its last day, or for a round and its last day."""

    OPENS_IN_30_DAYS = "window-opens-in-30-days"
    OPEN = "window-open"
    OPEN_FOR_30_DAYS = "window-open-for-30-days"
    OPEN_FOR_10_DAYS = "window-open-for-10-days"
    LAST_DAY_TOMORROW = "last-day-tomorrow"
    CLOSED = "window-closed"
    EXPIRING = "expiring"
    ENDED = "ended"
    EXTENSION_ENDED = "extension-ended"
    COMMUNE_BEFORE = "commune-assessment-before"
    COMMUNE_AFTER = "commune-assessment-after"
    RE_EVALUATION_BEFORE = "re-evaluation-before"
    RE_EVALUATION_AFTER = "re-evaluation-after"


#: What falls due of a certificate in force, and how many days after T.
DAYS_FROM_LAST: dict[What, int] = {
    What.OPENS_IN_30_DAYS: -210,
    What.OPEN: -180,
    What.OPEN_FOR_30_DAYS: -150,
    What.OPEN_FOR_10_DAYS: -130,
    What.LAST_DAY_TOMORROW: -121,
    What.CLOSED: -119,
    What.EXPIRING: -30,
    What.ENDED: 1,
}
#: What is said only while no re-evaluation is filed.
ONLY_WHILE_NONE_IS_FILED = frozenset(
    {What.OPEN_FOR_30_DAYS, What.OPEN_FOR_10_DAYS, What.LAST_DAY_TOMORROW, What.CLOSED}
)
#: Where a round is that the province or the ministry is to bring to an end.
_WITH_COUNCILS = frozenset(
    {Stage.AT_PROVINCE, Stage.AWAITS_PROVINCE, Stage.AT_CENTRE, Stage.AWAITS_CENTRE, Stage.BACK_AT_PROVINCE}
)


@dataclass(frozen=True)
class Milestone:
    """What falls due of the certificate, or the round, with this number (1, 2, …), reckoned from a `day`."""

    what: What
    number: int
    day: date

    @property
    def name(self) -> str:
        """What it is called in a product's history."""
        return f"{self.what}/{self.number}/{self.day}"

    @classmethod
    def named(cls, name: str) -> "Milestone":
        """Return the milestone of this name."""
        what, number, day = name.split("/")
        return cls(What(what), int(number), date.fromisoformat(day))

    @property
    def is_of_certificate(self) -> bool:
        """Return whether it is a certificate's."""
        return self.what in DAYS_FROM_LAST or self.what is What.EXTENSION_ENDED


def midnight(day: date) -> datetime:
    """Return the instant at which a legal day begins."""
    return datetime.combine(day, time(), LEGAL_ZONE).astimezone(UTC)


def due(round_: Round | None, certificates: Sequence[HeldCertificate], settled: Sequence[str]) -> tuple[Due, ...]:
    """Return what falls due of a product whose newest round and certificates these are, but for what is settled."""
    falls_due = (*_of_certificate(round_, certificates), *_of_round(round_))
    done = frozenset(settled)
    return tuple(Due(each.name, midnight(day)) for each, day in falls_due if each.name not in done)


def extends(round_: Round | None, held: HeldCertificate) -> bool:
    """Return whether a certificate is extended beyond its last day.

    A re-evaluation that was filed by then is open (Art. 12.3, and inferred for those who filed in time), on paper too,
    or an upgrade that was opened in time for one (inferred).
    """
    last_day = held.certificate.last_day
    if held.filed_on_paper and held.filed_on_paper <= last_day:
        return True
    if round_ is None or not round_.is_open:
        return False
    match round_.registration:
        case RegistrationKind.RE_EVALUATION:
            return round_.filed_on <= last_day
        case RegistrationKind.UPGRADE:
            return round_.filed_on <= last_day - timedelta(days=UPGRADE_EXTENDS_FROM)
        case RegistrationKind.FIRST:
            return False


def is_re_evaluation_filed(round_: Round | None, held: HeldCertificate) -> bool:
    """Return whether a re-evaluation is on its way."""
    is_open = round_ is not None and round_.is_open and round_.registration is RegistrationKind.RE_EVALUATION
    return is_open or held.filed_on_paper is not None


def _of_certificate(round_: Round | None, certificates: Sequence[HeldCertificate]) -> Iterator[tuple[Milestone, date]]:
    for number, held in enumerate(certificates, start=1):
        last_day = held.certificate.last_day
        if held.status is CertificateStatus.IN_FORCE:
            for what, days in DAYS_FROM_LAST.items():
                yield Milestone(what, number, last_day), last_day + timedelta(days=days)
        elif held.status is CertificateStatus.EXTENDED:
            days = EXTENSION_DAYS + 1 if extends(round_, held) else 1
            yield Milestone(What.EXTENSION_ENDED, number, last_day), last_day + timedelta(days=days)


def _of_round(round_: Round | None) -> Iterator[tuple[Milestone, date]]:
    if round_ is None:
        return
    if round_.stage is Stage.AT_COMMUNE and round_.due_on:
        last_day = round_.due_on
        yield Milestone(What.COMMUNE_BEFORE, round_.number, last_day), _working_day(last_day, -2)
        yield Milestone(What.COMMUNE_AFTER, round_.number, last_day), _working_day(last_day, 1)
    elif round_.stage in _WITH_COUNCILS and round_.registration is RegistrationKind.RE_EVALUATION and round_.sent_on:
        last_day = round_.sent_on + timedelta(days=RE_EVALUATION_DAYS)
        yield Milestone(What.RE_EVALUATION_BEFORE, round_.number, last_day), last_day - timedelta(days=REMINDED_BEFORE)
        yield Milestone(What.RE_EVALUATION_AFTER, round_.number, last_day), last_day + timedelta(days=1)


def _working_day(day: date, count: int) -> date:
    """Return the working day that is so many behind a day, or before it where the number is below 0."""
    step, left = timedelta(days=1 if count > 0 else -1), abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day
