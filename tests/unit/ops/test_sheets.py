"""The score sheets, printed."""

import json

import pytest
from rich.console import Console

from ops.sheets.commands import list_, show
from ops.sheets.printing import print_sheet
from tests.unit.evaluation.sheets import ALL_SETS, rulebook, sheet


@pytest.mark.parametrize("product_set", ALL_SETS)
def test_a_sheet_is_printed_whole(product_set: int) -> None:
    console = Console(width=400, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as captured:
        print_sheet(console, sheet(product_set), rulebook().decision)
    printed = captured.get()

    options = [option for leaf in sheet(product_set).leaves for option in leaf.options]
    said = [*(leaf.name for leaf in sheet(product_set).criteria.values()), *options]
    said += list(sheet(product_set).eliminations.values())
    assert [text for sentence in said for text in (sentence.vi, sentence.en) if text not in printed] == []
    assert printed.count("★") - 1 == sum(option.star or 0 for option in options)


def test_each_sheet_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    list_(as_json=True)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["product_set"] for line in lines] == list(ALL_SETS)
    keys = {"code", "product_set", "name", "group", "subgroup", "samples", "criteria", "legal_document"}
    assert {frozenset(line) for line in lines} == {frozenset(keys)}


def test_a_sheet_as_json_is_what_the_rulebook_has(capsys: pytest.CaptureFixture[str]) -> None:
    show(product_set=6, as_json=True)

    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("legal_document") == "26/2026/QĐ-TTg"
    assert shown == sheet(6).model_dump(mode="json")
