"""One function an event of rounds, councils and certificates: read the state, decide, take the steps.

What is filed before something that it depends on comes again a little later. Events of one product are decided in
their order.
"""

from collections.abc import Awaitable, Callable

from services.evaluation import SOURCE
from services.evaluation.council import conclusion, convening, following, scorecard
from services.evaluation.council.sitting import Sitting
from services.evaluation.council.state import session_key
from services.evaluation.handlers import Evaluation
from shared.contracts.catalogue import COUNCIL_CONCLUDED, COUNCIL_CONVENED, SCORECARD_FILED, EventType
from shared.contracts.certificates import OfCertificate
from shared.contracts.councils import CouncilConcluded, ScorecardFiled
from shared.contracts.event import Event, contents
from shared.contracts.rounds import RoundMoved
from shared.filings import Filing
from shared.handling.outcome import Decision, Outcome
from shared.handling.steps import Decide


async def council_convened(evaluation: Evaluation, event: Event) -> Outcome:
    """Put a council's session on record, or say what does not fit. Raise OutageError."""
    scope = evaluation.scopes.of(event.filed_by)
    filing = Filing.of(event, COUNCIL_CONVENED, scope, source=SOURCE, place_in=convening.place_in)

    async def decide(_: int) -> Decision:
        state = await evaluation.councils.conveyed(filing.content) if filing.content else convening.Conveyed()
        return convening.decide(state, filing, evaluation.regulations, evaluation.clock())

    of = session_key(filing.content.session) if filing.content else None
    return await evaluation.steps.take(event.key, evaluation.ratings, decide, ordering_key=of)


async def scorecard_filed(evaluation: Evaluation, event: Event) -> Outcome:
    """Keep a member's scorecard, or say what is wrong with it. Raise OutageError."""
    filing = Filing.of(event, SCORECARD_FILED, evaluation.scopes.of(event.filed_by), source=SOURCE)

    async def decide(_: int) -> Decision:
        filed = filing.content
        state = await evaluation.councils.sitting(filed.session, filed.product_code) if filed else Sitting()
        return scorecard.decide(state, filing, evaluation.rulebook, evaluation.clock())

    await _after_session(evaluation, filing)
    order = filing.product_code
    return await evaluation.steps.take(event.key, evaluation.ratings, decide, ordering_key=order, assume_new=True)


async def council_concluded(evaluation: Evaluation, event: Event) -> Outcome:
    """Answer a council's conclusion with its result, or with what it takes to have one. Raise OutageError."""
    filing = Filing.of(event, COUNCIL_CONCLUDED, evaluation.scopes.of(event.filed_by), source=SOURCE)

    async def decide(_: int) -> Decision:
        concluded = filing.content
        state = Sitting()
        if concluded:
            state = await evaluation.councils.conclusion(concluded.session, concluded.product_code)
        return conclusion.decide(state, filing, evaluation.rulebook, evaluation.clock())

    await _after_session(evaluation, filing)
    return await evaluation.steps.take(event.key, evaluation.ratings, decide, ordering_key=filing.product_code)


async def _after_session(evaluation: Evaluation, filing: Filing[ScorecardFiled] | Filing[CouncilConcluded]) -> None:
    """Wait for the session where it came just before: it need not be early then."""
    if filing.content:
        await evaluation.steps.await_turn(session_key(filing.content.session))


async def round_moved(evaluation: Evaluation, event: Event) -> Outcome:
    """Note where a product's round is. Raise OutageError; BrokenContractError."""
    code = contents(event, RoundMoved).product_code

    async def decide(_: int) -> Decision:
        return following.round_moved(await evaluation.councils.work(code), event)

    return await _in_order(evaluation, event, code, decide)


def certificate_changed(kind: EventType[OfCertificate]) -> Callable[[Evaluation, Event], Awaitable[Outcome]]:
    """Return the handler that notes how a product's certificate stands after an event of this kind.

    It raises OutageError; BrokenContractError.
    """

    async def handle(evaluation: Evaluation, event: Event) -> Outcome:
        code = contents(event, kind.model).product_code

        async def decide(conflicts: int) -> Decision:
            # nothing is known before a product's first event, as imports have by thousands; else its version conflicts
            is_first = event.sequence == 1 and not conflicts
            work = None if is_first else await evaluation.councils.work(code)
            return following.certificate_changed(work, event, kind.model)

        return await _in_order(evaluation, event, code, decide)

    return handle


async def _in_order(evaluation: Evaluation, event: Event, code: str, decide: Decide) -> Outcome:
    return await evaluation.steps.take(event.key, evaluation.ratings, decide, ordering_key=code, assume_new=True)
