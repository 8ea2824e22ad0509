"""Subscriptions and publications of the registry: `dossier.filed` in, `product.submitted` or `dossier.rejected` out."""

import hashlib

from aio_pika.abc import AbstractIncomingMessage

from services.registry import registration
from services.registry.intake import examine
from services.registry.places import filing_day
from services.registry.products import Products
from shared import tracing
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED
from shared.contracts.envelope import Event, UnreadableError, contents, readable_id
from shared.contracts.rating import AssessmentRejected
from shared.handling.settlement import DeadLetter, Outcome
from shared.handling.steps import Decision
from shared.service import Service, run


async def wire(service: Service) -> None:
    """Hang the registry's subscriptions on the service."""
    products = Products(service.database, clock=service.clock)
    await products.prepare()

    async def dossier_filed(event: Event) -> Outcome:
        filed_on = filing_day(event.time, service.clock())
        examination = examine(event.data, filed_on=filed_on, schemes=service.settings.document_schemes)
        taken_for_new = examination.first_registration
        # a commune's serial numbers are given one after the other; nobody else waits
        ordering_key = taken_for_new.product.commune_code if taken_for_new else None

        async def decide() -> Decision:
            nonlocal taken_for_new
            now = service.clock()
            if taken_for_new:
                view = await products.view_of_new(taken_for_new, now)
                taken_for_new = None  # where it was not new, the unique indexes say so, and this is decided anew
            else:
                view = await products.view(event, examination, now)
            return registration.decide(event, examination, view, now)

        return await service.take_steps(event.key, products, decide, ordering_key=ordering_key, assume_new=True)

    async def unreadable(message: AbstractIncomingMessage, error: UnreadableError, filed_by: str | None) -> Outcome:
        named = readable_id(message.headers, message.content_type, message.body, message_id=message.message_id)
        if named is None:
            return DeadLetter(error.code, str(error))
        source, id = named
        digest = hashlib.sha256(message.body).hexdigest()
        rejection = registration.reject_unreadable(
            error,
            source=source,
            id=id,
            digest=digest,
            filed_by=filed_by,
            now=service.clock(),
            traceparent=tracing.traceparent(),
        )

        async def decide() -> Decision:
            return rejection

        await service.take_steps(rejection.key, products, decide)
        return DeadLetter(error.code, str(error))

    async def assessment_rejected(event: Event) -> Outcome:
        rejected = contents(event, AssessmentRejected)

        async def decide() -> Decision:
            return registration.note_assessment_rejected(event, rejected)

        return await service.take_steps(event.key, products, decide)

    service.subscribe(ASSESSMENT_REJECTED, assessment_rejected)
    service.subscribe(DOSSIER_FILED, dossier_filed, handle_unreadable=unreadable)


def main() -> None:
    """Run the registry."""
    run("registry", wire)
