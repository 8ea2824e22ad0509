"""Decide: what the register has of a scope's products, page by page → how they stand now, for whoever asks.

A row says of which version of its product's history it is. Whoever asks has a queue by then, on which every later
version is announced; what comes there of this version or an older one is in the row (decision 28).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import ValidationError

from services.registry import SOURCE
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate, Round
from services.registry.units import COMMUNES
from shared.contracts.catalogue import QUERY_REJECTED, REGISTER_PAGE, REGISTER_QUERY
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import QueryFault
from shared.contracts.query import (
    MOST_PRODUCTS_A_PAGE,
    CertificateState,
    ProductRow,
    QueryRejected,
    RegisterPage,
    RegisterQuery,
    RoundState,
)
from shared.contracts.text import Bilingual, Fault, without_blanks
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.scopes import EVERYWHERE, Scope

#: What comes behind the dash, and behind the digits, in the order of texts.
_AFTER_DASH, _AFTER_DIGITS = ".", ":"
_PROVINCES = sorted({f"{unit.province_code:02}" for unit in COMMUNES.values()})


@dataclass(frozen=True)
class CodeRange:
    """The product codes above one text and below another, both excluded."""

    above: str
    below: str


@dataclass(frozen=True)
class Page:
    """The products of a page, and the code with which the next one is asked for; None: there is none."""

    products: tuple[Version[KnownProduct], ...]
    next: str | None = None


@dataclass(frozen=True)
class Question:
    """An event that asks how products stand: which codes are looked through, how many at most; or what is wrong."""

    event: Event
    ranges: tuple[CodeRange, ...] = ()
    limit: int = 0
    faults: tuple[Fault, ...] = ()

    @classmethod
    def of(cls, event: Event, scope: Scope) -> Self:
        """Read what an event asks, and hold it against the scope of who asks."""
        if not (scope.may_file(REGISTER_QUERY) and scope.places):
            return cls(event, faults=(_out_of_scope(),))
        try:
            asked = RegisterQuery.model_validate(without_blanks(RegisterQuery, event.data))
        except ValidationError as error:
            fields = dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_input=False))
            return cls(event, faults=tuple(_FAULTS[field] for field in fields))
        return cls(event, tuple(ranges_of(scope, asked.after or "")), asked.limit)

    @classmethod
    def unreadable(cls, event: Event, error: UnreadableError) -> Self:
        """Take a message that is no event at all for a question; `event` is what can be made out of it."""
        return cls(event, faults=(_unreadable(error),))

    @property
    def is_out_of_scope(self) -> bool:
        """Return whether who asks may not ask this."""
        return any(fault.code == QueryFault.OUT_OF_SCOPE for fault in self.faults)


def ranges_of(scope: Scope, after: str) -> Iterator[CodeRange]:
    """Yield the codes within a scope that come behind one, in their order; no code twice."""
    for each in _everywhere() if EVERYWHERE in scope.places else _of_places(scope.places):
        if after < each.below:
            yield CodeRange(max(each.above, after), each.below)


def _everywhere() -> Iterator[CodeRange]:
    """Yield all codes, a province at a time: a database that sorts all it finds is not to sort the whole register."""
    above = ""
    for below in (*(f"{province}{_AFTER_DASH}" for province in _PROVINCES), _AFTER_DIGITS):
        yield CodeRange(above, below)
        above = below


def _of_places(places: frozenset[str]) -> Iterator[CodeRange]:
    provinces = {each for each in places if "-" not in each}
    for place in sorted(each for each in places if each in provinces or each.partition("-")[0] not in provinces):
        yield CodeRange(f"{place}-", f"{place}{_AFTER_DASH}")


def decide(state: Page, question: Question, now: datetime) -> Decision:
    """Answer a question. Its id follows from what the answer says too: asked again, the same may have another one."""
    event = question.event
    if question.faults:
        rejected = QueryRejected(query_id=event.id, faults=question.faults)
        answer = event.answer(QUERY_REJECTED, rejected, source=SOURCE, subject=event.id, now=now)
    else:
        page = RegisterPage(query_id=event.id, products=tuple(map(row_of, state.products)), next=state.next)
        answer = event.answer(REGISTER_PAGE, page, source=SOURCE, subject=event.id, now=now)
    return Decision(event.key, (answer.named_by_its_data(),))


def row_of(version: Version[KnownProduct]) -> ProductRow:
    """Return how a product stands, by a version of its history."""
    product = version.state
    return ProductRow(
        product_code=product.code,
        sequence=version.number,
        name=product.name or None,
        product_set=product.product_set,
        round=_round(product.round) if product.round else None,
        certificates=tuple(map(_certificate, product.certificates)),
    )


def _round(newest: Round) -> RoundState:
    return RoundState(
        round=newest.number,
        registration=newest.registration,
        stage=newest.stage,
        closing=newest.closing,
        due_on=newest.due_on,
    )


def _certificate(held: HeldCertificate) -> CertificateState:
    until = held.until if held.status is CertificateStatus.EXTENDED else None
    return CertificateState(certificate=held.certificate, state=held.status.value, until=until)


def _fault(pointer: str, code: QueryFault, *, vi: str, en: str) -> Fault:
    return Fault(pointer=pointer, code=code.value, message=Bilingual(vi=vi, en=en))


def _out_of_scope() -> Fault:
    return _fault(
        "",
        QueryFault.OUT_OF_SCOPE,
        vi="Bạn không được hỏi danh sách sản phẩm. Hãy báo đơn vị vận hành kiểm tra phạm vi đã đăng ký.",
        en="You may not ask for lists of products. Ask the operator to check your scope.",
    )


def _unreadable(error: UnreadableError) -> Fault:
    return _fault(
        "",
        QueryFault(f"unreadable-{error.code}"),
        vi="Hệ thống không đọc được tin nhắn này. Hãy kiểm tra phần mềm gửi câu hỏi rồi hỏi lại.",
        en=f"This message is no register.query event: {error}. Mend it and ask again.",
    )


#: Field → its fault.
_FAULTS = {
    "after": _fault(
        "/after",
        QueryFault.AFTER_UNREADABLE,
        vi="after phải là giá trị next của trang trước, hoặc bỏ trống để hỏi từ đầu.",
        en="after has to be the next of the page before; leave it out to ask from the beginning.",
    ),
    "limit": _fault(
        "/limit",
        QueryFault.LIMIT_OUT_OF_RANGE,
        vi=f"limit phải là số nguyên từ 1 đến {MOST_PRODUCTS_A_PAGE}.",
        en=f"limit has to be a whole number from 1 to {MOST_PRODUCTS_A_PAGE}.",
    ),
}


def codes_left(found: Sequence[str], limit: int) -> tuple[Sequence[str], str | None]:
    """Return the codes of a page among those found, one more than its limit at most, and where the next one begins."""
    return (found[:limit], found[limit - 1]) if len(found) > limit else (found, None)
