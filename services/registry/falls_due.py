"""Decide: what falls due for a product, and when: of its certificate in force, and for the office that has its round.

Decision 26/2026/QĐ-TTg, Articles 4.3, 7.2, 7.6, 12.3. T is the last day of a certificate.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.registry.renewal import DueDay, DueKind, due_days, re_evaluation_deadline
from services.registry.rounds import WITH_COUNCILS, CertificateStatus, HeldCertificate, Round
from services.registry.time_limits import TimeLimits
from services.registry.validity import begins
from services.registry.working_days import add_working_days
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from shared.handling.history import Due


@dataclass(frozen=True)
class OfCertificate:
    """What falls due of the certificate of a product with this number: 1, 2, … as it got them."""

    number: int
    held: HeldCertificate
    of: DueDay

    @property
    def day(self) -> date:
        """The day on which it falls due."""
        return self.of.day

    @property
    def about(self) -> str:
        """What of it is overtaken by what falls due later."""
        return f"certificate/{self.number}/{self.held.certificate.last_day}"

    @property
    def name(self) -> str:
        """What it is called in a product's history, once in its life."""
        return f"{self.about}/{self.of.name}"


@dataclass(frozen=True)
class OfOffice:
    """An office's last day for a round, before which it is reminded and after which it is told."""

    deadline: Literal["commune-assessment", "re-evaluation"]
    round: int
    last: date
    when: Literal["before", "after"]
    day: date

    @property
    def about(self) -> str:
        """What of it is overtaken by what falls due later."""
        return f"{self.deadline}/{self.round}/{self.last}"

    @property
    def name(self) -> str:
        """What it is called in a product's history, once in its life."""
        return f"{self.about}/{self.when}"


FallsDue = OfCertificate | OfOffice


def due(
    round_: Round | None, certificates: Sequence[HeldCertificate], settled: Collection[str], limits: TimeLimits
) -> tuple[Due, ...]:
    """Return what falls due of a product, each at the beginning of its day in Vietnam, but for what is settled.

    Args:
        round_: the newest of its rounds.
        certificates: all that it ever had.
        settled: names of what was announced, or came too late for that.
        limits: the law's days.
    """
    done = frozenset(settled)
    return tuple(
        Due(each.name, begins(each.day)) for each in falls_due(round_, certificates, limits) if each.name not in done
    )


def falls_due(round_: Round | None, certificates: Sequence[HeldCertificate], limits: TimeLimits) -> Iterator[FallsDue]:
    """Yield what falls due of a product whose newest round and certificates these are, settled or not."""
    for number, held in enumerate(certificates, start=1):
        if held.is_in_force:
            yield from _of_certificate(number, held, round_, limits)
    if round_ is not None:
        yield from _of_office(round_, limits)


def extends(round_: Round | None, held: HeldCertificate, limits: TimeLimits) -> bool:
    """Return whether a certificate is extended beyond its last day.

    A re-evaluation that was filed by then is open (Art. 12.3, and inferred for those who filed in time), on paper too,
    or an upgrade's round that was opened while one could be filed in time (inferred).
    """
    last_day = held.certificate.last_day
    if held.filed_on_paper and held.filed_on_paper <= last_day and _is_on_paper(round_, held):
        return True
    if round_ is None or not round_.is_open:
        return False
    match round_.registration:
        case RegistrationKind.RE_EVALUATION:
            return round_.filed_on <= last_day
        case RegistrationKind.UPGRADE:
            return round_.filed_on <= last_day - timedelta(days=limits.window_closes)
        case RegistrationKind.FIRST:
            return False


def is_re_evaluation_filed(round_: Round | None, held: HeldCertificate) -> bool:
    """Return whether a re-evaluation is on its way."""
    is_open = round_ is not None and round_.is_open and round_.registration is RegistrationKind.RE_EVALUATION
    return is_open or _is_on_paper(round_, held)


def _is_on_paper(round_: Round | None, held: HeldCertificate) -> bool:
    """Return whether a re-evaluation is on its way on paper: until one that was filed here instead has ended."""
    on_paper = held.filed_on_paper
    if on_paper is None or round_ is None or round_.is_open:
        return on_paper is not None
    return round_.registration is not RegistrationKind.RE_EVALUATION or round_.filed_on < on_paper


def _of_certificate(
    number: int, held: HeldCertificate, round_: Round | None, limits: TimeLimits
) -> Iterator[OfCertificate]:
    """Yield the days of a certificate in force; an extension ends at once where nothing is open that it waits for."""
    certificate, is_extended = held.certificate, held.status is CertificateStatus.EXTENDED
    ends_early = is_extended and not extends(round_, held, limits)
    for each in due_days(certificate.issued_on, certificate.last_day, limits):
        if (each.kind is DueKind.EXTENSION_ENDED) is not is_extended:
            continue
        day = certificate.last_day + timedelta(days=1) if ends_early else each.day
        yield OfCertificate(number, held, DueDay(each.name, day, each.kind, each.says, each.unless_filed))


def _of_office(round_: Round, limits: TimeLimits) -> Iterator[OfOffice]:
    if round_.stage is Stage.AT_COMMUNE and (last := round_.due_on):
        notice = -limits.commune_notice_working_days
        yield OfOffice("commune-assessment", round_.number, last, "before", add_working_days(last, notice, limits))
        yield OfOffice("commune-assessment", round_.number, last, "after", add_working_days(last, 1, limits))
    elif round_.stage in WITH_COUNCILS and round_.registration is RegistrationKind.RE_EVALUATION and round_.sent_on:
        days = re_evaluation_deadline(round_.sent_on, limits)
        yield OfOffice("re-evaluation", round_.number, days.last, "before", days.said_before_on)
        yield OfOffice("re-evaluation", round_.number, days.last, "after", days.said_after_on)
