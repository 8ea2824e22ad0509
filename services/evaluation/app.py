"""Subscriptions and publications of evaluation: `product.submitted` in, its rating or `assessment.rejected` out.

Questions too: `product.query` in, `product.state` or `query.rejected` out, to who asked.
"""

from services.evaluation.assessment import assess
from services.evaluation.queries import Queries
from services.evaluation.ratings import Ratings, rating_fields
from services.evaluation.rulebook import load_rulebook
from shared.contracts.catalogue import ASSESSMENT_REJECTED, PRODUCT_QUERY, PRODUCT_RATED, PRODUCT_SUBMITTED
from shared.contracts.envelope import Event, contents
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated
from shared.handling.settlement import Outcome
from shared.handling.steps import Decision
from shared.service import Service, run


async def wire(service: Service) -> None:
    """Hang the subscriptions of evaluation on the service."""
    rulebook = load_rulebook()
    ratings = Ratings(service.database, clock=service.clock)
    await ratings.prepare()

    async def product_submitted(event: Event) -> Outcome:
        submitted = contents(event, ProductSubmitted)

        async def decide() -> Decision:
            answer, now, subject = assess(rulebook, submitted), service.clock(), submitted.product_code
            rated = (
                event.answer(PRODUCT_RATED, answer, source=service.source, subject=subject, now=now)
                if isinstance(answer, ProductRated)
                else event.answer(ASSESSMENT_REJECTED, answer, source=service.source, subject=subject, now=now)
            )
            return Decision(key=event.key, announced=(rated,), fields=rating_fields(event, answer))

        return await service.take_steps(event.key, ratings, decide, assume_new=True)

    queries = Queries(service, ratings)
    service.subscribe(PRODUCT_SUBMITTED, product_submitted)
    service.subscribe(PRODUCT_QUERY, queries.answer, handle_unreadable=queries.answer_unreadable)


def main() -> None:
    """Run evaluation."""
    run("evaluation", wire)
