"""One function an event: read the state, decide, take the steps."""

from dataclasses import dataclass
from functools import partial
from typing import Self

from services.registry import contact_change, correction, registration, succession, telling, unreadable
from services.registry.announced_codes import AnnouncedCodes
from services.registry.contact_change import ExaminedContact
from services.registry.identity import ProducerNumbers, is_former, place_in
from services.registry.intake import ExaminedDossier
from services.registry.practice import Practice
from services.registry.products import Products
from services.registry.registration import RegisterState
from services.registry.settings import (
    certificate_issuer,
    certificate_signer,
    practice_of,
    producer_key,
    sealing_key,
)
from services.registry.succession import Succession
from services.registry.telling import Telling
from services.registry.tokens import CertificateTokens
from shared import tracing
from shared.clock import Clock
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event, UnreadableError, contents
from shared.contracts.rating import AssessmentRejected
from shared.filings import readable_code
from shared.handling.outcome import DeadLetter, Decision, Outcome
from shared.handling.steps import Publish, Steps
from shared.legal_date import filing_day
from shared.logs import Action, log
from shared.messaging.delivery import Delivery
from shared.scope_file import ScopeFile
from shared.scope_settings import scopes_of
from shared.sealing import Seal
from shared.service import Resources
from shared.settings import Settings
from shared.storage import Database
from shared.system import SYSTEM


@dataclass(frozen=True)
class Registry:
    """What the registry's handlers need."""

    products: Products
    numbers: ProducerNumbers
    seal: Seal
    schemes: frozenset[str]
    scopes: ScopeFile
    steps: Steps
    publish: Publish
    clock: Clock
    announced: AnnouncedCodes
    tokens: CertificateTokens
    practice: Practice

    @classmethod
    async def prepared(cls, resources: Resources) -> Self:
        """Open the register. Raise OutageError; SettingsError where it was kept under another key."""
        numbers = ProducerNumbers(producer_key(resources.settings))
        products = Products(
            resources.database,
            numbers=numbers,
            clock=resources.clock,
            on_record=resources.on_record,
            numbering=resources.numbering,
        )
        await products.prepare()
        await products.begin_round_deadlines()
        queue = SYSTEM["registry"].subscription(DOSSIER_FILED).queue
        announced = AnnouncedCodes(products, url=resources.broker_url, queue=queue)
        schemes = resources.settings.document_schemes
        scopes, seal = scopes_of(resources.settings), sealing_key(resources.settings).seal
        tokens = CertificateTokens(certificate_signer(resources.settings), certificate_issuer(resources.settings))
        steps, publish, clock = resources.steps, resources.publish, resources.clock
        practice = practice_of(resources.settings)
        return cls(products, numbers, seal, schemes, scopes, steps, publish, clock, announced, tokens, practice)

    async def before_taking(self) -> None:
        """Make sure that the register is not older than what was announced from it. Raise OutageError."""
        await self.announced.require_before_taking()

    async def todays_code(self, event: Event) -> str | None:
        """Return the code of the product whose former one an event gives, None where none had it. Raise OutageError."""
        if not event.data.get("product_code"):
            return None
        given = readable_code(event.data["product_code"])
        known = await self.products.product(given) if given and is_former(given) else None
        return known.of if known else None

    async def examined(self, event: Event) -> ExaminedDossier:
        """Return the dossier of an event, and what is found in it by itself. Raise OutageError."""
        todays_code, now = await self.todays_code(event), self.clock()
        return ExaminedDossier.of(
            event,
            self.numbers,
            self.seal,
            filed_on=filing_day(event.time, now),
            now=now,
            scope=self.scopes.of(event.filed_by),
            schemes=self.schemes,
            practice=self.practice,
            todays_code=todays_code,
        )


