"""Products and ratings that are on record, on a terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.dossiers.outcomes import Ending
from ops.named import printable
from ops.rated import faults_table, print_rating
from ops.records.product import FiledDossier, RecordedProduct, described, producer_fields
from ops.records.rating import RecordedRating
from ops.report import stars_of
from shared.contracts.product import ProductSubmitted


def print_product(console: Console, product: RecordedProduct, *, reveal: bool) -> None:
    """Print what product it is, whose, and a row a dossier; of one that was turned back last, why."""
    if product.latest:
        console.print(_facts(product.latest, reveal=reveal))
    else:
        console.print(Text(f"No dossier was accepted: {product.dossiers[-1].ending.name or '(no name)'}"))
    console.print(_dossiers_table(product.dossiers))
    last = product.dossiers[-1]
    if last.ending.faults:
        console.print(Text(f"Why {last.id} was turned back:"))
        console.print(faults_table(last.ending.faults))


def print_ratings(console: Console, ratings: Sequence[RecordedRating]) -> None:
    """Print a row a rating, and the last one whole."""
    table = Table("Recorded at (UTC)", "Dossier id", "Outcome", "Sheet")
    table.add_column("Total", justify="right")
    table.add_column("Stars", no_wrap=True)
    for each in ratings:
        total, stars = _score(each.ending)
        table.add_row(at(each.recorded_at), Text(each.dossier_id), each.ending.outcome, each.score_sheet, total, stars)
    console.print(table)
    last = ratings[-1]
    if last.ending.rating:
        print_rating(console, last.ending.rating)
    else:
        console.print(faults_table(last.ending.faults))


def _facts(submitted: ProductSubmitted, *, reveal: bool) -> Table:
    producer = producer_fields(submitted.dossier.producer, reveal=reveal)
    facts = {"product_code": submitted.product_code, **described(submitted.dossier)}
    facts |= {f"producer {name}": value for name, value in producer.items()}
    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        table.add_row(Text(name.replace("_", " "), "bold"), Text(printable(str(value or ""))))
    return table


def _dossiers_table(dossiers: Sequence[FiledDossier]) -> Table:
    table = Table("Recorded at (UTC)", "Dossier id", "Registration", "Filed by", "Outcome")
    table.add_column("Total", justify="right")
    table.add_column("Stars", no_wrap=True)
    table.add_column("What stands in the way")
    for each in dossiers:
        known = (at(each.recorded_at), each.id, each.registration or "", each.filed_by or "unknown")
        cells = (*known, each.ending.outcome, *_score(each.ending), each.ending.in_short)
        table.add_row(*map(Text, cells))
    return table


def _score(ending: Ending) -> tuple[str, str]:
    return (str(ending.rating.total), stars_of(ending.rating.stars)) if ending.rating else ("", "")


def at(moment: datetime) -> str:
    """Return a time to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"
