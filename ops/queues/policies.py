"""Whether a queue keeps what is read and given back, by the policies in force.

Without a limit by policy RabbitMQ 4 deletes a message that was in somebody's hand 20 times, and dead letters go nowhere
from there.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shared.messaging.topology import UNLIMITED_DELIVERIES

#: What a policy must be for, so that it governs quorum queues.
_APPLIES = frozenset({"all", "queues", "quorum_queues"})


def keeps_when_read(queue: Mapping[str, Any], policies: Iterable[Mapping[str, Any]]) -> bool:
    """Tell it by what the management interface says of the queue and of the virtual host's policies.

    What it says of the queue is seconds old, so the policies are held against the name here too; but only there show
    operators' policies, which limit the others.
    """
    limits = [_governing_limit(queue["name"], policies)]
    if (effective := queue.get("effective_policy_definition")) is not None:
        limits.append(_limit(effective))
    if declared := (queue.get("arguments") or {}).get("x-delivery-limit"):
        limits.append(declared)
    return all(limit >= UNLIMITED_DELIVERIES for limit in limits)


def _governing_limit(name: str, policies: Iterable[Mapping[str, Any]]) -> int:
    """Return the limit of the policy of the highest priority; of several, where the broker chooses, the lowest."""
    matching = [policy for policy in policies if policy["apply-to"] in _APPLIES and _matches(policy["pattern"], name)]
    highest = max((policy["priority"] for policy in matching), default=0)
    return min((_limit(policy["definition"]) for policy in matching if policy["priority"] == highest), default=0)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # Erlang may know it: better to think that it overrules ours
        return True


def _limit(definition: Mapping[str, Any] | list[Any] | str) -> int:
    """Return the limit of a definition; the broker writes one that is empty as a list or a text."""
    limit = definition.get("delivery-limit", 0) if isinstance(definition, Mapping) else 0
    return limit if isinstance(limit, int) else 0
