"""What the report on a town's programme says: the numbers of the other reports, and nothing personal."""

import json
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ops.cli import app
from ops.language import Language
from ops.operator_settings import OperatorSettings
from ops.reports.output import ReportOutput, as_json
from ops.reports.programme import load_programme
from ops.reports.report import Report
from ops.reports.scene import Scene
from ops.reports.statistics import statistics
from ops.reports.targets import targets
from ops.reports.town import commands
from ops.reports.town.commands import TownOutput
from services.registry.gazetteer import meant
from services.registry.time_limits import load_time_limits
from tests.unit.ops.reports import a_town


@cache
def of_the_town() -> Report:
    return a_town.report()


def rows(report: Report, section: str) -> list[dict[str, Any]]:
    return [dict(each) for each in report.section(section).named()]


def test_the_town_has_the_products_and_producers_that_it_published() -> None:
    shown = {each["number_of"]: each["number"] for each in rows(of_the_town(), "headline")}

    assert shown == {
        "certified": 89,
        "stars_3": 59,
        "stars_4": 29,
        "stars_5": 1,
        "producers": 14,
        "open_rounds": 21,
        "closing": 4,
        "lapsed": 6,
    }


def test_targets_are_those_of_the_report_on_them_in_words() -> None:
    scene = Scene(load_programme(a_town.PLAN), a_town.facts(), a_town.TODAY, load_time_limits())
    theirs, shown = rows(targets(scene), "targets"), rows(of_the_town(), "targets")

    assert [each["target"] for each in shown] == [
        "Products rated",
        "New products",
        "Products re-evaluated",
        "Products with 4★",
        "Products with 5★",
    ]
    for ours, other in zip(shown, theirs, strict=True):
        assert ours.items() - {"target": ours["target"]}.items() <= other.items()
    assert {each["verdict"] for each in shown} == {"reached", "can be reached"}


def test_a_target_of_some_groups_says_which(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(a_town.PLAN.read_text("utf-8").replace("at_least: 90}", "at_least: 90, groups: [IV, VI]}"), "utf-8")

    shown = [(each["target"], each["groups"]) for each in rows(a_town.report(file=plan), "targets")]

    assert shown[:2] == [("Products rated", ""), ("New products", "IV, VI")]


def test_what_there_is_are_the_statistics() -> None:
    theirs = statistics(a_town.facts(), a_town.TODAY)

    assert rows(of_the_town(), "stars") == rows(theirs, "stars")
    for ours, other in zip(rows(of_the_town(), "groups"), rows(theirs, "groups"), strict=True):
        assert ours.items() <= other.items()
    assert sum(each["certificates"] for each in rows(of_the_town(), "quarters")) == 89


def test_who_should_sit_in_which_class_is_listed_of_the_two_that_lift_most() -> None:
    seats = rows(of_the_town(), "seats")

    assert {each["topic"] for each in seats} == {"Intellectual property", "Design and packaging"}
    assert len({each["product_code"] for each in seats}) == rows(of_the_town(), "choices")[1]["products"] == 12


def test_how_it_was_made_is_said_once_of_all_reports() -> None:
    notes = of_the_town().notes

    assert len(set(notes)) == len(notes)
    assert [each.split()[0] for each in notes].count("Forecast:") == 1


def test_nothing_personal_is_in_it() -> None:
    said = json.dumps(as_json(of_the_town()), ensure_ascii=False)

    assert "Nguyễn Văn" not in said
    assert "0100000" not in said


def test_a_place_alone_has_no_targets() -> None:
    found = a_town.report(file=None, place=meant("09574")[0])

    assert "targets" not in {each.name for each in found.sections}
    assert found.title == "The OCOP programme: Phường Sơn Tây"
    assert [each["commune"] for each in rows(found, "communes")] == ["Phường Sơn Tây"]


def test_a_product_of_two_places_of_a_plan_counts_once(tmp_path: Path) -> None:
    written = a_town.PLAN.read_text("utf-8").replace('places: ["09574", ', 'places: ["01", "09574", ')
    plan = tmp_path / "plan.yaml"
    plan.write_text(written, "utf-8")

    assert rows(a_town.report(file=plan), "headline")[0]["number"] == 89


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[TownOutput]:
    """Return what the command would write by, having read nothing."""
    outputs: list[TownOutput] = []

    async def write_town(_: object, wanted: Any, output: TownOutput) -> int:
        wanted.asked()
        outputs.append(output)
        return 0

    def run(main: Coroutine[Any, Any, int]) -> None:
        with pytest.raises(StopIteration):
            main.send(None)

    monkeypatch.setattr(commands, "write_town", write_town)
    monkeypatch.setattr(commands, "run", run)
    monkeypatch.setattr(commands, "operator_settings", lambda _: OperatorSettings(None, None, None, (), None))
    return outputs


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("report town --html a.html", Language.VI),
        ("report town --html a.html --lang en", Language.EN),
        ("--lang en report town --html a.html", Language.EN),
        ("--lang en report town --html a.html --lang vi", Language.VI),
    ],
)
def test_a_page_is_in_vietnamese_unless_somebody_asks_for_english(
    words: str, language: Language, written: list[TownOutput]
) -> None:
    called = CliRunner().invoke(app, words.split(), env={"OCOP_LANG": "en"})

    assert (called.exit_code, [each.language for each in written]) == (0, [language]), called.output


def test_a_programme_and_a_place_are_one_too_many(written: list[TownOutput]) -> None:
    called = CliRunner().invoke(app, f"report town {a_town.PLAN} --commune 09574".split())

    assert (called.exit_code, written) == (2, [])
    assert "name the one or the other" in called.output


def test_where_a_page_is_written_is_said_beside_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "town.html"

    assert TownOutput(ReportOutput(sections=("headline", "targets")), page).write(of_the_town()) == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"The page is in {page}\n"
    assert [each.name for each in tmp_path.iterdir()] == ["town.html"]


def test_without_a_page_it_is_written_as_the_other_reports_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    TownOutput(ReportOutput()).write(of_the_town())
    assert "Where support" not in (shown := capsys.readouterr().out)
    assert "At a glance" in shown

    TownOutput(ReportOutput(as_json=True, sections=("headline",)), tmp_path / "town.html").write(of_the_town())
    assert list(json.loads(capsys.readouterr().out)["sections"]) == ["headline"]
    assert (tmp_path / "town.html").exists()


def test_by_what_programs_know_a_row_is_nothing_that_people_read(capsys: pytest.CaptureFixture[str]) -> None:
    TownOutput(ReportOutput(sections=("headline",))).write(of_the_town())
    assert "Rounds open" in (shown := capsys.readouterr().out)
    assert "open_rounds" not in shown

    TownOutput(ReportOutput(as_csv=True, sections=("headline",))).write(of_the_town())
    assert "open_rounds" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        TownOutput(ReportOutput(sections=("headline",)), tmp_path / "none" / "town.html").write(of_the_town())

    assert ended.value.exit_code == 2
    assert "No such file" in capsys.readouterr().err
