"""`ocop submit`: dossiers in files, filed."""

from typing import Annotated
from uuid import UUID

import typer

from ops.broker_access import access_of
from ops.commands import JsonOption, StackFolder, run
from ops.dossiers.arguments import Files, meant
from ops.dossiers.submitting import check_files, submit_files


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
    as_json: JsonOption = False,
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
    files = meant(paths)
    if dry_run:
        run(check_files(files, as_json=as_json))
    run(
        submit_files(
            access_of(folder), files, batch_id=batch, wait=not no_wait, patience_seconds=patience, as_json=as_json
        )
    )
