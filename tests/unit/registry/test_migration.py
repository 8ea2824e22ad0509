"""A register of an earlier version, without histories and under keys that were folded otherwise, is read on."""

from typing import Any

import pytest

from services.registry.app import APP
from services.registry.handlers import Registry, dossier_filed
from services.registry.identity import KnownProduct
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from shared.errors import SettingsError
from shared.handling.history import Version
from tests.unit.handling import NOW, Bench, at_last
from tests.unit.registry.dossiers import changed

CODE, NUMBER = "01-09574-1-2025", "001085012345"


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def register_formerly(bench: Bench, folded: str, number: str = "01y8001234", code: str = CODE) -> None:
    entry = {"code": code, "place": "01-09574", "year": 2025, "serial": int(code.split("-")[2]), "product_set": 6}
    keys = {"producer_numbers": [number], "keys": [f"{number}/{folded}"]}
    document = {"_id": f"record of {code}", "registered": entry | keys, "announced": [{"id": f"event of {code}"}]}
    await bench.database.collection("products").insert(document)


async def migrate(bench: Bench) -> Registry:
    """Do what `python -m services.registry migrate` does, and start."""
    await APP.jobs["migrate"].work(bench.settings, bench.database, lambda: NOW)
    return await Registry.prepared(bench.resources)


async def answer(bench: Bench, name: str, number: str = "01Y8001234") -> dict[str, Any]:
    registry = await migrate(bench)
    data = changed({"/product/name": name, "/producer/registration_number": number})
    event = Event(id="filed", source="/portals/test", type=DOSSIER_FILED.type, data=data)
    await at_last(dossier_filed(registry, event))
    given: dict[str, Any] = bench.publisher.announced[-1].data
    return given


@pytest.mark.parametrize(
    ("folded", "filed"),
    [
        *(
            ("nước mắm hòa phú", filed)
            for filed in (
                "Nước mắm HòaPhú",
                "Nước mắm - Hòa Phú",
                "Nước mắm “Hòa Phú”",
                "Nước mắm Hòа Phú",
                "Nước mắm Hoà Phú®",
                "Ｎước mắm Hòa Phú",
                "Nước mắm Hòa Phú\u034f",
                "Nước mắm Hòa Phú\u3164",
            )
        ),
        ("nước mắm “hòa phú”", "Nước mắm Hòa Phú"),
        ("nước mắm hòa-phú", "Nước mắm Hòa Phú"),
        ("nước mắm hoà qúy", "Nước mắm Hòa Quý"),
    ],
)
async def test_another_spelling_is_the_product_that_was_registered(bench: Bench, folded: str, filed: str) -> None:
    await register_formerly(bench, folded)

    submitted = await answer(bench, filed)

    assert (submitted["product_code"], submitted["round"]) == (CODE, 1)


async def test_a_name_that_holds_its_owner_s_number_is_found_and_the_number_is_not_written_again(bench: Bench) -> None:
    await register_formerly(bench, f"bánh tẻ {NUMBER}", number=NUMBER)

    submitted = await answer(bench, f"Bánh tẻ {NUMBER}", NUMBER)

    assert submitted["product_code"] == CODE
    documents = bench.database.collection("products").documents
    assert NUMBER not in str([each for each in documents if each["_id"] != f"record of {CODE}"])


async def test_of_two_products_that_read_the_same_now_the_first_is_meant(bench: Bench) -> None:
    await register_formerly(bench, "nước mắm hòa phú")
    await register_formerly(bench, "nước mắm “hòa phú”", code="01-09574-2-2025")

    submitted = await answer(bench, "Nước mắm HòaPhú")

    assert submitted["product_code"] == CODE


async def test_a_register_of_today_is_left_as_it_is(bench: Bench) -> None:
    """`make up` runs the job at every start, also over products that today's registry has registered."""
    await answer(bench, "Nước mắm Hòa Phú")
    before = [dict(each) for each in bench.database.collection("products").documents]

    await migrate(bench)

    assert bench.database.collection("products").documents == before


async def test_a_pass_that_broke_off_is_finished_by_the_next_and_adds_nothing_twice(bench: Bench) -> None:
    await register_formerly(bench, "nước mắm hòa phú")
    await migrate(bench)
    documents = bench.database.collection("products").documents
    documents.remove(next(each for each in documents if each["_id"] == "histories"))
    await register_formerly(bench, "trà hòa phú", code="01-09574-2-2025")

    await migrate(bench)
    finished = len(documents)
    await migrate(bench)

    assert {each["registered"].get("key_of") for each in documents if "registered" in each} == {
        None,
        CODE,
        "01-09574-2-2025",
    }
    assert len(documents) == finished


async def test_a_registry_does_not_start_on_a_register_without_histories(bench: Bench) -> None:
    await register_formerly(bench, "nước mắm hòa phú")

    with pytest.raises(SettingsError, match=r"services\.registry migrate` once"):
        await Registry.prepared(bench.resources)


async def test_a_new_register_needs_no_migration_then_or_later(bench: Bench) -> None:
    await Registry.prepared(bench.resources)
    await register_formerly(bench, "nước mắm hòa phú")

    await Registry.prepared(bench.resources)


@pytest.mark.parametrize(
    ("records", "product_set"),
    [
        pytest.param([], 6, id="rated"),
        pytest.param([("back", "event of 01-09574-1-2025")], 6, id="turned back"),
        pytest.param([("back", "event of 01-09574-1-2025"), ("again", "back")], 8, id="corrected"),
        pytest.param(
            [("back", "event of 01-09574-1-2025"), ("again", "back"), ("back again", "again")],
            8,
            id="turned back again",
        ),
    ],
)
async def test_the_history_begins_with_what_the_links_of_the_records_say(
    bench: Bench, records: list[tuple[str, str]], product_set: int
) -> None:
    await register_formerly(bench, "nước mắm hòa phú")
    for id, before in records:
        correction = {"corrects": before, "product_set": 8, "announced": [{"id": id}]}
        note = {"turned_back": before, "outcome": "awaits-correction", "announced": []}
        await bench.database.collection("products").insert({"_id": id} | (correction if before == "back" else note))

    product = await (await migrate(bench)).products.product(CODE)

    known = KnownProduct(code=CODE, producer_numbers=("01y8001234",), product_set=product_set)
    assert product == Version(CODE, 1, known)


async def test_a_code_that_is_kept_for_a_lost_dossier_stays_kept(bench: Bench) -> None:
    entry = {"code": CODE, "place": "01-09574", "year": 2025, "serial": 1}
    await bench.database.collection("products").insert({"_id": "kept", "registered": entry, "announced": []})

    product = await (await migrate(bench)).products.product(CODE)

    assert product == Version(CODE, 1, KnownProduct(code=CODE, lost=True))
