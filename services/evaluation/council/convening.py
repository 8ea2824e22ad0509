"""Decide: a council is convened → its session is on record, or everything that does not fit (LIFECYCLE, row 4).

Decision 26/2026/QĐ-TTg, Art. 7.3-7.4. A session is taken or turned back whole, and never changed, but replaced.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.evaluation.council import faults
from services.evaluation.council.state import Session, Work, session_key
from services.evaluation.regulations import Regulation, Regulations
from shared.contracts.councils import CouncilConvened, Level, Seat
from shared.contracts.text import Fault
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date
from shared.scopes import Place, Role

#: The role in which each level's council files.
ROLE_OF = {Level.PROVINCE: Role.PROVINCE, Level.CENTRE: Role.CENTRE}


@dataclass(frozen=True)
class Hold:
    """A session's hold on a product at one visit: the first is 1; the next comes when that session was replaced."""

    session: str
    generation: int
    replaced_by: str | None = None


@dataclass(frozen=True)
class Conveyed:
    """What bears on a session: the products' states and who holds them now, and the session that it names."""

    taken: bool = False
    replaces: Session | None = None
    replaces_is_replaced_by: str | None = None
    works: Mapping[str, Work] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)


def place_in(data: Mapping[str, Any]) -> Place:
    """Return the place of a session as it was filed, as far as it can be read."""
    code = data.get("province_code")
    return Place(code if isinstance(code, str) and len(code) == len("01") and code.isdigit() else None)


def decide(state: Conveyed, filing: Filing[CouncilConvened], regulations: Regulations, now: datetime) -> Decision:
    """Record the session, or answer with `filing.rejected`."""
    convened = filing.content
    if convened is None:
        return filing.rejected(filing.faults, now)
    regulation = regulations.on(convened.regulation, legal_date(now))
    final = (*_own_faults(filing, convened), *_regulation_faults(convened, regulation, regulations))
    final = (*final, *_taken_faults(state, convened))
    early = tuple(_early_faults(state, convened))
    if final or early or regulation is None:
        waits = (
            None if final or not early else f"{len(early)} of its products, or what it replaces, may be on their way"
        )
        return filing.rejected((*final, *early), now, provisional=waits)
    return _recorded(state, filing, convened, regulation)


def _recorded(
    state: Conveyed, filing: Filing[CouncilConvened], convened: CouncilConvened, regulation: Regulation
) -> Decision:
    visits = {code: state.works[code].visit for code in convened.products}
    session = Session(
        id=convened.session,
        level=convened.level,
        province_code=convened.province_code,
        regulation=regulation,
        members=convened.members,
        visits=visits,
    )
    fields: dict[str, Any] = {
        **filing.on_record,
        "outcome": "convened",
        "holds": [hold_key(code, visit, _generation(state, code)) for code, visit in visits.items()],
    }
    if convened.replaces:
        fields["replaces"] = convened.replaces
    return Decision(filing.event.key, (), fields, version=Version(session_key(session.id), 1, session))


def hold_key(code: str, visit: int, generation: int) -> str:
    """Return what is unique of a session's hold on a product: two sessions cannot both have it."""
    return f"{code}/{visit}/{generation}"


def _generation(state: Conveyed, code: str) -> int:
    hold = state.holds.get(code)
    return hold.generation + 1 if hold else 1


def _own_faults(filing: Filing[CouncilConvened], convened: CouncilConvened) -> Iterator[Fault]:
    """Yield what is wrong with the session by itself."""
    if filing.scope.role is not ROLE_OF[convened.level]:
        yield faults.level_of_another(convened.level)
    if (convened.level is Level.PROVINCE) != (convened.province_code is not None):
        yield faults.province_wrong(needed=convened.level is Level.PROVINCE)
    yield from _repeated_members(convened)
    chairs = sum(member.seat is Seat.CHAIR for member in convened.members)
    if chairs != 1:
        yield faults.chairs_wrong(chairs)
    seen: Counter[str] = Counter()
    for index, code in enumerate(convened.products):
        seen[code] += 1
        if seen[code] > 1:
            yield faults.product_twice(code, index)
        if convened.province_code not in {None, Place.of_code(code).province}:
            yield faults.product_of_another_province(code, index)


def _repeated_members(convened: CouncilConvened) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, member in enumerate(convened.members):
        if member.id in seen:
            yield faults.member_twice(member.id, "members", index, "id")
        seen.add(member.id)


def _regulation_faults(
    convened: CouncilConvened, regulation: Regulation | None, regulations: Regulations
) -> Iterator[Fault]:
    if regulation is None or regulation.level is not convened.level:
        of_level = sorted({each.id for each in regulations.all if each.level is convened.level})
        yield faults.regulation_unknown(convened.regulation, convened.level, of_level)


def _taken_faults(state: Conveyed, convened: CouncilConvened) -> Iterator[Fault]:
    """Yield what no event on its way can change."""
    if state.taken:
        yield faults.session_id_taken(convened.session)
    replaced = state.replaces
    if convened.replaces and state.replaces_is_replaced_by:
        yield faults.session_replaced(convened.replaces, state.replaces_is_replaced_by, "replaces")
    if replaced and (replaced.level, replaced.province_code) != (convened.level, convened.province_code):
        yield faults.level_of_another(replaced.level)
    for index, code in enumerate(convened.products):
        hold = state.holds.get(code)
        own = {convened.session, convened.replaces}
        if hold and not hold.replaced_by and hold.session not in own and _waits(state, convened, code):
            yield faults.product_in_another_session(code, hold.session, index)


def _early_faults(state: Conveyed, convened: CouncilConvened) -> Iterator[Fault]:
    """Yield what may still be on its way: the session that is replaced, the products."""
    if convened.replaces and state.replaces is None:
        yield faults.session_unknown(convened.replaces, "replaces")
    for index, code in enumerate(convened.products):
        if not _waits(state, convened, code):
            yield faults.product_not_at_level(code, convened.level, index)


def _waits(state: Conveyed, convened: CouncilConvened, code: str) -> bool:
    work = state.works.get(code)
    return work is not None and work.waits_for is convened.level
