"""Decide: what is on record of a product → how it stands, for whoever asks; or why a question is none.

An answer shows what its contract has fields for, so no producer's name, number or address gets into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.evaluation import SOURCE
from services.evaluation.council.state import Work
from shared.contracts.catalogue import PRODUCT_QUERY, PRODUCT_RATED, PRODUCT_STATE, QUERY_REJECTED
from shared.contracts.event import BrokenContractError, Event, UnreadableError, contents
from shared.contracts.fault_codes import QueryFault
from shared.contracts.query import (
    LatestDossier,
    LatestRating,
    ProductQuery,
    ProductState,
    QueryRejected,
    RegisteredProduct,
    RoundState,
)
from shared.contracts.rounds import Stage
from shared.contracts.text import Bilingual, Fault, without_blanks
from shared.handling.outcome import Decision
from shared.scopes import Place, Scope, allows

#: In a code of today's form; one from before July 2025 has a district, and one more.
_DASHES = 3


@dataclass(frozen=True)
class OnRecord:
    """What evaluation has on record of one product.

    `registered_at` is when its first dossier was accepted, `latest` what was last announced of it; `rated` is the last
    rating, None where there is none yet. `opened` is the round of that dossier, as it began, and `work` the councils'
    work, where they have any. Of a product whose certificate was imported there may be no dossier.
    """

    registered_at: datetime | None = None
    latest: Event | None = None
    rated: Event | None = None
    opened: "OpenedRound | None" = None
    work: Work | None = None

    @property
    def round(self) -> RoundState | None:
        """The newest round: as a dossier opened it, or as the registry announced since that it moved."""
        work, opened = self.work, self.opened
        if work and work.round and work.stage and (opened is None or work.sequence >= opened.sequence):
            return RoundState(
                round=work.round,
                registration=work.registration,
                stage=work.stage,
                closing=work.closing,
                due_on=work.due_on,
            )
        return opened.state if opened else None


@dataclass(frozen=True)
class OpenedRound:
    """A round as a dossier opened it, and the dossier's place in the registry's order."""

    sequence: int
    state: RoundState


def opened_round(document: Mapping[str, Any]) -> OpenedRound | None:
    """Return the round that a dossier opened, by its record; None where this is from before there were rounds."""
    if "round" not in document:
        return None
    registration = document["announced"][0]["data"]["registration"]
    number, due_on = document["round"]["number"], document["round"]["due_on"]
    state = {"round": number, "registration": registration, "stage": Stage.AT_COMMUNE, "due_on": due_on}
    return OpenedRound(document["sequence"] or 0, RoundState.model_validate(state))


@dataclass(frozen=True)
class AskedProduct:
    """The product whose state is asked for, and by which dossier, if by one."""

    product_code: str
    dossier_id: str | None = None


@dataclass(frozen=True)
class AskedDossier:
    """A dossier by whose product is asked, which is not known yet."""

    dossier_id: str


@dataclass(frozen=True)
class Question:
    """An event that asks how a product stands, and what it asks, or why it is no question."""

    event: Event
    content: AskedProduct | AskedDossier | QueryRejected

    @classmethod
    def of(cls, event: Event, scope: Scope) -> Self:
        """Read what an event asks, and hold it against the scope of who asks."""
        return cls(event, _asked(event, scope))

    def about(self, product_code: str | None, scope: Scope) -> "Question":
        """Return a question by a dossier as one about the product that it is of; None: the asker filed no such one.

        Whether another filed it makes no difference to the answer.
        """
        if product_code is None or not isinstance(asked := self.content, AskedDossier):
            return self
        if not scope.reaches(Place.of_code(product_code)):
            return replace(self, content=_out_of_scope(self.event.id, "/dossier_id"))
        return replace(self, content=AskedProduct(product_code, asked.dossier_id))

    @property
    def former_code(self) -> str | None:
        """The code from before July 2025 by which is asked, None where it is asked otherwise."""
        asked = self.content
        return (
            asked.product_code if isinstance(asked, AskedProduct) and asked.product_code.count("-") > _DASHES else None
        )

    def under(self, product_code: str | None) -> "Question":
        """Return a question by a former code as one by today's; None: no product is known to have had it."""
        if product_code is None:
            return replace(self, content=_unknown_former_code(self.event.id))
        return replace(self, content=AskedProduct(product_code))

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
    event = question.event
    match question.content:
        case AskedProduct(product_code=code) as asked:
            answer = event.answer(PRODUCT_STATE, state_of(asked, state), source=SOURCE, subject=code, now=now)
        case content:
            rejected = _unknown_dossier(event.id) if isinstance(content, AskedDossier) else content
            answer = event.answer(QUERY_REJECTED, rejected, source=SOURCE, subject=event.id, now=now)
    return Decision(event.key, (answer.named_by_its_data(),))


