"""The printout of a certificate's entry in the register, with its QR code. It does not look like the State's form."""

from services.notifications.documents.typesetting import typeset
from shared.contracts.certificates import CertificateIssued
from shared.contracts.dossier import Language


def certificate_pdf(event_data: CertificateIssued, language: Language) -> bytes:
    """Return the printout of a certificate, which says that it is none; the same for the same event."""
    return typeset("certificate.issued", language, event_data, event_data.token)
