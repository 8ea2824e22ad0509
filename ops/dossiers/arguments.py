"""The files that `ocop score` and `ocop submit` are given."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands import wrong_usage
from ops.dossiers.files import STDIN, dossier_files, take_standard_input

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", help="dossiers as JSON or YAML, folders of them, or - for standard input", show_default=False
    ),
]


def meant(paths: list[Path]) -> list[Path]:
    """Return the files, standard input read. Raise Exit (code 2) where there is none, having said so."""
    try:
        files = dossier_files(paths)
    except ValueError as error:
        raise wrong_usage(error.args[0].spoken) from None
    if STDIN in files:
        take_standard_input()
    return files
