"""Packs and what notes name are together what the short documents say, whoever packs and writes meanwhile."""

import json
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
from shared.handling.brief import Brief
from shared.handling.columns import expanded, in_columns, packed, unpacked
from shared.storage import StoredDocument
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
    """Short documents of products, and what they should say."""

    def __init__(self) -> None:
        self.database: Any = MemoryDatabase()
        self.brief = self.instance()
        self.expected: dict[str, list[Any]] = {}

    def instance(self, *, shape: int = VIEW.shape) -> Brief:
        return Brief(self.database, "products", "facts", shape=shape)

    async def write(self, number: int, said: str) -> None:
        await self.write_at_once([number], said)

    async def write_at_once(self, numbers: Sequence[int], said: str) -> None:
        await self.brief.replace_below([(self._document(number, said), 10**6) for number in numbers])

    def _document(self, number: int, said: str) -> StoredDocument:
        province = PROVINCES[number % 2]
        code, version = f"{province}-09574-{number}-2026", len(self.expected) + 1
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
        return [key for each in self.database.derived("products_notes").documents for key in each["of"]]


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
    own = register.database.derived("products_brief")
    slow._documents = cast("Any", Interrupted(register, meanwhile, own=own))

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
    brief, packs = register.database.derived("products_brief"), register.database.derived("products_packs")
    register.database.collections["now/products_packs"] = Interrupted(register, meanwhile, own=packs)

    found = await register.read()

    assert len(found) == len({code for code, _ in found})
    assert {code for code, _ in found} >= {*known}
    assert len(brief.documents) == len(register.expected)
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
        steps, self._steps = self._steps, []
        for step in steps:
            await (self._register.instance().pack() if step is None else self._register.write(*step))
        for page in found:
            yield page


async def test_few_notes_are_left_and_the_fullest_province_is_packed_first() -> None:
    register = Register()
    for number in (0, 2, 4, 1, 3):
        await register.write(number, "filed")

    await register.brief.pack()

    assert register.noted == ["25-09574-1-2026", "25-09574-3-2026"]
    (pack,) = register.database.derived("products_packs").documents
    assert (pack["_id"], pack["version"], pack["shape"]) == ("01", 2, VIEW.shape)


async def test_what_is_written_at_once_is_noted_once_for_each_province() -> None:
    register = Register()

    await register.write_at_once([0, 1, 2, 4], "filed")

    assert len(register.database.derived("products_notes").documents) == 2
    assert await register.read() == register.of_all


async def test_what_is_removed_is_in_no_pack_any_more() -> None:
    register = await six_filed()
    await register.brief.pack()

    await register.brief.remove(["01-09574-2-2026"])

    del register.expected["01-09574-2-2026"]
    assert await register.read() == register.of_all
    await register.write(4, "rated")
    await register.write(4, "recognised")
    await register.brief.pack()
    assert await register.read() == register.of_all


async def test_a_pack_in_another_shape_is_not_read() -> None:
    register = await six_filed()
    await register.instance(shape=VIEW.shape - 1).pack()

    assert await register.read() == register.of_all


async def test_a_pack_that_is_written_as_before_is_not_read_and_written_anew() -> None:
    register = await six_filed()
    await register.brief.pack()
    packs = register.database.derived("products_packs")
    for pack in packs.documents:
        del pack["format"], pack["columns"]

    assert await register.read() == register.of_all
    await register.brief.pack()
    assert all("columns" in each for each in packs.documents)
    assert await register.read() == register.of_all


async def test_the_keys_of_packs_are_read_where_something_is_noted_alone() -> None:
    register = await six_filed()
    await register.brief.pack()
    await register.write(2, "rated")
    reader = Documents(register.database)

    await read_columns(cast("Reader", reader), TEXTS, None)

    noted, others = (each for each in reader.read if each[0] == "products_packs")
    assert noted[1:] == (["01"], None)
    assert "25" in others[1]
    assert others[2] == {"keys": False}


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

    assert reader.asked == ["products_notes", "products_packs"]


values = st.one_of(st.none(), st.integers(0, 9), st.text(max_size=3), st.lists(st.integers(0, 9), max_size=2))


@given(rows=st.lists(st.tuples(values, st.text(max_size=5), values, st.booleans()), max_size=12))
def test_texts_that_are_packed_read_as_they_were(rows: list[tuple[Any, ...]]) -> None:
    texts = [json.dumps(each) for each in rows]

    assert unpacked(packed(texts)) == in_columns(texts)
    assert [list(each) for each in zip(*(each.expanded for each in in_columns(texts)), strict=True)] == [
        [
            json.dumps(value, separators=(",", ":"), ensure_ascii=False) if isinstance(value, list) else value
            for value in row
        ]
        for row in rows
    ]
