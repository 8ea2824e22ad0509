"""Decide: what an office or a portal files beside dossiers: examined by itself, and turned back with all that is wrong.

What bears on it besides (a round, a session, a register) is for the service that is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.contracts.catalogue import FILING_REJECTED, EventType
from shared.contracts.dossier import AnyProductCode
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.filing import FilingRejected
from shared.contracts.text import Contract, Fault, without_blanks
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import fault, listed
from shared.handling.outcome import Decision, Provisional
from shared.scopes import Place, Scope, allows

SCOPE_ADVICE = (
    "Hãy nộp qua hệ thống của đúng địa phương, hoặc báo đơn vị vận hành kiểm tra phạm vi đã đăng ký.",
    "Have the system of that place file it, or ask the operator to check your scope.",
)
_CODE: TypeAdapter[str] = TypeAdapter(AnyProductCode)

Data = TypeVar("Data", bound=Contract)


@dataclass(frozen=True)
class Filing(Generic[Data]):
    """An event that was filed, and what was found in it by itself.

    `content` is None where it breaks its contract or lies outside its sender's scope, and then `faults` say so.
    `product_code` is today's code of the product that it is about, as far as it could be read; a former one, as given,
    where no product had it. Where it is about no product, `place` says where. `filed` is the event's data without what
    is blank.
    """

    event: Event
    kind: EventType[Data]
    scope: Scope
    source: str
    content: Data | None
    product_code: str | None
    place: Place
    faults: tuple[Fault, ...] = ()
    breaks_contract: bool = False
    filed: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        event: Event,
        kind: EventType[Data],
        scope: Scope,
        *,
        source: str,
        place_in: Callable[[dict[str, Any]], Place] | None = None,
        todays_code: str | None = None,
    ) -> Self:
        """Examine what was filed.

        Args:
            event: the event.
            kind: its kind.
            scope: that of who filed it.
            source: the service that answers.
            place_in: the place in its data, where it is about no product alone.
            todays_code: that of the product whose former code was given.
        """
        filed = without_blanks(kind.model, event.data)
        code = todays_code or readable_code(filed.get("product_code"))
        place = place_in(filed) if place_in else Place.of_code(code) if code else Place(None)
        outside = () if allows(scope, kind, place) else (_out_of_scope(scope, kind, by_code=place_in is None),)
        known = cls(event, kind, scope, source, None, code, place, outside, filed=filed)
        if outside:
            return known
        try:
            return replace(known, content=kind.model.model_validate(filed))
        except ValidationError as error:
            return replace(known, faults=listed(first_at_each_place=contract_faults(error)), breaks_contract=True)

    def rejected(self, faults: tuple[Fault, ...], now: datetime, *, provisional: str | None = None) -> Decision:
        """Turn it back with everything that is wrong with it.

        `provisional` says what may still be on its way that would change that; None: nothing.
        """
        event, code = self.event, self.product_code
        rejected = FilingRejected(filing_id=event.id, filing=self.kind.name, product_code=code, faults=faults)
        answer = event.answer(
            FILING_REJECTED, rejected, source=self.source, subject=code or event.id, now=now, place=self.place.text
        )
        return Decision(
            event.key,
            (answer,),
            {**self.on_record, "outcome": "rejected", "digest": event.digest},
            dead_letter="breaks-contract" if self.breaks_contract else None,
            provisional=Provisional(provisional) if provisional else None,
        )

    @property
    def on_record(self) -> dict[str, Any]:
        """What the record of its answer says of it: by whom, as the broker has checked it, and in which role."""
        filed = {**self.event.reference, "filed_by": self.event.filed_by, "filed_as": self.scope.role.value}
        return {"event": filed, "product_code": self.product_code}


def filing_out_of_scope(scope: Scope, kind: EventType[Any], product_code: str | None) -> tuple[Fault, ...]:
    """Return the fault of what is filed about a product outside its sender's scope: by the code, known or not."""
    place = Place.of_code(product_code) if product_code else Place(None)
    return () if allows(scope, kind, place) else (_out_of_scope(scope, kind, by_code=True),)


def readable_code(written: object) -> str | None:
    """Return a product's code, None where it is none."""
    try:
        return _CODE.validate_python(written)
    except ValidationError:
        return None


def _out_of_scope(scope: Scope, kind: EventType[Any], *, by_code: bool) -> Fault:
    return fault(
        ("product_code",) if by_code and scope.may_file(kind) else (),
        DossierFault.OUT_OF_SCOPE,
        f"Người dùng đã gửi tin này không được báo việc này cho sản phẩm này. {SCOPE_ADVICE[0]}",
        f"The user that sent this may not file it for this product. {SCOPE_ADVICE[1]}",
    )
