"""Decide: which certificate of a product a filing means, and whether who filed it may say anything about it."""

from datetime import datetime
from typing import TypeVar

from services.registry.identity import KnownProduct, unknown_code
from services.registry.recognition_faults import certificate_ended, certificate_unknown, not_the_authority
from services.registry.rounds import HeldCertificate
from shared.contracts.certificates import Authority, RecognitionCorrected, RecognitionRevoked
from shared.contracts.text import Fault
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.scopes import Role

_NUMBER = ("certificate_number",)
#: Who recognises in which role (Art. 3.3).
_AUTHORITIES = {Role.PROVINCE: Authority.PROVINCE, Role.CENTRE: Authority.CENTRE}

AboutCertificate = TypeVar("AboutCertificate", RecognitionCorrected, RecognitionRevoked)


def certificate_meant(
    state: Version[KnownProduct] | None, filing: Filing[AboutCertificate], now: datetime
) -> HeldCertificate | Decision:
    """Return the certificate in force that a filing means, or the rejection where there is none for its sender.

    A product or a certificate that is not there may be on its way.
    """
    content = filing.content
    if content is None:
        return filing.rejected(filing.faults, now)
    code, number = content.product_code, content.certificate_number
    if state is None:
        return filing.rejected((unknown_code(code, None),), now, provisional=f"there is no product {code} yet")
    held = held_by_number(state.state, number)
    if held is None:
        unknown = certificate_unknown(_NUMBER, number, state.of)
        return filing.rejected((unknown,), now, provisional=f"{code} has no such certificate yet")
    faults = _faults(held, filing)
    return filing.rejected(faults, now) if faults else held


def held_by_number(product: KnownProduct, number: str) -> HeldCertificate | None:
    """Return the newest certificate that a product has under a number."""
    return next((each for each in reversed(product.certificates) if each.certificate.number == number), None)


def _faults(held: HeldCertificate, filing: Filing[AboutCertificate]) -> tuple[Fault, ...]:
    if _AUTHORITIES.get(filing.scope.role) is not held.certificate.authority:
        return (not_the_authority(_NUMBER),)
    if held.is_in_force:
        return ()
    return (certificate_ended(_NUMBER, held.certificate.number, held.ended_on or held.certificate.last_day),)
