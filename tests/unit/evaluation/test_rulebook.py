"""The 26 score sheets hold what a score sheet must hold, and a mistake in one is named by file and criterion."""

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from services.evaluation.rulebook import RulebookError, load_rulebook, load_sheet
from services.evaluation.rulebook.loader import DECISION_26_2026
from services.evaluation.scoring import BANDS
from tests.unit.evaluation.sheets import ALL_SETS, rulebook, sheet

FAST_FOOD = "05-ready-to-eat-fast-food.yaml"
RICE = "06-processed-from-rice-and-cereals.yaml"
Edit = Callable[[str, str], Path]


def printed(name: str) -> str:
    return (DECISION_26_2026 / name).read_text(encoding="utf-8")


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """Return a rulebook of the rice sheet, with one piece of it replaced, and the sheet before it."""

    def edit(old: str, new: str) -> Path:
        for name in ("decision.yaml", FAST_FOOD):
            (tmp_path / name).write_text(printed(name), encoding="utf-8")
        assert old in printed(RICE)
        (tmp_path / RICE).write_text(printed(RICE).replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return edit


def test_every_product_set_has_its_sheet() -> None:
    assert rulebook().decision.legal_document == "26/2026/QĐ-TTg"
    assert {number: s.code for number, s in rulebook().sheets.items()} == {n: f"QD26-{n:02}" for n in ALL_SETS}


def test_the_sheets_have_as_many_options_and_marks_as_the_decision() -> None:
    leaves = [leaf for number in ALL_SETS for leaf in sheet(number).leaves]
    assert len(leaves) == 787
    assert sum(len(leaf.options) for leaf in leaves) == 2579
    assert sum(len(leaf.minimums) for leaf in leaves) == 575


@pytest.mark.parametrize("number", ALL_SETS)
def test_leaves_add_up_to_40_25_35(number: int) -> None:
    parts = sheet(number).parts
    leaves = [[leaf for c in part.criteria for leaf in c.walk() if leaf.options] for part in parts]
    assert [sum(leaf.max_points for leaf in part) for part in leaves] == [40, 25, 35]


@pytest.mark.parametrize("number", ALL_SETS)
def test_best_option_of_every_case_gives_the_maximum(number: int) -> None:
    for leaf in sheet(number).leaves:
        for ladder in leaf.ladders.values():
            assert leaf.points[ladder[-1]] == leaf.max_points


def test_five_samples_but_none_for_tourism() -> None:
    assert {number: sheet(number).samples for number in ALL_SETS} == dict.fromkeys(range(1, 26), 5) | {26: 0}


def test_dossier_rejection_is_printed_on_all_sheets_but_19_and_26() -> None:
    assert [n for n in ALL_SETS if sheet(n).dossier_rejected_when is None] == [19, 26]


def test_printed_oddities_are_kept() -> None:
    assert [option.points for option in sheet(7).criteria["3.1"].options] == [1, 1, 3]
    assert [option.points for option in sheet(23).criteria["6.2"].options] == [1, 1, 3, 5]
    assert sheet(24).criteria["2.2"].minimums != sheet(25).criteria["2.2"].minimums
    assert [leaf.code for leaf in sheet(26).leaves if leaf.minimums] == ["3.4", "3.5"]


def test_no_option_needs_the_one_before_it_to_be_understood() -> None:
    leaves = [leaf for product_set in ALL_SETS for leaf in sheet(product_set).leaves]
    texts = [option.text for leaf in leaves for option in leaf.option_texts]
    assert [each.vi for each in texts if "mức trên" in each.vi] == []
    assert [each.en for each in texts if each.en.startswith(("As above", "As the previous"))] == []


@pytest.mark.parametrize(
    ("product_set", "code", "position", "begins", "ends"),
    [
        (11, "5.3", 4, "Nội dung mang sắc thái truyền thống, văn hóa", " giá trị đặc trưng, có tính truyền cảm"),
        (26, "13", 4, "Sản phẩm dịch vụ du lịch phong phú", " trên trang uy tín, đặc sắc vùng miền và được khách"),
        (26, "15", 4, "Có hệ thống điện, nước sạch, khu vệ sinh, dịch vụ", " internet đầy đủ, chất lượng tốt và"),
    ],
)
def test_an_option_that_adds_to_the_one_before_it_in_its_case_is_written_out(
    product_set: int, code: str, position: int, begins: str, ends: str
) -> None:
    leaf = next(leaf for leaf in sheet(product_set).leaves if leaf.code == code)
    text = leaf.option_texts[position].text.vi
    assert text.startswith(begins)
    assert ends in text


def test_corrections_and_doubts_stand_in_the_sheet_they_concern() -> None:
    assert {c.where for c in sheet(11).corrections} == {"1.2", "2.4", "6.1.1"}
    assert [d.where for d in sheet(7).doubts] == ["3.1"]
    assert sum(len(sheet(n).corrections) for n in ALL_SETS) == 32


def test_zeros_stop_on_three_sheets_only() -> None:
    stopping = {n: list(sheet(n).stops_at_zero) for n in ALL_SETS if sheet(n).stops_at_zero}
    assert stopping == {16: ["6.1", "6.2", "6.3", "6.4"], 19: ["6"], 20: ["6"]}


def test_local_material_is_required_on_seven_sheets() -> None:
    required = [n for n in ALL_SETS for e in sheet(n).eliminations.values() if e.kind == "requirement"]
    assert required == [1, 2, 3, 4, 23, 24, 25]


def test_story_structure_applies_only_with_a_story_except_on_the_tourism_sheet() -> None:
    conditions = {n: {leaf.code: leaf.applies_if for leaf in sheet(n).leaves if leaf.applies_if} for n in ALL_SETS}
    assert conditions.pop(26) == {}
    assert all(condition == {"5.2": "5.1"} for condition in conditions.values())


def test_bands_are_those_of_the_decision() -> None:
    decision = yaml.safe_load((DECISION_26_2026 / "decision.yaml").read_text(encoding="utf-8"))
    assert {entry["star"]: entry["at_least"] for entry in decision["star_bands"]} == BANDS


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        pytest.param('code: "1.1"', 'code: "1.2"', r"criterion 1\.2: printed twice", id="one code twice"),
        pytest.param(
            "- {points: 1, vi:", "- {points: 4, vi:", r"criterion 1\.1: .*fall: \[4, 2, 3\]", id="points fall"
        ),
        pytest.param(
            "- {points: 3, vi:", "- {points: 4, vi:", r"criterion 1\.1: the best option has 4 points", id="not maximum"
        ),
        pytest.param("max_points: 18", "max_points: 17", r"criterion 1: .*add up to 18 points, not to 17", id="sum"),
        pytest.param("max_points: 40", "max_points: 41", r"criterion A: .*add up to 40 points, not to 41", id="part"),
        pytest.param("star: 3", "star: 6", r"criterion 1\.1 options 2 star: Input should be 3, 4 or 5", id="mark"),
        pytest.param("star: 4", "star: 5", r"criterion 1\.5: star marks do not rise: \[5, 5\]", id="marks rise"),
        pytest.param(
            'applies_if: "5.1"', 'applies_if: "5.9"', r"criterion 5\.2: applies_if names 5\.9", id="reference"
        ),
        pytest.param('where: "2.4"', 'where: "2.9"', r"criterion 2\.9: named by a correction", id="remark"),
        pytest.param("hard_to_change", "hard", r"criterion 3\.1 hard: Extra inputs", id="unknown field"),
        pytest.param('code: "1.1"', "code: 1.1", r"criterion 1\.1 code: Input should be a valid string", id="number"),
        pytest.param("samples: 5", "samples: 5\nsamples: 5", r"'samples' stands twice", id="key twice"),
        pytest.param("samples: 5", "samples: [5", r"while parsing", id="no YAML"),
        pytest.param("product_set: 6", "product_set: 5", r"product set 5 has a sheet already", id="set twice"),
    ],
)
def test_a_mistake_is_named_by_file_and_criterion(edited: Edit, old: str, new: str, fault: str) -> None:
    with pytest.raises(RulebookError, match=rf"{RICE}: .*{fault}"):
        load_rulebook(edited(old, new))


