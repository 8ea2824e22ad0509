"""`ocop score` and `ocop submit`: dossiers in files, checked on the spot or filed."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ops.broker_access import access_of
from ops.commands import Json, StackFolder, run, wrong_usage
from ops.dossiers.files import STDIN, dossier_files, take_standard_input
from ops.dossiers.scoring import score_files
from ops.dossiers.submitting import check_files, submit_files

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="dossiers as JSON or YAML, folders of them, or - for standard input", show_default=False
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


def submit(
    *,
    paths: Files,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="file nothing: check on the spot, as score does")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="do not wait for the answers")] = False,
    patience: Annotated[
        int, typer.Option(min=1, help="seconds without any answer after which it waits no longer")
    ] = 60,
    batch: Annotated[
        UUID | None,
        typer.Option(help="go on with this batch, as an earlier run named it: the same files, the same ids"),
    ] = None,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """File dossiers as the operator, and show what becomes of each: exit code 1 where one has no rating in the end.

    Many are in flight at a time, and each is confirmed by the broker. A run is a batch, whose id it names. Where it is
    broken off, or the broker goes away, it says what was filed; the same command with --batch files the rest, and what
    had arrived gets the answer that it has. The answers are read from the journal; the alert is not waited for.

    With --json a line a dossier, once it is answered: batch, file, id, source, outcome (rated, dossier-rejected,
    assessment-rejected, filed, unclear, not-filed, unreadable), reason, product_name, faults (pointer, code, message),
    product_code, total, stars.

    Example: ocop submit dossiers/ --json
    """
    files = _files(paths)
    if dry_run:
        run(check_files(files, as_json=as_json))
    run(
        submit_files(
            access_of(folder), files, batch_id=batch, wait=not no_wait, patience_seconds=patience, as_json=as_json
        )
    )


def _files(paths: list[Path]) -> list[Path]:
    try:
        files = dossier_files(paths)
    except ValueError as error:
        raise wrong_usage(str(error)) from None
    if STDIN in files:
        take_standard_input()
    return files
