"""Events of the services in short, as the oracle has them."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.event import Event
from tests.lives.law.said import Said, said

Data = Mapping[str, Any]

_NUMBER = ("number",)
#: Kind → names of the fields that are held against the oracle's; of the certificate, of the event.
_FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "product.rated": ((), ()),
    "product.submitted": ((), ("round", "due_on")),
    "round.moved": ((), ("round", "from_stage", "to_stage", "closing", "due_on")),
    "council.rescore-requested": ((), ("spread", "allowed")),
    "product.referred": ((), ("round",)),
    "certificate.issued": (("number", "stars", "authority", "issued_on", "last_day"), ("round", "corrects")),
    "certificate.superseded": (_NUMBER, ("ended_on", "by_number")),
    "certificate.revoked": (_NUMBER, ("ground", "is_late")),
    "certificate.renewal-due": (_NUMBER, ("milestone", "first_day", "last_day_to_file", "days_left")),
    "certificate.expiring": (_NUMBER, ("days_left",)),
    "certificate.expired": (_NUMBER, ("expired_on", "after_extension")),
    "certificate.extended": (_NUMBER, ("until",)),
}
_OF_RESULT = ("level", "band", "stars", "spread", "spread_stands", "counted", "members", "held_on")
_OF_DEADLINE = ("deadline", "round", "due_on", "when")
_OF_HALF_YEAR = ("round_of", "province_code", "due_on")
_OF_INCOMPLETE = ("counted", "needed", "chair_missing")


def _result(data: Data) -> Said:
    return said("council.result", **data["average"], **{name: data[name] for name in _OF_RESULT})


def _incomplete(data: Data) -> Said:
    missing = tuple(sorted(each["id"] for each in data["missing"]))
    return said("council.incomplete", missing=missing, **{name: data[name] for name in _OF_INCOMPLETE})


def _codes(data: Data) -> str:
    return "+".join(sorted({each["code"] for each in data["faults"]}))


def _deadline(data: Data) -> Said:
    if data["deadline"] != "round":
        return said("deadline.due", **{name: data[name] for name in _OF_DEADLINE})
    fields = {name: data[name] for name in _OF_HALF_YEAR}
    return said("deadline.due", deadline="round", waiting=tuple(data["waiting"]), **fields)


_OTHERS: Mapping[str, Callable[[Data], Said]] = {
    "council.result": _result,
    "council.incomplete": _incomplete,
    "deadline.due": _deadline,
    "dossier.rejected": lambda data: said("dossier.rejected", codes=_codes(data)),
    "filing.rejected": lambda data: said("filing.rejected", of=data["filing"], codes=_codes(data)),
}


def in_short(event: Event) -> Said | None:
    """Return an event as the oracle has it; None of one that the oracle has nothing to say about, such as alerts."""
    kind = BY_TYPE[event.type].name
    if kind in _OTHERS:
        return _OTHERS[kind](event.data)
    if kind not in _FIELDS:
        return None
    of_certificate, own = _FIELDS[kind]
    certificate = event.data.get("certificate", {})
    fields = {name: certificate[name] for name in of_certificate} | {name: event.data[name] for name in own}
    return said(kind, **fields)
