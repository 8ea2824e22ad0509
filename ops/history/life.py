"""The whole life of a product, put together from the records of registry and evaluation: the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from ops.history.records import Record, understood
from ops.history.wording import told
from ops.named import one_line, short_type
from ops.tables import table, to_the_second, uncut
from shared.contracts.catalogue import PRODUCT_SUBMITTED

#: How the kinds of events begin that tell of a product's rounds, councils and certificates.
_OF_LIFE = ("round.", "council.", "certificate.", "product.referred", "deadline.")


@dataclass(frozen=True)
class Moment:
    """Something that was announced of a product. `by`: who filed what it answers, None where a day had come.

    `says` has day, why and letter, `reasons` are the office's words, masked.
    """

    recorded_at: datetime
    kind: str
    by: str | None
    says: str
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "recorded_at": self.recorded_at,
            "kind": self.kind,
            "by": self.by,
            "says": self.says,
            "reasons": list(self.reasons),
        }


def life_of(registered: Sequence[Record], evaluated: Sequence[Record]) -> list[Moment]:
    """Return what was announced of a product's rounds, councils and certificates, the newest first. Raise AccessError.

    Args:
        registered: the registry's records of it, in their order.
        evaluated: evaluation's.
    """
    moments = [moment for record in (*registered, *evaluated) for moment in _moments(record)]
    return sorted(moments, key=lambda each: each.recorded_at)[::-1]


def life_table(life: Sequence[Moment]) -> Table:
    """Return a row for each."""
    columns = (uncut("Recorded at (UTC)"), uncut("What"), uncut("By"), "In short")
    return table(*columns, rows=map(_row, life), title="Life, the newest first")


def _moments(record: Record) -> Iterator[Moment]:
    with understood(record.document):
        for event in record.document["announced"]:
            kind, data = short_type(event["type"]), event["data"]
            says = _opened(data) if event["type"] == PRODUCT_SUBMITTED.type else told(kind, data)
            if says and (kind.startswith(_OF_LIFE) or event["type"] == PRODUCT_SUBMITTED.type):
                yield Moment(record.recorded_at, kind, record.filed_by, one_line(says), _reasons(data))


def _opened(data: dict[str, Any]) -> str:
    """Return which round a dossier opened, or goes on in; empty where it was registered before there were any."""
    if not data.get("round"):
        return ""
    due = f", due on {data['due_on']}" if data.get("due_on") else ""
    return f"round {data['round']}, dossier accepted ({data['dossier']['registration']}){due}"


def _reasons(data: dict[str, Any]) -> tuple[str, ...]:
    given = data.get("reasons") or ([data["reason"]] if data.get("reason") else [])
    return tuple(map(one_line, given))


def _row(moment: Moment) -> Sequence[str]:
    says = "\n".join((moment.says, *(f"“{reason}”" for reason in moment.reasons)))
    return (to_the_second(moment.recorded_at), moment.kind, moment.by or "", says)
