"""One function an event: read the state, decide, take the steps."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from services.registry import correction, registration, unreadable
from services.registry.personal_numbers import ProducerNumbers
from services.registry.products import Products
from services.registry.registration import Filing, RegisterState
from services.registry.settings import producer_key
from shared import tracing
from shared.clock import Clock
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event, UnreadableError
from shared.handling.outcome import DeadLetter, Decision, Outcome
from shared.handling.steps import Steps
from shared.messaging.delivery import Delivery
from shared.scope_file import ScopeFile
from shared.scope_settings import scopes_of
from shared.service import Resources


@dataclass(frozen=True)
class Registry:
    """What the registry's handlers need."""

    products: Products
    numbers: ProducerNumbers
    schemes: frozenset[str]
    scopes: ScopeFile
    steps: Steps
    clock: Clock

    @classmethod
    async def prepared(cls, resources: Resources) -> Self:
        """Open the register. Raise OutageError; SettingsError where it was kept under another key."""
        numbers = ProducerNumbers(producer_key(resources.settings))
        products = Products(resources.database, numbers=numbers, clock=resources.clock)
        await products.prepare()
        settings = resources.settings
        return cls(products, numbers, settings.document_schemes, scopes_of(settings), resources.steps, resources.clock)


async def dossier_filed(registry: Registry, event: Event) -> Outcome:
    """Answer a dossier with a product code or with everything that is wrong with it. Raise OutageError."""
    scope, now = registry.scopes.of(event.filed_by), registry.clock()
    filing = Filing.of(event, registry.numbers, scope=scope, now=now, schemes=registry.schemes)
    # a commune's serial numbers are given one after the other; nobody else waits
    commune = filing.new and filing.new.product.commune_code
    decide = partial(_decided, registry, filing)
    return await registry.steps.take(
        event.key, registry.products, decide, ordering_key=commune or None, assume_new=True
    )


async def _decided(registry: Registry, filing: Filing, conflicts: int) -> Decision:
    """Decide on what the register says: of a new dossier, little. If it is not new, a unique index says so."""
    now = registry.clock()
    new = None if conflicts else filing.new
    if filing.out_of_scope:  # what the register knows is none of its sender's business
        return registration.decide(RegisterState(), filing, now)
    if new and not await registry.products.recorded_in_clear(filing):
        state = await registry.products.state_of_new(new, now)
    else:
        state = await registry.products.state_of(filing, now)
    return registration.decide(state, filing, now)


async def unreadable_dossier(registry: Registry, delivery: Delivery, error: UnreadableError) -> Outcome:
    """Answer what is no dossier at all, where its sender can be told which message is meant. Raise OutageError."""
    event = delivery.as_event(DOSSIER_FILED, traceparent=tracing.traceparent())
    if event:

        async def decide(_: int) -> Decision:
            return unreadable.decide(error, event, registry.clock())

        await registry.steps.take(event.key, registry.products, decide)
    return DeadLetter(error.code, str(error))


async def assessment_rejected(registry: Registry, event: Event) -> Outcome:
    """Note that evaluation turned a dossier back. Raise OutageError."""

    async def decide(_: int) -> Decision:
        return correction.decide(None, event, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide)
