"""`ocop score`: dossiers in files, checked on the spot."""

from ops.commands import JsonOption, run
from ops.dossiers.arguments import Files, meant
from ops.dossiers.scoring import score_files


def score(*, paths: Files, as_json: JsonOption = False) -> None:
    """Score dossiers on the spot, by the services' own code: faults, points, stars, what holds back, the way on.

    No broker and no database is asked, so what only the register knows is not checked: whether the product is
    registered already, and whose code it is. Exit code 1 where a dossier would be turned back.

    With --json a line a file: file, outcome (rated, dossier-rejected, assessment-rejected, unreadable), reason,
    product_name, faults (pointer, code, message), rating (as in product.rated, null where there is none).

    Example: ocop score examples/dossiers/01-banh-te-hung-van.json
    """
    run(score_files(meant(paths), as_json=as_json))
