"""What reports read of the documents of now, and that the commands of their page are commands."""

import asyncio
import re
import shlex
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from ops.broker_access import Access
from ops.cli import app
from ops.database_reader import Reader
from ops.operator_settings import AccessError, OperatorSettings
from ops.reports import commands, lifting
from ops.reports.catalogue import commands as catalogue_commands
from ops.reports.output import ReportOutput
from ops.reports.register import place_asked, read_facts, read_names
from ops.reports.town import commands as of_town
from ops.web import commands as web_commands
from services.registry.facts import facts_of
from services.registry.products import VIEW
from shared.errors import TooManyError
from shared.handling.brief import Row, note_of
from shared.storage import StoredDocument
from tests.unit.registry.products import CODE, held, product

FACTS = facts_of(product(certificates=(held(4),)))
COMMANDS = re.findall(r"^ocop .*$", Path("docs/reports.md").read_text("utf-8"), re.MULTILINE)


@dataclass
class Documents:
    """A reader whose database has one product in Sơn Tây, and a mark of a shape."""

    shape: int = VIEW.shape
    facts: str = FACTS.text
    asked: list[tuple[Mapping[str, Any], Any]] = field(default_factory=list)

    async def find_now(
        self, _service: str, collection: str, query: Mapping[str, Any], *, only: Any = None, **_: Any
    ) -> list[StoredDocument]:
        self.asked.append((query, only))
        if collection == "marks":
            return [{"_id": "caught-up", "shape": self.shape}]
        if collection == "products_packed":
            return []
        if "_id" in query:
            return [{"_id": code, "state": {"name": "Bánh tẻ Hưng Vân"}} for code in query["_id"]["$in"]]
        assert (collection, query) == ("products_noted", {"shape": VIEW.shape})
        return [note_of([Row(CODE, 1, "01", "09574", self.facts)], VIEW.shape)]


async def facts(documents: Documents, province: str | None = None, commune: str | None = None) -> Any:
    return await read_facts(cast("Reader", documents), place_asked(province, commune))


async def test_of_a_commune_what_is_noted_and_packed_of_its_province_is_asked_for() -> None:
    documents = Documents()
    counted = await facts(documents, commune="09574")

    assert list(counted.facts) == [FACTS]
    assert documents.asked[:2] == [
        ({"shape": VIEW.shape}, None),
        ({"_id": {"$in": [f"{VIEW.shape}/01"]}}, None),
    ]
    assert list((await facts(documents, commune="09616")).facts) == []


async def test_of_the_country_all_packs_are_asked_for_at_once() -> None:
    documents = Documents()
    counted = await facts(documents)

    assert len(counted.facts) == 1
    assert [len(query["_id"]["$in"]) for query, _ in documents.asked[1:3]] == [1, 33]
    assert len(documents.asked) == 3 + 1


async def test_it_is_said_while_the_registry_writes_what_is_counted_for_the_first_time() -> None:
    assert (await facts(Documents(), "01")).notes == ()
    (note,) = (await facts(Documents(shape=VIEW.shape - 1), "01")).notes
    assert "some products may be missing" in note


async def test_names_are_read_of_those_that_are_listed() -> None:
    assert await read_names(cast("Reader", Documents()), [CODE]) == {CODE: "Bánh tẻ Hưng Vân"}


async def test_what_a_later_version_has_written_is_refused_with_a_hint() -> None:
    with pytest.raises(AccessError, match="use the ocop that belongs to the services"):
        await facts(Documents(facts="[1]"), "01")


async def test_a_database_without_the_index_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents()

    async def too_many(*_: Any, **__: Any) -> list[StoredDocument]:
        raise TooManyError("registry has too many records")

    monkeypatch.setattr(documents, "find_now", too_many)
    with pytest.raises(AccessError, match="ocop doctor"):
        await facts(documents, "01")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_are_understood(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[str] = []

    def run(main: Coroutine[Any, Any, int]) -> None:
        ran.append(str(main))
        main.close()

    monkeypatch.setattr(catalogue_commands, "operator_access", lambda _: Access("amqp://127.0.0.1"))
    for module in (commands, lifting, web_commands, catalogue_commands, of_town):
        monkeypatch.setattr(module, "run", run)
        monkeypatch.setattr(module, "operator_settings", lambda _: OperatorSettings(None, None, None, (), None))
    words = shlex.split(re.sub(r"[a-z-]+\.(xlsx|html)", str(tmp_path / "a.xlsx"), command))[1:]
    called = CliRunner().invoke(app, words)

    assert (called.exit_code, len(ran)) == (0, 1), called.output


def test_a_report_is_made_of_what_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr(commands, "opened_reader", lambda _: nullcontext(Documents()))
    settings, output = OperatorSettings(None, None, None, (), None), ReportOutput(as_csv=True)

    assert asyncio.run(commands.write_renewals(settings, None, output, days=30)) == 0
    assert ",2029-Q2,1,0,1,0,0," in capsys.readouterr().out
