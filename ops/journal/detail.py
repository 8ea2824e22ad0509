"""What matters of an event's data, in a few words."""

from collections.abc import Mapping
from typing import Any

from ops.journal.entry import Entry
from ops.named import one_line


def detail_of(entry: Entry) -> str:
    """Return product, points and stars, codes of faults, channel and reason, whichever an event has."""
    data = entry.data or {}
    parts = (
        data.get("product_code"),
        rating(data["total"], data.get("stars")) if "total" in data else None,
        ", ".join(dict.fromkeys(_codes(data))),
        data.get("channel"),
        data.get("reason"),
        data.get("detail"),
    )
    return one_line(", ".join(str(part) for part in parts if part))


def rating(total: object, stars: object) -> str:
    """Return points and stars in a few words."""
    return f"{total} points, {f'{stars}★' if stars else 'stopped by the sheet'}"


def _codes(data: Mapping[str, Any]) -> list[str]:
    faults = data.get("faults")
    return [str(fault.get("code")) for fault in faults if isinstance(fault, dict)] if isinstance(faults, list) else []
