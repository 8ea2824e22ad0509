"""An alert as it is on record: what was told, over which channel, and how it ended. No address is recorded."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from ops.named import one_line
from ops.records.reading import dossier_id, understood
from shared.storage import Document

_FIELDS = ("alert_id", "kind", "channel", "language", "outcome", "detail", "product_code", "subject")


def alert_fields(document: Document) -> dict[str, Any]:
    """Return what is recorded of an alert as JSON values. Raises AccessError where it is of another version."""
    with understood(document):
        said = {name: document[name] and one_line(document[name]) for name in _FIELDS}
        times = {"recorded_at": document["recorded_at"].isoformat(), "dossier_id": one_line(dossier_id(document))}
        return times | {"about": one_line(document["event"]["id"])} | said


def alerts_table(documents: Iterable[Document]) -> Table:
    """Return a row for each alert, in their order."""
    table = Table("Recorded at (UTC)", "Told of", "Channel", "Language", "Outcome", "Subject", "Dossier id")
    for document in documents:
        said = alert_fields(document)
        outcome = f"{said['outcome']}: {said['detail']}" if said["detail"] else said["outcome"]
        at = f"{document['recorded_at']:%Y-%m-%d %H:%M:%S}"
        cells = (at, said["kind"], said["channel"], said["language"], outcome, said["subject"], said["dossier_id"])
        table.add_row(*map(Text, cells))
    return table
