"""The catalogue is read from histories, and made again when a certificate changes, or the day is over."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from aio_pika.abc import AbstractIncomingMessage

from ops.database_reader import Reader
from ops.operator_settings import AccessError, OperatorSettings
from ops.reports.catalogue import commands, following
from ops.reports.catalogue.commands import UnwritableError, Wanted, catalogue, make_files
from ops.reports.catalogue.following import Keeper, seconds_of_the_day
from ops.reports.catalogue.reading import lies_in, read_certified
from services.registry.gazetteer import meant
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.rounds import CertificateStatus
from shared.handling.history import Version
from shared.handling.records import history_document
from shared.storage import StoredDocument
from tests.unit.ops.deliveries import delivery
from tests.unit.ops.reports.catalogued import CAKES, TEA, TODAY, TOKEN, cakes, tea
from tests.unit.registry.products import held

SETTINGS = OperatorSettings(None, None, None, (), None)
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 5, tzinfo=UTC)
REVOKED = held(4).model_copy(update={"status": CertificateStatus.REVOKED})


def issued(code: str, token: str | None, **changed: Any) -> dict[str, Any]:
    """Return what is announced of a product's certificate of four stars."""
    certificate = held(4, **changed).certificate.model_dump(mode="json")
    data = {"product_code": code, "product_name": "Chè", "producer_name": "HTX", "certificate": certificate}
    return {"id": "e", "type": "vn.ocop.certificate.issued.v1", "data": data | {"token": token}}


@dataclass
class Register:
    """A reader of histories: each product's versions, what they announced, and what the documents of now say."""

    versions: list[tuple[Version[KnownProduct], list[dict[str, Any]]]] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=dict)
    shape: int = VIEW.shape
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def put(self, product: KnownProduct, *announced: dict[str, Any], is_now: bool = True) -> None:
        """Put another version of a product on record."""
        number = 1 + sum(version.of == product.code for version, _ in self.versions)
        self.versions.append((Version(product.code, number, product), list(announced)))
        if is_now:
            self.now[product.code] = number

    async def find_now(
        self, _service: str, collection: str, query: Mapping[str, Any], **_: Any
    ) -> list[StoredDocument]:
        self.asked.append(query)
        if collection == "marks":
            return [{"_id": "caught-up", "shape": self.shape}]
        return [{"_id": code, "version": number} for code, number in sorted(self.now.items())]

    async def find(self, _service: str, _collection: str, query: Mapping[str, Any], **_: Any) -> list[StoredDocument]:
        if "$or" in query:
            least = {each["history.of"]: each["history.version"]["$gte"] for each in query["$or"]}
            found = [(version, said) for version, said in self.versions if version.number >= least.get(version.of, 99)]
        else:
            assert query["announced.type"] == "vn.ocop.certificate.issued.v1"
            codes = query["history.of"]["$in"]
            found = [(version, said) for version, said in self.versions if version.of in codes and said]
        return [
            {"event": {"id": "e"}, "history": history_document(version), "announced": said} for version, said in found
        ]


async def certified(register: Register, *beside: str) -> tuple[dict[str, KnownProduct], dict[str, str]]:
    products, tokens = await read_certified(cast("Reader", register), None, beside)
    return {each.code: each for each in products}, tokens


async def test_each_product_is_read_as_its_history_has_it() -> None:
    register = Register()
    register.put(tea(), issued(TEA, TOKEN))
    register.put(cakes())
    register.put(tea(name="Chè đinh"), is_now=False)
    register.put(cakes(certificates=(REVOKED,)), is_now=False)

    products, tokens = await certified(register)
    assert {code: each.name for code, each in products.items()} == {TEA: "Chè đinh"}
    assert tokens == {TEA: TOKEN}


async def test_one_that_the_documents_of_now_do_not_say_yet_is_read_where_it_was_heard_of() -> None:
    register = Register()
    register.put(tea(), issued(TEA, TOKEN), is_now=False)

    assert (await certified(register))[0].keys() == set()
    assert (await certified(register, TEA, "19-05500-77-2026"))[0].keys() == {TEA}


async def test_the_token_is_the_last_that_was_signed_of_the_certificate_in_force() -> None:
    register = Register()
    register.put(tea(), issued(TEA, "a.former.one", last_day=TODAY))
    register.put(tea(), issued(TEA, "a.mistyped.one"))
    register.put(tea(), issued(TEA, TOKEN))
    register.put(tea(), issued(TEA, None))

    assert (await certified(register))[1] == {TEA: TOKEN}


