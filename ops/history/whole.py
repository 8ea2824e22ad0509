"""A product's whole life as it is read: its dossiers, what the register has of it now, and what was announced of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.certificates.held import held_as_json
from ops.database_reader import Reader
from ops.history.falling_due import FallingDue, of_product
from ops.history.life import Moment, life_of
from ops.history.products import RecordedProduct, assessments, place_in_words, product_of
from ops.history.records import Record, RecordReader, is_product_code, opened_reader
from ops.history.register import Register
from ops.named import one_line
from ops.operator_settings import OperatorSettings
from services.registry.identity import KnownProduct
from services.registry.time_limits import load_time_limits

_OF_ROUND = ("number", "registration", "stage", "closing", "filed_on", "due_on")


@dataclass(frozen=True)
class ProductLife:
    """What was found. `product` has its dossiers, None where none was filed; `known` is how the register has it now.

    `known` is None where no dossier was accepted.
    """

    product: RecordedProduct | None
    known: KnownProduct | None
    life: tuple[Moment, ...]

    @property
    def due(self) -> list[FallingDue]:
        """What falls due of it, soonest first."""
        return of_product(self.known, load_time_limits()) if self.known else []

    def as_json(self, today: date, *, reveal: bool) -> dict[str, Any]:
        """Return it as JSON values; `reveal`: with the producer's name."""
        product, known = self.product or RecordedProduct(None, ()), self.known
        said = product.as_json(reveal=reveal)
        if product.latest is None and known:
            said |= facts_of(known)
        newest = known.round.model_dump(mode="json") if known and known.round else None
        return said | {
            "round": {name: newest[name] for name in _OF_ROUND} if newest else None,
            "certificates": [held_as_json(known, each) for each in reversed(known.certificates)] if known else [],
            "due": [each.as_json(today) for each in self.due],
            "life": [each.as_json() for each in self.life],
        }


async def read_product(settings: OperatorSettings, asked: str) -> ProductLife | None:
    """Read a product by its code or a dossier's id. None: nothing is on record. Raise AccessError."""
    with opened_reader(settings) as reader:
        return await life_on_record(reader, asked)


async def life_on_record(reader: Reader, asked: str) -> ProductLife | None:
    """Read a product as `read_product` does, of a database that is open. Raise AccessError."""
    records = RecordReader(reader)
    registered, evaluated = await _both(records, asked)
    product = product_of(registered, assessments(evaluated))
    code = asked if is_product_code(asked) else product and product.latest and product.latest.product_code
    known = await Register(reader).product(code) if code else None
    if known and code != asked:
        registered, evaluated = await _both(records, known.code)
    if product is None and known is None:
        return None
    return ProductLife(product, known, tuple(life_of(registered, evaluated)))


def facts_of(known: KnownProduct) -> dict[str, object]:
    """Return what the register has of a product without a dossier: its certificate was brought in."""
    province, commune = place_in_words(*known.place)
    names = {"product_code": known.code, "product_name": one_line(known.name), "product_set": known.product_set}
    return names | {"province": province, "commune": commune}


async def _both(records: RecordReader, asked: str) -> tuple[Sequence[Record], Sequence[Record]]:
    return await asyncio.gather(records.of("registry", asked), records.of("evaluation", asked))
