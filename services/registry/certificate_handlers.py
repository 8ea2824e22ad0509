"""One function an event about a certificate, and one for what falls due: read the state, decide, take the steps."""

from typing import Any

from services.registry import SOURCE, certificate_correction, imports, milestones, revocation, round_deadlines
from services.registry.certificate_correction import Correction, CorrectionState
from services.registry.handlers import Registry
from services.registry.identity import place_in
from services.registry.imports import ExaminedImport
from services.registry.round_deadlines import ROUND_DEADLINES, RoundDeadlines
from shared.contracts.catalogue import RECOGNITION_CORRECTED, RECOGNITION_REVOKED, EventType
from shared.contracts.event import Data, Event
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision, Outcome
from shared.legal_date import legal_date
from shared.timers import Timetable


async def certificate_imported(registry: Registry, event: Event) -> Outcome:
    """Take a certificate from before this register, or say why not. Raise OutageError."""
    scope, today = registry.scopes.of(event.filed_by), legal_date(registry.clock())
    filing = ExaminedImport.of(event, scope, numbers=registry.numbers, seal=registry.seal, today=today)

    async def decide(conflicts: int) -> Decision:
        """Take it for new at first, as most are of an office that begins; if it is not, a unique index says so."""
        is_new = not conflicts and filing.would_conflict
        products = registry.products
        state = await (products.state_of_new_import(filing) if is_new else products.state_of_import(filing))
        return registry.tokens.signed(imports.decide(state, filing, registry.clock()))

    return await registry.steps.take(
        event.key, registry.products, decide, ordering_key=filing.place, assume_new=filing.would_conflict
    )


async def recognition_corrected(registry: Registry, event: Event) -> Outcome:
    """Put right what was mistyped in a recognition, or say why not. Raise OutageError."""
    filing = await _filing(registry, event, RECOGNITION_CORRECTED)
    content, products = filing.content, registry.products

    async def decide(_: int) -> Decision:
        known = await products.product(content.product_code) if content else None
        correction = Correction.of(known.state, content) if known and content else None
        number = await products.number(correction.product.code, correction.certificate) if correction else None
        state = CorrectionState(known, correction, number)
        return registry.tokens.signed(certificate_correction.decide(state, filing, registry.clock()))

    return await registry.steps.take(event.key, products, decide, ordering_key=_place(filing))


async def recognition_revoked(registry: Registry, event: Event) -> Outcome:
    """Revoke a certificate, or say why not. Raise OutageError."""
    filing = await _filing(registry, event, RECOGNITION_REVOKED)
    content = filing.content

    async def decide(_: int) -> Decision:
        known = await registry.products.product(content.product_code) if content else None
        return revocation.decide(known, filing, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide, ordering_key=_place(filing))


async def fallen_due(registry: Registry, version: Version[Any], event: Event) -> Decision:
    """Decide what follows of what has fallen due: for a product, or of a half-yearly round. Raise OutageError."""
    if isinstance(version.state, RoundDeadlines):
        waiting = await registry.products.waiting(round_deadlines.day_of(version, event))
        return round_deadlines.decide(version, event, waiting, registry.clock())
    return milestones.decide(version, event, registry.clock())


def ordering_key(of: str) -> str:
    """Return what events of a history are decided in the order of: those of one place come one after the other."""
    return of if of == ROUND_DEADLINES else place_in(of)


#: What the registry does with what falls due.
TIMETABLE: Timetable[Registry] = Timetable(
    records=lambda registry: registry.products, decide=fallen_due, ordering_key=ordering_key
)


async def _filing(registry: Registry, event: Event, kind: EventType[Data]) -> Filing[Data]:
    scope, todays_code = registry.scopes.of(event.filed_by), await registry.todays_code(event)
    return Filing.of(event, kind, scope, source=SOURCE, todays_code=todays_code)


def _place(filing: Filing[Any]) -> str | None:
    return place_in(filing.product_code) if filing.product_code else None
