"""What an event of a product's legal life says, in a few words and without personal data: one line, for any reader."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ops.codes import in_words
from ops.language import gettext as _

_Data = Mapping[str, Any]


_PLACE = re.compile(r"\{[a-z]*\}")


def told(kind: str, data: _Data) -> str:
    """Return what an event of a kind such as `round.moved` says, empty where it is none of a legal life.

    Offices' reasons, members' ids and producers' names are left out. Of data that is in no contract, what can be read.
    """
    words = _WORDS.get(kind) or (_certificate if kind.startswith("certificate.") else None)
    return ", ".join(part for part in words(data) if part) if words else ""


def _moved(data: _Data) -> Iterator[str]:
    yield _round(data)
    yield f"{in_words(str(data.get('from_stage')))} → {in_words(str(data.get('to_stage')))}"
    yield in_words(_of(data, "closing"))
    yield _of(data, "why", _("by {event}"))
    yield _letter(data, "letter")
    yield _of(data, "due_on", _("due on {day}"))


def _referred(data: _Data) -> Iterator[str]:
    yield _round(data)
    yield _letter(data, "letter")


def _deadline(data: _Data) -> Iterator[str]:
    yield in_words(_of(data, "round_of") or _of(data, "deadline"))
    yield f"{in_words(str(data.get('when')))} {data.get('due_on')}"
    waiting = data.get("waiting_count")
    yield _("{number} wait").format(number=waiting) if isinstance(waiting, int) and waiting > 1 else ""


def _result(data: _Data) -> Iterator[str]:
    yield _session(data)
    shown = _inner(data, "average").get("shown")
    yield _("average {points}").format(points=shown) if shown else ""
    stars = data.get("stars")
    yield f"{stars}★" if stars else _("eliminated by the council")
    yield _of(data, "spread_stands") and _("a spread of {points} points stands").format(points=data.get("spread"))


def _rescoring(data: _Data) -> Iterator[str]:
    yield _session(data)
    said = _("a spread of {points} points, {allowed} allowed")
    yield said.format(points=data.get("spread"), allowed=data.get("allowed"))


def _incomplete(data: _Data) -> Iterator[str]:
    yield _session(data)
    said = _("{counted} cards count, {needed} needed")
    yield said.format(counted=data.get("counted"), needed=data.get("needed"))
    yield _of(data, "chair_missing") and _("neither chair nor deputy presided")


def _card(data: _Data) -> Iterator[str]:
    yield _of(data, "session", _("session {session}"))


def _convened(data: _Data) -> Iterator[str]:
    yield _session(data)
    products, members = data.get("products"), data.get("members")
    if isinstance(products, list) and isinstance(members, list):
        yield _("{products} products, {members} members").format(products=len(products), members=len(members))


def _assessed(data: _Data) -> Iterator[str]:
    yield in_words(_of(data, "outcome"))
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
    yield _of(certificate, "last_day", _("to {day}"))
    yield _of(data, "corrects", _("in the place of {number}"))
    yield in_words(_of(data, "milestone"))
    yield _of(data, "expired_on", _("expired on {day}"))
    yield _of(data, "until", _("extended until {day}"))
    yield _of(data, "by_number", _("superseded by {number}"))
    yield _of(data, "ground", _("ground {ground}"))
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
    return _of(data, "round", _("round {number}"))


def _session(data: _Data) -> str:
    level = data.get("level")
    if not level:
        return _of(data, "session", _("session {session}"))
    return _("{level} council, session {session}").format(level=in_words(str(level)), session=data.get("session"))


def _stars(data: _Data) -> str:
    stars = data.get("stars")
    return f"{stars}★" if stars else ""


def _letter(data: _Data, name: str) -> str:
    letter = _inner(data, name)
    return _("{number} of {day}").format(number=letter.get("number"), day=letter.get("date")) if letter else ""


def _inner(data: _Data, name: str) -> _Data:
    inner = data.get(name)
    return inner if isinstance(inner, dict) else {}


def _of(data: _Data, name: str, said: str = "{}") -> str:
    """Return what is said of a value, in the place of the one name in braces; empty where there is none."""
    value = data.get(name)
    return _PLACE.sub(lambda _place: str(value), said) if value else ""
