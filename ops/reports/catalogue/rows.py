"""The catalogue as CSV, for portals and spreadsheets: a row a product, names of columns as everywhere."""

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Any

from ops.reports.catalogue.entries import Entry, Link
from ops.reports.catalogue.verification import Verification
from ops.spreadsheet import write_csv

COLUMNS = (
    *("product_code", "name", "group", "group_name", "product_set", "stars"),
    *("producer_kind", "producer", "commune_code", "commune", "province_code", "province"),
    *("certificate_number", "issued_on", "valid_until", "is_extended"),
    *("verification_url", "token", "photographs", "sales_links"),
)


def as_csv(entries: Iterable[Entry], verification: Verification) -> str:
    """Return the entries with a header; of several addresses each stands behind a space."""
    written = StringIO(newline="")
    write_csv(COLUMNS, _rows(entries, verification), to=written)
    return written.getvalue()


def _rows(entries: Iterable[Entry], verification: Verification) -> Iterator[Mapping[str, Any]]:
    for each in entries:
        sheet, place = each.sheet, each.place
        values = (
            *(each.code, each.name),
            *((sheet.group.code, sheet.group.vi, sheet.product_set) if sheet else ("", "", "")),
            *(each.stars, each.producer_kind or "", each.producer or ""),
            *(place.commune_code, place.commune, place.province_code, place.province),
            *(each.certificate_number, each.issued_on, each.valid_until, str(each.is_extended).lower()),
            *(verification.link(each.token) or "", each.token or "", _urls(each.photographs), _urls(each.sales_links)),
        )
        yield dict(zip(COLUMNS, values, strict=True))


def _urls(links: Iterable[Link]) -> str:
    return " ".join(each.url for each in links)
