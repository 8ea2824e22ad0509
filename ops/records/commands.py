"""`ocop product`, `ocop rating` and `ocop alert`: what is on record, by a product's code or a dossier's id."""

from typing import Annotated

import typer

from ops.commands import Json, StackFolder, run
from ops.records.reading import reader_of
from ops.records.showing import show_alerts, show_ratings, show_registered

product = typer.Typer(no_args_is_help=True, help="A product as it is on record: whose, which dossiers, how rated.")
rating = typer.Typer(no_args_is_help=True, help="The ratings on record: points, stars, what holds back, the way on.")
alert = typer.Typer(no_args_is_help=True, help="The alerts on record: what the producer was told, and whether she was.")

Asked = Annotated[
    str,
    typer.Argument(
        metavar="CODE|ID", help="a product's code, or a dossier's id (the correlation id)", show_default=False
    ),
]


@product.command("show")
def show_product(
    *,
    asked: Asked,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="with the producer's name, telephone and mail: PERSONAL DATA")
    ] = False,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Show a product: what it is, who makes it, and every dossier with its outcome. Personal data is masked.

    With --json one line: product_code, product_name, product_set, province, commune, producer, dossiers (id, source,
    filed_by, recorded_at, registration, outcome, reason, product_name, faults, total, stars).

    Example: ocop product show 01-09574-1-2026
    """
    run(show_registered(reader_of(folder), asked, reveal=reveal, as_json=as_json))


@rating.command("show")
def show_rating(*, asked: Asked, as_json: Json = False, folder: StackFolder = None) -> None:
    """Show a row a rating, the oldest first, and the last one whole.

    With --json a line a rating: recorded_at, dossier_id, product_code, score_sheet, outcome, reason, product_name,
    faults, rating (as in product.rated, without the recipient; null where the answers did not fit the sheet).

    Example: ocop rating show 01-09574-1-2026
    """
    run(show_ratings(reader_of(folder), asked, as_json=as_json))


@alert.command("show")
def show_alert(*, asked: Asked, as_json: Json = False, folder: StackFolder = None) -> None:
    """Show a row an alert, the oldest first: what it told of, over which channel, and how it ended.

    An alert is on record once it has ended; one that waits for a mail server is not there yet.

    With --json a line an alert: recorded_at, dossier_id, about, alert_id, kind, channel, language, outcome, detail,
    product_code, subject.

    Example: ocop alert show 01-09574-1-2026
    """
    run(show_alerts(reader_of(folder), asked, as_json=as_json))
