"""Decide: when an alert goes out: at once, with others as a digest, or not before quiet hours are over."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Self

from services.notifications.plan import Alert
from services.notifications.told import AlertedEvent
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateRenewalDue,
    CertificateRevoked,
    RenewalMilestone,
)
from shared.contracts.dossier import QuietHours
from shared.contracts.rounds import RoundMoved, Stage
from shared.legal_date import LEGAL_ZONE


@dataclass(frozen=True)
class Manners:
    """How recipients are spared: how long alerts to one wait for each other, and the usual quiet hours, if any.

    `patience` is how long a channel is tried in vain, before the next one has its turn.
    """

    gathering: timedelta
    quiet_hours: QuietHours | None
    patience: timedelta

    @property
    def at_once(self) -> Self:
        """The same for what has waited for others already, or waits for none."""
        return replace(self, gathering=timedelta(0))


def goes_out_at(alert: Alert, now: datetime, manners: Manners) -> datetime:
    """Return when an alert goes out.

    What cannot wait goes out at once, and so does what is read by programs.
    """
    if alert.audience == "subscription" or is_urgent(alert.event_data):
        return now
    chosen = alert.preferences.quiet_hours if alert.preferences else None
    return after_quiet_hours(now + manners.gathering, chosen or manners.quiet_hours)


def is_urgent(event_data: AlertedEvent) -> bool:
    """Return whether an alert is worth a night's sleep: a last day, or what she has to answer in a running window."""
    match event_data:
        case CertificateRenewalDue(milestone=milestone):
            return milestone is RenewalMilestone.LAST_DAY_TOMORROW
        case RoundMoved(to_stage=stage):
            return stage is Stage.RETURNED
        case CertificateExpired() | CertificateRevoked():
            return True
        case _:
            return False


def after_quiet_hours(instant: datetime, quiet: QuietHours | None) -> datetime:
    """Return an instant, or the end of the quiet hours in which it falls."""
    if quiet is None:
        return instant
    begins, ends, local = (
        time.fromisoformat(quiet.begins),
        time.fromisoformat(quiet.ends),
        instant.astimezone(LEGAL_ZONE),
    )
    clock = local.time()
    over_midnight = begins > ends
    is_quiet = clock >= begins or clock < ends if over_midnight else begins <= clock < ends
    if not is_quiet:
        return instant
    day = local.date() + timedelta(days=1) if over_midnight and clock >= begins else local.date()
    return datetime.combine(day, ends, LEGAL_ZONE).astimezone(instant.tzinfo)
