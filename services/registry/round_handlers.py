"""One function an event that moves a product's round: read the state, decide, take the steps."""

from typing import Any

from services.registry import SOURCE, council_results, round_filings
from services.registry.handlers import Registry
from services.registry.identity import place_in
from services.registry.round_filings import Rule
from shared.contracts.councils import CouncilResult
from shared.contracts.event import Event, contents
from shared.filings import Filing
from shared.handling.outcome import Decision, Outcome


async def filed_about_a_round(rule: Rule[Any], registry: Registry, event: Event) -> Outcome:
    """Move a product's round as an office asks for, or say everything that is wrong with that. Raise OutageError.

    What another event on its way may change is not answered at once.
    """
    scope, todays_code = registry.scopes.of(event.filed_by), await registry.todays_code(event)
    filing = Filing.of(event, rule.kind, scope, source=SOURCE, todays_code=todays_code)

    async def decide(_: int) -> Decision:
        state = await registry.products.state_of_round(filing)
        return registry.tokens.signed(round_filings.decide(rule, state, filing, registry.clock(), registry.practice))

    place = place_in(filing.product_code) if filing.product_code else None
    return await registry.steps.take(event.key, registry.products, decide, ordering_key=place, assume_new=True)


async def council_result(registry: Registry, event: Event) -> Outcome:
    """Move a product's round by what a council made of it. Raise OutageError; BrokenContractError."""
    code = contents(event, CouncilResult).product_code

    async def decide(_: int) -> Decision:
        return council_results.decide(await registry.products.product(code), event, registry.clock())

    return await registry.steps.take(event.key, registry.products, decide, ordering_key=place_in(code))
