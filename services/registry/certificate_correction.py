"""Decide: what was mistyped in a recognition is put right (đính chính) → the certificate is issued anew.

Its milestones are reckoned anew from its dates; what was announced stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from services.registry.certificates import (
    Announcement,
    answers,
    given,
    number_key,
    of_certificate,
    with_certificate,
)
from services.registry.falls_due import OfCertificate
from services.registry.held_certificates import certificate_meant, held_by_number
from services.registry.identity import KnownProduct
from services.registry.recognition_faults import (
    authority_faults,
    date_faults,
    nothing_corrected,
    number_taken,
    stars_above_result,
)
from services.registry.renewal import due_days
from services.registry.rounds import CertificateStatus, HeldCertificate, Round
from services.registry.time_limits import load_time_limits
from services.registry.validity import last_day
from shared.contracts.catalogue import CERTIFICATE_ISSUED, CERTIFICATE_SUPERSEDED
from shared.contracts.certificates import (
    Certificate,
    CertificateIssued,
    CertificateSuperseded,
    RecognitionCorrected,
)
from shared.contracts.text import Fault
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Correction:
    """A correction of a certificate that a product has: before, after, and the product that has it."""

    product: KnownProduct
    held: HeldCertificate
    certificate: Certificate

    @classmethod
    def of(cls, product: KnownProduct, content: RecognitionCorrected) -> Self | None:
        """Return the certificate as it is to be, None where there is none of that number.

        One that was imported keeps the last day of its paper (Art. 12.1).
        """
        held = held_by_number(product, content.certificate_number)
        if held is None:
            return None
        old = held.certificate
        decision = content.decision or old.decision
        keeps_last_day = held.round is None or decision.date == old.decision.date
        corrected = {
            "number": content.new_number or old.number,
            "stars": content.stars or old.stars,
            "decision": decision,
            "issued_on": decision.date,
            "last_day": old.last_day if keeps_last_day else last_day(decision.date, load_time_limits()),
        }
        return cls(product, held, old.model_copy(update=corrected))

    @property
    def number_changes(self) -> bool:
        """Return whether the number is to be recorded anew: it, or the year in which it was given, is another."""
        return number_key(self.product.code, self.certificate) != number_key(self.product.code, self.held.certificate)

    @property
    def predecessor(self) -> HeldCertificate | None:
        """The certificate that this one has superseded."""
        ended_on = self.held.certificate.issued_on - _DAY
        return next(
            (
                each
                for each in self.product.certificates
                if each.status is CertificateStatus.SUPERSEDED and each.ended_on == ended_on
            ),
            None,
        )

    @property
    def result(self) -> Round | None:
        """The round that it came from, where the register has it still."""
        newest = self.product.round
        return newest if newest and newest.number == self.held.round else None


@dataclass(frozen=True)
class CorrectionState:
    """What the register knows that bears on a correction: the product, and what there is to correct of it.

    `number_key` is what the corrected number is to be recorded under, None where another certificate has it.
    """

    product: Version[KnownProduct] | None = None
    correction: Correction | None = None
    number_key: str | None = None


def decide(state: CorrectionState, filing: Filing[RecognitionCorrected], now: datetime) -> Decision:
    """Answer with `certificate.issued` or `filing.rejected`."""
    found, known, correction = certificate_meant(state.product, filing, now), state.product, state.correction
    if isinstance(found, Decision):
        return found
    if known is None or correction is None or filing.content is None:
        raise ValueError("a certificate that was found is to be corrected")
    if faults := tuple(_faults(correction, filing.content, legal_date(now), number_is_free=bool(state.number_key))):
        return filing.rejected(faults, now)
    product, announced = _corrected(correction, legal_date(now))
    version = known.then(product)
    released = number_key(product.code, correction.held.certificate)
    fields = {
        **filing.on_record,
        "outcome": "corrected",
        "product_code": product.code,
        **(given(state.number_key or "", released=released) if correction.number_changes else {}),
    }
    events = answers(filing.event, product, announced, sequence=version.number, now=now)
    return Decision(filing.event.key, events, fields, version=version)


def _faults(
    correction: Correction, content: RecognitionCorrected, today: date, *, number_is_free: bool
) -> Iterator[Fault]:
    certificate = correction.certificate
    if certificate == correction.held.certificate:
        yield nothing_corrected()
        return
    of_decision = ("ngày quyết định công nhận", "the decision")
    yield from authority_faults(("stars",), certificate.stars, certificate.authority)
    yield from _result_faults(correction)
    yield from date_faults(
        ("letter", "date"), content.letter.date, today, not_before=certificate.issued_on, what=of_decision
    )
    if content.decision:
        yield from _decision_faults(correction, today)
    if correction.number_changes and not number_is_free:
        yield number_taken(("new_number" if content.new_number else "decision",), certificate.number)


def _result_faults(correction: Correction) -> Iterator[Fault]:
    given, stars = correction.held.council_stars, correction.certificate.stars
    if given is not None and stars > given:
        yield stars_above_result(("stars",), stars, given)


def _decision_faults(correction: Correction, today: date) -> Iterator[Fault]:
    """A decision follows the council's result, and the certificate before (Art. 7.3, 7.4)."""
    where, day = ("decision", "date"), correction.certificate.issued_on
    came_from, before = correction.result, correction.predecessor
    results = [each.held_on for each in (came_from.provincial, came_from.central) if each] if came_from else []
    council = ("ngày họp hội đồng", "the council's session")
    former = ("ngày của giấy chứng nhận trước", "the certificate before")
    yield from date_faults(where, day, today, not_before=max(results, default=None), what=council)
    if before:
        yield from date_faults(where, day, date.max, not_before=before.certificate.issued_on + _DAY, what=former)
    if day > correction.certificate.last_day:
        last = ("ngày quyết định công nhận", "the decision")
        yield from date_faults(where, correction.certificate.last_day, date.max, not_before=day, what=last)


