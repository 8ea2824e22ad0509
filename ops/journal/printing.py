"""Entries of the journal: a line each."""

import json
from dataclasses import asdict

from ops.journal.entry import Entry
from ops.named import printable


def line(entry: Entry) -> str:
    """Return an entry as a line for people: time, offset, type, product, id, story, writer."""
    values = (
        f"{entry.time:%Y-%m-%dT%H:%M:%SZ}" if entry.time else "",
        entry.offset,
        entry.type,
        entry.product or entry.subject,
        entry.id,
        entry.correlation_id,
        entry.writer,
    )
    return "  ".join(str(value) or "-" for value in values)


def json_line(entry: Entry, *, with_data: bool) -> str:
    """Return an entry as a JSON object on one line."""
    fields = asdict(entry) | {"time": entry.time.isoformat() if entry.time else None}
    if not with_data:
        fields.pop("data")
    return json.dumps(fields, ensure_ascii=False)


def data_lines(entry: Entry) -> str:
    """Return an entry's data, masked, indented below its line."""
    text = json.dumps(entry.data, indent=2, ensure_ascii=False) if entry.data is not None else "(no readable data)"
    return "".join(f"    {printable(each)}\n" for each in text.splitlines())