def state_of(asked: AskedProduct, on_record: OnRecord | None) -> ProductState:
    """Return how a product stands; with nothing on record its code is unknown."""
    code, dossier_id = asked.product_code, asked.dossier_id
    if on_record is None:
        return ProductState(product_code=code, dossier_id=dossier_id, known=False)
    latest, rated, work = on_record.latest, on_record.rated, on_record.work
    return ProductState(
        product_code=code,
        dossier_id=dossier_id,
        known=True,
        product=_product(latest, on_record.registered_at),
        latest_dossier=latest
        and LatestDossier(
            registration=latest.data["registration"],
            assessed_at=_time_of(latest),
            outcome="rated" if latest.type == PRODUCT_RATED.type else "rejected",
        ),
        rating=rated and LatestRating.model_validate({**rated.data, "event_id": rated.id, "rated_at": _time_of(rated)}),
        round=on_record.round,
        certificate=work.certificate if work else None,
    )


def _product(latest: Event | None, registered_at: datetime | None) -> RegisteredProduct | None:
    if latest is None or registered_at is None:
        return None
    return RegisteredProduct(
        name=latest.data["product_name"], product_set=latest.data["product_set"], registered_at=registered_at
    )


def _asked(event: Event, scope: Scope) -> AskedProduct | AskedDossier | QueryRejected:
    """Return what a question asks, or why it is none, or none for this asker: whether or not there is the product."""
    given = without_blanks(ProductQuery, event.data)
    if "product_code" in given and "dossier_id" in given:
        return _asked_twice(event.id)
    try:
        asked = contents(replace(event, data=given), ProductQuery)
    except BrokenContractError:
        return _without_code(event.id) if "product_code" in given else _without_id(event.id)
    if asked.product_code is not None:
        may_ask = allows(scope, PRODUCT_QUERY, Place.of_code(asked.product_code))
        return AskedProduct(asked.product_code) if may_ask else _out_of_scope(event.id, "/product_code")
    if asked.dossier_id is None:
        return _without_code(event.id)
    return AskedDossier(asked.dossier_id) if scope.may_file(PRODUCT_QUERY) else _out_of_scope(event.id, "/dossier_id")


def _without_code(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/product_code",
        QueryFault.PRODUCT_CODE_UNREADABLE,
        vi="Câu hỏi cần mã sản phẩm, ví dụ 01-09574-1-2026: tỉnh, xã, số thứ tự, năm; hoặc mã của một hồ sơ mà bạn đã "
        "gửi (dossier_id).",
        en="A question needs a product_code such as 01-09574-1-2026: province, commune, serial number, year; or the "
        "dossier_id of a dossier that you filed.",
    )


def _without_id(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/dossier_id",
        QueryFault.DOSSIER_ID_UNREADABLE,
        vi="dossier_id phải là mã tin nhắn (ce-id) của một hồ sơ mà bạn đã gửi.",
        en="dossier_id has to be the id (ce-id) of a dossier that you filed.",
    )


def _asked_twice(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/dossier_id",
        QueryFault.CODE_AND_DOSSIER,
        vi="Câu hỏi chỉ được có một trong hai: mã sản phẩm (product_code) hoặc mã hồ sơ (dossier_id).",
        en="A question has one of both, product_code or dossier_id.",
    )


def _unknown_former_code(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/product_code",
        QueryFault.FORMER_CODE_UNKNOWN,
        vi="Không có sản phẩm nào được nhập với mã cũ này. Hãy kiểm tra mã, hoặc đề nghị cơ quan quản lý OCOP nhập "
        "giấy chứng nhận của sản phẩm.",
        en="No product was brought into the system under this former code. Check it, or ask the OCOP office to import "
        "the product's certificate.",
    )


def _unknown_dossier(id: str) -> QueryRejected:
    return _rejected(
        id,
        "/dossier_id",
        QueryFault.DOSSIER_UNKNOWN,
        vi="Không có hồ sơ nào do bạn gửi với mã này đã được chấm điểm. Nếu vừa gửi, hãy hỏi lại sau; nếu không "
        "thấy trả lời, hãy gửi lại hồ sơ với cùng mã.",
        en="No dossier that you filed under this id was assessed. If you have just filed it, ask again later; if its "
        "answer does not come, file it again under its id.",
    )


def _out_of_scope(id: str, pointer: str) -> QueryRejected:
    return _rejected(
        id,
        pointer,
        QueryFault.OUT_OF_SCOPE,
        vi="Bạn không được hỏi về sản phẩm của địa phương này. Hãy kiểm tra câu hỏi, hoặc báo đơn vị vận hành kiểm tra "
        "phạm vi đã đăng ký.",
        en="You may not ask about products of this place. Check the question, or ask the operator to check your scope.",
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
