"""`ocop submit` on the real broker: what is filed is answered, and what is filed again is recognised."""

import json
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from ops.stack import LocalStack
from tests.integration.dossiers import new_dossier
from tests.integration.operator import Operator, ended, operator_of
from tests.integration.portal import Portal
from tests.integration.running import System

pytestmark = pytest.mark.usefixtures("system")


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


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
    (tmp_path / "d.yaml").write_text(yaml.safe_dump(new_dossier(), allow_unicode=True), "utf-8")
    (tmp_path / "e.json").write_text("{", "utf-8")

    ran = await operator.ocop("submit", str(tmp_path), "--json")

    told = {Path(line["file"]).name: line for line in ran.lines}
    assert ran.code == 1
    assert {name: line["outcome"] for name, line in told.items()} == {
        "a.json": "rated",
        "b.json": "dossier-rejected",
        "c.json": "assessment-rejected",
        "d.yaml": "rated",
        "e.json": "unreadable",
    }
    assert [fault["code"] for fault in told["b.json"]["faults"]] == ["samples-wrong"]
    assert told["a.json"]["product_code"]
    assert (told["a.json"]["total"], told["a.json"]["stars"]) == (3, 1)


async def test_the_register_knows_that_an_operator_filed_it(operator: Operator, system: System, tmp_path: Path) -> None:
    written(tmp_path, dossier=new_dossier())

    ran = await operator.ocop("submit", str(tmp_path), "--json")

    (line,) = ran.lines
    (record,) = await system.recorded("products", {"event.id": line["id"]})
    assert ran.code == 0
    assert (record["event"]["filed_by"], record["event"]["source"]) == ("operator", line["source"])


async def test_the_same_batch_again_changes_nothing_and_gets_the_same_answers(
    operator: Operator, system: System, tmp_path: Path
) -> None:
    written(tmp_path, a=new_dossier(), b=new_dossier())
    first = await operator.ocop("submit", str(tmp_path), "--json")

    again = await operator.ocop("submit", str(tmp_path), "--json", "--batch", first.lines[0]["batch"])

    assert again.code == 0
    assert sorted(map(str, again.lines)) == sorted(map(str, first.lines))
    for line in first.lines:
        assert len(await system.recorded("products", {"event.id": line["id"]})) == 1


async def test_another_batch_is_another_filing(operator: Operator, tmp_path: Path) -> None:
    written(tmp_path, dossier=new_dossier())
    await operator.ocop("submit", str(tmp_path), "--json")

    (line,) = (await operator.ocop("submit", str(tmp_path), "--json")).lines

    assert [fault["code"] for fault in line["faults"]] == ["product-already-registered"]


async def test_without_waiting_it_ends_when_the_broker_has_it(
    operator: Operator, portal: Portal, tmp_path: Path
) -> None:
    written(tmp_path, dossier=new_dossier())

    ran = await operator.ocop("submit", str(tmp_path), "--no-wait", "--json")

    (line,) = ran.lines
    assert (ran.code, line["outcome"], ran.errors) == (0, "filed", "")
    await portal.event(line["id"], "product.rated")


async def test_a_dry_run_files_nothing(operator: Operator, system: System, tmp_path: Path) -> None:
    dossier = new_dossier(name=f"Bánh {uuid4()}")
    written(tmp_path, a=dossier, b=rejected_dossier())

    ran = await operator.ocop("submit", str(tmp_path), "--dry-run", "--json")

    assert ran.code == 1
    assert [(line["outcome"], line["id"]) for line in ran.lines] == [("rated", None), ("dossier-rejected", None)]
    named = {"announced.data.dossier.product.name": dossier["product"]["name"]}
    assert await system.recorded("products", named) == []


async def test_people_see_a_row_a_dossier_and_a_sum(operator: Operator, tmp_path: Path) -> None:
    written(tmp_path, a=new_dossier(), b=rejected_dossier())

    ran = await operator.ocop("submit", str(tmp_path))

    assert "samples-wrong /samples" in ran.text
    assert ran.text.splitlines()[-1].startswith("2 dossiers: 1 rated, 1 dossier-rejected (batch ")
    assert ran.errors == ""


async def test_broken_off_it_says_what_was_filed(operator: Operator, tmp_path: Path) -> None:
    """A thousand are more than are rated before the signal comes; what was answered by then is told as such."""
    dossier = new_dossier()
    written(tmp_path, **{f"d{number:04}": dossier for number in range(1000)})

    process = await operator.start("submit", str(tmp_path), "--json")
    assert process.stdout is not None
    first = await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    ran = await ended(process)

    lines = [json.loads(line) for line in (first + ran.output).splitlines()]
    assert ran.code == 130
    assert len({line["file"] for line in lines}) == len(lines) == 1000
    assert f"--batch {lines[0]['batch']}" in ran.errors


@pytest.mark.parametrize("user", ["registry", "evaluation"])
async def test_who_may_not_file_is_told_so(stack: LocalStack, tmp_path: Path, user: str) -> None:
    written(tmp_path, dossier=new_dossier())

    ran = await Operator(stack.credentials(user).amqp_url).ocop("submit", str(tmp_path), "--no-wait")

    assert ran.code == 1
    assert f"the user {user} may not file" in ran.errors


async def test_a_broker_that_is_away_gets_nothing(tmp_path: Path) -> None:
    written(tmp_path, dossier=new_dossier())

    ran = await Operator("amqp://operator:secret@127.0.0.1:1/").ocop("submit", str(tmp_path), "--json")

    assert (ran.code, [line["outcome"] for line in ran.lines]) == (1, ["not-filed"])
    assert ran.errors.startswith("ocop: the broker 127.0.0.1:1 does not answer")
    assert "secret" not in ran.errors


async def test_a_file_that_is_not_there_is_wrong_usage(operator: Operator) -> None:
    ran = await operator.ocop("submit", "nowhere.json")

    assert (ran.code, ran.text, ran.errors) == (2, "", "ocop: nowhere.json is not there\n")
