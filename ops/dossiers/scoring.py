"""`ocop score`: dossiers checked and scored on the spot."""

import asyncio
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ops.codes import in_words
from ops.commands import wide_console
from ops.dossiers.checking import check
from ops.dossiers.files import UnreadableFileError, read_dossier
from ops.dossiers.outcomes import DossierStatus, Ending
from ops.language import gettext as _
from ops.rated import faults_table, print_rating
from services.evaluation.rulebook import load_sheet
from shared.clock import system_clock
from shared.legal_date import legal_date
from shared.settings import load_document_settings

#: Of a rating, what cannot be known offline, and whom notifications alone would know.
_LEFT_OUT = ("product_code", "sealed_recipient")

#: Each sheet is read once, and only if a dossier needs it: reading all takes longer than everything else together.
_sheet_of = cache(load_sheet)


async def score_files(files: Iterable[Path], *, as_json: bool) -> int:
    """Show what would become of each dossier. Return the exit code: 1 where one would be turned back."""
    console, code = wide_console(), 0
    for file in files:
        ending = checked(file)
        if as_json:
            sys.stdout.write(f"{_json_line(file, ending)}\n")
        else:
            print_score(console, file, ending)
        code = code if ending.outcome is DossierStatus.RATED else 1
        await asyncio.sleep(0)  # Ctrl-C is heard here
    return code


def checked(file: Path) -> Ending:
    """Check the dossier of a file, as far as it holds one. Raise SettingsError where settings cannot be used."""
    try:
        schemes = load_document_settings().document_schemes
        return check(_sheet_of, read_dossier(file), filed_on=legal_date(system_clock()), schemes=schemes)
    except UnreadableFileError as error:
        return Ending(DossierStatus.UNREADABLE, reason=error.reason)


def print_score(console: Console, file: Path, ending: Ending) -> None:
    """Print what would become of a dossier: its faults, its rating, or on standard error why it is none."""
    if ending.reason:
        sys.stderr.write(f"ocop: {file} {ending.reason.spoken}\n")
        return
    console.print(Text(f"{file}: {ending.name or _('(no name)')}"))
    console.rule()
    if ending.faults:
        said = _("It would be turned back ({outcome}):").format(outcome=in_words(ending.outcome))
        console.print(Text(said, "bold red"))
        console.print(faults_table(ending.faults))
    if ending.rating:
        print_rating(console, ending.rating)


def _json_line(file: Path, ending: Ending) -> str:
    rating = ending.rating_as_json(*_LEFT_OUT)
    return json.dumps({"file": str(file), **ending.as_json(), "rating": rating}, ensure_ascii=False)
