"""Packs and notes are together what the histories say, whoever packs and writes meanwhile."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.database_reader import Reader
from ops.reports.reading import Texts, read_columns
from services.registry.gazetteer import meant
from services.registry.products import VIEW
from shared.handling import brief as of_brief
from shared.handling.brief import Brief, rows_in
from shared.handling.columns import Columns, expanded, in_columns, joined, packed, unpacked
from shared.storage import MAX_BATCH, StoredDocument
from tests.unit.memory import MemoryCollection, MemoryDatabase

TEXTS = Texts("registry", VIEW)
PROVINCES = ("01", "25")
#: A product by its number, and what becomes of it.
Write = tuple[int, str]


class Documents:
    """A reader of the documents of now in memory."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        self.read: list[tuple[str, Any, Any]] = []

    @property
    def asked(self) -> list[str]:
        return [collection for collection, *_ in self.read]

    async def find_now(
        self, _service: str, collection: str, query: Mapping[str, Any], *, order: str, only: Any = None, **_: Any
    ) -> list[StoredDocument]:
        self.read.append((collection, query.get("_id", {}).get("$in"), only))
        return [each async for page in self._database.derived(collection).pages(query, order=order) for each in page]


class Register:
    """What is noted of products, and what reports should read."""

    def __init__(self) -> None:
        self.database: Any = MemoryDatabase()
        self.brief = self.instance()
        self.expected: dict[str, list[Any]] = {}
        self.versions = Counter[str]()

    def instance(self, *, shape: int = VIEW.shape) -> Brief:
        return Brief(self.database, "products", "facts", shape=shape)

    async def write(self, number: int, said: str) -> None:
        await self.write_at_once([number], said)

    async def write_at_once(self, numbers: Sequence[int], said: str) -> None:
        await self.brief.note([self._document(number, said) for number in numbers])

    def _document(self, number: int, said: str) -> StoredDocument:
        province = PROVINCES[number % 2]
        code = f"{province}-09574-{number}-2026"
        version = self.versions[code] = self.versions[code] + 1
        self.expected[code] = [code, said]
        text = json.dumps(self.expected[code])
        return {"_id": code, "version": version, "place": {"province": province, "commune": "09574"}, "facts": text}

    async def read(self, place: str | None = None) -> list[list[Any]]:
        reader = Documents(self.database)
        columns = await read_columns(cast("Reader", reader), TEXTS, meant(place)[0] if place else None)
        return sorted(map(list, zip(*map(expanded, columns), strict=True)))

    @property
    def of_all(self) -> list[list[Any]]:
        return sorted(self.expected.values())

    @property
    def noted(self) -> list[str]:
        return [row.key for each in self.database.derived("products_noted").documents for row in rows_in(each)]

    @property
    def packs(self) -> list[StoredDocument]:
        documents: list[StoredDocument] = self.database.derived("products_packed").documents
        return documents


async def six_filed() -> Register:
    register = Register()
    for number in range(6):
        await register.write(number, "filed")
    return register


@pytest.fixture(autouse=True)
def few_notes_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_brief, "MOST_NOTED", 2)


written = st.tuples(st.integers(0, 9), st.sampled_from(["filed", "rated", "recognised"]))


@given(steps=st.lists(st.none() | written, max_size=30))
async def test_whatever_is_packed_all_is_read_that_was_written(steps: Sequence[Write | None]) -> None:
    register = Register()
    for step in steps:
        await (register.brief.pack() if step is None else register.write(*step))

    assert await register.read() == register.of_all
    assert await register.read("01") == [each for each in register.of_all if each[0][:2] == "01"]


@given(before=st.lists(written, min_size=3, max_size=9), meanwhile=st.lists(st.none() | written, max_size=9))
async def test_what_is_written_and_packed_by_others_while_one_packs_is_read(
    before: list[Write], meanwhile: list[Write | None]
) -> None:
    register = Register()
    for step in before:
        await register.write(*step)
    slow = register.instance()
    own = register.database.derived("products_noted")
    slow._notes = cast("Any", Interrupted(register, meanwhile, own=own))

    await slow.pack()

    assert await register.read() == register.of_all


