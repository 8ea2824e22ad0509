"""`ocop product show`, `rating show` and `alerts show`: what is on record, by a product's code or a dossier's id."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from ops.alerts.printing import history_of, history_table, reader_of
from ops.certificates.held import certificates_table
from ops.codes import in_words
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.dossiers.outcomes import Ending
from ops.find.commands import list_products
from ops.history.due import due_table
from ops.history.explaining import explain_rating
from ops.history.life import life_table
from ops.history.products import (
    FiledDossier,
    RecordedProduct,
    RecordedRating,
    alerts_of,
    assessments,
    rating_of,
)
from ops.history.records import is_product_code, opened_records
from ops.history.untold import untold_among
from ops.history.whole import ProductLife, facts_of, read_product
from ops.language import gettext as _
from ops.language import marked
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.rated import faults_table, print_rating
from ops.report import stars_of
from ops.tables import Facts, FittingTable, facts, right, table, to_the_second, uncut
from ops.typed import as_typed
from shared.clock import system_clock
from shared.legal_date import legal_date

product = typer.Typer(
    no_args_is_help=True,
    help="A product as it is on record: whose, which dossiers, how rated, its rounds and certificates.",
)
rating = typer.Typer(
    no_args_is_help=True, help="The ratings on record: points, stars, the way on; how councils' results came about."
)

#: What is told of a product, part by part.
Told = Facts | FittingTable | Text

#: What the fields of a product and its producer are called.
_FIELDS = {
    "product_code": marked("product code"),
    "product_name": marked("product name"),
    "product_set": marked("product set"),
    "province": marked("province"),
    "commune": marked("commune"),
    "producer_name": marked("producer name"),
    "producer_kind": marked("producer kind"),
    "producer_tax_code": marked("producer tax code"),
    "producer_registration_number": marked("producer registration number"),
}

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
    reveal: Annotated[bool, typer.Option("--reveal", help="with the producer's name: PERSONAL DATA")] = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Show a product's whole life: what it is, its dossiers, certificates, rounds and councils, and what falls due.

    Its dossiers are all that were filed for it, rejected ones too. The life stands there the newest first: every move
    of a round with who asked for it, why, and by which letter; what councils gave; what became of certificates. A code
    from before July 2025 is accepted too. Personal data is masked.

    With --json one line: product_code, product_name, product_set, province, commune, producer, dossiers (id, source,
    filed_by, recorded_at, registration, outcome, reason, product_name, faults, total, stars), round (the newest:
    number, registration, stage, closing, filed_on, due_on), certificates (as certificate show has them), due (as
    ocop due), life (recorded_at, kind, by, says, reasons).

    Example: ocop product show 01-09574-1-2026
    """
    run(write_product(_settings(folder), asked, reveal=reveal, as_json=as_json))


