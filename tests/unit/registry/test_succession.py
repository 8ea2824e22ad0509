"""A producer goes on under new numbers: the product may be filed under these, keeps its code, and is no new one."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.registry.handlers import Registry, dossier_filed, producer_succeeded
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCER_SUCCEEDED
from shared.contracts.event import Event
from shared.handling.outcome import Outcome, Retry
from tests.unit.handling import Bench, at_last
from tests.unit.registry.dossiers import changed, document
from tests.unit.registry.products import recognise

CODE, HOUSEHOLD, COMPANY = "01-09574-1-2026", "01Y8001234", "0106858609"
PERSON = "001085012345"
PAPERS = changed({})["documents"]
UPGRADE: dict[str, Any] = {
    "/registration": "upgrade",
    "/product_code": CODE,
    "/documents": [*PAPERS, document("change-report", f"{99:064x}")],
}
AS_COMPANY = {
    "/producer": {
        "name": "Công ty TNHH Bánh tẻ Hưng Vân",
        "kind": "enterprise",
        "tax_code": COMPANY,
        "contact": {"phone": "024 3383 0000"},
    }
}


def succession(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {
        "product_code": CODE,
        "former_producer": {"registration_number": HOUSEHOLD},
        "producer": {"name": "Công ty TNHH Bánh tẻ Hưng Vân", "kind": "enterprise", "tax_code": COMPANY},
        "documents": [document("business-registration", f"{98:064x}")],
        **(changes or {}),
    }


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    scopes = tmp_path / "integrations.yaml"
    roles = {"ha-noi": "{province: '01'}", "phu-tho": "{province: '25'}", "portal": "{portal: everywhere}"}
    entries = (f"{name}: {{listens_to: [product.rated], scope: {scope}}}\n" for name, scope in roles.items())
    scopes.write_text("".join(entries))
    return Bench(integrations=scopes)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    """Return a registry in whose register a household has one product."""
    registry = await Registry.prepared(bench.resources)
    await file(registry, {})
    return registry


async def file(registry: Registry, changes: Mapping[str, object], id: str = "first") -> None:
    data = changed(changes)
    event = Event(id, "/portals/test", DOSSIER_FILED.type, data, filed_by="integration.portal")
    await at_last(dossier_filed(registry, event))


async def succeed(registry: Registry, data: dict[str, Any], user: str | None = "integration.ha-noi") -> Outcome:
    event = Event("succession", "/offices/ha-noi", PRODUCER_SUCCEEDED.type, data, filed_by=user)
    return await producer_succeeded(registry, event)


def faults(bench: Bench) -> list[tuple[str, str]]:
    answer = bench.publisher.announced[-1]
    assert answer.type.endswith("rejected.v1")
    return [(each["pointer"], each["code"]) for each in answer.data["faults"]]


async def test_a_household_that_became_a_company_files_an_upgrade_under_its_tax_code(
    bench: Bench, registry: Registry
) -> None:
    await succeed(registry, succession())
    transferred = bench.publisher.announced[-1]
    await recognise(registry)
    await file(registry, UPGRADE | AS_COMPANY, "upgrade")

    assert (transferred.type, transferred.data) == (
        "vn.ocop.product.transferred.v1",
        {"product_code": CODE, "filing_id": "succession"},
    )
    submitted = bench.publisher.announced[-1]
    assert (submitted.type, submitted.data["product_code"]) == ("vn.ocop.product.submitted.v1", CODE)
    assert (transferred.sequence, submitted.sequence) == (2, 4)


async def test_the_successor_cannot_register_the_product_again(bench: Bench, registry: Registry) -> None:
    await succeed(registry, succession())
    await file(registry, AS_COMPANY, "again")

    assert faults(bench) == [("/product/name", "product-already-registered")]
    assert bench.publisher.announced[-1].data["faults"][0]["product_code"] == CODE


async def test_the_former_numbers_go_on_being_known(bench: Bench, registry: Registry) -> None:
    await succeed(registry, succession())
    await recognise(registry)
    await file(registry, UPGRADE, "upgrade")

    assert bench.publisher.announced[-1].type == "vn.ocop.product.submitted.v1"


async def test_a_number_that_the_product_has_already_may_be_among_the_successor_s(bench: Bench) -> None:
    registry = await Registry.prepared(bench.resources)
    await file(registry, {"/producer/tax_code": "0100233488"})
    both = {"name": "Công ty", "kind": "enterprise", "tax_code": COMPANY, "registration_number": HOUSEHOLD}

    await succeed(registry, succession({"former_producer": {"tax_code": "0100233488"}, "producer": both}))

    assert bench.publisher.announced[-1].type == "vn.ocop.product.transferred.v1"
    product = await registry.products.product(CODE)
    assert product
    assert product.state.producer_numbers == ("0100233488", HOUSEHOLD.casefold(), COMPANY)


async def test_a_succession_that_comes_twice_has_one_answer(bench: Bench, registry: Registry) -> None:
    for _ in range(2):
        await succeed(registry, succession())

    first, second = bench.publisher.announced[-2:]
    assert first == second
    assert len(bench.documents("products")) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"former_producer": {"tax_code": "0100233488"}}, [("/product_code", "product-of-another-producer")]),
        ({"producer": {"name": "HTX", "kind": "cooperative"}}, [("/producer", "producer-number-missing")]),
        (
            {"producer": {"name": "HTX", "kind": "cooperative", "tax_code": "0106858608"}},
            [("/producer/tax_code", "tax-code-invalid")],
        ),
        (
            {"producer": {"name": "Hộ", "kind": "household", "registration_number": HOUSEHOLD}},
            [("/producer", "producer-number-unchanged")],
        ),
        ({"documents": []}, [("/documents", "empty")]),
        (
            {"documents": [document("other", f"{1:064x}") | {"location": "C:\\giay.pdf"}]},
            [("/documents/0/location", "wrong-format")],
        ),
        ({"product_code": "83-829-28780-3-2022"}, [("/product_code", "wrong-format")]),
        ({"producer": None}, [("/producer", "wrong-type")]),
    ],
)
async def test_what_is_wrong_is_named(
    bench: Bench, registry: Registry, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    await succeed(registry, succession(changes))

    assert faults(bench) == expected
    assert bench.publisher.announced[-1].type == "vn.ocop.filing.rejected.v1"


async def test_a_product_that_the_successor_has_registered_itself_is_named(bench: Bench, registry: Registry) -> None:
    await file(registry, AS_COMPANY, "too early")
    await succeed(registry, succession())

    (fault,) = bench.publisher.announced[-1].data["faults"]
    assert (fault["code"], fault["product_code"]) == ("product-already-registered", "01-09574-2-2026")


@pytest.mark.parametrize(
    ("user", "pointer"),
    [
        ("integration.phu-tho", "/product_code"),
        *((user, "") for user in ("integration.portal", "integration.unknown", "operator", None)),
    ],
)
async def test_only_an_office_of_the_place_may_say_it(
    bench: Bench, registry: Registry, user: str | None, pointer: str
) -> None:
    await succeed(registry, succession(), user)

    assert faults(bench) == [(pointer, "out-of-scope")]
    (record,) = [each for each in bench.documents("products") if each["event"]["id"] == "succession"]
    assert record["event"]["filed_by"] == user


async def test_an_unknown_product_may_be_on_its_way_and_is_answered_at_the_last_attempt(
    bench: Bench, registry: Registry
) -> None:
    outcome = await succeed(registry, succession({"product_code": "01-09574-9-2026"}))

    assert isinstance(outcome, Retry)
    assert outcome.early
    assert outcome.last_resort
    assert bench.publisher.announced[-1].type == "vn.ocop.product.submitted.v1"
    await outcome.last_resort()
    assert faults(bench) == [("/product_code", "product-unknown")]


async def test_a_person_s_number_is_kept_as_a_hash_alone(bench: Bench, registry: Registry) -> None:
    heir = {"name": f"Hộ {PERSON}", "kind": "household", "registration_number": PERSON}
    await succeed(registry, succession({"producer": heir}))

    assert bench.publisher.announced[-1].type == "vn.ocop.product.transferred.v1"
    assert PERSON not in str(bench.documents("products")) + str(bench.publisher.announced)
