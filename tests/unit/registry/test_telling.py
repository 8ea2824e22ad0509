"""What a producer is told of a dossier that was turned back, and what she has been told already."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.registry.handlers import Registry, dossier_filed, producer_contact
from shared.contracts.catalogue import DOSSIER_FILED, DOSSIER_REJECTED, PRODUCER_CONTACT
from shared.contracts.event import Event
from tests.unit.handling import Bench, at_last
from tests.unit.registry.dossiers import changed
from tests.unit.registry.test_sender import bench_with

CODE = "01-09574-1-2026"
FAULTY = {"/samples": 4}
UPGRADE = {"/registration": "upgrade", "/product_code": CODE}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_with(tmp_path)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    return await Registry.prepared(bench.resources)


async def file(registry: Registry, id: str, changes: Mapping[str, object]) -> None:
    event = Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes))
    await at_last(dossier_filed(registry, event))


def told(bench: Bench) -> list[bool]:
    """Return of each rejection whether the producer is told of it."""
    rejections = [each.data for each in bench.publisher.announced if each.type == DOSSIER_REJECTED.type]
    assert all(each["repeated"] is (each["sealed_recipient"] is None) for each in rejections)
    return [not each["repeated"] for each in rejections]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(FAULTY, id="a first registration that breaks a rule"),
        pytest.param(FAULTY | {"/product/name": ""}, id="one that breaks the contract"),
        pytest.param(UPGRADE, id="an upgrade of what is not there"),
    ],
)
async def test_the_same_dossier_under_another_id_is_news_once(
    bench: Bench, registry: Registry, changes: Mapping[str, object]
) -> None:
    for id in ("1", "2", "3"):
        await file(registry, id, changes)

    assert told(bench) == [True, False, False]
    assert len({str(each.data["faults"]) for each in bench.publisher.announced}) == 1


async def test_an_upgrade_in_the_midst_of_a_round_is_news_once(bench: Bench, registry: Registry) -> None:
    await file(registry, "1", {})
    for id in ("2", "3"):
        await file(registry, id, UPGRADE)

    assert told(bench) == [True, False]


async def test_who_mended_something_else_hears_that_the_fault_is_still_there(bench: Bench, registry: Registry) -> None:
    await file(registry, "1", FAULTY)
    await file(registry, "2", FAULTY | {"/product/description": "Gói lá dong."})

    assert told(bench) == [True, True]


async def test_with_another_dossier_of_the_product_in_between_it_is_news_again(
    bench: Bench, registry: Registry
) -> None:
    for id, changes in (("1", FAULTY), ("2", {"/samples": 3}), ("3", FAULTY)):
        await file(registry, id, changes)

    assert told(bench) == [True, True, True]


async def test_another_product_of_hers_is_no_repeat(bench: Bench, registry: Registry) -> None:
    for id in ("1", "2"):
        await file(registry, id, FAULTY | {"/product/name": f"Bánh tẻ loại {id}"})

    assert told(bench) == [True, True]


async def test_where_the_product_has_moved_in_between_it_is_news_again(bench: Bench, registry: Registry) -> None:
    await file(registry, "1", {})
    await file(registry, "2", UPGRADE)
    data = {"product_code": CODE, "contact": {"phone": "024 3383 0001", "email": "moi@example.vn"}}
    moved = Event(id="m", source="/portals/test", type=PRODUCER_CONTACT.type, data=data, filed_by="integration.portal")
    await producer_contact(registry, moved)
    await file(registry, "3", UPGRADE)

    assert told(bench) == [True, True]


async def test_a_delivery_that_is_repeated_gets_the_answer_that_it_had(bench: Bench, registry: Registry) -> None:
    for _ in range(2):
        await file(registry, "1", FAULTY)

    first, second = bench.publisher.announced
    assert first == second
    assert first.data["sealed_recipient"]


async def test_a_program_that_files_it_again_and_again_makes_no_history_longer(
    bench: Bench, registry: Registry
) -> None:
    for number in range(20):
        await file(registry, str(number), FAULTY)

    histories: list[Any] = [each["history"] for each in bench.documents("products") if "history" in each]
    assert [each["version"] for each in histories] == [1]
    assert "banhte" not in str(histories)
    assert "3383" not in str(histories)
