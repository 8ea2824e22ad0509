"""A province's system that files about its products' certificates, and what the register has of them."""

import json
from itertools import count
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel

from services.registry.register_pages import RegisterPages
from services.registry.register_query import ranges_of
from shared.scopes import Role, Scope
from shared.storage import Database
from tests.integration.clients.site import Site
from tests.unit.registry.lives import imported
from tests.unit.test_client_table import row_of

OFFICE = "integration.office-python"
PLACES = Scope(Role.PORTAL, frozenset({"15"}))
LETTER = {"number": "9/UBND", "date": "2026-11-20"}
NUMBERS = count(1)


class Office:
    """A province's system, which files about its products' certificates."""

    def __init__(self, channel: AbstractChannel) -> None:
        self.channel = channel

    async def file(self, kind: str, data: dict[str, Any]) -> None:
        """File an event, and wait until the broker has it."""
        id = f"table-{next(NUMBERS)}"
        headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/office", "ce-type": f"vn.ocop.{kind}.v1"}
        message = aio_pika.Message(
            json.dumps(data).encode(), headers={**headers}, content_type="application/json", user_id=OFFICE
        )
        await (await self.channel.get_exchange("ocop.intake")).publish(message, f"{kind}.v1")

    async def certify(self, number: int) -> None:
        """Bring in a product with its certificate."""
        changes = {
            "product_code": code(number),
            "product.name": f"Mật ong {number}",
            "product.province_code": "15",
            "product.commune_code": "04630",
            "certificate.number": f"{number}/GCN",
        }
        await self.file("certificate.imported", imported(changes))

    async def correct(self, number: int) -> None:
        """Put mistyped stars right."""
        what = {"stars": 3, "letter": LETTER, "reason": "Nhầm."}
        await self.file("recognition.corrected", {**about(number), **what})

    async def revoke(self, number: int) -> None:
        """Withdraw a certificate."""
        what = {"ground": "d", "reason": "Sai nhãn.", "decision": LETTER, "concluded_on": LETTER["date"]}
        await self.file("recognition.revoked", {**about(number), **what})


def code(number: int) -> str:
    return f"15-04630-{number}-2024"


def about(number: int) -> dict[str, str]:
    return {"product_code": code(number), "certificate_number": f"{number}/GCN"}


async def in_the_register(site: Site) -> list[dict[str, Any]]:
    """Return the rows of a table of the province's products, as the register has them."""
    database = Database(site.stack.credentials("registry").mongo_url or "", service="registry")
    page = await RegisterPages(database.collection("products")).page(tuple(ranges_of(PLACES, "")), 200)
    await database.close()
    return [row_of(each.state) for each in page.products]
