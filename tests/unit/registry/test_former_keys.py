"""What was registered until 0.1.0, under keys that were folded otherwise, is found under each spelling of today."""

from typing import Any

import pytest

from services.registry.handlers import Registry, dossier_filed
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from tests.unit.handling import Bench
from tests.unit.registry.dossiers import changed

CODE, NUMBER = "01-09574-1-2025", "001085012345"


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def register_formerly(bench: Bench, folded: str, number: str = "01y8001234", code: str = CODE) -> None:
    entry = {"code": code, "place": "01-09574", "year": 2025, "serial": int(code.split("-")[2]), "product_set": 6}
    keys = {"producer_numbers": [number], "keys": [f"{number}/{folded}"]}
    document = {"_id": f"record of {code}", "registered": entry | keys, "announced": [{"id": f"event of {code}"}]}
    await bench.resources.database.collection("products").insert(document)


async def answer(bench: Bench, name: str, number: str = "01Y8001234") -> dict[str, Any]:
    registry = await Registry.prepared(bench.resources)
    data = changed({"/product/name": name, "/producer/registration_number": number})
    await dossier_filed(registry, Event(id="filed", source="/portals/test", type=DOSSIER_FILED.type, data=data))
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

    (fault,) = (await answer(bench, filed))["faults"]

    assert fault["code"] == "product-already-registered"
    assert CODE in fault["message"]["vi"]


async def test_a_name_that_holds_its_owner_s_number_is_found_and_the_number_is_not_written_again(bench: Bench) -> None:
    await register_formerly(bench, f"bánh tẻ {NUMBER}", number=NUMBER)

    (fault,) = (await answer(bench, f"Bánh tẻ {NUMBER}", NUMBER))["faults"]

    assert fault["code"] == "product-already-registered"
    documents = bench.resources.database.collection("products").documents  # type: ignore[attr-defined]  # in memory
    assert NUMBER not in str([each for each in documents if each["_id"] != f"record of {CODE}"])


async def test_two_products_that_read_the_same_now_keep_their_codes_and_the_first_is_named(bench: Bench) -> None:
    await register_formerly(bench, "nước mắm hòa phú")
    await register_formerly(bench, "nước mắm “hòa phú”", code="01-09574-2-2025")

    (fault,) = (await answer(bench, "Nước mắm HòaPhú"))["faults"]

    assert CODE in fault["message"]["vi"]


async def test_a_pass_that_broke_off_is_finished_at_the_next_start_and_made_once(bench: Bench) -> None:
    await register_formerly(bench, "nước mắm hòa phú")
    await Registry.prepared(bench.resources)
    documents = bench.resources.database.collection("products").documents  # type: ignore[attr-defined]  # in memory
    documents.remove(next(each for each in documents if each["_id"] == "keys-of-0.1.0"))
    await register_formerly(bench, "trà hòa phú", code="01-09574-2-2025")

    await Registry.prepared(bench.resources)
    finished = len(documents)
    await Registry.prepared(bench.resources)

    assert {each["registered"].get("key_of") for each in documents if "registered" in each} == {
        None,
        CODE,
        "01-09574-2-2025",
    }
    assert len(documents) == finished