@given(
    before=st.lists(written, min_size=3, max_size=9),
    noted=st.lists(written, max_size=2),
    meanwhile=st.lists(st.none() | written, max_size=9),
)
async def test_what_is_packed_while_one_reads_is_neither_missed_nor_read_twice(
    before: list[Write], noted: list[Write], meanwhile: list[Write | None]
) -> None:
    register = Register()
    for step in before:
        await register.write(*step)
    await register.brief.pack()
    for step in noted:
        await register.write(*step)
    known = dict(register.expected)
    packs = register.database.derived("products_packed")
    register.database.collections["now/products_packed"] = Interrupted(register, meanwhile, own=packs)

    found = await register.read()

    assert len(found) == len({code for code, _ in found})
    assert {code for code, _ in found} >= {*known}
    for code, said in found:
        assert said in {known.get(code, [code, said])[1], *(each[1] for each in meanwhile if each)}


class Interrupted(MemoryCollection):
    """Documents between one reading of which and what comes next others do something."""

    def __init__(self, register: Register, steps: Sequence[Write | None], *, own: MemoryCollection) -> None:
        super().__init__()
        self.__dict__ = own.__dict__  # the same documents
        self._register, self._steps = register, list(steps)

    async def pages(self, query: Mapping[str, Any], *, order: str, only: Sequence[str] = ()) -> Any:
        found = [page async for page in super().pages(query, order=order, only=only)]
        await self._interrupt()
        for page in found:
            yield page

    async def find_after(self, field: str, value: str, **also: Any) -> list[StoredDocument]:
        found = await super().find_after(field, value, **also)
        await self._interrupt()
        return found

    async def _interrupt(self) -> None:
        steps, self._steps = self._steps, []
        for step in steps:
            await (self._register.instance().pack() if step is None else self._register.write(*step))


class Fewer(MemoryCollection):
    """Documents of which somebody has read the first three alone."""

    def __init__(self, own: MemoryCollection) -> None:
        super().__init__()
        self.__dict__ = own.__dict__  # the same documents

    async def find_after(self, field: str, value: str, **also: Any) -> list[StoredDocument]:
        return (await super().find_after(field, value, **also))[:3]


async def test_who_is_overtaken_packing_a_province_packs_what_the_other_had_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register = await six_filed()
    other, replaced = register.instance(), MemoryCollection.replace_at
    other._notes = cast("Any", Fewer(register.database.derived("products_noted")))

    async def behind_the_other(own: MemoryCollection, document: StoredDocument, version: int) -> bool:
        monkeypatch.setattr(MemoryCollection, "replace_at", replaced)
        await other._pack_first_notes()
        return await replaced(own, document, version)

    monkeypatch.setattr(MemoryCollection, "replace_at", behind_the_other)
    await register.brief.pack()

    assert register.noted == []
    assert await register.read() == register.of_all


async def test_few_texts_are_left_noted() -> None:
    register = Register()
    for number in (0, 1):
        await register.write(number, "filed")

    await register.brief.pack()
    assert (len(register.noted), register.packs) == (2, [])
    await register.write(2, "filed")
    await register.brief.pack()

    assert register.noted == []
    assert sorted((each["_id"], each["shape"]) for each in register.packs) == [
        (f"{VIEW.shape}/01", VIEW.shape),
        (f"{VIEW.shape}/25", VIEW.shape),
    ]


async def test_many_notes_of_one_text_each_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_brief, "MOST_NOTED", MAX_BATCH)
    register = Register()
    for number in range(MAX_BATCH + 1):
        await register.write(number, "filed")

    await register.brief.pack()

    assert len(register.noted) == 1
    assert await register.read() == register.of_all


async def test_what_is_written_at_once_is_one_note() -> None:
    register = Register()

    await register.write_at_once([0, 1, 2, 4], "filed")

    assert len(register.database.derived("products_noted").documents) == 1
    assert await register.read() == register.of_all


async def test_an_older_version_that_is_noted_later_changes_nothing() -> None:
    register = await six_filed()
    await register.write(2, "rated")
    await register.brief.pack()
    said = dict(register.expected)

    register.versions["01-09574-2-2026"] = 0
    await register.write(2, "filed again")

    register.expected = said
    assert await register.read() == register.of_all
    await register.write_at_once([0, 4], "filed")
    await register.brief.pack()
    assert register.noted == []
    assert [each for each in await register.read() if each[0] == "01-09574-2-2026"] == [["01-09574-2-2026", "rated"]]


