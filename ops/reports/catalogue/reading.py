"""Reads the certified products of a place, each as its history has it, and the tokens of their certificates."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.caught_up import has_caught_up
from ops.database_reader import Reader
from ops.history.records import understood
from ops.language import gettext as _
from ops.operator_settings import AccessError
from ops.reports.reading import found_now
from services.registry.gazetteer import FoundPlace
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.search_keys import by_stars, in_commune, in_province
from services.registry.units import PROVINCES
from shared.contracts.catalogue import CERTIFICATE_ISSUED
from shared.contracts.certificates import Certificate, CertificateIssued
from shared.errors import OutageError, TooManyError
from shared.handling.now import newest_of
from shared.storage import StoredDocument
from shared.system import SYSTEM

_SERVICE = "registry"
#: histories that are read at once
_AT_ONCE = 500
_EVERYTHING = 0
#: The stars of a product with a certificate in force.
_STARS = (3, 4, 5)


async def read_certified(
    reader: Reader, place: FoundPlace | None, beside: Collection[str] = ()
) -> tuple[list[KnownProduct], dict[str, str]]:
    """Return the products of a place that have a certificate in force, and its token by their codes where it has one.

    The documents of now say which they are, and each is held against its history. `beside` are codes of products that
    may have got one a moment ago, which those documents do not say yet.

    Raises:
        AccessError: the database is away or refuses, has what another version wrote, or does not say of all products
            yet whether they have one: a catalogue that lacks some is none.
    """
    if not await has_caught_up(reader, _SERVICE, VIEW.shape):
        raise AccessError(_("the registry is writing anew what products are found by: try again in a moment"))
    found = await found_now(reader, _certified_in(place), order="_id", service=_SERVICE, only={"version": True})
    versions = {code: 1 for code in beside if lies_in(code, place)} | {each["_id"]: each["version"] for each in found}
    products: list[KnownProduct] = []
    tokens: dict[str, str] = {}
    for page in _pages(sorted(versions.items())):
        known = await _newest(reader, page)
        certified = {each.code: each for each in known if each.in_force}
        products += certified.values()
        tokens |= await _tokens(reader, certified)
    return products, tokens


def lies_in(code: str, place: FoundPlace | None) -> bool:
    """Return whether a product lies in a place, by its code."""
    if place is None:
        return True
    return code.startswith(f"{place.province_code}-" if place.is_province else f"{place.province_code}-{place.code}-")


def _certified_in(place: FoundPlace | None) -> dict[str, Any]:
    if place and not place.is_province:
        return {"keys": in_commune(place.province_code, place.code), "stars": {"$in": list(_STARS)}}
    provinces = [place.code] if place else [f"{each:02}" for each in sorted(PROVINCES)]
    return {"keys": {"$in": [in_province(by_stars(stars), each) for each in provinces for stars in _STARS]}}


def _pages(listed: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    return (listed[begin : begin + _AT_ONCE] for begin in range(0, len(listed), _AT_ONCE))


async def _newest(reader: Reader, versions: Iterable[tuple[str, int]]) -> list[KnownProduct]:
    """Return products as their histories have them: of the version that is known, or a later one."""
    known = [{"history.of": of, "history.version": {"$gte": number}} for of, number in versions]
    records = await _records(reader, {"$or": known}, ("event", "history"))
    return [_product(each) for each in newest_of(records).values()]


async def _tokens(reader: Reader, products: Mapping[str, KnownProduct]) -> dict[str, str]:
    """Return the tokens of the certificates in force: of one number the last that was issued holds."""
    if not products:
        return {}
    query = {"history.of": {"$in": sorted(products)}, "announced.type": CERTIFICATE_ISSUED.type}
    records = await _records(reader, query, ("event", "history.of", "history.version", "announced"))
    tokens = {}
    for record in sorted(records, key=lambda each: int(each["history"]["version"])):
        with understood(record):
            for issued in _issued(record):
                if issued.token and issued.certificate == _in_force(products[issued.product_code]):
                    tokens[issued.product_code] = issued.token
    return tokens


def _issued(record: StoredDocument) -> Iterator[CertificateIssued]:
    for event in record["announced"]:
        if event["type"] == CERTIFICATE_ISSUED.type:
            yield CertificateIssued.model_validate(event["data"])


def _in_force(product: KnownProduct) -> Certificate | None:
    return product.in_force.certificate if product.in_force else None


def _product(record: StoredDocument) -> KnownProduct:
    with understood(record):
        return KnownProduct.model_validate(record["history"]["state"])


async def _records(reader: Reader, query: Mapping[str, Any], only: Sequence[str]) -> list[StoredDocument]:
    collection = SYSTEM.collections[_SERVICE]
    try:
        return await reader.find(_SERVICE, collection, query, order="recorded_at", limit=_EVERYTHING, only=only)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
