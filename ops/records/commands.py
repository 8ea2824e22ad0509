"""`ocop product`, `ocop rating` and `ocop alert`: what is on record, by a product's code or a dossier's id."""

import asyncio
import json
import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from ops.commands import Json, StackFolder, run, wide_console
from ops.records.alert import alert_fields, alerts_table
from ops.records.printing import print_product, print_ratings
from ops.records.product import product_of
from ops.records.rating import rating_of
from ops.records.reading import is_product_code, opened, reader_of
from shared.storage import Reader

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
    run(_show_product(reader_of(folder), asked, reveal=reveal, as_json=as_json))


@rating.command("show")
def show_rating(*, asked: Asked, as_json: Json = False, folder: StackFolder = None) -> None:
    """Show a row a rating, the oldest first, and the last one whole.

    With --json a line a rating: recorded_at, dossier_id, product_code, score_sheet, outcome, reason, product_name,
    faults, rating (as in product.rated, without the recipient; null where the answers did not fit the sheet).

    Example: ocop rating show 01-09574-1-2026
    """
    run(_show_rating(reader_of(folder), asked, as_json=as_json))


@alert.command("show")
def show_alert(*, asked: Asked, as_json: Json = False, folder: StackFolder = None) -> None:
    """Show a row an alert, the oldest first: what it told of, over which channel, and how it ended.

    An alert is on record once it has ended; one that waits for a mail server is not there yet.

    With --json a line an alert: recorded_at, dossier_id, about, alert_id, kind, channel, language, outcome, detail,
    product_code, subject.

    Example: ocop alert show 01-09574-1-2026
    """
    run(_show_alert(reader_of(folder), asked, as_json=as_json))


async def _show_product(reader: Reader, asked: str, *, reveal: bool, as_json: bool) -> int:
    async with opened(reader) as records:
        registered, rated = await asyncio.gather(records.of("registry", asked), records.of("evaluation", asked))
    found = product_of(registered, rated)
    if found is None:
        return _nothing("product", asked)
    if as_json:
        _write([found.as_json(reveal=reveal)])
    else:
        print_product(wide_console(), found, reveal=reveal)
    return 0


async def _show_rating(reader: Reader, asked: str, *, as_json: bool) -> int:
    async with opened(reader) as records:
        found = [rating_of(document) for document in await records.of("evaluation", asked)]
    if not found:
        return _nothing("rating", asked)
    if as_json:
        _write(each.as_json() for each in found)
    else:
        print_ratings(wide_console(), found)
    return 0


async def _show_alert(reader: Reader, asked: str, *, as_json: bool) -> int:
    async with opened(reader) as records:
        found = await records.of("notifications", asked)
    if not found:
        return _nothing("alert", asked)
    if as_json:
        _write(map(alert_fields, found))
    else:
        wide_console().print(alerts_table(found))
    return 0


def _write(found: Iterable[dict[str, Any]]) -> None:
    for fields in found:
        sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")


def _nothing(what: str, asked: str) -> int:
    """Say that nothing is on record, and where to look. Gives the exit code."""
    if is_product_code(asked):
        further = f"ocop journal --product {asked} says what has happened to it"
    else:
        further = f"ocop journal --correlation {asked} says how far it came; a code is like 01-09574-1-2026"
    sys.stderr.write(f"ocop: no {what} of {asked} is on record; {further}\n")
    return 1