def _corrected(correction: Correction, today: date) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Return the product with its certificate put right, and with it the end of the one before."""
    held, certificate = correction.held, correction.certificate
    is_other_end = certificate.last_day != held.certificate.last_day
    anew = {"status": CertificateStatus.IN_FORCE, "until": None} if is_other_end else {}
    product = with_certificate(correction.product, held, certificate=certificate, **anew)
    settled = (*product.announced, *_settled_already(correction, today)) if is_other_end else product.announced
    product = product.model_copy(update={"announced": settled})
    data = CertificateIssued(
        **of_certificate(product, certificate),
        producer_name=product.producer_name,
        round=held.round,
        corrects=held.certificate.number,
        until=None if is_other_end else held.until,
        former_code=product.former_code,
    )
    announced: tuple[Announcement, ...] = (Announcement(CERTIFICATE_ISSUED, data),)
    before, ended_on = correction.predecessor, certificate.issued_on - _DAY
    if before is None or before.ended_on == ended_on:
        return product, announced
    ended = CertificateSuperseded(
        **of_certificate(product, before.certificate), ended_on=ended_on, by_number=certificate.number
    )
    return with_certificate(product, before, ended_on=ended_on), (
        *announced,
        Announcement(CERTIFICATE_SUPERSEDED, ended),
    )


def _settled_already(correction: Correction, today: date) -> Iterator[str]:
    """Yield what of the corrected last day is over, and was settled for the mistyped one."""
    before, held = correction.held, correction.held.model_copy(update={"certificate": correction.certificate})
    number, limits = correction.product.certificates.index(before) + 1, load_time_limits()
    for each in due_days(held.certificate.issued_on, held.certificate.last_day, limits):
        if each.day <= today and OfCertificate(number, before, each).name in correction.product.announced:
            yield OfCertificate(number, held, each).name