def test_text_in_another_unicode_form_is_named_by_line(edited: Edit) -> None:
    folder = edited("Chế biến từ gạo", unicodedata.normalize("NFD", "Chế biến từ gạo"))
    with pytest.raises(RulebookError, match=rf"{RICE}: line \d: not in Unicode form NFC"):
        load_rulebook(folder)


def test_a_missing_sheet_is_named(tmp_path: Path) -> None:
    shutil.copytree(str(DECISION_26_2026), tmp_path, dirs_exist_ok=True)
    (tmp_path / RICE).unlink()
    with pytest.raises(RulebookError, match="product set 6 has no sheet"):
        load_rulebook(tmp_path)


def test_one_sheet_alone_is_read_from_the_folder_that_is_named(edited: Edit) -> None:
    alone = load_sheet(6, edited("samples: 5", "samples: 4"))

    assert alone.decision == rulebook().decision
    assert (alone.sheets[6].samples, sheet(6).samples) == (4, 5)


@pytest.mark.parametrize("product_set", ALL_SETS)
def test_the_file_of_a_sheet_begins_with_the_number_of_its_set(product_set: int) -> None:
    assert load_sheet(product_set).sheets == {product_set: sheet(product_set)}


def test_a_mistake_in_one_sheet_alone_is_named_too(edited: Edit) -> None:
    with pytest.raises(RulebookError, match=rf"{RICE}: .*add up to 18 points, not to 17"):
        load_sheet(6, edited("max_points: 18", "max_points: 17"))


def test_one_sheet_alone_that_is_of_another_set_is_missed(edited: Edit) -> None:
    with pytest.raises(RulebookError, match="product set 6 has no sheet"):
        load_sheet(6, edited("product_set: 6", "product_set: 5"))


def test_stops_at_zero_must_name_criteria_of_the_sheet(edited: Edit) -> None:
    with pytest.raises(RulebookError, match=r"criterion 6\.9: named by stops_at_zero"):
        load_rulebook(edited("kind: elimination", 'kind: elimination\n              stops_at_zero: ["6.9"]'))
