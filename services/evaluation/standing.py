"""Decide: what is on record of a product → how it stands, for whoever asks; or why a question is none.

An answer shows what its contract has fields for, so no producer's name, number or address gets into it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from services.evaluation import SOURCE
from shared.contracts.catalogue import PRODUCT_QUERY, PRODUCT_RATED, PRODUCT_STATE, QUERY_REJECTED
from shared.contracts.event import BrokenContractError, Event, UnreadableError, contents, derived_id
from shared.contracts.fault_codes import QueryFault
from shared.contracts.query import (
    LatestDossier,
    LatestRating,
    ProductQuery,
    ProductState,
    QueryRejected,
    RegisteredProduct,
)
from shared.contracts.text import Bilingual, Fault
from shared.handling.outcome import Decision
from shared.scopes import Place, Scope, allows


@dataclass(frozen=True)
class OnRecord:
    """What evaluation has on record of one product.

    `registered_at` is when its first dossier was accepted, `latest` what was last announced of it; `rated` is the last
    rating, None where there is none yet.
    """

    registered_at: datetime
    latest: Event
    rated: Event | None


@dataclass(frozen=True)
class Question:
    """An event that asks how a product stands, and what it asks, or why it is no question."""

    event: Event
    content: ProductQuery | QueryRejected

    @classmethod
    def of(cls, event: Event, scope: Scope) -> Self:
        """Read what an event asks, and hold it against the scope of who asks."""
        return cls(event, _asked(event, scope))

    @property
    def is_out_of_scope(self) -> bool:
        """Return whether who asks may not ask this."""
        rejected = self.content if isinstance(self.content, QueryRejected) else None
        return rejected is not None and any(fault.code == QueryFault.OUT_OF_SCOPE for fault in rejected.faults)

    @classmethod
    def unreadable(cls, event: Event, error: UnreadableError) -> Self:
        """Take a message that is no event at all for a question; `event` is what can be made out of it."""
        return cls(event, _unreadable(error, event.id))


def decide(state: OnRecord | None, question: Question, now: datetime) -> Decision:
    """Answer a question. Its id follows from what the answer says too: asked again, the same may have another one."""
    event, content = question.event, question.content
    if isinstance(content, QueryRejected):
        answer = event.answer(QUERY_REJECTED, content, source=SOURCE, subject=event.id, now=now)
    else:
        code = content.product_code
        answer = event.answer(PRODUCT_STATE, state_of(code, state), source=SOURCE, subject=code, now=now)
    return Decision(event.key, (replace(answer, id=derived_id(answer.id, answer.digest)),))


def state_of(product_code: str, on_record: OnRecord | None) -> ProductState:
    """Return how a product stands; with nothing on record its code is unknown."""
    if on_record is None:
        return ProductState(product_code=product_code, known=False)
    latest, rated = on_record.latest, on_record.rated
    return ProductState(
        product_code=product_code,
        known=True,
        product=RegisteredProduct(
            name=latest.data["product_name"],
            product_set=latest.data["product_set"],
            registered_at=on_record.registered_at,
        ),
        latest_dossier=LatestDossier(
            registration=latest.data["registration"],
            assessed_at=_time_of(latest),
            outcome="rated" if latest.type == PRODUCT_RATED.type else "rejected",
        ),
        rating=rated and LatestRating.model_validate({**rated.data, "event_id": rated.id, "rated_at": _time_of(rated)}),
    )


def _asked(event: Event, scope: Scope) -> ProductQuery | QueryRejected:
    """Return what a question asks, or why it is none, or none for this asker: whether or not there is the product."""
    try:
        asked = contents(event, ProductQuery)
    except BrokenContractError:
        return _rejected(
            event.id,
            "/product_code",
            QueryFault.PRODUCT_CODE_UNREADABLE,
            vi="Câu hỏi cần mã sản phẩm, ví dụ 01-09574-1-2026: tỉnh, xã, số thứ tự, năm.",
            en="A question needs a product_code such as 01-09574-1-2026: province, commune, serial number, year.",
        )
    return asked if allows(scope, PRODUCT_QUERY, Place.of_code(asked.product_code)) else _out_of_scope(event.id)


def _out_of_scope(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/product_code",
        QueryFault.OUT_OF_SCOPE,
        vi="Bạn không được hỏi về sản phẩm của địa phương ghi trong mã này. Hãy kiểm tra mã, hoặc báo đơn vị vận hành "
        "kiểm tra phạm vi đã đăng ký.",
        en="You may not ask about products of the place in this code. Check the code, or ask the operator to check "
        "your scope.",
    )


def _unreadable(error: UnreadableError, id: str) -> QueryRejected:
    """Reject a message that is no question at all; its sender learns which one is meant."""
    return _rejected(
        id,
        "",
        QueryFault(f"unreadable-{error.code}"),
        vi="Hệ thống không đọc được tin nhắn này. Hãy kiểm tra phần mềm gửi câu hỏi rồi hỏi lại.",
        en=f"This message is no product.query event: {error}. Mend it and ask again.",
    )


def _rejected(id: str, pointer: str, code: QueryFault, *, vi: str, en: str) -> QueryRejected:
    return QueryRejected(
        query_id=id, faults=(Fault(pointer=pointer, code=code.value, message=Bilingual(vi=vi, en=en)),)
    )


def _time_of(event: Event) -> datetime:
    if event.time is None:
        raise ValueError(f"{event.id} was announced without a time")
    return event.time
