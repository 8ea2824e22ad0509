"""What becomes of a batch: how far it is, and in the end each dossier, as a table or as lines of JSON."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table
from rich.text import Text

from ops.codes import in_words
from ops.commands import wide_console
from ops.dossiers.batch import ENDED, SOURCE, DossierBatch, Filing
from ops.dossiers.outcomes import DossierStatus
from ops.language import gettext as _
from ops.language import ngettext
from ops.report import stars_of
from ops.tables import right, table, uncut

Say = Callable[[str], None]

#: rows of the table; of a longer batch it has only what somebody has to mend, and --json lists all
MAX_ROWS = 100
_TO_MEND = frozenset({DossierStatus.UNREADABLE, DossierStatus.DOSSIER_REJECTED, DossierStatus.ASSESSMENT_REJECTED})


@contextmanager
def reported(batch: DossierBatch, *, ends: frozenset[DossierStatus] = ENDED, as_json: bool) -> Iterator[Say]:
    """Show how far a batch is for the length of a block and, however that ends, what became of each dossier.

    Gives what says a line to people meanwhile. `ends` are the outcomes after which nothing more is awaited: a line of
    JSON is written then, the others in the end.
    """
    written: set[str] = set()

    def write(filing: Filing) -> None:
        if as_json and filing.id not in written:
            written.add(filing.id)
            sys.stdout.write(json_line(filing, batch) + "\n")
            sys.stdout.flush()

    def note(filing: Filing) -> None:
        progress.update(
            filed, completed=len(batch.filings) - batch.count(DossierStatus.NOT_FILED, DossierStatus.UNCLEAR)
        )
        progress.update(answered, completed=batch.count(*ENDED))
        if filing.ending.outcome in ends:
            write(filing)

    progress = _progress(as_json=as_json)
    filed, answered = bars(progress, batch)
    batch.on_news = note
    try:
        with progress:
            yield lambda line: progress.console.print(Text(f"ocop: {line}"), soft_wrap=True)
    finally:
        for filing in batch.filings:
            write(filing)
        if batch.count(DossierStatus.NOT_FILED) < len(batch.filings):
            _tell_people(batch, ends, as_json=as_json)


def bars(progress: Progress, batch: DossierBatch) -> tuple[TaskID, TaskID]:
    """Return how many are filed and how many answered, as bars; what is not filed is only checked."""
    total, is_filed = len(batch.filings), bool(batch.id)
    filed = progress.add_task(_("filed"), total=total, visible=is_filed)
    return filed, progress.add_task(_("answered") if is_filed else _("checked"), total=total)


def _tell_people(batch: DossierBatch, ends: frozenset[DossierStatus], *, as_json: bool) -> None:
    """Show the table, and say how to go on where something is open."""
    if not as_json:
        print_batch(wide_console(), batch)
    if batch.id and batch.count(*ends) < len(batch.filings):
        said = _("the same command with --batch {batch} goes on; what has arrived is recognised")
        sys.stderr.write(f"ocop: {said.format(batch=batch.id)}\n")


def json_line(filing: Filing, batch: DossierBatch) -> str:
    """Return what is known of a dossier as one line of JSON; one that was only checked has no batch and no id."""
    ending = filing.ending
    rating = ending.rating if ending.outcome is DossierStatus.RATED else None
    return json.dumps(
        {
            **_identity(filing, batch),
            **ending.as_json(),
            "product_code": ending.product_code,
            "total": rating.total if rating else None,
            "stars": rating.stars if rating else None,
        },
        ensure_ascii=False,
    )


def print_batch(console: Console, batch: DossierBatch) -> None:
    """Print a row a dossier, and how many came how far."""
    rows = batch.filings
    if len(rows) > MAX_ROWS:
        rows = [filing for filing in rows if filing.ending.outcome in _TO_MEND]
    if rows:
        console.print(_table(rows[:MAX_ROWS], batch))
    if len(rows) > MAX_ROWS:
        console.print(Text(_("and {number} more: --json lists all").format(number=len(rows) - MAX_ROWS)))
    counted = ", ".join(f"{count} {in_words(outcome)}" for outcome in DossierStatus if (count := batch.count(outcome)))
    number = len(batch.filings)
    said = ngettext("{number} dossier: {counted}", "{number} dossiers: {counted}", number)
    named = _(" (batch {batch})").format(batch=batch.id) if batch.id else ""
    console.print(Text(said.format(number=number, counted=counted) + named))


def _identity(filing: Filing, batch: DossierBatch) -> dict[str, Any]:
    if not batch.id:
        return {"batch": None, "file": str(filing.file), "id": None, "source": None}
    return {"batch": batch.id, "file": str(filing.file), "id": filing.id, "source": SOURCE}


def _table(filings: Sequence[Filing], batch: DossierBatch) -> Table:
    known = map(uncut, (*([_("Dossier id")] if batch.id else []), _("Outcome"), _("Product")))
    score = (right(_("Total")), uncut(_("Stars")))
    rows = (_row(filing, batch) for filing in filings)
    return table(_("File"), *known, *score, _("What stands in the way"), rows=rows)


def _row(filing: Filing, batch: DossierBatch) -> Sequence[str]:
    ending = filing.ending
    rating = ending.rating if ending.outcome is DossierStatus.RATED else None
    known = (str(filing.file), *([filing.id] if batch.id else []), in_words(ending.outcome), ending.product_code or "")
    score = (str(rating.total), stars_of(rating.stars)) if rating else ("", "")
    return (*known, *score, ending.in_short)


def _progress(*, as_json: bool) -> Progress:
    """Return a progress bar on standard error. Rich would send there what is written to standard output meanwhile."""
    console = Console(stderr=True)
    hidden = not console.is_terminal or (as_json and sys.stdout.isatty())
    columns = (TextColumn("{task.description:>9}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, console=console, transient=True, disable=hidden, redirect_stdout=False)