@rating.command("show")
def show_rating(*, asked: Asked, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """Show a row a rating, the oldest first, and the last one whole.

    With --json a line a rating: recorded_at, dossier_id, product_code, score_sheet, outcome, reason, product_name,
    faults, rating (as in product.rated, without the recipient; null where the answers did not fit the sheet).

    Example: ocop rating show 01-09574-1-2026
    """
    run(write_ratings(_settings(folder), asked, as_json=as_json))


product.command("list")(list_products)
rating.command("explain")(explain_rating)


async def write_product(settings: OperatorSettings, asked: str, *, reveal: bool, as_json: bool) -> int:
    """Write a product and its dossiers. Return the exit code: 1 where nothing is on record. Raise AccessError."""
    found = await read_product(settings, asked)
    if found and as_json:
        write_line(found.as_json(legal_date(system_clock()), reveal=reveal))
    elif found:
        print_life(wide_console(), found, legal_date(system_clock()), reveal=reveal)
    return 0 if found else _nothing(_("no product of {asked} is on record; {further}"), asked)


async def write_ratings(settings: OperatorSettings, asked: str, *, as_json: bool) -> int:
    """Write the ratings of a product or dossier. Return the exit code, as `write_product` does."""
    with opened_records(settings) as records:
        found = [rating_of(record) for record in assessments(await records.of("evaluation", asked))]
    if as_json:
        for each in found:
            write_line(each.as_json())
    elif found:
        print_ratings(wide_console(), found)
    return 0 if found else _nothing(_("no rating of {asked} is on record; {further}"), asked)


async def write_alerts(settings: OperatorSettings, asked: str, *, as_json: bool) -> int:
    """Write the alerts of a product or dossier, or one's history. Return the exit code, as `write_product` does."""
    with opened_records(settings) as records:
        history = [*history_of(await records.of_alert(asked), str if as_json else in_words)]
        found = history or alerts_of(await records.of("notifications", asked))
        untold = None if found else untold_among(await records.of("registry", asked))
    if as_json:
        for each in found:
            write_line(each)
    elif history:
        wide_console().print(history_table(history))
    elif found:
        print_alerts(wide_console(), found)
    if untold:
        sys.stderr.write(f"ocop: {one_line(asked)}: {untold.spoken}\n")
    return 0 if found else 1 if untold else _nothing(_("no alert of {asked} is on record; {further}"), asked)


def print_life(console: Console, life: ProductLife, today: date, *, reveal: bool) -> None:
    """Print a product with its dossiers, its certificates, what falls due next, and its life, the newest first."""
    for part in told_life(life, today, reveal=reveal):
        console.print(part)


def told_life(life: ProductLife, today: date, *, reveal: bool) -> Iterator[Told]:
    """Yield what is told of a product's life, in its order; `reveal`: with the producer's name."""
    if life.product:
        yield from told_product(life.product, reveal=reveal)
    elif life.known:
        yield facts(_named(facts_of(life.known)))
    if life.known and life.known.certificates:
        held = [(life.known, each) for each in reversed(life.known.certificates)]
        yield certificates_table(held, title=_("Certificates, the newest first"))
    if life.due:
        yield due_table(life.due, today, title=_("Falls due next"))
    if life.life:
        yield life_table(life.life)


def told_product(product: RecordedProduct, *, reveal: bool) -> Iterator[Told]:
    """Yield what product it is, whose, and a row a dossier; of one that was turned back last, why."""
    last = product.dossiers[-1]
    if product.latest:
        of_product = product.facts(reveal=reveal)
        of_producer = {f"producer_{name}": value for name, value in of_product.pop("producer").items()}
        yield facts(_named(of_product | of_producer))
    else:
        name = last.ending.name or _("(no name)")
        yield Text(_("No dossier was accepted: {name}").format(name=name))
    known = map(uncut, (_("Dossier id"), _("Registration"), _("Filed by"), _("Outcome")))
    columns = (*known, right(_("Total")), uncut(_("Stars")))
    rows = map(_dossier_row, product.dossiers)
    yield table(_("Recorded at (UTC)"), *columns, _("What stands in the way"), rows=rows, title=_("Dossiers"))
    if product.may_lack_rejections and product.latest:
        older = _("Those that were rejected until 29 November 2026 may be missing: ocop trace {code}")
        yield Text(as_typed(older.format(code=product.latest.product_code)), "dim")
    if last.ending.faults:
        why = _("Why {id} was turned back:").format(id=last.record.dossier_id)
        yield faults_table(last.ending.faults, title=why)


def print_ratings(console: Console, ratings: Sequence[RecordedRating]) -> None:
    """Print a row a rating, and the last one whole."""
    columns = (*map(uncut, (_("Dossier id"), _("Outcome"), _("Sheet"))), right(_("Total")), uncut(_("Stars")))
    console.print(table(_("Recorded at (UTC)"), *columns, rows=map(_rating_row, ratings)))
    last = ratings[-1].ending
    if last.rating:
        print_rating(console, last.rating)
    else:
        console.print(faults_table(last.faults))


def print_alerts(console: Console, alerts: Iterable[Mapping[str, Any]]) -> None:
    """Print a row an alert."""
    told = (_("Recorded at (UTC)"), uncut(_("Told of")), _("To"), _("Channel"), _("Language"), _("Outcome"))
    columns = (*told, _("Subject"), uncut(_("Dossier id")))
    console.print(table(*columns, rows=map(_alert_row, alerts)))


def _dossier_row(dossier: FiledDossier) -> Sequence[str]:
    record, ending = dossier.record, dossier.ending
    known = (to_the_second(record.recorded_at), record.dossier_id, in_words(dossier.registration or ""))
    return (*known, record.filed_by or _("unknown"), in_words(ending.outcome), *_score(ending), ending.in_short)


def _rating_row(each: RecordedRating) -> Sequence[str]:
    record = each.record
    known = (to_the_second(record.recorded_at), record.dossier_id, in_words(each.ending.outcome), each.score_sheet)
    return (*known, *_score(each.ending))


def _alert_row(alert: Mapping[str, Any]) -> Sequence[str]:
    outcome = ": ".join(filter(None, (in_words(alert["outcome"] or ""), alert["detail"])))
    if alert["held_until"]:
        outcome += "\n" + _("until {time} UTC").format(time=to_the_second(alert["held_until"]))
    reader = reader_of(alert)
    known = (to_the_second(alert["recorded_at"]), alert["kind"], reader, alert["channel"], alert["language"])
    return (*known, outcome, alert["subject"], alert["dossier_id"])


def _score(ending: Ending) -> tuple[str, str]:
    return (str(ending.rating.total), stars_of(ending.rating.stars)) if ending.rating else ("", "")


def _settings(folder: Path | None) -> OperatorSettings:
    return or_exit(lambda: operator_settings(folder))


def _named(values: Mapping[str, Any]) -> dict[str, object]:
    """Return the values by what their fields are called."""
    said = {name: in_words(value) if name == "producer_kind" else value for name, value in values.items()}
    return {_(_FIELDS.get(name, name)): value for name, value in said.items()}


def _nothing(said: str, asked: str) -> int:
    """Print that nothing is on record, and where to look. Return the exit code."""
    if is_product_code(asked):
        further = _("ocop journal --product {asked} says what has happened to it")
    else:
        further = _("ocop journal --correlation {asked} says how far it came; a code is like 01-09574-1-2026")
    sys.stderr.write(f"ocop: {said.format(asked=asked, further=as_typed(further.format(asked=asked)))}\n")
    return 1
