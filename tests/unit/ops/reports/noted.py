"""What services note for reports, of products by their codes."""

import json
from collections.abc import Iterable

from shared.handling.brief import Row, note_of
from shared.storage import StoredDocument


def noted(texts: Iterable[str], *, shape: int) -> StoredDocument:
    """Return the note of texts that begin with a place, or a code, each of a history of its own."""
    rows = [_row(place, text) for place, text in enumerate(texts)]
    return note_of(rows, shape)


def _row(place: int, text: str) -> Row:
    where = str(json.loads(text)[0])
    return Row(f"{place}", 1, where[:2], where[3:8], text)
