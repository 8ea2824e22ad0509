"""Serials of communes: each given once and none left out, whoever gives them; and what the next one costs to know."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.certificate_handlers import certificate_imported
from services.registry.handlers import Registry, dossier_filed
from services.registry.products import VIEW
from shared.contracts.catalogue import CERTIFICATE_IMPORTED, DOSSIER_FILED
from shared.contracts.event import Event
from shared.errors import ConflictError
from shared.handling.now import NowDocuments
from shared.handling.numbering import Numbering
from shared.handling.write_behind import WriteBehind
from tests.unit.handling import NOW, Bench
from tests.unit.memory import MemoryCollection
from tests.unit.registry.dossiers import changed
from tests.unit.registry.lives import imported

SON_TAY, TUNG_THIEN, HA_NOI = "09574", "09604", "integration.ha-noi"


@dataclass
class Instance:
    """A registry while it runs: what it knows of serials is gone when it ends."""

    registry: Registry
    write_behind: WriteBehind

    @classmethod
    async def started(cls, bench: Bench) -> "Instance":
        numbering = Numbering()
        now: NowDocuments[Any] = NowDocuments(bench.database, "products", VIEW)
        write_behind = WriteBehind(now, clock=lambda: NOW, numbering=numbering)
        return cls(await Registry.prepared(replace(bench.resources, numbering=numbering)), write_behind)


class Register:
    """A register, and what happens at it: `numbers` name events and products."""

    def __init__(self, scopes: Path) -> None:
        self.bench = Bench(integrations=scopes)
        self.numbers = count(1)

    @property
    def documents(self) -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = self.bench.database.collection("products").documents
        return documents

    def last(self, commune: str) -> int:
        """Return the last serial of a commune that is on record."""
        codes = [each["registered"]["code"].split("-") for each in self.documents if "registered" in each]
        return max((int(serial) for _, of, serial, _ in codes if of == commune), default=0)

    async def file(self, instance: Instance, commune: str) -> int:
        """File a new product, and return its serial."""
        number = next(self.numbers)
        data = changed({"/product/name": f"Bánh tẻ {number}", "/product/commune_code": commune})
        await dossier_filed(
            instance.registry, Event(f"{number}", "/portals/test", DOSSIER_FILED.type, data, filed_by=HA_NOI)
        )
        return int(self.bench.publisher.announced[-1].data["product_code"].split("-")[2])

    async def keep(self, instance: Instance, commune: str, serial: int) -> None:
        """Bring in a certificate whose code of this year is kept."""
        number = next(self.numbers)
        changes = {
            "product_code": f"01-{commune}-{serial}-2026",
            "product.name": f"Chè {number}",
            "product.commune_code": commune,
            "certificate.number": f"{number}/OCOP",
        }
        event = Event(f"{number}", "/offices/ha-noi", CERTIFICATE_IMPORTED.type, imported(changes), filed_by=HA_NOI)
        await certificate_imported(instance.registry, event)
        assert self.last(commune) == serial


@dataclass
class Asked:
    """What was asked of the database: looks for a commune's codes, and inserts that an index refused."""

    looks: int = 0
    refused: int = 0


@pytest.fixture(scope="module")
def scopes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of integrations with a province's system, which may bring in certificates."""
    file = tmp_path_factory.mktemp("scopes") / "integrations.yaml"
    file.write_text("ha-noi: {listens_to: [product.rated], scope: {province: '01'}}\n")
    return file


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    counted, pages, insert = Asked(), MemoryCollection.pages, MemoryCollection.insert

    def looked(collection: MemoryCollection, query: Mapping[str, Any], **options: Any) -> Any:
        counted.looks += "registered.code" in query
        return pages(collection, query, **options)

    async def inserted(collection: MemoryCollection, document: dict[str, Any]) -> None:
        try:
            await insert(collection, document)
        except ConflictError:
            counted.refused += "event" in document
            raise

    monkeypatch.setattr(MemoryCollection, "pages", looked)
    monkeypatch.setattr(MemoryCollection, "insert", inserted)
    return counted


@pytest.fixture
async def register(scopes: Path) -> Register:
    """Return a register with three products of one commune; the registry that took them has ended."""
    register = Register(scopes)
    first = await Instance.started(register.bench)
    await first.write_behind.catch_up()
    for _ in range(3):
        await register.file(first, SON_TAY)
    return register