async def test_a_place_is_asked_for_by_what_the_index_has() -> None:
    register = Register()
    for place in (meant("19")[0], meant("05500")[0]):
        await read_certified(cast("Reader", register), place)

    assert [each for each in register.asked if "keys" in each] == [
        {"keys": {"$in": ["stars:3@19", "stars:4@19", "stars:5@19"]}},
        {"keys": "@19-05500", "stars": {"$in": [3, 4, 5]}},
    ]


@pytest.mark.parametrize(
    ("place", "is_in"), [(None, True), ("19", True), ("05500", True), ("01", False), ("05503", False)]
)
def test_a_product_lies_where_its_code_says(place: str | None, is_in: bool) -> None:
    assert lies_in(TEA, meant(place)[0] if place else None) is is_in


async def test_a_catalogue_that_may_lack_some_is_not_made() -> None:
    with pytest.raises(AccessError, match="writing anew"):
        await certified(Register(shape=VIEW.shape - 1))


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    register = Register()
    register.put(tea(), issued(TEA, TOKEN))
    monkeypatch.setattr(commands, "opened_reader", lambda _: nullcontext(register))
    return register


@pytest.mark.usefixtures("register")
async def test_all_files_are_made_at_once_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = Wanted(tmp_path / "a.html", tmp_path / "a.jsonld", tmp_path / "a.csv")
    await make_files(SETTINGS, wanted, clock=lambda: NOON)
    await make_files(SETTINGS, wanted, clock=lambda: NOON)

    files = (wanted.html, wanted.jsonld, wanted.csv)
    assert [TEA in each.read_text("utf-8") for each in files if each] == [True] * 3
    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["products in force: 1"] * 3


