"""Decide: a producer under new numbers, with the paper that proves it → its product may be filed under these."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from pydantic import ValidationError

from services.registry import SOURCE
from services.registry.identity import KnownProduct, ProducerNumbers, of_another_producer, unknown_code
from services.registry.papers import HTTPS, location_faults
from services.registry.producers import producer_faults
from services.registry.reading import read, readable_code
from services.registry.texts import text_faults
from shared.contracts.catalogue import FILING_REJECTED, PRODUCER_SUCCEEDED, PRODUCT_TRANSFERRED
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.filing import FilingRejected, ProducerSucceeded, ProductTransferred
from shared.contracts.text import Fault, without_blanks
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import fault, listed
from shared.filings import filing_out_of_scope
from shared.handling.history import Version
from shared.handling.outcome import Decision, Provisional
from shared.scopes import Place, Scope


@dataclass(frozen=True)
class Succession:
    """A `producer.succeeded` that was filed, and what was found in it by itself.

    `content` is None where it breaks its contract or a rule. `former` and `numbers` are what the producer is known by
    in the register before and after.
    """

    event: Event
    product_code: str | None
    content: ProducerSucceeded | None
    faults: tuple[Fault, ...]
    breaks_contract: bool = False
    former: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: Event, numbers: ProducerNumbers, *, scope: Scope, schemes: frozenset[str] = HTTPS) -> Self:
        """Examine what an event says; `schemes` are what the address of a document may begin with."""
        filed = without_blanks(ProducerSucceeded, event.data)
        try:
            content, broken_contract = ProducerSucceeded.model_validate(filed), []
        except ValidationError as error:
            content, broken_contract = None, contract_faults(error)
        reading = read(filed)
        of_producer = producer_faults(reading.producer, None) if reading.producer else ()
        broken = [*text_faults(filed), *location_faults(reading.documents or (), schemes), *broken_contract]
        code = readable_code(filed.get("product_code"))
        outside = filing_out_of_scope(scope, PRODUCER_SUCCEEDED, code)
        faults = outside or listed(first_at_each_place=broken, others=of_producer)
        if faults or content is None:
            return cls(event, code, None, faults, breaks_contract=content is None and not outside)
        return cls(event, code, content, (), False, numbers.of(content.former_producer), numbers.of(content.producer))


@dataclass(frozen=True)
class SuccessionState:
    """What the register knows that bears on it.

    `names` are the folded names that the product is known by; `taken` is the code of another product that its successor
    has registered under one of them.
    """

    product: Version[KnownProduct] | None = None
    names: tuple[str, ...] = ()
    taken: str | None = None


def decide(state: SuccessionState, filing: Succession, now: datetime) -> Decision:
    """Answer with exactly one of `product.transferred` and `filing.rejected`."""
    content, product = filing.content, state.product
    if content is None:
        return _rejected(filing, filing.faults, now)
    if product is None:
        unknown = _rejected(filing, (unknown_code(content.product_code, None),), now)
        return replace(unknown, provisional=Provisional(f"there is no product {content.product_code} yet"))
    if faults := _register_faults(state, product.state, filing):
        return _rejected(filing, faults, now)
    known = dict.fromkeys((*product.state.producer_numbers, *filing.numbers))
    changed = {"producer_numbers": tuple(known), "producer_kind": content.producer.kind}
    version = product.then(product.state.model_copy(update=changed))
    event, code = filing.event, content.product_code
    transferred = ProductTransferred(product_code=code, filing_id=event.id)
    answer = event.answer(
        PRODUCT_TRANSFERRED, transferred, source=SOURCE, subject=code, now=now, place=_place(code).text
    )
    fields = {
        "outcome": "transferred",
        "registered": {"keys": new_keys(filing, product.state, state.names), "key_of": code},
    }
    return _decision(filing, replace(answer, sequence=version.number), fields, version)


def new_keys(filing: Succession, known: KnownProduct, names: Iterable[str]) -> tuple[str, ...]:
    """Return what the product is known by besides, so that its successor cannot register it again as a new one."""
    new = (number for number in filing.numbers if number not in known.producer_numbers)
    return tuple(f"{number}/{name}" for number in new for name in names)


def _register_faults(state: SuccessionState, known: KnownProduct, filing: Succession) -> tuple[Fault, ...]:
    if set(known.producer_numbers).isdisjoint(filing.former):
        return (of_another_producer(known.code),)
    if set(filing.numbers) <= set(known.producer_numbers):
        return (_unchanged(known.code),)
    return (_registered_itself(state.taken),) if state.taken else ()


def _rejected(filing: Succession, faults: tuple[Fault, ...], now: datetime) -> Decision:
    event, code = filing.event, filing.product_code
    rejected = FilingRejected(filing_id=event.id, filing=PRODUCER_SUCCEEDED.name, product_code=code, faults=faults)
    answer = event.answer(
        FILING_REJECTED, rejected, source=SOURCE, subject=code or event.id, now=now, place=_place(code).text
    )
    rejection = _decision(filing, answer, {"outcome": "rejected", "digest": event.digest})
    return replace(rejection, dead_letter="breaks-contract" if filing.breaks_contract else None)


def _decision(
    filing: Succession, answer: Event, fields: dict[str, Any], version: Version[KnownProduct] | None = None
) -> Decision:
    reference = {**filing.event.reference, "filed_by": filing.event.filed_by}
    known = {"event": reference, "product_code": filing.product_code}
    return Decision(filing.event.key, (answer,), known | fields, version=version)


def _place(product_code: str | None) -> Place:
    return Place.of_code(product_code) if product_code else Place(None)


def _unchanged(code: str) -> Fault:
    return fault(
        ("producer",),
        DossierFault.PRODUCER_NUMBER_UNCHANGED,
        f"Sản phẩm mã {code} đã đăng ký dưới đúng các số này, không cần ghi nhận chuyển đổi. Hãy kiểm tra lại số mới.",
        f"{code} is registered under these numbers already: there is nothing to record. Check the new numbers.",
    )


def _registered_itself(code: str) -> Fault:
    return fault(
        ("producer",),
        DossierFault.PRODUCT_ALREADY_REGISTERED,
        f"Chủ thể mới đã đăng ký một sản phẩm cùng tên, mã {code}. Một sản phẩm không thể mang hai mã: hãy liên hệ cơ "
        "quan quản lý OCOP để xác định mã nào được dùng tiếp.",
        f"The successor has registered a product of this name itself, {code}. One product cannot have two codes: ask "
        "the OCOP office which one is to be used from now on.",
        product_code=code,
    )