async def test_from_when_records_were_gone_through_no_commune_costs_a_look(register: Register, asked: Asked) -> None:
    again = await Instance.started(register.bench)
    await again.write_behind.catch_up()

    serials = [await register.file(again, commune) for commune in (SON_TAY, TUNG_THIEN, TUNG_THIEN)]

    assert (serials, asked) == ([4, 1, 2], Asked(looks=0, refused=0))


async def test_before_a_commune_costs_one_look_and_no_insert_that_is_refused(register: Register, asked: Asked) -> None:
    again = await Instance.started(register.bench)

    serials = [await register.file(again, commune) for commune in (SON_TAY, TUNG_THIEN, SON_TAY)]

    assert (serials, asked) == ([4, 1, 5], Asked(looks=2, refused=0))


async def test_a_register_that_grew_under_an_earlier_version_is_gone_through_once(register: Register) -> None:
    """Its mark says how far the records were gone through, and nothing of serials."""
    (mark,) = register.bench.database.derived("marks").documents
    del mark["highest"], mark["newest"]

    again = await Instance.started(register.bench)
    await again.write_behind.catch_up()

    assert await register.file(again, SON_TAY) == 4


async def test_records_that_do_not_say_what_they_follow_are_counted_like_others(
    register: Register, asked: Asked
) -> None:
    """An earlier version wrote none of it: the first, and the one that still runs beside this one in an update."""
    ours, earlier = await Instance.started(register.bench), await Instance.started(register.bench)
    await ours.write_behind.catch_up()
    assert await register.file(earlier, SON_TAY) == 4
    for each in register.documents:
        each.get("registered", {}).pop("follows", None)

    assert await register.file(ours, SON_TAY) == 5
    assert asked.refused == 1  # by the code: the earlier version's record has nothing else
    again = await Instance.started(register.bench)
    await again.write_behind.catch_up()
    assert (await register.file(again, SON_TAY), asked.refused) == (6, 1)


async def test_after_an_older_copy_came_back_the_serials_follow_its_records(register: Register) -> None:
    before = await Instance.started(register.bench)
    await before.write_behind.catch_up()
    del register.documents[-1]  # the mark stays: it is in a database of its own

    again = await Instance.started(register.bench)
    await again.write_behind.catch_up()
    await before.write_behind.catch_up()

    assert await register.file(again, SON_TAY) == 3
    assert await register.file(before, TUNG_THIEN) == 1
    assert await register.file(before, SON_TAY) == 4


#: What happens, and to which of two registries.
STEPS = st.tuples(
    st.sampled_from(["file", "file", "keep", "restart", "catch up", "crash", "older copy"]),
    st.integers(0, 1),
    st.sampled_from([SON_TAY, TUNG_THIEN]),
)


@given(steps=st.lists(STEPS, max_size=12))
async def test_no_serial_is_given_twice_and_none_is_left_out(
    scopes: Path, steps: Sequence[tuple[str, int, str]]
) -> None:
    register = Register(scopes)
    instances = [await Instance.started(register.bench) for _ in range(2)]

    for what, who, commune in steps:
        expected = register.last(commune) + 1
        match what:
            case "file":
                assert await register.file(instances[who], commune) == expected
            case "keep":
                await register.keep(instances[who], commune, expected + 2)
            case "restart":
                instances[who] = await Instance.started(register.bench)
            case "catch up":
                await instances[who].write_behind.catch_up()
            case "crash":  # of a registry that put a product on record, and could tell nobody
                assert await register.file(await Instance.started(register.bench), commune) == expected
            case "older copy":
                instances = await _put_back(register)
        assert list(_given_twice(register)) == []


async def _put_back(register: Register) -> list[Instance]:
    """Put the register back by its last record, as all registries stand still."""
    if register.documents and "event" in register.documents[-1]:
        del register.documents[-1]
    return [await Instance.started(register.bench) for _ in range(2)]


def _given_twice(register: Register) -> Iterator[str]:
    codes = Counter(each["registered"]["code"] for each in register.documents if "registered" in each)
    return (code for code, times in codes.items() if times > 1)
