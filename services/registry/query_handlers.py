"""Questions about the register: they are answered to who asked, and nothing is recorded."""

from dataclasses import replace

from services.registry import register_query
from services.registry.handlers import Registry
from services.registry.register_pages import RegisterPages
from services.registry.register_query import Page, Question
from shared import tracing
from shared.contracts.catalogue import REGISTER_QUERY
from shared.contracts.event import Event, UnreadableError
from shared.handling.outcome import ASKER_UNKNOWN, Answered, DeadLetter, Outcome
from shared.logs import Action, log
from shared.messaging.delivery import Delivery
from shared.messaging.routing import inbox_of


async def register_asked(registry: Registry, event: Event) -> Outcome:
    """Answer with a page of how the asker's products stand, or say why not. Raise OutageError."""
    if inbox_of(event.filed_by) is None:
        return ASKER_UNKNOWN
    question = Question.of(event, registry.scopes.of(event.filed_by))
    if question.is_out_of_scope:  # of questions nothing is on record
        log(Action.REFUSE, asked_by=event.filed_by, id=event.id)
    return await _answered(registry, question)


async def unreadable_question(registry: Registry, delivery: Delivery, error: UnreadableError) -> Outcome:
    """Keep what cannot be read: a dossier under a wrong key, perhaps. Who sent it is answered. Raise OutageError."""
    event = delivery.as_event(REGISTER_QUERY, traceparent=tracing.traceparent())
    if event and inbox_of(event.filed_by):
        await _answered(registry, Question.unreadable(replace(event, data={}), error))
    return DeadLetter(error.code, str(error))


async def _answered(registry: Registry, question: Question) -> Outcome:
    pages = RegisterPages(registry.products.collection)
    page = await pages.page(question.ranges, question.limit) if question.ranges else Page(())
    for answer in register_query.decide(page, question, registry.clock()).announced:
        await registry.publish(answer)
    return Answered()
