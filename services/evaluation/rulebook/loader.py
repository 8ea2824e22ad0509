"""Reads a rulebook from its folder of YAML files, and says where it is wrong: file, criterion, fault."""

import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from services.evaluation.rulebook.criteria import SheetModel
from services.evaluation.rulebook.sheets import ALL_SETS, LegalDecision, Rulebook, ScoreSheet
from shared.yaml12 import load_yaml

#: The rulebook in force, Decision 26/2026/QĐ-TTg.
DECISION_26_2026 = files("services.evaluation.rulebook") / "decision-26-2026"
_DECISION_FILE = "decision.yaml"

Model = TypeVar("Model", bound=SheetModel)


class RulebookError(Exception):
    """A file of the rulebook does not hold; the text names the file, the criterion and every fault."""

    def __init__(self, file: str, faults: Iterable[str]) -> None:
        super().__init__("\n".join(f"{file}: {fault}" for fault in faults))


@cache
def load_rulebook(folder: Traversable = DECISION_26_2026) -> Rulebook:
    """Return the decision and every score sheet of a folder, read once in a process: a rulebook never changes.

    Raises:
        RulebookError: a file is no YAML, not in Unicode form NFC, or breaks a rule of score sheets; or a product set
            has no sheet.
    """
    rulebook = _load(folder, "*.yaml")
    missing = [f"product set {number} has no sheet" for number in ALL_SETS if number not in rulebook.sheets]
    if missing:
        raise RulebookError(folder.name, missing)
    return rulebook


def load_sheet(product_set: int, folder: Traversable = DECISION_26_2026) -> Rulebook:
    """Read the decision and the score sheet of one product set alone, from the file whose name begins with its number.

    Raises:
        RulebookError: as `load_rulebook`.
    """
    rulebook = _load(folder, f"{product_set:02}-*.yaml")
    if product_set not in rulebook.sheets:
        raise RulebookError(folder.name, [f"product set {product_set} has no sheet"])
    return rulebook


def _load(folder: Traversable, pattern: str) -> Rulebook:
    sheets: dict[int, ScoreSheet] = {}
    for name in sorted(path.name for path in folder.iterdir() if fnmatchcase(path.name, pattern)):
        if name != _DECISION_FILE:
            sheet = _read(folder / name, ScoreSheet)
            if sheet.product_set in sheets:
                raise RulebookError(name, [f"product set {sheet.product_set} has a sheet already"])
            sheets[sheet.product_set] = sheet
    return Rulebook(decision=_read(folder / _DECISION_FILE, LegalDecision), sheets=sheets)


def _read(path: Traversable, model: type[Model]) -> Model:
    text = path.read_text(encoding="utf-8")
    lines = [f"line {n}: not in Unicode form NFC" for n, line in enumerate(text.splitlines(), 1) if not _is_nfc(line)]
    if lines:
        raise RulebookError(path.name, lines)
    try:
        content = load_yaml(text)
        return model.model_validate(content)
    except yaml.YAMLError as error:
        raise RulebookError(path.name, [" ".join(str(error).split())]) from error
    except ValidationError as error:
        raise RulebookError(path.name, _faults(error, content)) from error


def _is_nfc(line: str) -> bool:
    return unicodedata.is_normalized("NFC", line)


def _faults(error: ValidationError, content: Any) -> list[str]:
    return [
        ": ".join(filter(None, [_where(fault["loc"], content), fault["msg"].removeprefix("Value error, ")]))
        for fault in error.errors()
    ]


def _where(location: tuple[int | str, ...], content: Any) -> str:
    """Name the innermost criterion (or part) on the way to a fault, then the field; places in lists count from 1."""
    trail: list[str] = []
    for step in location:
        content = _below(content, step)
        if isinstance(content, dict) and "max_points" in content:
            trail = [f"criterion {content.get('code')}"]
        else:
            trail.append(str(step + 1) if isinstance(step, int) else step)
    return " ".join(trail)


def _below(content: Any, step: int | str) -> Any:
    try:
        return content[step]
    except (KeyError, IndexError, TypeError):
        return None
