"""What is counted of a product, in one short text: reports read those of many products, and nothing else of them."""

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self

from services.registry.falls_due import is_re_evaluation_filed
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate, Round
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage

#: texts whose meaning is remembered
_KEPT = 1 << 17
#: characters of a code that name its place: province, commune
_PLACE = len("01-09574")
_IN_FORCE = frozenset({CertificateStatus.IN_FORCE, CertificateStatus.EXTENDED})


class CertificateFacts(NamedTuple):
    """Of a certificate: `ends_on` is the last day on which it is, or was, valid; `last_day` is its own, T.

    `registration` is of what kind the round was that it came from, None where it is not on record.
    """

    issued_on: date
    last_day: date
    ends_on: date
    stars: int
    status: CertificateStatus
    registration: RegistrationKind | None

    @property
    def is_in_force(self) -> bool:
        """Return whether it is valid now, extended or not."""
        return self.status in _IN_FORCE


class RoundFacts(NamedTuple):
    """Of the newest round: `stars` are what a council has given so far in it, None where none has.

    `received_on` and `sent_on` are the days from which the commune's and the council's time run.
    """

    registration: RegistrationKind
    stage: Stage
    received_on: date
    sent_on: date | None = None
    closing: Closing | None = None
    stars: int | None = None


class Facts(NamedTuple):
    """What is counted of a product.

    `producer` is what its producer is known by first: a number, or the hash of a person's. `renewing`: a re-evaluation
    of the certificate in force is on its way, here or on paper.
    """

    code: str
    product_set: int
    producer: str
    kind: ProducerKind | None
    certificates: tuple[CertificateFacts, ...]
    round: RoundFacts | None
    renewing: bool

    @property
    def place(self) -> tuple[str, str]:
        """Province and commune, as they stand in the code (Decision 26/2026, Annex I)."""
        return self.code[:2], self.code[3:8]

    @property
    def newest(self) -> CertificateFacts | None:
        """The certificate in force, else the newest one."""
        return newest_of(self.certificates)

    @property
    def stars(self) -> int:
        """The stars in force, 0 for none."""
        return stars_of(self.newest)

    @property
    def open_round(self) -> RoundFacts | None:
        """The round that has not ended."""
        return still_open(self.round)

    @property
    def text(self) -> str:
        """What is written of it: its place first, which many have."""
        return json.dumps([self.code[:_PLACE], *self], default=str, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what was written as `text`."""
        _, code, product_set, producer, kind, certificates, of_round, renewing = json.loads(text)
        held = tuple([_certificate(each) for each in certificates])
        round_ = _round(of_round) if of_round else None
        return cls(code, product_set, producer, _KINDS.get(kind), held, round_, renewing)


def newest_of(certificates: Sequence[CertificateFacts]) -> CertificateFacts | None:
    """Return the certificate in force, else the newest one."""
    in_force = (each for each in reversed(certificates) if each.is_in_force)
    return next(in_force, None) or next(reversed(certificates), None)


def stars_of(newest: CertificateFacts | None) -> int:
    """Return the stars in force, 0 for none."""
    return newest.stars if newest and newest.is_in_force else 0


def still_open(of: RoundFacts | None) -> RoundFacts | None:
    """Return a round that has not ended."""
    return of if of and of.stage is not Stage.CLOSED else None


def facts_of(product: KnownProduct) -> Facts:
    """Return what is counted of a product."""
    in_force = product.in_force
    return Facts(
        product.code,
        product.product_set,
        next(iter(product.producer_numbers), ""),
        product.producer_kind,
        tuple(_of_certificate(each, product.round) for each in product.certificates),
        _of_round(product.round) if product.round else None,
        in_force is not None and is_re_evaluation_filed(product.round, in_force),
    )


def _of_certificate(held: HeldCertificate, newest: Round | None) -> CertificateFacts:
    certificate = held.certificate
    came_from_newest = newest is not None and held.round == newest.number
    return CertificateFacts(
        certificate.issued_on,
        certificate.last_day,
        held.ended_on or held.until or certificate.last_day,
        certificate.stars,
        held.status,
        held.registration or (newest.registration if newest and came_from_newest else None),
    )


def _of_round(of: Round) -> RoundFacts:
    result = of.central or of.provincial
    stars = result.stars if result else None
    return RoundFacts(of.registration, of.stage, of.received_on, of.sent_on, of.closing, stars)


#: An enumeration's member by its value takes long to ask for, and is asked for many times.
_KINDS: dict[str | None, ProducerKind] = {each.value: each for each in ProducerKind}
_STATUSES = {each.value: each for each in CertificateStatus}
_REGISTRATIONS = {each.value: each for each in RegistrationKind}
_STAGES = {each.value: each for each in Stage}
_CLOSINGS: dict[str | None, Closing] = {each.value: each for each in Closing}


@lru_cache(maxsize=_KEPT)
def certificates_in(text: str) -> tuple[CertificateFacts, ...]:
    """Return certificates as they are written: what many products have is read once."""
    return tuple(map(_certificate, json.loads(text)))


@lru_cache(maxsize=_KEPT)
def round_in(text: str | None) -> RoundFacts | None:
    """Return a round as it is written, likewise."""
    return _round(json.loads(text)) if text else None


def kind_in(value: str | None) -> ProducerKind | None:
    """Return a kind of producer as it is written, None where it is not on record."""
    return _KINDS.get(value)


def _certificate(written: list[Any]) -> CertificateFacts:
    issued_on, last_day, ends_on, stars, status, registration = written
    day = date.fromisoformat
    found = _REGISTRATIONS.get(registration)
    return CertificateFacts(day(issued_on), day(last_day), day(ends_on), stars, _STATUSES[status], found)


def _round(written: list[Any]) -> RoundFacts:
    registration, stage, received_on, sent_on, closing, stars = written
    received, sent = date.fromisoformat(received_on), date.fromisoformat(sent_on) if sent_on else None
    return RoundFacts(_REGISTRATIONS[registration], _STAGES[stage], received, sent, _CLOSINGS.get(closing), stars)
