"""Signs the certificates that a decision issues, so that anybody can check them without asking."""

from dataclasses import dataclass, replace

from shared.certificate_token import CertificateClaims, Signer
from shared.contracts.catalogue import CERTIFICATE_ISSUED
from shared.contracts.certificates import Authority, CertificateIssued
from shared.contracts.event import Event, contents
from shared.handling.outcome import Decision


@dataclass(frozen=True)
class CertificateTokens:
    """Who issues certificates, and the key that signs them. The same decision has the same tokens, to the byte."""

    signer: Signer
    issuer: str

    def signed(self, decision: Decision) -> Decision:
        """Return a decision whose certificates have their tokens."""
        return replace(decision, announced=tuple(map(self._with_token, decision.announced)))

    def _with_token(self, event: Event) -> Event:
        if event.type != CERTIFICATE_ISSUED.type or event.time is None:
            return event
        issued = contents(event, CertificateIssued)
        token = self.signer.sign(_claims(issued, issuer=self.issuer, issued_at=int(event.time.timestamp())))
        return replace(event, data={**event.data, "token": token})


def _claims(issued: CertificateIssued, *, issuer: str, issued_at: int) -> CertificateClaims:
    certificate, province = issued.certificate, issued.product_code.partition("-")[0]
    return CertificateClaims(
        issuer=issuer,
        issued_at=issued_at,
        product_code=issued.product_code,
        number=certificate.number,
        stars=certificate.stars,
        decision_number=certificate.decision.number,
        decision_date=certificate.decision.date,
        authority=province if certificate.authority is Authority.PROVINCE else certificate.authority.value,
        issued_on=certificate.issued_on,
        last_day=certificate.last_day,
        product_name=issued.product_name,
    )
