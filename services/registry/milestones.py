"""Decide: what has fallen due for a product → who is told, once; what came too late to mean anything is settled.

Decision 26/2026/QĐ-TTg, Articles 7.2, 7.6, 12.3.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from services.registry.certificates import (
    Announcement,
    after_extension,
    answers,
    at_its_end,
    last_valid_day,
    of_certificate,
)
from services.registry.falls_due import FallsDue, OfCertificate, OfOffice, falls_due, is_re_evaluation_filed
from services.registry.identity import KnownProduct
from services.registry.renewal import DueKind
from services.registry.rounds import AT_THE_CENTRE
from services.registry.time_limits import load_time_limits
from services.registry.validity import begins, window
from shared.contracts.catalogue import CERTIFICATE_EXPIRING, CERTIFICATE_RENEWAL_DUE, DEADLINE_DUE
from shared.contracts.certificates import CertificateExpiring, CertificateRenewalDue, RenewalMilestone
from shared.contracts.event import Event
from shared.contracts.rounds import DeadlineDue
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date

Announced = tuple[Announcement, ...]


def decide(version: Version[KnownProduct], event: Event, now: datetime) -> Decision:
    """Tell what has fallen due, and settle it. Raise StopIteration where it does not fall due.

    Late, only the newest of what is about the same certificate, or the same deadline, means anything still.
    """
    product, name = version.state, str(event.data["milestone"])
    falling = tuple(falls_due(product.round, product.certificates, load_time_limits()))
    due = next(each for each in falling if each.name == name)
    after, announced = _fallen(product, due, legal_date(now))
    later = (*falling, *falls_due(after.round, after.certificates, load_time_limits()))
    if any(each.about == due.about and each.day > due.day and begins(each.day) <= now for each in later):
        announced = ()
    after = after.model_copy(update={"announced": (*after.announced, name)})
    moved = version.then(after)
    fields = {
        "event": event.reference,
        "outcome": "fallen-due" if announced else "settled",
        "product_code": product.code,
    }
    return Decision(event.key, answers(event, after, announced, sequence=moved.number, now=now), fields, version=moved)


def _fallen(product: KnownProduct, due: FallsDue, today: date) -> tuple[KnownProduct, Announced]:
    if isinstance(due, OfOffice):
        return product, (_deadline(product, due),)
    match due.of.kind:
        case DueKind.ENDED:
            return at_its_end(product, due.held)
        case DueKind.EXTENSION_ENDED:
            last = min(last_valid_day(product, due.held), today - timedelta(days=1))
            return after_extension(product, due.held, last_day=last)
        case DueKind.EXPIRING:
            return product, (_expiring(product, due, today),)
        case DueKind.RENEWAL:
            is_over = due.of.unless_filed and is_re_evaluation_filed(product.round, due.held)
            return product, () if is_over else (_renewal(product, due, today),)


def _renewal(product: KnownProduct, due: OfCertificate, today: date) -> Announcement:
    """Say until when the next certificate is to be asked for (Art. 7.6a), under the transition rule too (Art. 12.3)."""
    certificate, says = due.held.certificate, due.of.says or RenewalMilestone.OPEN
    open_in = window(certificate.issued_on, certificate.last_day, load_time_limits())
    is_late = says is RenewalMilestone.LATE_FILING_POSSIBLE and open_in.late_until
    last = open_in.late_until if is_late and open_in.late_until else open_in.last
    data = CertificateRenewalDue(
        **of_certificate(product, certificate),
        milestone=says,
        first_day=open_in.first,
        last_day_to_file=last,
        days_left=(last - today).days,
    )
    return Announcement(CERTIFICATE_RENEWAL_DUE, data)


def _expiring(product: KnownProduct, due: OfCertificate, today: date) -> Announcement:
    certificate = due.held.certificate
    data = CertificateExpiring(**of_certificate(product, certificate), days_left=(certificate.last_day - today).days)
    return Announcement(CERTIFICATE_EXPIRING, data)


def _deadline(product: KnownProduct, due: OfOffice) -> Announcement:
    data = DeadlineDue(
        deadline=due.deadline,
        due_on=due.last,
        when=due.when,
        level=_level(product) if due.deadline == "re-evaluation" else None,
        province_code=product.place[0],
        product_code=product.code,
        round=due.round,
    )
    return Announcement(DEADLINE_DUE, data)


def _level(product: KnownProduct) -> Literal["province", "centre"]:
    """Return who has a product's round behind the commune."""
    return "centre" if product.round and product.round.stage in AT_THE_CENTRE else "province"
