"""`ocop score` and `ocop submit`: dossiers in files, checked on the spot or filed."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands import Json, run, wrong_usage
from ops.dossiers.files import dossier_files
from ops.dossiers.scoring import score_files

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="dossiers as JSON or YAML, folders of them, or - for standard input", show_default=False
    ),
]


def score(*, paths: Files, as_json: Json = False) -> None:
    """Score dossiers on the spot, by the services' own code: faults, points, stars, what holds back, the way on.

    No broker and no database is asked, so what only the register knows is not checked: whether the product is
    registered already, and whose code it is. Exit code 1 where a dossier would be turned back.

    With --json a line a file: file, outcome (rated, dossier-rejected, assessment-rejected, unreadable), reason,
    product_name, faults (pointer, code, message), rating (as in product.rated, null where there is none).

    Example: ocop score examples/dossiers/01-banh-te-hung-van.json
    """
    run(score_files(_files(paths), as_json=as_json))


def _files(paths: list[Path]) -> list[Path]:
    try:
        return dossier_files(paths)
    except ValueError as error:
        raise wrong_usage(str(error)) from None
