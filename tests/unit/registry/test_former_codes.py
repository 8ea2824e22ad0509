"""A code from before July 2025 is taken in the place of today's, in dossiers and in what offices file about a round."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.registry.app import APP
from services.registry.handlers import Registry
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.event import Event
from shared.handling.outcome import Answered, Outcome, Retry
from tests.unit.handling import Bench, at_last
from tests.unit.registry.dossiers import changed, document
from tests.unit.registry.test_round_filings import REPORT

#: Of a district of Hà Nội; the product gets its code from its present ward.
FORMER, TODAYS = "01-269-09574-3-2022", "01-09574-1-2025"
PAPERS = [*changed({})["documents"], document("change-report", f"{99:064x}")]
IMPORT = {
    "product_code": FORMER,
    "product": {"name": "Bánh tẻ Hưng Vân", "product_set": 6, "province_code": "01", "commune_code": "09574"},
    "producer": {"name": "Cơ sở bánh tẻ", "kind": "family-business", "registration_number": "01Y8001234"},
    "certificate": {
        "number": "7/2025",
        "stars": 3,
        "authority": "province",
        "decision": {"number": "100/QĐ-UBND", "date": "2025-06-01"},
        "last_day": "2028-06-01",
    },
}
UPGRADE: dict[str, object] = {"/registration": "upgrade", "/product_code": FORMER, "/documents": PAPERS}
ASSESSED = {
    "product_code": FORMER,
    "outcome": "forwarded",
    "report": REPORT,
    "letter": {"number": "1", "date": "2026-11-28"},
}


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    scopes = tmp_path / "integrations.yaml"
    roles = {
        "ha-noi": "{province: '01'}",
        "son-tay": "{commune: ['01-09574']}",
        "phu-nhi": "{commune: ['01-09604']}",
        "portal": "{portal: everywhere}",
    }
    scopes.write_text("".join(f"{name}: {{listens_to: [product.rated], scope: {it}}}\n" for name, it in roles.items()))
    return Bench(integrations=scopes)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    return await Registry.prepared(bench.resources)


async def file(registry: Registry, kind: str, data: Mapping[str, Any], user: str) -> Outcome:
    """File an event as an integration, and return what becomes of it at first."""
    of = BY_TYPE[f"vn.ocop.{kind}.v1"]
    event = Event(f"{kind} by {user}", f"/{user}", of.type, dict(data), filed_by=f"integration.{user}")
    return await APP.handlers[of].handle(registry, event)


async def test_events_about_a_product_carry_the_code_of_today(bench: Bench, registry: Registry) -> None:
    await file(registry, "certificate.imported", IMPORT, "ha-noi")
    await file(registry, "dossier.filed", changed(UPGRADE), "portal")
    await file(registry, "commune.assessed", ASSESSED, "son-tay")

    issued, submitted, moved = bench.publisher.announced
    assert {event.data["product_code"] for event in (issued, submitted, moved)} == {TODAYS}
    assert submitted.data["dossier"]["product_code"] == TODAYS
    assert (submitted.data["round"], moved.data["to_stage"]) == (1, "at-province")
    assert {event.place for event in (submitted, moved)} == {"01-09574"}


async def test_a_commune_is_held_to_the_place_of_today(bench: Bench, registry: Registry) -> None:
    await file(registry, "certificate.imported", IMPORT, "ha-noi")
    await file(registry, "dossier.filed", changed(UPGRADE), "portal")
    await file(registry, "commune.assessed", ASSESSED, "phu-nhi")

    rejected = bench.publisher.announced[-1].data
    assert [(each["pointer"], each["code"]) for each in rejected["faults"]] == [("/product_code", "out-of-scope")]


async def test_a_former_code_that_no_product_had_may_be_on_its_way(bench: Bench, registry: Registry) -> None:
    outcome = await file(registry, "dossier.filed", changed(UPGRADE), "portal")

    assert isinstance(outcome, Retry)
    assert (outcome.early, outcome.delays) == (True, None)
    await file(registry, "certificate.imported", IMPORT, "ha-noi")
    again = await file(registry, "dossier.filed", changed(UPGRADE), "portal")
    assert isinstance(again, Answered)
    assert bench.publisher.announced[-1].data["product_code"] == TODAYS


async def test_it_is_answered_at_last_with_what_an_office_can_do(bench: Bench, registry: Registry) -> None:
    await at_last(file(registry, "dossier.filed", changed(UPGRADE), "portal"))

    (fault,) = bench.publisher.announced[-1].data["faults"]
    assert (fault["pointer"], fault["code"]) == ("/product_code", "product-unknown")
    assert "nhập giấy chứng nhận" in fault["message"]["vi"]
