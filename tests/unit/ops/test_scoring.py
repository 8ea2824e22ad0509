"""`ocop score` says of a dossier what the services would, but for what only the register knows."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ops.dossiers.checking import check
from ops.dossiers.outcomes import DossierStatus
from ops.dossiers.scoring import score_files
from ops.dossiers.submitting import check_files
from services.evaluation.rulebook import load_sheet
from tests.unit.registry.dossiers import acceptable_dossier, changed
from tests.unit.test_examples import FILES, filed, outcomes
from tools.examples import FOLDER
from tools.lives.life import FOLDER as LIVES

ROOT = Path(__file__).parents[3]
#: Turned back for what only the register knows.
OF_THE_REGISTER = {"product-already-registered", "product-unknown", "product-of-another-producer"}

KEYS = ["file", "outcome", "reason", "product_name", "faults", "rating"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_ends_as_it_does_with_the_services(file: Path) -> None:
    answer = outcomes()[file.name].answer
    faults = [fault for fault in getattr(answer, "faults", ()) if fault.code not in OF_THE_REGISTER]

    ending = check(load_sheet, filed(file))

    assert list(ending.faults) == faults
    assert getattr(ending.rating, "total", None) == getattr(answer, "total", getattr(ending.rating, "total", None))


def test_faults_of_papers_and_of_answers_are_told_at_once() -> None:
    dossier = changed({"/samples": 3, "/self_assessment/answers/0/option": 9})

    ending = check(load_sheet, dossier)

    assert [fault.code for fault in ending.faults] == ["samples-wrong", "unknown-option"]
    assert ending.outcome is DossierStatus.DOSSIER_REJECTED


def test_a_dossier_that_lacks_a_paper_is_scored_all_the_same() -> None:
    ending = check(load_sheet, changed({"/samples": 3}))

    assert ending.rating is not None
    assert ending.rating.total == 3
    assert ending.outcome is DossierStatus.DOSSIER_REJECTED


def test_an_upgrade_needs_no_register() -> None:
    upgrade = json.loads((LIVES / "dossiers" / "30-banh-te-hung-van-nang-hang.json").read_text("utf-8"))

    assert check(load_sheet, upgrade).product_code == "01-09574-1-2026"


async def scored(capsys: pytest.CaptureFixture[str], *files: Path) -> tuple[int, list[dict[str, Any]]]:
    code = await score_files(files, as_json=True)
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_a_line_a_file_has_always_the_same_keys(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", "utf-8")

    code, lines = await scored(capsys, *FILES, broken)

    assert code == 1
    assert [list(line) for line in lines] == [KEYS] * (len(FILES) + 1)
    assert lines[-1]["outcome"] == "unreadable"


async def test_where_nothing_would_be_turned_back_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    code, (line,) = await scored(capsys, FOLDER / "01-banh-te-hung-van.json")

    assert code == 0
    assert (line["rating"]["total"], line["rating"]["stars"]) == (82, 3)


@pytest.mark.parametrize("as_json", [True, False])
async def test_nobody_is_named(as_json: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    producer = acceptable_dossier()["producer"]
    file = tmp_path / "dossier.json"
    file.write_text(json.dumps(changed({"/samples": 3})), "utf-8")

    await score_files([file], as_json=as_json)

    shown = capsys.readouterr().out
    assert [said for said in (producer["name"], *producer["contact"].values()) if f"{said}" in shown] in ([], ["vi"])


async def test_people_read_the_sheet_s_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    await score_files([FOLDER / "01-banh-te-hung-van.json"], as_json=False)

    shown = capsys.readouterr().out
    assert "82/100 points, 3 sao ★★★☆☆" in shown
    assert "Nhãn đầy đủ, đẹp, có câu chuyện sản phẩm" in shown
    assert "Way of fewest steps: 83 points, ★★★★☆" in shown


async def test_a_name_that_holds_a_telephone_number_is_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "dossier.json"
    file.write_text(json.dumps(changed({"/product/name": "Bánh tẻ 024 3383 0000"})), "utf-8")

    _, (scored_file,) = await scored(capsys, file)

    assert scored_file["product_name"] == scored_file["rating"]["product_name"] == "Bánh tẻ [phone]"


@pytest.mark.parametrize("of_all", [score_files, check_files])
async def test_what_is_broken_off_ends_between_two_files(of_all: Any, capsys: pytest.CaptureFixture[str]) -> None:
    scoring = asyncio.ensure_future(of_all(FILES[:3], as_json=True))
    await asyncio.sleep(0)
    scoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await scoring

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len([line for line in lines if line["outcome"] != DossierStatus.NOT_FILED]) == 1


def test_a_personal_number_in_a_name_is_not_shown() -> None:
    number = "001085012345"
    changes = {"/producer/tax_code": number, "/product/name": f"Bánh tẻ {number}"}

    assert check(load_sheet, changed(changes)).name == "Bánh tẻ *********345"
    assert number not in str(check(load_sheet, changed({**changes, "/samples": 4})))
