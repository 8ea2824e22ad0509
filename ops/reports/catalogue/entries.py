"""What the public may see of a certified product, and which products those are: in force on a day, nobody named.

Decision 31 (docs/decisions/0031-the-catalogue.md) says what of a producer is public.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Self

from ops.named import one_line
from ops.reports.register import commune_name
from services.evaluation.rulebook import load_rulebook
from services.evaluation.rulebook.sheets import ScoreSheet
from services.registry.certificates import last_valid_day
from services.registry.identity import KnownProduct, ProducerNumbers
from services.registry.rounds import HeldCertificate
from services.registry.units import PROVINCES
from shared.contracts.certificates import Authority
from shared.contracts.dossier import ProducerKind

#: Kinds of producers that are no natural persons, under whatever name they are registered.
ORGANISATIONS = frozenset(
    {
        ProducerKind.COOPERATIVE,
        ProducerKind.ENTERPRISE,
        ProducerKind.ASSOCIATION,
        ProducerKind.OPERATING_CENTRE,
    }
)


@dataclass(frozen=True)
class Link:
    """An address for the public, and what it is called where that is said."""

    url: str
    name: str = ""


@dataclass(frozen=True)
class Place:
    """Where a product is made: the codes in its code, and what commune and province are called today."""

    commune_code: str
    commune: str
    province_code: str
    province: str

    @classmethod
    def of(cls, product: KnownProduct, day: date) -> Self:
        """Return the place of a product."""
        province, commune = product.place
        return cls(commune, commune_name(commune, day), province, PROVINCES.get(int(province), province))


@dataclass(frozen=True)
class Entry:
    """A certified product as the public may see it.

    `producer` is the name of an organisation, None where the producer may be a natural person. `sheet` is the score
    sheet of its product set, None where that is not on record. `valid_until` is the last day on which its certificate
    is valid; `is_extended`: that is beyond its own last day, until its re-evaluation's result at the latest (Art.
    12.3). `token` is what the certificate's QR code says, None where it was never signed.
    """

    code: str
    name: str
    sheet: ScoreSheet | None
    stars: int
    producer_kind: ProducerKind | None
    producer: str | None
    place: Place
    certificate_number: str
    authority: Authority
    issued_on: date
    valid_until: date
    is_extended: bool
    token: str | None = None
    photographs: tuple[Link, ...] = ()
    sales_links: tuple[Link, ...] = ()


def entries(products: Iterable[KnownProduct], tokens: Mapping[str, str], day: date) -> list[Entry]:
    """Return the entries of the products whose certificate is in force on a day: by group, stars, place and name.

    `tokens` has those of the certificates in force, by the products' codes.
    """
    in_force = ((each, held) for each in products if (held := valid_on(each, day)))
    return sorted((_entry(product, held, tokens.get(product.code), day) for product, held in in_force), key=_order)


def valid_on(product: KnownProduct, day: date) -> HeldCertificate | None:
    """Return the certificate of a product that is in force on a day, announced as ended or not."""
    held = product.in_force
    is_valid = held is not None and held.certificate.issued_on <= day <= last_valid_day(product, held)
    return held if is_valid else None


def _entry(product: KnownProduct, held: HeldCertificate, token: str | None, day: date) -> Entry:
    certificate = held.certificate
    is_extended = day > certificate.last_day
    return Entry(
        code=product.code,
        name=one_line(product.name) or product.code,
        sheet=_sheets().get(product.product_set),
        stars=certificate.stars,
        producer_kind=product.producer_kind,
        producer=public_name(product),
        place=Place.of(product, day),
        certificate_number=one_line(certificate.number),
        authority=certificate.authority,
        issued_on=certificate.issued_on,
        valid_until=last_valid_day(product, held) if is_extended else certificate.last_day,
        is_extended=is_extended,
        token=token,
        photographs=_links((each.url, each.caption) for each in product.photographs),
        sales_links=_links((each.url, each.shop) for each in product.sales_links),
    )


@cache
def _sheets() -> Mapping[int, ScoreSheet]:
    return {each.product_set: each for each in load_rulebook().sheets.values()}


def public_name(product: KnownProduct) -> str | None:
    """Return the producer's name where she is an organisation; None where she is a natural person, or may be one.

    She may be where her kind is, or is not on record, or where she is known by a person's number.
    """
    is_organisation = product.producer_kind in ORGANISATIONS
    if is_organisation and all(map(ProducerNumbers.is_in_clear, product.producer_numbers)):
        return one_line(product.producer_name) or None
    return None


def _links(listed: Iterable[tuple[str, str | None]]) -> tuple[Link, ...]:
    """Return addresses, each once."""
    named = {url: one_line(name) for url, name in reversed(list(listed))}
    return tuple(Link(url, name) for url, name in reversed(named.items()))


def _order(entry: Entry) -> tuple[str, int, str, str, str, str]:
    group = entry.sheet.group.code if entry.sheet else "~"
    place = entry.place
    return group, -entry.stars, place.province_code, place.commune_code, entry.name.casefold(), entry.code
