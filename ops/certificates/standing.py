"""How a certificate stands: what the register has announced of it, and what its days say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from shared.certificate_token import CertificateClaims
from shared.contracts.text import Contract


class Standing(StrEnum):
    """How a certificate stands; the first two are valid."""

    IN_FORCE = "in-force"
    #: beyond its last day, until the result of its re-evaluation (Decision 26/2026, Art. 12.3)
    EXTENDED = "extended"
    NOT_YET = "not-yet"
    #: beyond its last day, and not known to be extended
    PAST_LAST_DAY = "past-last-day"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    #: the register has other stars, days or another decision under this number: it was corrected since, or is forged
    DIFFERS = "differs"
    NOT_ON_RECORD = "not-on-record"


#: Whoever asks for a certificate shall get it with these.
VALID = frozenset({Standing.IN_FORCE, Standing.EXTENDED})


@dataclass(frozen=True)
class State:
    """How a certificate stands.

    `day`: the last day on which it is valid, or that on which it ended. `by`: the number of the certificate, or of the
    decision, that ended it.
    """

    standing: Standing
    day: date | None = None
    by: str | None = None


class _Letter(Contract):
    number: str
    date: date


class _Certificate(Contract):
    number: str
    stars: int
    decision: _Letter
    issued_on: date
    last_day: date


class _Announced(Contract):
    """What is read here of the events `certificate.…`."""

    certificate: _Certificate
    corrects: str | None = None
    until: date | None = None
    expired_on: date | None = None
    ended_on: date | None = None
    by_number: str | None = None
    revocation: _Letter | None = None


def on_record(claims: CertificateClaims, announced: Iterable[tuple[str, dict[str, Any]]]) -> State:
    """Return the newest state of a certificate by the events of its product, each its kind and data, in their order.

    Raises:
        ValidationError: an event of a certificate is of another version.
    """
    state, same = State(Standing.NOT_ON_RECORD), True
    for kind, data in announced:
        if not kind.startswith("certificate."):
            continue
        event = _Announced.model_validate(data)
        if event.certificate.number == claims.number:
            state, same = _after(kind, event, state), _says_the_same(event.certificate, claims)
        elif event.corrects == claims.number:
            state = State(Standing.DIFFERS, by=event.certificate.number)
    return state if same or state.standing not in VALID else State(Standing.DIFFERS)


def by_date(claims: CertificateClaims, state: State | None, today: date) -> State:
    """Return how a certificate stands today. `state`: as on record, None where nobody has looked."""
    state = state or State(Standing.IN_FORCE, claims.last_day)
    if state.standing not in VALID:
        return state
    if today < claims.issued_on:
        return State(Standing.NOT_YET, claims.issued_on)
    if state.day and today > state.day:
        return replace(state, standing=Standing.PAST_LAST_DAY)
    return state


def _after(kind: str, event: _Announced, before: State) -> State:
    match kind:
        case "certificate.issued":
            return State(Standing.IN_FORCE, event.certificate.last_day)
        case "certificate.extended":
            return State(Standing.EXTENDED, event.until)
        case "certificate.expired":
            return State(Standing.EXPIRED, event.expired_on)
        case "certificate.superseded":
            return State(Standing.SUPERSEDED, event.ended_on, event.by_number)
        case "certificate.revoked":
            letter = event.revocation
            return State(Standing.REVOKED, letter.date, letter.number) if letter else State(Standing.REVOKED)
        case _:  # an alert before the end changes nothing
            return before


def _says_the_same(certificate: _Certificate, claims: CertificateClaims) -> bool:
    decision = certificate.decision
    recorded = (certificate.stars, decision.number, decision.date, certificate.issued_on, certificate.last_day)
    signed = (claims.stars, claims.decision_number, claims.decision_date, claims.issued_on, claims.last_day)
    return recorded == signed