async def test_what_is_removed_is_in_no_pack_and_no_note_any_more() -> None:
    register = await six_filed()
    await register.brief.pack()
    await register.write(1, "rated")

    await register.brief.remove_all()

    assert await register.read() == []
    register.versions.clear()
    register.expected.clear()
    await register.write(4, "filed")
    assert await register.read() == register.of_all


async def test_what_is_noted_and_packed_in_a_former_shape_is_not_read_and_removed_once_all_is_in_today_s() -> None:
    register = await six_filed()
    await register.brief.pack()
    await register.write(0, "rated")
    before, after = register.instance(shape=VIEW.shape - 1), register.instance(shape=VIEW.shape + 1)

    await before.pack()
    assert await register.read() == register.of_all
    await after.pack()

    assert register.packs == register.database.derived("products_noted").documents == []


async def test_a_commune_is_read_out_of_its_province_s_pack() -> None:
    register = await six_filed()
    await register.brief.pack()

    assert register.noted == []
    assert await register.read("09574") == [each for each in register.of_all if each[0].startswith("01")]
    assert await register.read("09616") == []


async def test_what_belongs_to_each_row_is_read_where_something_is_noted_alone() -> None:
    register = await six_filed()
    await register.brief.pack()
    await register.write(2, "rated")
    reader = Documents(register.database)

    await read_columns(cast("Reader", reader), TEXTS, None)

    noted, others = (each for each in reader.read if each[0] == "products_packed")
    assert noted[1:] == ([f"{VIEW.shape}/01"], None)
    assert f"{VIEW.shape}/25" in others[1]
    assert others[2] == {"rows": False}


@given(
    steps=st.lists(st.none() | written, max_size=30),
    asked=st.lists(st.sampled_from(("01", "25", "09574", "09616", "25")), min_size=1),
)
async def test_of_several_places_each_product_is_read_once(steps: Sequence[Write | None], asked: list[str]) -> None:
    register = Register()
    for step in steps:
        await (register.brief.pack() if step is None else register.write(*step))
    places = {"01": ["01-09574"], "25": ["25-09574"], "09574": ["01-09574"], "09616": []}
    wanted = {start for each in asked for start in places[each]}

    found = await read_columns(cast("Reader", Documents(register.database)), TEXTS, *(meant(each)[0] for each in asked))

    assert sorted(map(list, zip(*map(expanded, found), strict=True))) == [
        each for each in register.of_all if each[0][:8] in wanted
    ]


async def test_a_packed_province_is_read_in_two_questions_and_nothing_else() -> None:
    register = await six_filed()
    await register.brief.pack()
    reader = Documents(register.database)

    await read_columns(cast("Reader", reader), TEXTS, meant("01")[0])

    assert reader.asked == ["products_noted", "products_packed"]


values = st.one_of(st.none(), st.integers(0, 9), st.text(max_size=3), st.lists(st.integers(0, 9), max_size=2))


rows = st.lists(st.tuples(values, st.text(max_size=5), values, st.booleans()), max_size=12)


@given(rows=rows)
def test_texts_that_are_packed_read_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    columns = in_columns(map(json.dumps, rows))

    assert unpacked(packed(columns)) == columns
    assert told(columns) == [as_columns_have(row) for row in rows]


@given(rows=rows, more=rows, data=st.data())
def test_texts_behind_others_of_which_some_are_gone_read_as_both(
    rows: list[tuple[Any, ...]], more: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    stays = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    left = [row for row, stay in zip(rows, stays, strict=True) if stay]

    columns = [column.only(stays) for column in in_columns(map(json.dumps, rows))]
    both = joined(columns, in_columns(map(json.dumps, more))) if more else columns

    assert told(both) == [as_columns_have(row) for row in (*left, *more)]
    if more:
        assert all(set(each.values) == set(each.expanded) for each in both)
    assert unpacked(packed(both)) == both


def told(columns: Columns) -> list[list[Any]]:
    return [list(each) for each in zip(*(each.expanded for each in columns), strict=True)]


def as_columns_have(row: tuple[Any, ...]) -> list[Any]:
    return [
        json.dumps(value, separators=(",", ":"), ensure_ascii=False) if isinstance(value, list) else value
        for value in row
    ]
