"""One function an event: read the state, decide, take the steps. A question is answered, and nothing is recorded."""

from dataclasses import dataclass, replace
from typing import Self

from services.evaluation import assessment, standing, trial
from services.evaluation.council.records import Councils
from services.evaluation.ratings import Ratings
from services.evaluation.regulations import Regulations
from services.evaluation.rulebook import Rulebook, load_rulebook
from services.evaluation.settings import regulations_of
from services.evaluation.standing import AskedDossier, AskedProduct, Question
from shared import tracing
from shared.clock import Clock
from shared.contracts.catalogue import PRODUCT_QUERY
from shared.contracts.event import Event, UnreadableError
from shared.handling.outcome import ASKER_UNKNOWN, Answered, DeadLetter, Decision, Outcome
from shared.handling.steps import Publish, Steps
from shared.logs import Action, log
from shared.messaging.delivery import Delivery
from shared.messaging.routing import inbox_of
from shared.scope_file import ScopeFile
from shared.scope_settings import scopes_of
from shared.service import Resources


@dataclass(frozen=True)
class Evaluation:
    """What the handlers of evaluation need."""

    rulebook: Rulebook
    regulations: Regulations
    ratings: Ratings
    councils: Councils
    scopes: ScopeFile
    steps: Steps
    clock: Clock
    publish: Publish

    @classmethod
    async def prepared(cls, resources: Resources) -> Self:
        """Load score sheets and regulations, and open the ratings. Raise OutageError."""
        ratings = Ratings(resources.database, clock=resources.clock, on_record=resources.on_record)
        await ratings.prepare()
        rulebook, regulations = load_rulebook(), regulations_of(resources.settings)
        councils, scopes = Councils(ratings.collection), scopes_of(resources.settings)
        steps, clock, publish = resources.steps, resources.clock, resources.publish
        return cls(rulebook, regulations, ratings, councils, scopes, steps, clock, publish)


async def product_submitted(evaluation: Evaluation, event: Event) -> Outcome:
    """Rate a product's self-assessment, or turn it back. Raise OutageError."""

    async def decide(_: int) -> Decision:
        return assessment.decide(evaluation.rulebook, event, evaluation.clock())

    return await evaluation.steps.take(event.key, evaluation.ratings, decide, assume_new=True)


async def product_query(evaluation: Evaluation, event: Event) -> Outcome:
    """Answer a question, or say why it has no answer: to whom the broker knows, whatever `reply_to` says."""
    if inbox_of(event.filed_by) is None:
        return ASKER_UNKNOWN
    scope = evaluation.scopes.of(event.filed_by)
    question = Question.of(event, scope)
    if isinstance(asked := question.content, AskedDossier):
        code = await evaluation.ratings.code_of(asked.dossier_id, filed_by=event.filed_by)
        question = question.about(code, scope)
    if question.is_out_of_scope:  # of questions nothing is on record
        log(Action.REFUSE, asked_by=event.filed_by, id=event.id)
    return await _answer(evaluation, question)


async def unreadable_query(evaluation: Evaluation, delivery: Delivery, error: UnreadableError) -> Outcome:
    """Keep what cannot be read: a dossier under a wrong key, perhaps. Who sent it is answered. Raise OutageError."""
    event = delivery.as_event(PRODUCT_QUERY, traceparent=tracing.traceparent())
    if event and inbox_of(event.filed_by):
        await _answer(evaluation, Question.unreadable(replace(event, data={}), error))
    return DeadLetter(error.code, str(error))


async def dossier_examined(evaluation: Evaluation, event: Event) -> Outcome:
    """Tell who tried a dossier what its score sheet says of it. Raise OutageError; BrokenContractError."""
    if inbox_of(event.filed_by) is None:
        return ASKER_UNKNOWN
    for answer in trial.decide(evaluation.rulebook, event, evaluation.clock()).announced:
        await evaluation.publish(answer)
    return Answered()


async def _answer(evaluation: Evaluation, question: Question) -> Outcome:
    if question.former_code:
        question = question.under(await evaluation.councils.code_now(question.former_code))
    state = None
    if isinstance(asked := question.content, AskedProduct):
        work = await evaluation.councils.work(asked.product_code)
        state = await evaluation.ratings.of_product(asked.product_code, work.state if work else None)
    for answer in standing.decide(state, question, evaluation.clock()).announced:
        await evaluation.publish(answer)
    return Answered()