@pytest.mark.usefixtures("register")
async def test_a_terminal_shows_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A QR code takes long, and a province has thousands."""
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes that for a terminal

    await make_files(SETTINGS, Wanted(tmp_path / "a.html"), clock=lambda: NOON)

    assert "QR codes" in capsys.readouterr().err


async def test_a_day_later_what_has_ended_is_gone(register: Register, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    register.put(tea(certificates=(held(4, last_day=TODAY),)))
    last_moment = datetime(2026, 11, 29, 16, 59, 59, tzinfo=UTC)

    await make_files(SETTINGS, Wanted(csv=file), clock=lambda: last_moment)
    assert TEA in file.read_text("utf-8")
    await make_files(SETTINGS, Wanted(csv=file), clock=lambda: datetime(2026, 11, 29, 17, tzinfo=UTC))
    assert TEA not in file.read_text("utf-8")


@pytest.mark.usefixtures("register")
async def test_a_folder_that_is_not_there_is_said_without_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match=r"a\.csv cannot be written: No such file"):
        await make_files(SETTINGS, Wanted(csv=tmp_path / "none" / "a.csv"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "say what to write"),
        ({"html": Path("a.html"), "verify_at": "http://a.vn"}, "https://…, without #"),
        ({"html": Path("a.html"), "verify_at": "https://a.vn/#x"}, "https://…, without #"),
        ({"html": Path("a.html"), "province": "Atlantis"}, "no province or commune is called Atlantis"),
    ],
)
def test_what_cannot_be_meant_is_said(options: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        catalogue(**options)

    assert ended.value.exit_code == 2
    assert said in capsys.readouterr().err


def message(kind: str, code: str) -> AbstractIncomingMessage:
    headers = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": "/ocop/registry", "ce-type": f"vn.ocop.{kind}.v1"}
    body = json.dumps({"product_code": code}).encode()
    return delivery(body, headers=headers | {"x-stream-offset": 1}, content_type="application/json")


@dataclass
class Kept:
    """A catalogue that is kept beside a journal, and each time that it was made: the codes that it was given."""

    keeper: Keeper
    journal: asyncio.Queue[AbstractIncomingMessage]
    made: asyncio.Queue[set[str]]
    failing: list[AccessError] = field(default_factory=list)

    async def next(self) -> set[str]:
        """Return with what it was made next."""
        async with asyncio.timeout(10):
            return await self.made.get()

    def tell(self, kind: str, code: str = TEA) -> None:
        """Let the journal have an event."""
        self.journal.put_nowait(message(kind, code))


@pytest.fixture
async def kept(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kept]:
    monkeypatch.setattr(following, "LINGER_SECONDS", 0.01)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.01)
    journal: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    made: asyncio.Queue[set[str]] = asyncio.Queue()
    failing: list[AccessError] = []

    async def make(codes: Collection[str]) -> None:
        made.put_nowait(set(codes))
        if failing:
            raise failing.pop()

    async def messages() -> AsyncIterator[AbstractIncomingMessage]:
        while True:
            yield await journal.get()

    keeper = Keeper(make, meant("19")[0], clock=lambda: NOON)
    keeping = asyncio.create_task(keeper.keep(messages()))
    yield Kept(keeper, journal, made, failing)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


CHANGES = ["issued", "extended", "expired", "superseded", "revoked"]


@pytest.mark.parametrize(
    "kind", [*(f"certificate.{each}" for each in CHANGES), "product.submitted", "product.transferred"]
)
async def test_it_is_made_at_once_and_again_when_what_is_in_force_changes(kept: Kept, kind: str) -> None:
    assert await kept.next() == set()
    kept.tell(kind)

    assert await kept.next() == ({TEA} if kind == "certificate.issued" else set())


async def test_what_changes_nothing_and_what_happens_elsewhere_makes_nothing(kept: Kept) -> None:
    await kept.next()
    kept.tell("product.rated")
    kept.tell("certificate.renewal-due")
    kept.tell("certificate.issued", CAKES)
    kept.journal.put_nowait(delivery(b"\xff", headers={"x-stream-offset": 8}, routing_key="dossier.filed.v1"))
    kept.tell("certificate.revoked")
    await kept.next()

    assert kept.made.empty()


async def test_changes_that_come_together_are_made_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    await kept.next()
    monkeypatch.setattr(following, "LINGER_SECONDS", 0.2)
    for number in range(1, 6):
        kept.tell("certificate.issued", f"19-05500-{number}-2026")

    assert await kept.next() == {f"19-05500-{number}-2026" for number in range(1, 6)}
    assert kept.made.empty()


async def test_while_the_database_is_away_it_is_tried_again_and_that_is_said_once(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    await kept.next()
    kept.failing += [AccessError("the database does not answer")] * 3
    kept.tell("certificate.issued")
    made = [await kept.next() for _ in range(4)]

    assert made == [{TEA}] * 4
    assert capsys.readouterr().err == "ocop: the database does not answer\n"


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 11, 29, 16, 59, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 29, 17, 0, 0, tzinfo=UTC), 86_400),
        (NOON, 12 * 3600),
    ],
)
def test_the_day_is_over_when_it_is_in_vietnam(now: datetime, seconds: int) -> None:
    assert seconds_of_the_day(now) == seconds


async def test_it_is_made_when_the_day_is_over() -> None:
    made = asyncio.Event()
    last_moment = datetime(2026, 11, 29, 16, 59, 59, 990_000, tzinfo=UTC)

    async def make(_: Collection[str]) -> None:
        made.set()

    async def nothing() -> AsyncIterator[AbstractIncomingMessage]:
        await asyncio.Event().wait()
        yield message("product.rated", TEA)

    keeping = asyncio.create_task(Keeper(make, clock=lambda: last_moment).keep(nothing()))
    for _ in range(2):
        async with asyncio.timeout(10):
            await made.wait()
        made.clear()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping


async def test_while_the_broker_is_away_it_is_made_all_the_same_and_made_anew_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from ops.broker_access import Access

    monkeypatch.setattr(following, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(following, "AT_LEAST_SECONDS", 0.0)
    made = asyncio.Semaphore(0)

    async def make(_: Collection[str]) -> None:
        made.release()

    nobody = Access("amqp://operator:secret@127.0.0.1:1/%2F")
    monkeypatch.setattr(following, "connected", lambda *_, **__: _away())
    task = asyncio.create_task(following.follow(nobody, make, None))
    async with asyncio.timeout(10):
        await made.acquire()
        await made.acquire()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert "the broker does not answer" in capsys.readouterr().err


class _away:  # noqa: N801
    async def __aenter__(self) -> None:
        raise AccessError("the broker does not answer")

    async def __aexit__(self, *_: object) -> None:
        """Nothing was opened."""
