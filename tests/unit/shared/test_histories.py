"""A history: its versions, its newest, and what it was on any day."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.handling.history import State, Version
from shared.handling.outcome import Decision
from shared.handling.records import VERSIONS, Histories, Records
from tests.unit.memory import MemoryCollection


class Stars(State):
    """A state of a test's own."""

    stars: int
    note: str = "none"


BEGAN = datetime(2026, 11, 29, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def histories() -> Histories[Stars]:
    """Return a product's history: 3 stars on the first day, 4 on the third; and another product's."""
    collection, now = MemoryCollection(), BEGAN
    await collection.ensure_indexes(VERSIONS)
    records = Records(collection, clock=lambda: now)  # type: ignore[arg-type]  # in memory
    first = Version("a", 1, Stars(stars=3))
    await records.record(Decision("1", (), version=first))
    now = BEGAN + 2 * DAY
    await records.record(Decision("2", (), version=first.then(Stars(stars=4))))
    await records.record(Decision("3", (), version=Version("b", 1, Stars(stars=5))))
    await records.record(Decision("4", ()))
    return Histories(collection, Stars)  # type: ignore[arg-type]  # in memory


async def test_the_newest_version_is_found(histories: Histories[Stars]) -> None:
    assert await histories.newest("a") == Version("a", 2, Stars(stars=4))
    assert await histories.newest("c") is None


@pytest.mark.parametrize(("days", "stars"), [(-1, None), (0, 3), (1, 3), (2, 4), (300, 4)])
async def test_the_state_of_any_past_day_can_be_read(histories: Histories[Stars], days: int, stars: int | None) -> None:
    version = await histories.on("a", BEGAN + days * DAY)

    assert (version.state.stars if version else None) == stars


async def test_the_records_of_a_history_come_in_the_order_of_its_versions(histories: Histories[Stars]) -> None:
    assert [each["_id"] async for each in histories.documents("a")] == ["1", "2"]


def test_a_state_of_an_earlier_version_of_the_code_is_read(histories: Histories[Stars]) -> None:
    document = {"history": {"of": "a", "version": 7, "state": {"stars": 2, "no longer": "used"}}}

    assert histories.version_in(document) == Version("a", 7, Stars(stars=2))
