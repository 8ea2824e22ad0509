"""What an event of a product's legal life says, in a few words and without personal data: one line, for any reader."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_Data = Mapping[str, Any]


def told(kind: str, data: _Data) -> str:
    """Return what an event of a kind such as `round.moved` says, empty where it is none of a legal life.

    Offices' reasons, members' ids and producers' names are left out. Of data that is in no contract, what can be read.
    """
    words = _WORDS.get(kind) or (_certificate if kind.startswith("certificate.") else None)
    return ", ".join(part for part in words(data) if part) if words else ""


def _moved(data: _Data) -> Iterator[str]:
    yield _round(data)
    yield f"{data.get('from_stage')} → {data.get('to_stage')}"
    yield _of(data, "closing")
    yield _of(data, "why", "by ")
    yield _letter(data, "letter")
    yield _of(data, "due_on", "due on ")


def _referred(data: _Data) -> Iterator[str]:
    yield _round(data)
    yield _letter(data, "letter")


def _deadline(data: _Data) -> Iterator[str]:
    yield _of(data, "round_of") or _of(data, "deadline")
    yield f"{data.get('when')} {data.get('due_on')}"
    waiting = data.get("waiting_count")
    yield f"{waiting} wait" if isinstance(waiting, int) and waiting > 1 else ""


def _result(data: _Data) -> Iterator[str]:
    yield _session(data)
    shown = _inner(data, "average").get("shown")
    yield f"average {shown}" if shown else ""
    stars = data.get("stars")
    yield f"{stars}★" if stars else "eliminated by the council"
    yield _of(data, "spread_stands") and f"a spread of {data.get('spread')} points stands"


def _rescoring(data: _Data) -> Iterator[str]:
    yield _session(data)
    yield f"a spread of {data.get('spread')} points, {data.get('allowed')} allowed"


def _incomplete(data: _Data) -> Iterator[str]:
    yield _session(data)
    yield f"{data.get('counted')} cards count, {data.get('needed')} needed"
    yield _of(data, "chair_missing") and "neither chair nor deputy presided"


def _card(data: _Data) -> Iterator[str]:
    yield _of(data, "session", "session ")


def _convened(data: _Data) -> Iterator[str]:
    yield _session(data)
    products, members = data.get("products"), data.get("members")
    if isinstance(products, list) and isinstance(members, list):
        yield f"{len(products)} products, {len(members)} members"


def _assessed(data: _Data) -> Iterator[str]:
    yield _of(data, "outcome")
    yield _letter(data, "letter")


def _decided(data: _Data) -> Iterator[str]:
    yield _of(data, "certificate_number")
    yield _stars(data)
    yield _letter(data, "decision")
    yield _letter(data, "letter")


def _certificate(data: _Data) -> Iterator[str]:
    certificate = _inner(data, "certificate")
    yield _of(certificate, "number")
    yield _stars(certificate)
    yield _of(certificate, "last_day", "to ")
    yield _of(data, "corrects", "in the place of ")
    yield _of(data, "milestone")
    yield _of(data, "expired_on", "expired on ")
    yield _of(data, "until", "extended until ")
    yield _of(data, "by_number", "superseded by ")
    yield _of(data, "ground", "ground ")
    yield _letter(data, "revocation")


_WORDS: Mapping[str, Callable[[_Data], Iterator[str]]] = {
    "round.moved": _moved,
    "product.referred": _referred,
    "deadline.due": _deadline,
    "council.convened": _convened,
    "council.concluded": _card,
    "scorecard.filed": _card,
    "council.result": _result,
    "council.rescore-requested": _rescoring,
    "council.incomplete": _incomplete,
    "commune.assessed": _assessed,
    "dossier.returned": _assessed,
    "result.approved": _assessed,
    "recognition.decided": _decided,
    "recognition.refused": _decided,
    "recognition.corrected": _decided,
    "recognition.revoked": _decided,
}


def _round(data: _Data) -> str:
    return _of(data, "round", "round ")


def _session(data: _Data) -> str:
    level = data.get("level")
    return f"{level} council, session {data.get('session')}" if level else _of(data, "session", "session ")


def _stars(data: _Data) -> str:
    stars = data.get("stars")
    return f"{stars}★" if stars else ""


def _letter(data: _Data, name: str) -> str:
    letter = _inner(data, name)
    return f"{letter.get('number')} of {letter.get('date')}" if letter else ""


def _inner(data: _Data, name: str) -> _Data:
    inner = data.get(name)
    return inner if isinstance(inner, dict) else {}


def _of(data: _Data, name: str, before: str = "") -> str:
    value = data.get(name)
    return f"{before}{value}" if value else ""
