"""Decide: a recognition is withdrawn (thu hồi) → the certificate is revoked, and the product's open round closed.

Decision 26/2026/QĐ-TTg, Article 8; Article 10.1b for what the ministry wants done anew.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from services.registry.certificates import Announcement, answers, of_certificate, with_certificate
from services.registry.commune import council_is_due
from services.registry.held_certificates import certificate_meant
from services.registry.identity import KnownProduct
from services.registry.moving import moved
from services.registry.recognition_faults import date_faults
from services.registry.rounds import CertificateStatus, HeldCertificate, Step
from services.registry.time_limits import load_time_limits
from shared.contracts.catalogue import CERTIFICATE_REVOKED, RECOGNITION_REVOKED
from shared.contracts.certificates import CertificateRevoked, Ground, RecognitionRevoked
from shared.contracts.text import Fault
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date

_CONCLUSION = ("ngày kết luận", "the conclusion")
_RECOGNITION = ("ngày quyết định công nhận", "the recognition")


def decide(state: Version[KnownProduct] | None, filing: Filing[RecognitionRevoked], now: datetime) -> Decision:
    """Answer with `certificate.revoked`, and `round.moved` where a round was open, or with `filing.rejected`."""
    held, content = certificate_meant(state, filing, now), filing.content
    if isinstance(held, Decision):
        return held
    if state is None or content is None:
        raise ValueError("a certificate that was found is to be revoked")
    if faults := tuple(_faults(held, content, legal_date(now))):
        return filing.rejected(faults, now)
    product, announced = _revoked(state.state, held, content)
    product, moves = _round_moved(product, held, content, legal_date(now))
    version = state.then(product)
    fields = {**filing.on_record, "outcome": "revoked", "product_code": product.code}
    events = answers(filing.event, product, (announced, *moves), sequence=version.number, now=now)
    return Decision(filing.event.key, events, fields, version=version)


def _faults(held: HeldCertificate, content: RecognitionRevoked, today: date) -> Iterator[Fault]:
    """A decision follows the conclusion and the recognition; that it is late is noted, and no fault."""
    issued_on, decision = held.certificate.issued_on, ("decision", "date")
    conclusion = date_faults(("concluded_on",), content.concluded_on, today, not_before=issued_on, what=_RECOGNITION)
    yield from conclusion
    not_before = None if conclusion else content.concluded_on
    yield from date_faults(decision, content.decision.date, today, not_before=not_before, what=_CONCLUSION)


def _revoked(
    product: KnownProduct, held: HeldCertificate, content: RecognitionRevoked
) -> tuple[KnownProduct, Announcement]:
    decision = content.decision
    after = with_certificate(
        product,
        held,
        status=CertificateStatus.REVOKED,
        ended_on=decision.date,
        ground=content.ground,
        revocation=decision,
    )
    in_time = content.concluded_on + timedelta(days=load_time_limits().revocation_days)
    data = CertificateRevoked(
        **of_certificate(product, held.certificate),
        ground=content.ground,
        reason=content.reason,
        revocation=decision,
        concluded_on=content.concluded_on,
        is_late=decision.date > in_time,
    )
    return after, Announcement(CERTIFICATE_REVOKED, data)


def _round_moved(
    product: KnownProduct, held: HeldCertificate, content: RecognitionRevoked, today: date
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Close the open round (Art. 8), or let the councils begin anew where the ministry asked for that (Art. 10.1b).

    What was certified before this register has no round to redo, and what has a newer round goes on by a new dossier.
    """
    said = partial(moved, product, why=RECOGNITION_REVOKED.name, reasons=(content.reason,), letter=content.decision)
    newest = product.round
    if content.ground is Ground.REDO and newest and not newest.is_open and newest.number == held.round:
        due_on = council_is_due(newest.registration, today, load_time_limits())
        after, move = said(Step.REDONE, provincial=None, central=None, sent_on=today, due_on=due_on)
        return after, (move,)
    if product.open_round is None:
        return product, ()
    after, move = said(Step.REVOKED)
    return after, (move,)
