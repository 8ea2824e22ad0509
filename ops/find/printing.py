"""Products that were found, as a table, as JSON and as rows for a spreadsheet."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from ops.codes import in_words
from ops.history.products import place_in_words
from ops.language import gettext as _
from ops.named import one_line
from ops.report import stars_of
from ops.tables import FittingTable, right, table, uncut
from services.registry.identity import KnownProduct
from services.registry.rounds import HeldCertificate
from shared.masking import NAME


def product_as_json(product: KnownProduct, *, reveal: bool) -> dict[str, Any]:
    """Return a product as JSON values, each of them a text or a number; `reveal`: with the producer's name."""
    province_code, commune_code = product.place
    province, commune = place_in_words(province_code, commune_code)
    held, of_round = _certificate(product), product.open_round
    return {
        "product_code": product.code,
        "former_code": product.former_code,
        "product_name": one_line(product.name),
        "product_set": product.product_set or None,
        "producer_name": one_line(product.producer_name) if reveal else NAME,
        "province_code": province_code,
        "province": province,
        "commune_code": commune_code,
        "commune": commune,
        "stars": product.in_force.certificate.stars if product.in_force else None,
        "certificate_number": one_line(held.certificate.number) if held else None,
        "certificate_status": held.status.value if held else None,
        "last_day": str(held.until or held.certificate.last_day) if held else None,
        "registration": of_round.registration.value if of_round else None,
        "stage": of_round.stage.value if of_round else None,
        "due_on": str(of_round.due_on) if of_round and of_round.due_on else None,
    }


def products_table(products: Iterable[KnownProduct], *, reveal: bool) -> FittingTable:
    """Return a row a product; `reveal`: with the producer's name."""
    producer = [_("Producer")] if reveal else []
    behind = (_("Place"), right(_("Set")), _("Certificate"), _("Round"))
    rows = (_row(each, reveal=reveal) for each in products)
    return table(uncut(_("Product")), _("Name"), *producer, *behind, rows=rows)


def _row(product: KnownProduct, *, reveal: bool) -> Sequence[str | Text]:
    name = _("(its dossier is lost)") if product.lost else one_line(product.name)
    code = f"{product.code}\n{product.former_code}" if product.former_code else product.code
    producer = [one_line(product.producer_name)] if reveal else []
    province, commune = place_in_words(*product.place)
    where = ", ".join(filter(None, (commune, province)))
    return (code, name, *producer, where, str(product.product_set or ""), _held(product), _of_round(product))


def _held(product: KnownProduct) -> str:
    held = _certificate(product)
    if held is None:
        return ""
    return f"{stars_of(held.certificate.stars)}\n{in_words(held.status)}\n{held.until or held.certificate.last_day}"


def _of_round(product: KnownProduct) -> str:
    of_round = product.open_round
    if of_round is None:
        return ""
    due = [_("due {day}").format(day=of_round.due_on)] if of_round.due_on else []
    return "\n".join((in_words(of_round.registration), in_words(of_round.stage), *due))


def _certificate(product: KnownProduct) -> HeldCertificate | None:
    """Return the certificate in force, else the newest one."""
    return product.in_force or next(reversed(product.certificates), None)


#: What a row for a spreadsheet has, in its order.
COLUMNS = tuple(product_as_json(KnownProduct(code="00-00000-0-0000"), reveal=False))
