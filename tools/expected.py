"""What becomes of the example dossiers by the table of their README, and where an answer differs from it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from ops.report import DossierAnswer
from shared.contracts.dossier import DossierRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from tools.examples import FOLDER

#: The columns of the table that an answer fills.
COLUMNS = ("Answer", "A / B / C", "Total", "Stars", "Held back by")


def expected(folder: Path = FOLDER) -> dict[str, dict[str, str]]:
    """Return name of the dossier → column → text, of the table in the README of a folder."""
    lines = [line for line in (folder / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    head, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].removesuffix(".json"): dict(zip(head, row, strict=True)) for row in body}


def as_cells(answer: DossierAnswer | None) -> dict[str, str]:
    """Return what the table says of a dossier that has this answer."""
    match answer:
        case ProductRated():
            points = " / ".join(str(part.points) for part in answer.parts)
            stars = f"{answer.stars}★" if answer.stars else "none"
            cells = ("product.rated", points, str(answer.total), stars, _held_back(answer))
        case AssessmentRejected() | DossierRejected():
            name = "assessment.rejected" if isinstance(answer, AssessmentRejected) else "dossier.rejected"
            cells = (name, "–", "–", "–", ", ".join(f"`{fault.code}`" for fault in answer.faults))
        case None:
            cells = ("none", "–", "–", "–", "–")
    return dict(zip(COLUMNS, cells, strict=True))


def differences(table: Mapping[str, Mapping[str, str]], answers: Mapping[str, DossierAnswer | None]) -> Iterator[str]:
    """Yield a line where the answer to a dossier is not what the table says, and for each that is in one only."""
    for name in sorted(table.keys() | answers.keys()):
        if name not in answers:
            yield f"{name}: in the table, and no such dossier was filed"
        elif name not in table:
            yield f"{name}: not in the table"
        else:
            cells = as_cells(answers[name])
            yield from (
                f"{name}: {column} is {cells[column]}, by the table {table[name][column]}"
                for column in COLUMNS
                if cells[column] != table[name][column]
            )


def _held_back(answer: ProductRated) -> str:
    if answer.stars is None:
        return "; ".join(f"{stop.kind} at {stop.criterion}" for stop in answer.stops)
    if answer.stars == answer.band:
        return "nothing" if answer.stars == 5 else "points"
    unmet = [minimum.criterion for minimum in answer.unmet_minimums if minimum.star <= answer.stars + 1]
    return f"minimums of {answer.stars + 1}★: {', '.join(unmet)}"
