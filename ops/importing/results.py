"""The result beside the input: a line of CSV for each row, or for each fault of it, written as answers come.

By it a run that was broken off goes on (`--resume`).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from ops.importing.batch import ImportBatch, RowEnding, RowFiling
from ops.importing.outcomes import RowStatus
from ops.importing.rows import CellFault
from ops.language import gettext as _
from ops.spreadsheet import BYTE_ORDER_MARK, cell_of

#: What a line has, in its order.
COLUMNS = (
    *("row", "product", "outcome", "product_code", "column", "header", "value", "expected"),
    *("note", "batch", "id"),
)
#: Answers that stay the same however often the same is filed under the same id.
_KEPT = frozenset({RowStatus.IMPORTED, RowStatus.IN_REGISTER, RowStatus.REJECTED})


@dataclass(frozen=True)
class Earlier:
    """What a result says of an earlier run: the id of its batch, and how its rows ended, by their ids."""

    batch: str
    known: Mapping[str, RowEnding]


def result_of(file: Path, *, dry_run: bool) -> Path:
    """Return where the result of a file is written: what a dry run says does not replace what was filed."""
    return file.with_name(f"{file.name}.{'dry-run' if dry_run else 'result'}.csv")


def read_earlier(result: Path) -> Earlier | None:
    """Return what the result of an earlier run says, None where there is none. Raise OSError, UnicodeDecodeError."""
    try:
        with result.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except FileNotFoundError:
        return None
    batches = [line["batch"] for line in lines if line.get("batch")]
    if not batches:
        return None
    known: dict[str, RowEnding] = {}
    for line in lines:
        if line.get("outcome") in _KEPT and line.get("id"):
            known[line["id"]] = _with(known.get(line["id"]), line)
    return Earlier(batches[-1], known)


class Result:
    """A result while it is written: a row once it has ended, and in the end all of them in their order."""

    def __init__(self, path: Path, batch: ImportBatch) -> None:
        self.path = path
        self._batch = batch
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        """Begin anew, with what is known so far. Raise OSError."""
        self._replace(self._batch.filings)
        self._file = self.path.open("a", encoding="utf-8", newline="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write all rows in their order."""
        if self._file:
            self._file.close()
        self._replace(self._batch.filings)

    def write(self, filing: RowFiling) -> None:
        """Add a row that has ended."""
        if self._file:
            csv.DictWriter(self._file, COLUMNS).writerows(lines_of(filing, self._batch))
            self._file.flush()

    def _replace(self, filings: Iterable[RowFiling]) -> None:
        anew = self.path.with_name(f"{self.path.name}.new")
        with anew.open("w", encoding="utf-8", newline="") as file:
            file.write(BYTE_ORDER_MARK)
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            for filing in filings:
                writer.writerows(lines_of(filing, self._batch))
        anew.replace(self.path)


def lines_of(filing: RowFiling, batch: ImportBatch) -> Iterator[dict[str, Any]]:
    """Yield a row's lines: one for each fault, or one."""
    row, ending = filing.row, filing.ending
    notes = [*row.notes]
    if ending.same_as is not None:
        notes.append(_("the same as row {row}").format(row=ending.same_as))
    for fault in ending.faults or (CellFault("", "", "", ""),):
        line = {
            "row": row.number,
            "product": row.name,
            "outcome": ending.outcome.value,
            "product_code": ending.product_code,
            "column": fault.column,
            "header": fault.header,
            "value": fault.value,
            "expected": fault.expected,
            "note": "; ".join(notes),
            "batch": batch.id,
            "id": filing.id,
        }
        yield {name: cell_of(value) for name, value in line.items()}


def _with(before: RowEnding | None, line: Mapping[str, str]) -> RowEnding:
    fault = CellFault(line["column"], line["header"], line["value"], line["expected"])
    found = (fault,) if fault.expected else ()
    return RowEnding(RowStatus(line["outcome"]), line["product_code"], (*(before.faults if before else ()), *found))
