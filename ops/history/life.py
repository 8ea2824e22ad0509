"""The whole life of a product, put together from the records of registry and evaluation: the newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from ops.codes import in_words
from ops.history.records import Record, understood
from ops.history.wording import told
from ops.language import gettext as _
from ops.language import in_english
from ops.named import one_line, short_type
from ops.tables import FittingTable, table, to_the_second, uncut
from shared.contracts.catalogue import PRODUCT_SUBMITTED

#: How the kinds of events begin that tell of a product's rounds, councils and certificates.
_OF_LIFE = ("round.", "council.", "certificate.", "product.referred", "deadline.")


@dataclass(frozen=True)
class Moment:
    """Something that was announced of a product. `by`: who filed what it answers, None where a day had come.

    `says` has day, why and letter, for programs, and `spoken` as it is said to people; `reasons` are the office's
    words, masked.
    """

    recorded_at: datetime
    kind: str
    by: str | None
    says: str
    reasons: tuple[str, ...]
    spoken: str = ""

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


def life_table(life: Sequence[Moment]) -> FittingTable:
    """Return a row for each."""
    columns = (uncut(_("Recorded at (UTC)")), uncut(_("What")), uncut(_("By")), _("In short"))
    return table(*columns, rows=map(_row, life), title=_("Life, the newest first"))


def _moments(record: Record) -> Iterator[Moment]:
    with understood(record.document):
        for event in record.document["announced"]:
            kind, data = short_type(event["type"]), event["data"]
            if kind.startswith(_OF_LIFE) or event["type"] == PRODUCT_SUBMITTED.type:
                spoken = _told(kind, data)
                says = in_english(partial(_told, kind, data))
                if says:
                    yield Moment(record.recorded_at, kind, record.filed_by, says, _reasons(data), spoken)


def _told(kind: str, data: dict[str, Any]) -> str:
    return one_line(_opened(data) if kind == PRODUCT_SUBMITTED.name else told(kind, data))


def _opened(data: dict[str, Any]) -> str:
    """Return which round a dossier opened, or goes on in; empty where it was registered before there were any."""
    if not data.get("round"):
        return ""
    due = _("due on {day}").format(day=data["due_on"]) if data.get("due_on") else ""
    accepted = _("dossier accepted ({registration})").format(registration=in_words(data["dossier"]["registration"]))
    return ", ".join(filter(None, (_("round {number}").format(number=data["round"]), accepted, due)))


def _reasons(data: dict[str, Any]) -> tuple[str, ...]:
    given = data.get("reasons") or ([data["reason"]] if data.get("reason") else [])
    return tuple(map(one_line, given))


def _row(moment: Moment) -> Sequence[str]:
    says = "\n".join((moment.spoken or moment.says, *(f"“{reason}”" for reason in moment.reasons)))
    return (to_the_second(moment.recorded_at), moment.kind, moment.by or "", says)
