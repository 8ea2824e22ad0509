"""Decide: what has fallen due for a product → who is told, once; what came too late to mean anything is settled.

Decision 26/2026/QĐ-TTg, Articles 7.2, 7.6, 12.3.
"""

from datetime import date, datetime, timedelta

from services.registry.certificates import Announcement, after_extension, answers, at_its_end, of_certificate
from services.registry.due_days import Window, late_until
from services.registry.falls_due import (
    DAYS_FROM_LAST,
    ONLY_WHILE_NONE_IS_FILED,
    Milestone,
    What,
    is_re_evaluation_filed,
)
from services.registry.identity import KnownProduct
from services.registry.practice import Practice
from services.registry.rounds import HeldCertificate
from shared.contracts.catalogue import CERTIFICATE_EXPIRING, CERTIFICATE_RENEWAL_DUE, DEADLINE_DUE
from shared.contracts.certificates import CertificateExpiring, CertificateRenewalDue, RenewalMilestone
from shared.contracts.event import Event
from shared.contracts.rounds import DeadlineDue
from shared.handling.history import Due, Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date

_DAY = timedelta(days=1)