async def migrated(settings: Settings, database: Database, clock: Clock) -> None:
    """Bring a register up to date that an earlier version kept. Raise OutageError; SettingsError."""
    products = Products(database, numbers=ProducerNumbers(producer_key(settings)), clock=clock)
    await products.migrate(lambda done: log(Action.MIGRATE, products=done))
    log(Action.MIGRATE, "migrated")


async def dossier_filed(registry: Registry, event: Event) -> Outcome:
    """Answer a dossier with a product code or with everything that is wrong with it. Raise OutageError.

    An answer that another event on its way may change is not given at once: the dossier comes again a little later.
    """
    filing = await registry.examined(event)
    return await registry.steps.take(
        event.key, registry.products, partial(_decided, registry, filing), ordering_key=filing.place, assume_new=True
    )


async def _decided(registry: Registry, filing: ExaminedDossier, conflicts: int) -> Decision:
    """Decide on what the register says: of a new dossier, little. If it is not new, a unique index says so."""
    now = registry.clock()
    if filing.out_of_scope:  # what the register knows is none of its sender's business
        return registration.decide(RegisterState(), filing, now)
    if registry.announced.missing and not filing.event.refiled_as:  # what is brought back has its code
        await registry.announced.require_before_numbering()
    new = None if conflicts else filing.new
    if new and not await registry.products.recorded_in_clear(filing):
        state = await registry.products.state_of_new(new, now)
    else:
        state = await registry.products.state_of(filing, now)
    decision = registration.decide(state, filing, now)
    if decision.version is None and (told := Telling.of(decision, filing, state, registry.numbers)):
        return telling.decide(await registry.products.told(told.history), told, decision, now)
    return decision


async def producer_succeeded(registry: Registry, event: Event) -> Outcome:
    """Record that a product's producer goes on under new numbers, or say what is wrong. Raise OutageError."""
    scope = registry.scopes.of(event.filed_by)
    filing = Succession.of(event, registry.numbers, scope=scope, schemes=registry.schemes)
    place = place_in(filing.product_code) if filing.product_code else None

    async def decide(_: int) -> Decision:
        return succession.decide(await registry.products.state_of_succession(filing), filing, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide, ordering_key=place)


async def unreadable_dossier(registry: Registry, delivery: Delivery, error: UnreadableError) -> Outcome:
    """Answer what is no dossier at all, where its sender can learn which message is meant. Raise OutageError.

    One that an operator brings back with a code, and without a dossier, reserves the code.
    """
    event = delivery.as_event(DOSSIER_FILED, traceparent=tracing.traceparent())
    if event and (code := delivery.sender.refiled_as):
        return await registry.steps.take(event.key, registry.products, partial(_reserved, event, code))
    if event:

        async def decide(_: int) -> Decision:
            return unreadable.decide(error, event, registry.clock())

        await registry.steps.take(event.key, registry.products, decide)
    return DeadLetter(error.code, str(error))


async def _reserved(event: Event, code: str, _: int) -> Decision:
    return registration.reserve(event, code)


async def producer_contact(registry: Registry, event: Event) -> Outcome:
    """Announce how a product's producer can be reached, or wants to be, from now on, or say why not.

    Raises:
        OutageError: database or broker is away.

    Where the register has no such product yet, its first registration may be on its way: it comes again a little later.
    """
    filing = ExaminedContact.of(event, registry.seal, registry.scopes.of(event.filed_by))
    place = place_in(filing.product_code) if filing.product_code else None
    asked = None if filing.faults else filing.product_code

    async def decide(_: int) -> Decision:
        state = await registry.products.product(asked) if asked else None
        return contact_change.decide(state, filing, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide, ordering_key=place, assume_new=True)


async def assessment_rejected(registry: Registry, event: Event) -> Outcome:
    """Note that evaluation turned a dossier back. Raise OutageError; BrokenContractError."""
    code = contents(event, AssessmentRejected).product_code

    async def decide(_: int) -> Decision:
        return correction.decide(await registry.products.product(code), event, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide, ordering_key=place_in(code))
