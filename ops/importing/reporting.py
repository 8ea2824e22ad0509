"""What becomes of the rows of a batch: how far it is, and in the end what somebody has to mend."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ops.codes import in_words
from ops.commands import wide_console, write_line
from ops.importing.batch import ImportBatch, RowFiling
from ops.importing.columns import columns
from ops.importing.outcomes import ENDED, RowStatus
from ops.importing.results import Result, lines_of
from ops.importing.rows import CellFault, ReadRow
from ops.language import gettext as _
from ops.language import ngettext
from ops.named import one_line
from ops.tables import right, table, uncut

Say = Callable[[str], None]

#: What a line repeats of a sheet, which may be personal: masked wherever it is shown.
_OF_THE_SHEET = frozenset({"product", "value", "note"})
#: faults that a table shows; the result file has all
MAX_FAULTS = 50


def progress_bar(*, as_json: bool) -> Progress:
    """Return a progress bar on standard error."""
    console = Console(stderr=True)
    hidden = not console.is_terminal or (as_json and sys.stdout.isatty())
    columns = (TextColumn("{task.description:>9}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, console=console, transient=True, disable=hidden, redirect_stdout=False)


@contextmanager
def reported(batch: ImportBatch, result: Result, *, as_json: bool) -> Iterator[Say]:
    """Show how far a batch is for the length of a block, and keep each row in the result once it has ended.

    Gives what says a line to people meanwhile.
    """
    progress = progress_bar(as_json=as_json)
    all_ = len(batch.to_file)
    filed, answered = (progress.add_task(what, total=all_) for what in (_("filed"), _("answered")))

    def note(filing: RowFiling) -> None:
        open_, unanswered = (RowStatus.NOT_FILED, RowStatus.UNCLEAR), (RowStatus.FILED,)
        progress.update(filed, completed=all_ - batch.count(*open_))
        progress.update(answered, completed=all_ - batch.count(*open_, *unanswered))
        if filing.ending.outcome in ENDED:
            result.write(filing)

    batch.on_news = note
    with progress:
        yield lambda line: progress.console.print(Text(f"ocop: {line}"), soft_wrap=True)


def print_batch(batch: ImportBatch, path: Path, *, as_json: bool) -> None:
    """Print the faults, how many rows came how far, and where all of it is; as lines of JSON the rows."""
    if as_json:
        for filing in batch.filings:
            for line in lines_of(filing, batch):
                write_line({name: one_line(value) if name in _OF_THE_SHEET else value for name, value in line.items()})
        return
    console = wide_console()
    _print_faults(console, batch)
    counted = ", ".join(f"{count} {in_words(outcome)}" for outcome in RowStatus if (count := batch.count(outcome)))
    number = len(batch.filings)
    said = ngettext("{number} row: {counted}", "{number} rows: {counted}", number)
    console.print(Text(said.format(number=number, counted=counted)))
    console.print(Text(_("Each row with its product code, or every fault: {file}").format(file=path)))
    if batch.count(RowStatus.FILED, RowStatus.UNCLEAR, RowStatus.NOT_FILED):
        console.print(Text(_("The same command with --resume goes on; what has arrived is recognised.")))


def _print_faults(console: Console, batch: ImportBatch) -> None:
    faults = [
        (filing.row, fault)
        for filing in batch.filings
        for fault in filing.ending.faults
        if not _was_said(filing.row, fault)
    ]
    rows = [
        (str(row.number), one_line(row.name), fault.header, one_line(fault.value), fault.expected)
        for row, fault in faults[:MAX_FAULTS]
    ]
    if rows:
        heads = (right(_("Row")), _("Name"), uncut(_("Column")), _("Value"), _("Expected"))
        console.print(table(*heads, rows=rows))
    if len(faults) > MAX_FAULTS:
        console.print(Text(_("and {number} more in the result file").format(number=len(faults) - MAX_FAULTS)))


def _was_said(row: ReadRow, fault: CellFault) -> bool:
    """Return whether a fault is that the sheet lacks a column that every row needs, which was said of the sheet."""
    return fault.column in columns() and columns()[fault.column].is_needed and fault.column not in row.cells
