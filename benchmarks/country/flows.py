"""What offices do on the day, product by product: each waits for the answer before it does what comes next."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from benchmarks.councils import MEMBERS, Filed, card, concluded, convened
from benchmarks.country.hearing import HeardEvent
from benchmarks.country.offices import COMMUNES, PORTAL, Offices, province_user
from benchmarks.country.products import Product, forwarded, recognised, returned
from services.evaluation.rulebook import load_rulebook
from shared.contracts.catalogue import (
    CERTIFICATE_IMPORTED,
    CERTIFICATE_ISSUED,
    COMMUNE_ASSESSED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    PRODUCT_SUBMITTED,
    RECOGNITION_DECIDED,
    ROUND_MOVED,
)

#: Stars that a province may give.
_MOST_STARS = 4

Item = TypeVar("Item")


async def side_by_side(work: Callable[[Item], Awaitable[None]], items: Iterable[Item], at_once: int) -> None:
    """Do the work on each item, on so many at the same time. Raise the first exception."""
    waiting = iter(items)

    async def one_after_the_other() -> None:
        for item in waiting:
            await work(item)

    workers = [asyncio.create_task(one_after_the_other()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each in workers:
            each.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


@dataclass
class Flows:
    """What the offices do; `codes` are those of products that have filed, by their numbers."""

    offices: Offices
    seed: int
    codes: dict[int, str] = field(default_factory=dict)

    async def bring_in(self, product: Product) -> None:
        """Have the province bring a product's certificate in."""
        by, id = province_user(product.province), f"import-{product.number}"
        await self.offices.answered(by, CERTIFICATE_IMPORTED, id, product.imported(), CERTIFICATE_ISSUED)

    async def round(self, product: Product, dossiers: int, on: date) -> None:
        """File a product's dossier, and corrected ones, until the commune forwards it."""
        for number in range(1, dossiers + 1):
            id = f"dossier-{product.number}-{number}"
            submitted = await self.offices.answered(PORTAL, DOSSIER_FILED, id, product.dossier(), PRODUCT_SUBMITTED)
            code = self.codes[product.number] = submitted.subject
            said = forwarded(code, on) if number == dossiers else returned(code, on)
            await self.offices.answered(COMMUNES, COMMUNE_ASSESSED, f"said-{id}", said, ROUND_MOVED)

    async def session(self, name: str, products: Sequence[Product], on: date) -> None:
        """Hold a session: all of it is filed at once. What has its result is recognised."""
        province = products[0].province
        by, codes = province_user(province), {self.codes[each.number]: each for each in products}
        results = [self.offices.heard.answer(f"conclusion-{code}", COUNCIL_RESULT) for code in codes]
        await self.offices.file_all(by, self._papers(name, province, codes, on))
        await asyncio.gather(*(self._recognised(by, code, each, on) for code, each in zip(codes, results, strict=True)))

    async def _recognised(self, by: str, code: str, result: "asyncio.Future[HeardEvent]", on: date) -> None:
        stars = min(int((await result).data["stars"]), _MOST_STARS)
        decided = recognised(code, stars, on)
        await self.offices.answered(by, RECOGNITION_DECIDED, f"recognised-{code}", decided, CERTIFICATE_ISSUED)

    def _papers(self, session: str, province: str, products: dict[str, Product], on: date) -> list[Filed]:
        draw, sheets = random.Random(f"{self.seed}-{session}"), load_rulebook().sheets  # noqa: S311  # drawn cards
        cards = [
            card(draw, session, code, sheets[product.product_set], member)
            for code, product in products.items()
            for member in range(1, MEMBERS + 1)
        ]
        draw.shuffle(cards)
        conclusions = (concluded(session, code, on) for code in products)
        return [convened(session, list(products), province), *cards, *conclusions]
