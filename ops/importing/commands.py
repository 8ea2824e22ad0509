"""`ocop import`: certified products that an office has in a spreadsheet, into the register."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import uuid4

import typer
import uvloop
from rich.console import Console
from xlsxwriter.exceptions import FileCreateError

from ops.broker_access import Access, access_of
from ops.commands import JsonOption, StackFolder, run, wide_console, wrong_usage
from ops.importing.asking import Choosing, confirm_columns
from ops.importing.batch import ImportBatch
from ops.importing.columns import columns
from ops.importing.importing import check_rows, import_rows
from ops.importing.integration import home_of, integration_access, scope_of
from ops.importing.places import province_code
from ops.importing.results import read_earlier, result_of
from ops.importing.rows import ReadRow
from ops.importing.sheet import OpenedSheet, opened, rows_of
from ops.importing.template import write_template
from ops.importing.workbook import UnreadableSheetError
from ops.language import gettext as _
from ops.named import printable
from ops.operator_settings import or_exit
from services.registry.units import COMMUNES
from shared.clock import system_clock
from shared.legal_date import legal_date
from shared.scopes import Scope

#: Where the template is written unless it is said.
_TEMPLATE = Path("ocop-import.xlsx")

Given = TypeVar("Given")


def import_(
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="products: .xlsx, .ods or .csv", show_default=False)
    ] = None,
    as_: Annotated[
        Path | None,
        typer.Option("--as", metavar="FILE", help="the file that holds the URL of the province's integration"),
    ] = None,
    province: Annotated[
        str | None, typer.Option(metavar="CODE|NAME", help="where communes lie whose province the sheet does not name")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="HEADER=NAME", help="what a header means; may be given again", show_default=False
        ),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=CODE", help="which commune a name means; may be given again", show_default=False),
    ] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="the sheet; else the one with most columns")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="file nothing: say what is wrong")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="go on where an earlier run of this file ended")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="take what was guessed, and ask nothing")] = False,
    template: Annotated[bool, typer.Option("--template", help="write an empty .xlsx with drop-down lists")] = False,
    patience: Annotated[
        int, typer.Option(min=1, help="seconds without any answer after which it waits no longer")
    ] = 60,
    folder: StackFolder = None,
    as_json: JsonOption = False,
) -> None:
    """Import certified products from an office's spreadsheet: certificates of before this register.

    It shows as what it reads each column, and asks where it guessed: headers with marks or without, two rows of them,
    text in TCVN3 (ABC), VNI, VPS or Windows-1258, communes by their names before 1 July 2025. Where the land of a
    commune went to several, it asks which is meant. What it cannot read is a fault: row, column, value, what is
    expected.

    Sound rows are filed as certificate.imported by an integration whose scope is the province (--as, or
    OCOP_AMQP_URL); the answers are read from the journal, as the operator. The same again changes nothing: what the
    register has is recognised. Beside the file it writes FILE.result.csv, each row with its product code or every
    fault; where it was broken off, --resume goes on by it.

    With --json a line a row, or a fault of it: row, product, outcome (imported, in-register, rejected, faulty,
    repeated, filed, unclear, not-filed, sound), product_code, column, header, value, expected, note, batch, id.
    Exit code 1: a row is not in the register in the end.

    Without filing: `ocop import san-pham.xlsx --dry-run --province "Hà Nội"`. Where it is to be told more: `--map
    "Cơ sở=producer_name" --place "Xã Cổ Đông, Hà Nội=09616"`. A sheet to fill in: `ocop import --template mau.xlsx`.

    Example: ocop import san-pham.xlsx --as ocop_amqp_url --resume
    """
    home = _province(province)
    if template:
        _write_template(file or _TEMPLATE, home)
        return
    if file is None:
        raise wrong_usage(_("which file? or --template"))
    named, chosen = _said(map_, set(columns()), "--map"), _said(place, {f"{code:05}" for code in COMMUNES}, "--place")
    accesses = None if dry_run else _accesses(as_, folder)
    scope = or_exit(lambda: scope_of(accesses, home))
    open_sheet = _read(lambda: opened(file, named, sheet), file)
    confirm_columns(Console(stderr=True) if as_json else wide_console(), open_sheet, yes=yes)
    path = result_of(file, dry_run=dry_run)
    earlier = _written(lambda: read_earlier(path), path) if resume and not dry_run else None
    batch = ImportBatch(
        earlier.batch if earlier else str(uuid4()),
        _rows(open_sheet, scope, home or home_of(scope), chosen, may_ask=not yes),
        earlier.known if earlier else {},
    )
    if accesses is None:
        raise typer.Exit(_written(lambda: check_rows(batch, path, as_json=as_json), path))
    integration, operator = accesses
    filing = import_rows(
        batch,
        path,
        open_sheet.headers,
        integration=integration,
        operator=operator,
        patience_seconds=patience,
        as_json=as_json,
    )
    _written(lambda: run(filing, loop_factory=uvloop.new_event_loop), path)


def _write_template(file: Path, home: str | None) -> None:
    if file.exists():  # somebody may have filled it in
        raise wrong_usage(_("{file} is there already, and is not overwritten").format(file=file))
    _written(lambda: write_template(file, home), file)


def _rows(
    open_sheet: OpenedSheet, scope: Scope, home: str | None, chosen: Mapping[str, str], *, may_ask: bool
) -> list[ReadRow]:
    choosing, today = Choosing(may_ask=may_ask), legal_date(system_clock())
    rows = rows_of(open_sheet, scope, today, home=home, chosen=chosen, choose=choosing)
    if not rows:
        raise wrong_usage(
            _("no row is a product: with a name, and a producer, code, number, stars or decision beside it")
        )
    if choosing.answers:
        said = _("another time, without asking: {options}")
        typer.echo(f"ocop: {said.format(options=choosing.as_options)}", err=True)
    return rows


def _accesses(as_: Path | None, folder: Path | None) -> tuple[Access, Access]:
    """Return as whom is filed, and as whom the answers are read. Raise Exit (code 1), having said what is wrong."""
    operator = access_of(folder)
    return or_exit(lambda: integration_access(as_, operator)), operator


def _province(text: str | None) -> str | None:
    if text is None or (code := province_code(text)):
        return code if text else None
    said = _("no province is called {name}: `ocop places` lists them first")
    raise wrong_usage(said.format(name=printable(text)))


def _said(pairs: list[str] | None, may_be: set[str], option: str) -> dict[str, str]:
    """Return what options of the form NAME=VALUE say. Raise Exit (code 2) where a value is none."""
    found = {}
    for pair in pairs or []:
        name, _sign, value = pair.rpartition("=")
        if not name.strip() or value.strip() not in may_be:
            said = _("{option} {pair} is none of: HEADER or NAME, =, and one of {values}")
            shown = ", ".join(sorted(may_be)) if len(may_be) < 100 else _("the codes of communes: `ocop places`")
            raise wrong_usage(said.format(option=option, pair=printable(pair), values=shown))
        found[name.strip()] = value.strip()
    return found


def _read(read: Callable[[], Given], file: Path) -> Given:
    try:
        return read()
    except UnreadableSheetError as error:
        raise wrong_usage(f"{file} {error.reason.spoken}") from None


def _written(write: Callable[[], Given], file: Path) -> Given:
    """Return what comes of reading or writing a file. Raise Exit (code 1) where that cannot be done, having said so."""
    try:
        return write()
    except (OSError, UnicodeDecodeError, FileCreateError) as error:
        said = _("{file} cannot be used: {why}")
        typer.echo(f"ocop: {said.format(file=file, why=getattr(error, 'strerror', None) or error)}", err=True)
        raise typer.Exit(1) from None
