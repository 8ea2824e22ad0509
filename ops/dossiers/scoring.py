"""`ocop score`: dossiers checked and scored on the spot."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from ops.commands import wide_console
from ops.dossiers.checking import Check, Outcome, check
from ops.dossiers.files import UnreadableFileError, read_dossier
from ops.rated import faults_table, print_rating
from services.evaluation.rulebook import Rulebook, load_rulebook
from shared.masking import mask_text

#: What a file is that holds no dossier.
UNREADABLE = "unreadable"
#: Of a rating, what offline nobody can know, and who would be told.
_NOT_TOLD = {"product_code", "recipient"}


async def score_files(files: Iterable[Path], *, as_json: bool) -> int:
    """Show what would become of each dossier. Gives the exit code: 1 where one would be turned back."""
    rulebook, console = load_rulebook(), wide_console()
    return max([_score(file, rulebook, console, as_json=as_json) for file in files])


def _score(file: Path, rulebook: Rulebook, console: Console, *, as_json: bool) -> int:
    try:
        found = check(rulebook, read_dossier(file).data)
    except UnreadableFileError as error:
        return _unreadable(file, str(error), as_json=as_json)
    if as_json:
        _write(_as_json(file, found))
    else:
        _print(console, file, found)
    return 0 if found.outcome is Outcome.RATED else 1


def _unreadable(file: Path, reason: str, *, as_json: bool) -> int:
    if as_json:
        _write({"file": str(file), "outcome": UNREADABLE, "reason": reason, **_nothing()})
    else:
        sys.stderr.write(f"ocop: {file} {reason}\n")
    return 1


def _print(console: Console, file: Path, found: Check) -> None:
    console.rule(Text(f"{file}: {mask_text(found.product_name or '(no name)')}"), align="left")
    if found.faults:
        console.print(Text(f"It would be turned back ({found.outcome}):", "bold red"))
        console.print(faults_table(found.faults))
    if found.rating:
        print_rating(console, found.rating)


def _as_json(file: Path, found: Check) -> dict[str, Any]:
    return {
        "file": str(file),
        "outcome": found.outcome,
        "reason": None,
        "product_name": mask_text(found.product_name) if found.product_name else None,
        "faults": [fault.model_dump(mode="json") for fault in found.faults],
        "rating": found.rating.model_dump(mode="json", exclude=_NOT_TOLD) if found.rating else None,
    }


def _nothing() -> dict[str, Any]:
    return {"product_name": None, "faults": [], "rating": None}


def _write(fields: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
