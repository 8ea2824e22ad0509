"""The documents of now follow the records, whatever goes wrong in between, and can be written anew."""

import asyncio
import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.errors import OutageError
from shared.handling import write_behind
from shared.handling.brief import rows_in
from shared.handling.history import Version
from shared.handling.now import NowDocuments, View
from shared.handling.write_behind import CAUGHT_UP, WriteBehind, are_whole, rebuild
from tests.unit import memory
from tests.unit.shared.cards import COLLECTION, VALID, VIEW, WARNED_BEFORE
from tests.unit.shared.timed import START, Instance, World

WARNING, END = START + VALID - WARNED_BEFORE, START + VALID


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
async def instance(world: World) -> Instance:
    """An instance with two cards, one of them renewed."""
    instance = await Instance.started(world)
    for card, number in (("10-a", 0), ("20-b", 0), ("20-b", 1)):
        await instance.renew(card, number)
    return instance


def versions(world: World) -> dict[str, int]:
    return {each["_id"]: each["version"] for each in world.now_documents}


async def test_a_document_says_what_is_so_now_and_what_falls_due(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()

    assert world.now_documents[0] == {
        "_id": "10-a",
        "version": 1,
        "shape": 1,
        "recorded_at": START,
        "state": {"ends_at": "2027-11-29T08:00:00Z", "renewals": 0, "warned": False, "expired": False},
        "place": "10",
        "due": [{"milestone": "expiring-0", "at": WARNING}, {"milestone": "expired-0", "at": END}],
        "next_due": WARNING,
    }
    assert versions(world) == {"10-a": 1, "20-b": 2}


def shown(version: Version[Any]) -> dict[str, Any]:
    place = {"province": version.of[:2], "commune": "09574"}
    return {"place": place, "text": f'["{version.of}",{version.number}]'}


#: A view of which reports read a text.
BRIEF = replace(VIEW, fields=shown, brief="text", shape=2)
#: One of which there is nothing besides.
UNLISTED = replace(BRIEF, listed=False)


def noted(world: World) -> list[tuple[str, int]]:
    notes = world.database.derived(f"{COLLECTION}_noted").documents
    rows = [row for note in notes for row in rows_in(note)]
    assert [json.loads(each.text) for each in rows] == [[each.key, each.version] for each in rows]
    return sorted((each.key, each.version) for each in rows)


@pytest.mark.parametrize("view", [BRIEF, UNLISTED])
@pytest.mark.usefixtures("instance")
async def test_what_reports_read_is_noted(world: World, view: View[Any]) -> None:
    world.now_documents_lost()
    now = NowDocuments(world.database, COLLECTION, view)

    await WriteBehind(now, clock=world.clock).catch_up()
    assert noted(world) == [("10-a", 1), ("20-b", 2)]
    assert versions(world) == ({"10-a": 1, "20-b": 2} if view.listed else {})

    world.records[:] = [each for each in world.records if each["history"]["of"] == "10-a"]
    await rebuild(now, lambda _: None)
    assert noted(world) == [("10-a", 1)]
    assert versions(world) == ({"10-a": 1} if view.listed else {})


@pytest.mark.parametrize("collection", [COLLECTION, f"{COLLECTION}_noted"])
@pytest.mark.usefixtures("instance")
async def test_where_one_of_both_could_not_be_written_it_is_written_again(
    world: World, monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    now = NowDocuments(world.database, COLLECTION, BRIEF)
    writing = WriteBehind(now, clock=world.clock)

    with monkeypatch.context() as away:
        away.setattr(world.database.derived(collection), "replace_below", _away)
        with pytest.raises(OutageError):
            await writing.catch_up()
    await writing.catch_up()

    assert dict(noted(world)) == versions(world) == {"10-a": 1, "20-b": 2}


def is_whole(world: World) -> bool:
    return are_whole(world.database.derived("marks").documents, BRIEF.shape)


@pytest.mark.usefixtures("instance")
async def test_what_is_not_all_noted_yet_is_not_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BATCH", 1)
    now = NowDocuments(world.database, COLLECTION, BRIEF)
    writing, notes = WriteBehind(now, clock=world.clock), world.database.derived(f"{COLLECTION}_noted")

    with monkeypatch.context() as away:
        away.setattr(notes, "replace_below", _second_time(_away, notes.replace_below))
        with pytest.raises(OutageError):
            await writing.catch_up()
    assert (len(noted(world)), is_whole(world)) == (1, False)

    await writing.catch_up()
    assert is_whole(world)


@pytest.mark.usefixtures("instance")
async def test_a_rebuilding_that_is_broken_off_is_not_whole_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = NowDocuments(world.database, COLLECTION, BRIEF)
    await WriteBehind(now, clock=world.clock).catch_up()
    assert (noted(world), is_whole(world)) == ([("10-a", 1), ("20-b", 2)], True)
    monkeypatch.setattr(memory, "MAX_BATCH", 1)
    notes = world.database.derived(f"{COLLECTION}_noted")

    with monkeypatch.context() as away:
        away.setattr(notes, "replace_below", _second_time(_away, notes.replace_below))
        with pytest.raises(OutageError):
            await rebuild(now, lambda _: None)
    assert (len(noted(world)), is_whole(world)) == (1, False)

    await rebuild(now, lambda _: None)
    assert ({*noted(world)}, is_whole(world)) == ({("10-a", 1), ("20-b", 2)}, True)


@pytest.mark.usefixtures("instance")
async def test_a_rebuilding_begins_anew_on_records_that_were_put_back_since(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_BATCH", 1)
    now = NowDocuments(world.database, COLLECTION, BRIEF)
    notes = world.database.derived(f"{COLLECTION}_noted")
    with monkeypatch.context() as away:
        away.setattr(notes, "replace_below", _second_time(_away, notes.replace_below))
        with pytest.raises(OutageError):
            await rebuild(now, lambda _: None)
    ((gone, _),) = noted(world)
    world.records[:] = [each for each in world.records if each["history"]["of"] != gone]

    await rebuild(now, lambda _: None)

    assert {key for key, _ in noted(world)} == {"10-a", "20-b"} - {gone}


def _second_time(then: Callable[..., Any], first: Callable[..., Any]) -> Callable[..., Any]:
    """Return what does one thing the first time and another from then on."""
    calls = iter([first])

    async def called(*arguments: Any) -> Any:
        return await next(calls, then)(*arguments)

    return called


@pytest.mark.usefixtures("instance")
async def test_packs_are_made_beside_the_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now, packed = NowDocuments(world.database, COLLECTION, BRIEF), asyncio.Event()
    monkeypatch.setattr(now, "pack", _set(packed))

    running = asyncio.create_task(WriteBehind(now, clock=world.clock).run())
    await asyncio.wait_for(packed.wait(), 5)
    running.cancel()

    assert len(noted(world)) == 2  # what was missed is written before


@pytest.mark.usefixtures("instance")
async def test_packs_are_made_again_while_writing_does_not_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_behind, "PACK_SECONDS", 0.1)
    monkeypatch.setattr(write_behind, "LINGER_SECONDS", 0)
    now, packed = NowDocuments(world.database, COLLECTION, BRIEF), asyncio.Queue[None]()
    writing = WriteBehind(now, clock=world.clock)

    async def write_and_hear_of_the_next(records: Sequence[dict[str, Any]]) -> tuple[datetime, ...]:
        asyncio.get_running_loop().call_soon(writing.put, records[0])
        return ()

    async def pack() -> None:
        packed.put_nowait(None)

    monkeypatch.setattr(now, "write", write_and_hear_of_the_next)
    monkeypatch.setattr(now, "pack", pack)
    writing.put(world.records[0])
    running = asyncio.create_task(writing.run())
    for _ in range(3):
        await asyncio.wait_for(packed.get(), 5)
    running.cancel()


@pytest.mark.usefixtures("instance")
async def test_a_history_of_another_kind_has_no_document(world: World) -> None:
    view = replace(VIEW, shows=lambda of: of.startswith("20-"))
    now = NowDocuments(world.database, COLLECTION, view)

    await now.write([each for each in world.records if each["history"]["version"] == 1])
    await rebuild(now, lambda _: None)

    assert versions(world) == {"20-b": 2}


async def test_an_older_version_that_comes_late_replaces_nothing(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    before = deepcopy(world.now_documents)

    for record in world.records:
        instance.write_behind.put(record)
        await instance.write_behind.flush()

    assert world.now_documents == before


async def test_what_an_instance_that_died_has_not_written_is_found_at_the_next_start(
    world: World, instance: Instance
) -> None:
    await instance.write_behind.flush()
    await instance.renew("10-a", 1)

    await Instance.started(world)

    assert versions(world) == {"10-a": 2, "20-b": 2}


async def test_what_is_recorded_without_its_writer_knowing_is_written_when_it_is_found(
    world: World, instance: Instance
) -> None:
    record = world.records[-1]

    await instance.cards.records.find(record["_id"])
    await instance.write_behind.flush()

    assert versions(world)["20-b"] == 2


async def test_an_outage_delays_nothing_and_what_waits_is_written_afterwards(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(world.database.derived(COLLECTION), "replace_below", _away)
        with pytest.raises(OutageError):
            await instance.write_behind.flush()
        await instance.renew("10-a", 1)

    await instance.write_behind.flush()

    assert versions(world) == {"10-a": 2, "20-b": 2}


async def _away(_: Any) -> None:
    raise OutageError("the database is away")


async def test_more_than_may_wait_is_not_kept_and_found_among_the_records(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_behind, "MAX_WAITING", 2)
    monkeypatch.setattr(write_behind, "LINGER_SECONDS", 0)
    await instance.renew("30-c", 0)  # the third
    await instance.write_behind.flush()
    assert versions(world) == {}

    written = asyncio.Event()
    monkeypatch.setattr(instance.timers, "expect", lambda _: written.set())
    running = asyncio.create_task(instance.write_behind.run())
    await asyncio.wait_for(written.wait(), 10)

    running.cancel()
    assert versions(world) == {"10-a": 1, "20-b": 2, "30-c": 1}


async def test_begun_again_it_goes_on_and_goes_through_the_records_again_only_where_that_was_broken_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, catch_up = await Instance.started(world), asyncio.Event()
    begun: list[int] = []

    async def counted() -> None:
        begun.append(1)
        await catch_up.wait()

    monkeypatch.setattr(instance.write_behind, "catch_up", counted)
    monkeypatch.setattr(write_behind, "LINGER_SECONDS", 0)
    await run_until(instance, lambda: len(begun) == 1)  # and is broken off
    catch_up.set()
    await run_until(instance, lambda: len(begun) == 2)
    await instance.renew("40-d", 0)
    await run_until(instance, lambda: "40-d" in versions(world))

    assert len(begun) == 2


async def run_until(instance: Instance, seen: Callable[[], bool]) -> None:
    """Write behind until something is seen, and break it off."""
    running = asyncio.create_task(instance.write_behind.run())
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_rebuilt_they_are_the_same_as_written_behind(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    before, progress = deepcopy(world.now_documents), list[int]()
    world.now_documents_lost()

    await world.rebuild(progress.append)

    assert world.now_documents == before
    assert progress == [2]


async def test_documents_in_another_shape_are_written_anew_when_they_catch_up(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    await instance.write_behind.catch_up()
    await instance.renew("30-c", 0)
    del instance

    reshaped = replace(VIEW, fields=lambda version: {"said": f"{version.of} {version.number}"}, shape=2)
    now = NowDocuments(world.database, COLLECTION, reshaped)
    await WriteBehind(now, clock=world.clock).catch_up()

    assert {each["_id"]: each["said"] for each in world.now_documents} == {
        "10-a": "10-a 1",
        "20-b": "20-b 2",
        "30-c": "30-c 1",
    }
    assert (await now.mark(CAUGHT_UP)).at == START


async def test_documents_in_today_s_shape_are_not_written_twice(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await instance.write_behind.flush()
    written: list[Any] = []

    async def noted(documents: Any) -> None:
        written.extend(documents)

    monkeypatch.setattr(world.database.derived(COLLECTION), "replace_below", noted)
    await instance.write_behind.catch_up()

    assert written == []


async def test_rebuilding_that_was_broken_off_goes_on_where_it_was(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    await instance.write_behind.flush()
    with monkeypatch.context() as away:
        away.setattr(NowDocuments, "remove_orphans", _away)
        with pytest.raises(OutageError):
            await world.rebuild()
    marks = world.database.derived("marks").documents
    assert {each["_id"]: each["at"] for each in marks}["rebuilt"] == START

    await world.rebuild()

    assert versions(world) == {"10-a": 1, "20-b": 2}


async def test_rebuilt_on_records_of_an_older_backup_they_follow_these(world: World, instance: Instance) -> None:
    await instance.renew("30-c", 0)
    await instance.write_behind.flush()
    newer = [each for each in world.records if each["history"]["of"] == "30-c" or each["history"]["version"] == 2]
    for record in newer:
        world.records.remove(record)

    await world.rebuild()

    assert versions(world) == {"10-a": 1, "20-b": 1}


def _set(event: asyncio.Event) -> Callable[[], Any]:
    async def noted() -> None:
        event.set()

    return noted
