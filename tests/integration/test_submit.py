"""`ocop submit` on the real broker: what is filed is answered, and what is filed again is recognised."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ops.broker_access import Access, AccessError
from ops.dossiers.files import dossier_files
from ops.dossiers.submitting import check_files, submit_files
from shared.clock import system_clock
from shared.legal_date import legal_date
from tests.integration.dossiers import COMMUNES, new_dossier
from tests.integration.operator import ended, operator_of
from tests.integration.portal import PATIENCE_SECONDS, Portal
from tests.integration.running import System
from tools.stack import LocalStack

pytestmark = pytest.mark.usefixtures("system")


@dataclass(frozen=True)
class Operator:
    """Runs what the command runs, and gives what it wrote."""

    access: Access
    output: pytest.CaptureFixture[str]

    async def submits(
        self, folder: Path, *, code: int, batch: str | None = None, wait: bool = True
    ) -> list[dict[str, Any]]:
        """File a folder, as a program would have it filed."""
        ended = await submit_files(
            self.access,
            dossier_files([folder]),
            batch_id=UUID(batch) if batch else None,
            wait=wait,
            patience_seconds=PATIENCE_SECONDS,
            as_json=True,
        )
        assert ended == code
        return self.written()

    def written(self) -> list[dict[str, Any]]:
        """Return what was written since the last call; the services, in this process too, write lines of their own."""
        lines = self.output.readouterr().out.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture
def operator(stack: LocalStack, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(Access(stack.credentials("operator").amqp_url), capsys)


def written(folder: Path, **dossiers: dict[str, Any]) -> Path:
    for name, dossier in dossiers.items():
        (folder / f"{name}.json").write_text(json.dumps(dossier), "utf-8")
    return folder


def rejected_dossier() -> dict[str, Any]:
    return new_dossier() | {"samples": 3}


def unknown_answer() -> dict[str, Any]:
    return new_dossier() | {"self_assessment": {"answers": [{"criterion": "99", "option": 1}]}}


async def test_each_dossier_of_a_folder_gets_its_outcome(operator: Operator, tmp_path: Path) -> None:
    written(tmp_path, a=new_dossier(), b=rejected_dossier(), c=unknown_answer())
    (tmp_path / "d.yaml").write_text(json.dumps(new_dossier(), indent=1), "utf-8")  # JSON is YAML 1.2
    (tmp_path / "e.json").write_text("{", "utf-8")

    lines = await operator.submits(tmp_path, code=1)

    by_name = {Path(line["file"]).name: line for line in lines}
    assert {name: line["outcome"] for name, line in by_name.items()} == {
        "a.json": "rated",
        "b.json": "dossier-rejected",
        "c.json": "assessment-rejected",
        "d.yaml": "rated",
        "e.json": "unreadable",
    }
    assert [fault["code"] for fault in by_name["b.json"]["faults"]] == ["samples-wrong"]
    assert by_name["a.json"]["product_code"]
    assert (by_name["a.json"]["total"], by_name["a.json"]["stars"]) == (3, 1)


async def test_a_dossier_that_names_a_code_of_its_folder_finds_the_product(operator: Operator, tmp_path: Path) -> None:
    commune = next(COMMUNES)
    first = new_dossier(commune_code=commune)
    report = {**first["documents"][0], "type": "change-report", "sha256": "c" * 64}
    upgrade = {"registration": "upgrade", "product_code": f"01-{commune}-1-{legal_date(system_clock()).year}"}
    written(tmp_path, a=first, b=first | upgrade | {"documents": [*first["documents"], report]})

    rated, behind = await operator.submits(tmp_path, code=1)

    assert (rated["outcome"], rated["product_code"]) == ("rated", upgrade["product_code"])
    assert [fault["code"] for fault in behind["faults"]] == ["round-open", "no-certificate-in-force"]


async def test_the_register_knows_that_an_operator_filed_it(operator: Operator, system: System, tmp_path: Path) -> None:
    (line,) = await operator.submits(written(tmp_path, dossier=new_dossier()), code=0)

    (record,) = await system.recorded("products", {"event.id": line["id"]})
    assert (record["event"]["filed_by"], record["event"]["source"]) == ("operator", line["source"])


async def test_the_same_batch_again_changes_nothing_and_gets_the_same_answers(
    operator: Operator, system: System, tmp_path: Path
) -> None:
    first = await operator.submits(written(tmp_path, a=new_dossier(), b=new_dossier()), code=0)

    again = await operator.submits(tmp_path, code=0, batch=first[0]["batch"])

    assert sorted(map(str, again)) == sorted(map(str, first))
    for line in first:
        assert len(await system.recorded("products", {"event.id": line["id"]})) == 1


async def test_another_batch_is_another_filing(operator: Operator, tmp_path: Path) -> None:
    await operator.submits(written(tmp_path, dossier=new_dossier()), code=0)

    (line,) = await operator.submits(tmp_path, code=1)

    assert [fault["code"] for fault in line["faults"]] == ["product-already-registered"]


async def test_without_waiting_it_ends_when_the_broker_has_it(
    operator: Operator, portal: Portal, tmp_path: Path
) -> None:
    (line,) = await operator.submits(written(tmp_path, dossier=new_dossier()), code=0, wait=False)

    assert line["outcome"] == "filed"
    await portal.event(line["id"], "product.rated")


async def test_a_dry_run_files_nothing(operator: Operator, system: System, tmp_path: Path) -> None:
    dossier = new_dossier(name=f"Bánh {uuid4()}")
    written(tmp_path, a=dossier, b=rejected_dossier())

    assert await check_files(dossier_files([tmp_path]), as_json=True) == 1

    assert [(line["outcome"], line["id"]) for line in operator.written()] == [
        ("rated", None),
        ("dossier-rejected", None),
    ]
    named = {"announced.data.dossier.product.name": dossier["product"]["name"]}
    assert await system.recorded("products", named) == []


async def test_who_may_not_file_is_told_so(stack: LocalStack, tmp_path: Path) -> None:
    access = Access(stack.credentials("evaluation").amqp_url)
    files = dossier_files([written(tmp_path, dossier=new_dossier())])

    with pytest.raises(AccessError, match="the user evaluation may not file"):
        await submit_files(access, files, batch_id=None, wait=False, patience_seconds=1, as_json=True)


async def test_people_see_a_row_a_dossier_and_a_sum(stack: LocalStack, tmp_path: Path) -> None:
    written(tmp_path, a=new_dossier(), b=rejected_dossier())

    ran = await operator_of(stack).ocop("submit", str(tmp_path))

    assert "samples-wrong /samples" in ran.text
    assert ran.text.splitlines()[-1].startswith("2 dossiers: 1 rated, 1 dossier-rejected (batch ")
    assert (ran.code, ran.errors) == (1, "")


async def test_broken_off_it_says_what_was_filed(stack: LocalStack, tmp_path: Path) -> None:
    """Of one product five hundred times: one is registered, the others are turned back, and none is lost sight of."""
    dossier = new_dossier()
    written(tmp_path, **{f"d{number:03}": dossier for number in range(500)})

    process = await operator_of(stack).start("submit", str(tmp_path), "--json")
    assert process.stdout is not None
    first = await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    ran = await ended(process)

    lines = [json.loads(line) for line in (first + ran.output).splitlines()]
    assert ran.code == 130
    assert len({line["file"] for line in lines}) == len(lines) == 500
    assert f"--batch {lines[0]['batch']}" in ran.errors


async def test_a_broker_that_is_away_gets_nothing(operator: Operator, tmp_path: Path) -> None:
    away = Operator(Access("amqp://operator:secret@127.0.0.1:1/"), operator.output)

    with pytest.raises(AccessError) as error:
        await away.submits(written(tmp_path, dossier=new_dossier()), code=1)

    assert str(error.value).startswith("the broker 127.0.0.1:1 does not answer")
    assert [line["outcome"] for line in operator.written()] == ["not-filed"]


async def test_a_file_that_is_not_there_is_wrong_usage(stack: LocalStack) -> None:
    ran = await operator_of(stack).ocop("submit", "nowhere.json")

    assert (ran.code, ran.text, ran.errors) == (2, "", "ocop: nowhere.json is not there\n")
