"""Decide: what becomes of a product's certificates when it gets another, and what is announced of it.

Decision 26/2026/QĐ-TTg, Articles 4.3, 7.5, 7.6, 12.1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from services.registry import SOURCE
from services.registry.falls_due import extends
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate
from services.registry.time_limits import load_time_limits
from services.registry.validity import extended_until
from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_SUPERSEDED,
    EventType,
)
from shared.contracts.certificates import (
    Authority,
    Certificate,
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateSuperseded,
    OfCertificate,
)
from shared.contracts.event import Event
from shared.contracts.text import Contract

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Announcement:
    """An event that is to be announced of a product, before it has an id."""

    kind: EventType[Any]
    data: Contract


def issued(
    product: KnownProduct,
    certificate: Certificate,
    *,
    round_number: int | None = None,
    council_stars: int | None = None,
    is_told: bool = True,
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Give a product a certificate; the one in force ends the day before its date (Art. 7.5, 7.6).

    Args:
        product: the product before.
        certificate: the certificate, complete, from its own date on.
        round_number: that of the round which it comes from, None of one that was imported.
        council_stars: what the council gave in it.
        is_told: whether the producer is to be alerted; of an import nobody is.
    """
    ended, announced = superseded(product, certificate)
    registration = product.round.registration if product.round and product.round.number == round_number else None
    held = HeldCertificate(
        certificate=certificate, round=round_number, registration=registration, council_stars=council_stars
    )
    after = ended.model_copy(update={"certificates": (*ended.certificates, held)})
    data = CertificateIssued(
        **of_certificate(product, certificate, is_told=is_told),
        producer_name=product.producer_name,
        round=round_number,
        former_code=product.former_code,
    )
    return after, (Announcement(CERTIFICATE_ISSUED, data), *announced)


def not_before(product: KnownProduct) -> date | None:
    """Return the first day on which another certificate may begin: behind that of the newest."""
    return product.certificates[-1].certificate.issued_on + _DAY if product.certificates else None


def superseded(product: KnownProduct, by: Certificate) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """End the certificate in force the day before another's date.

    One that had ended by then is expired, whether that was announced or not; nothing more is said of it. Nor is of one
    that was announced as expired before it became known that another had begun.
    """
    held, last_day = product.in_force, by.issued_on - _DAY
    if held is None:
        return _cut_short(product, last_day), ()
    if last_valid_day(product, held) <= last_day:
        return with_certificate(product, held, status=CertificateStatus.EXPIRED), ()
    after = with_certificate(product, held, status=CertificateStatus.SUPERSEDED, ended_on=last_day)
    data = CertificateSuperseded(**of_certificate(product, held.certificate), ended_on=last_day, by_number=by.number)
    return after, (Announcement(CERTIFICATE_SUPERSEDED, data),)


def _cut_short(product: KnownProduct, last_day: date) -> KnownProduct:
    """Return a product whose newest certificate, where it has expired, was valid until a day at most."""
    newest = product.certificates[-1] if product.certificates else None
    if newest is None or newest.status is not CertificateStatus.EXPIRED:
        return product
    ended_on = newest.ended_on or newest.certificate.last_day
    return product if ended_on <= last_day else with_certificate(product, newest, ended_on=last_day)


def last_valid_day(product: KnownProduct, held: HeldCertificate) -> date:
    """Return the last day on which a certificate in force is valid, extended or to be extended by what is open now."""
    limits, last_day = load_time_limits(), held.certificate.last_day
    if held.until:
        return held.until
    return extended_until(last_day, limits) if extends(product.round, held, limits) else last_day


def at_its_end(
    product: KnownProduct, held: HeldCertificate, *, is_told: bool = True
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Extend a certificate whose last day is over, or let it expire (Art. 12.3).

    What was open at the end of that day, and is open still, decides.
    """
    until, last_day = last_valid_day(product, held), held.certificate.last_day
    said = of_certificate(product, held.certificate, is_told=is_told)
    if until > last_day:
        after = with_certificate(product, held, status=CertificateStatus.EXTENDED, until=until)
        return after, (Announcement(CERTIFICATE_EXTENDED, CertificateExtended(**said, until=until)),)
    after = with_certificate(product, held, status=CertificateStatus.EXPIRED)
    return after, (Announcement(CERTIFICATE_EXPIRED, CertificateExpired(**said, expired_on=last_day + _DAY)),)


def after_extension(
    product: KnownProduct, held: HeldCertificate, *, last_day: date, is_told: bool = True
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Let an extended certificate expire: its longest time is over, or nothing is open any more that extended it."""
    after = with_certificate(product, held, status=CertificateStatus.EXPIRED, ended_on=last_day)
    expired = CertificateExpired(
        **of_certificate(product, held.certificate, is_told=is_told), expired_on=last_day + _DAY, after_extension=True
    )
    return after, (Announcement(CERTIFICATE_EXPIRED, expired),)


def with_certificate(product: KnownProduct, held: HeldCertificate, **changes: Any) -> KnownProduct:
    """Return a product one of whose certificates has changed."""
    changed = held.model_copy(update=changes)
    certificates = tuple(changed if each is held else each for each in product.certificates)
    return product.model_copy(update={"certificates": certificates})


def of_certificate(product: KnownProduct, certificate: Certificate, *, is_told: bool = True) -> dict[str, Any]:
    """Return what every event about a certificate says: the fields of `OfCertificate`."""
    said = OfCertificate(
        product_code=product.code,
        product_name=product.name,
        certificate=certificate,
        sealed_recipient=product.sealed_recipient if is_told else None,
    )
    return {name: getattr(said, name) for name in OfCertificate.model_fields}


def answers(
    event: Event, product: KnownProduct, announced: Iterable[Announcement], *, sequence: int, now: datetime
) -> tuple[Event, ...]:
    """Return the events that answer this one about a product, with the version of its history that they moved it to."""
    place = "-".join(product.place)
    made = (
        event.answer(each.kind, each.data, source=SOURCE, subject=product.code, now=now, place=place)
        for each in announced
    )
    return tuple(replace(each, sequence=sequence) for each in made)


def number_key(product_code: str, certificate: Certificate) -> str:
    """Return what no two certificates have: who gave it, in which year, under which number.

    The numbers of an office's papers begin anew each year (Decree 30/2020/NĐ-CP, Article 15).
    """
    by = product_code.partition("-")[0] if certificate.authority is Authority.PROVINCE else certificate.authority.value
    return f"{by}/{certificate.decision.date.year}/{certificate.number}"


def given(key: str, *, released: str | None = None) -> dict[str, Any]:
    """Return what the record of an event that brings a certificate has besides, so that its number is given once.

    Args:
        key: its number's, as `Products.number` has it.
        released: that of a number that was mistyped, and may be given to another.
    """
    return {"certificate": {"key": key, **({"released": released} if released else {})}}
