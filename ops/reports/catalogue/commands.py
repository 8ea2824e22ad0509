"""`ocop report catalogue`: certified products in force, for the public, as a page, JSON-LD and CSV."""

import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from ops.broker_access import Access, operator_access
from ops.commands import StackFolder, run, wrong_usage
from ops.errors import CommandError
from ops.find.commands import Commune, Province
from ops.history.records import opened_reader
from ops.language import Language
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.reports.catalogue.entries import Entry, entries
from ops.reports.catalogue.files import write_whole
from ops.reports.catalogue.following import follow as keep_following
from ops.reports.catalogue.json_ld import as_json_ld
from ops.reports.catalogue.page import Page
from ops.reports.catalogue.reading import read_certified
from ops.reports.catalogue.rows import as_csv
from ops.reports.catalogue.verification import Verification
from ops.reports.register import place_asked
from services.registry.gazetteer import FoundPlace
from shared.clock import Clock, system_clock
from shared.legal_date import legal_date

#: An address of a page to which a token is added.
_PAGE = re.compile(r"https://[^\s#]+")


class UnwritableError(CommandError):
    """A file cannot be written; the message says which and why."""


@dataclass(frozen=True)
class Wanted:
    """Which files are wanted, of which place (None: the country), and how they speak."""

    html: Path | None = None
    jsonld: Path | None = None
    csv: Path | None = None
    place: FoundPlace | None = None
    language: Language = Language.VI
    verification: Verification = Verification()  # noqa: RUF009  # it is frozen


def catalogue(
    *,
    html: Annotated[
        Path | None, typer.Option("--html", dir_okay=False, metavar="FILE", help="write one page that stands by itself")
    ] = None,
    jsonld: Annotated[
        Path | None,
        typer.Option("--jsonld", dir_okay=False, metavar="FILE", help="write JSON-LD, a schema.org Product each"),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", dir_okay=False, metavar="FILE", help="write CSV, a row a product")
    ] = None,
    province: Province = None,
    commune: Commune = None,
    lang: Annotated[Language, typer.Option("--lang", help="the language of the page")] = Language.VI,
    verify_at: Annotated[
        str | None,
        typer.Option(
            "--verify-at", metavar="URL", help="a page of yours that checks certificates; it gets the token behind #"
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="stay, and write the files again when a certificate changes, until Ctrl-C")
    ] = False,
    folder: StackFolder = None,
) -> None:
    """Write what the public may see of the certified products in force: a page, JSON-LD, CSV.

    Of each: name, group, stars, the producer where it is an organisation, commune and province, the certificate's
    number and validity, its QR code, and the photographs and shops that the newest dossier names. No person is named,
    and nothing is there that has ended. With --follow the files are written again, each whole, when a certificate or a
    dossier changes that, and when the day ends in Vietnam; broker and database may be away meanwhile.

    Example: ocop report catalogue --province 01 --html ocop.html --jsonld ocop.jsonld
    """
    if not (html or jsonld or csv):
        raise wrong_usage(_("say what to write: --html FILE, --jsonld FILE or --csv FILE"))
    if verify_at and not _PAGE.fullmatch(verify_at):
        raise wrong_usage(_("--verify-at is the address of a page: https://…, without #"))
    wanted = Wanted(html, jsonld, csv, place_asked(province, commune), lang, Verification(verify_at))
    settings = or_exit(lambda: operator_settings(folder))
    access = or_exit(lambda: operator_access(folder)) if follow else None
    run(write_catalogue(settings, wanted, access))


async def write_catalogue(settings: OperatorSettings, wanted: Wanted, access: Access | None = None) -> int:
    """Write the files; with a broker's access stay, and write them again when what is in force changes.

    Return the exit code. Raise AccessError; UnwritableError.
    """
    await make_files(settings, wanted)
    if access:
        await keep_following(access, lambda issued: make_files(settings, wanted, issued), wanted.place)
    return 0


async def make_files(
    settings: OperatorSettings, wanted: Wanted, issued: Collection[str] = (), *, clock: Clock = system_clock
) -> None:
    """Write the files that say something else than before, and say which. Raise AccessError; UnwritableError."""
    with opened_reader(settings) as reader:
        products, tokens = await read_certified(reader, wanted.place, issued)
    day = legal_date(clock())
    listed = entries(products, tokens, day)
    if wanted.html:
        _draw_codes(listed, wanted.verification)
        page = Page(day, wanted.place, wanted.language, wanted.verification)
        _write(wanted.html, page.render(listed), listed)
    if wanted.jsonld:
        _write(wanted.jsonld, as_json_ld(listed, wanted.verification), listed)
    if wanted.csv:
        _write(wanted.csv, as_csv(listed, wanted.verification), listed)


def _draw_codes(listed: list[Entry], verification: Verification) -> None:
    """Draw the QR codes, of which each is kept: a page takes long for nothing else. How far it is, a terminal shows."""
    console = Console(stderr=True)
    with Progress(
        console=console, transient=True, disable=not console.is_terminal, redirect_stdout=sys.stdout.isatty()
    ) as progress:
        for each in progress.track(listed, description=_("QR codes")):
            verification.picture(each.token)


def _write(file: Path, text: str, listed: list[Entry]) -> None:
    try:
        is_new = write_whole(file, text)
    except OSError as error:
        raise UnwritableError(_("{file} cannot be written: {why}").format(file=file, why=error.strerror)) from None
    if is_new:
        said = _("{file}: products in force: {number}")
        typer.echo(said.format(file=one_line(file), number=f"{len(listed):,}"), err=True)
