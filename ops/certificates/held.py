"""The certificates that a product has had, and how each stands by the register."""

from collections.abc import Iterable, Sequence
from typing import Any

from ops.language import both_are_shown
from ops.language import gettext as _
from ops.named import one_line
from ops.report import stars_of
from ops.tables import FittingTable, table, uncut
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate
from shared.contracts.certificates import Authority

#: Vietnamese and English, since offices read them.
_STATUS = {
    CertificateStatus.IN_FORCE: ("có hiệu lực", "in force"),
    CertificateStatus.EXTENDED: ("được kéo dài", "extended"),
    CertificateStatus.EXPIRED: ("hết hạn", "expired"),
    CertificateStatus.SUPERSEDED: ("đã được thay", "superseded"),
    CertificateStatus.REVOKED: ("bị thu hồi", "revoked"),
}
_AUTHORITY = {Authority.PROVINCE: ("tỉnh", "province"), Authority.CENTRE: ("Trung ương", "the centre")}


def held_as_json(product: KnownProduct, held: HeldCertificate) -> dict[str, Any]:
    """Return a certificate and how it stands as JSON values."""
    said: dict[str, Any] = held.model_dump(mode="json", exclude={"certificate"})
    names = {"former_code": product.former_code, "product_name": one_line(product.name)}
    return {"product_code": product.code, **names, **held.certificate.model_dump(mode="json"), **said}


def certificates_table(
    held: Iterable[tuple[KnownProduct, HeldCertificate]], *, title: str | None = None
) -> FittingTable:
    """Return a row a certificate: number, stars, who gave it, from when to when, how it stands."""
    which = map(uncut, (_("Number"), _("Product"), _("Stars")))
    days = map(uncut, (_("Issued on"), _("Last day (T)")))
    return table(
        *which, _("Authority"), _("Decision"), *days, _("Status"), rows=(_row(*each) for each in held), title=title
    )


def _row(product: KnownProduct, held: HeldCertificate) -> Sequence[str]:
    certificate = held.certificate
    decision = f"{one_line(certificate.decision.number)}, {certificate.decision.date}"
    given = (stars_of(certificate.stars), _both(*_AUTHORITY[certificate.authority]), decision)
    days = (str(certificate.issued_on), str(certificate.last_day))
    return (one_line(certificate.number), product.code, *given, *days, status_of(held))


def status_of(held: HeldCertificate) -> str:
    """Return how a certificate stands, in both languages, and by what."""
    by = (
        held.until and f"→ {held.until}",
        held.ended_on and f"{held.ended_on}",
        held.ground and _("Art. 8 {ground}").format(ground=held.ground),
        held.revocation and f"{one_line(held.revocation.number)}, {held.revocation.date}",
    )
    return "\n".join((_both(*_STATUS[held.status]), *(each for each in by if each)))


def _both(vi: str, en: str) -> str:
    return f"{vi} / {en}" if both_are_shown() else vi
