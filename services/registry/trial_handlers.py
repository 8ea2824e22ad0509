"""Dossiers that are only tried: they are answered, and nothing is recorded."""

from dataclasses import replace

from services.registry import trial
from services.registry.handlers import Registry
from services.registry.registration import RegisterState
from shared import tracing
from shared.contracts.catalogue import DOSSIER_TRIED
from shared.contracts.event import Event, UnreadableError
from shared.handling.outcome import ASKER_UNKNOWN, Answered, DeadLetter, Decision, Outcome
from shared.logs import Action, log
from shared.messaging.delivery import Delivery
from shared.messaging.routing import inbox_of


async def dossier_tried(registry: Registry, event: Event) -> Outcome:
    """Tell who tries a dossier what is wrong with it, or hand it on to be rated. Raise OutageError."""
    if inbox_of(event.filed_by) is None:
        return ASKER_UNKNOWN
    examined, state = await registry.examined(event), RegisterState()
    if examined.out_of_scope:  # what the register knows is none of its business; and of trials nothing is on record
        log(Action.REFUSE, asked_by=event.filed_by, id=event.id)
    else:
        state = await registry.products.state_of(examined, registry.clock())
    return await _answered(registry, trial.decide(state, examined, registry.clock()))


async def unreadable_trial(registry: Registry, delivery: Delivery, error: UnreadableError) -> Outcome:
    """Keep what cannot be read: a dossier under a wrong key, perhaps. Who sent it is answered. Raise OutageError."""
    event = delivery.as_event(DOSSIER_TRIED, traceparent=tracing.traceparent())
    if event and inbox_of(event.filed_by):
        await _answered(registry, trial.unreadable(error, replace(event, data={}), registry.clock()))
    return DeadLetter(error.code, str(error))


async def _answered(registry: Registry, decision: Decision) -> Outcome:
    for answer in decision.announced:
        await registry.publish(answer)
    return Answered()
