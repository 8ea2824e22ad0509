"""The template: a workbook with the columns that are read, drop-down lists, and what each cell has to be."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from ops.importing.columns import Column, columns
from ops.importing.rows import spoken
from services.evaluation.rulebook import load_rulebook
from services.registry.units import COMMUNES, PROVINCES
from shared.contracts.dossier import ProducerKind
from shared.faults.names import VALUES

#: rows below the header that have lists and formats
_ROWS = 2000
_LISTS = "Danh mục"
#: characters of a column's width; names need more
_WIDTH, _WIDTH_OF_NAMES = 18, 34
_NAMES = frozenset({"product_name", "producer_name", "address", "commune", "product_set"})
_PLACES = frozenset({"province", "commune"})
_DAYS = frozenset({"decision_date", "last_day", "re_evaluation_filed_on"})
#: characters that Excel shows of a hint, and of its title
_MOST_OF_HINT, _MOST_OF_TITLE = 255, 32


def write_template(file: Path, province: str | None) -> None:
    """Write the template; with a province (code), a list of its communes is in it. Raise OSError."""
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet, lists = book.add_worksheet("OCOP"), book.add_worksheet(_LISTS)
    formats = _formats(book)
    choices = _choices(province)
    for place, column in enumerate(columns().values()):
        form = formats["day"] if column.name in _DAYS else formats["text"]
        sheet.set_column(place, place, _WIDTH_OF_NAMES if column.name in _NAMES else _WIDTH, form)
        sheet.write_string(0, place, column.title, formats["needed" if column.is_needed else "header"])
        listed = _write_list(lists, place, column, choices.get(column.name, ()), formats["header"])
        sheet.data_validation(1, place, _ROWS, place, _validation(column, listed))
    sheet.freeze_panes(1, 2)
    lists.protect()
    book.close()


def _formats(book: Any) -> dict[str, Any]:
    head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E8E8E8"}
    return {
        "header": book.add_format(head),
        "needed": book.add_format(head | {"bg_color": "#FFE9B3"}),
        "text": book.add_format({"num_format": "@"}),  # so that codes keep their leading zeros
        "day": book.add_format({"num_format": "dd/mm/yyyy"}),
    }


def _choices(province: str | None) -> dict[str, Sequence[str]]:
    sets = sorted(load_rulebook().sheets.items())
    communes = (commune.name for commune in COMMUNES.values() if f"{commune.province_code:02}" == province)
    return {
        "product_set": [f"{number}. {sheet.name.vi}" for number, sheet in sets],
        "province": [PROVINCES[int(province)]] if province else sorted(PROVINCES.values()),
        "commune": sorted(communes),
        "producer_kind": [VALUES[kind][0] for kind in ProducerKind],
        "stars": ["3", "4", "5"],
    }


def _write_list(lists: Any, place: int, column: Column, choices: Sequence[str], head: Any) -> str | None:
    """Write what may be chosen below its title. Return the range of it, None where anything may be written."""
    if not choices:
        return None
    lists.write_string(0, place, column.title, head)
    lists.write_column(1, place, choices)
    letter = chr(ord("A") + place)
    return f"='{_LISTS}'!${letter}$2:${letter}${len(choices) + 1}"


def _validation(column: Column, listed: str | None) -> dict[str, Any]:
    hint = {"input_title": column.title[:_MOST_OF_TITLE], "input_message": spoken(column.expected)[:_MOST_OF_HINT]}
    if listed is None:
        return hint | {"validate": "any"}
    # names of before July 2025 may be written too
    return hint | {"validate": "list", "source": listed, "error_type": "warning" if column.name in _PLACES else "stop"}
