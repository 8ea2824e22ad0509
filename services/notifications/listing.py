"""What operators list alerts by: how they stand, by which channel, of what they tell, and to whom."""

from itertools import product

from services.notifications.alert_state import AlertState, Outcome
from shared.contracts.alert import Audience, ChannelName


def facets_of(state: AlertState) -> tuple[str, ...]:
    """Return the keys under which an alert is found, one for each of the questions that it answers.

    So each question is one look-up in the order of time, whatever it combines.
    """
    readers = ("", state.audience, *((f"@{state.to}",) if state.to else ()))
    asked = product(("", state.outcome), ("", state.channel), ("", state.kind or ""), readers)
    return tuple(sorted({"|".join(each) for each in asked}))


def facet(
    *,
    outcome: Outcome | None = None,
    channel: ChannelName | None = None,
    kind: str | None = None,
    audience: Audience | None = None,
    to: str | None = None,
) -> str:
    """Return the key of the alerts that are all this; of `to`, the audience is known."""
    reader = f"@{to}" if to else audience
    return "|".join(each or "" for each in (outcome, channel, kind, reader))
