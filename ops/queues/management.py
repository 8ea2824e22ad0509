"""What the broker's management interface says of queues, and whether they keep what is read and given back.

Without a limit by policy RabbitMQ 4 deletes a message that was in flight 20 times, and dead letters go nowhere from
there.
"""

import asyncio
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ops.access.management import ManagementError, look
from ops.broker_access import Access
from ops.typed import as_typed
from shared.messaging.topology import UNLIMITED_DELIVERIES

_COLUMNS = "name,arguments,messages,messages_unacknowledged,message_stats,effective_policy_definition"
#: What a policy must be for, so that it governs quorum queues.
_APPLIES = frozenset({"all", "queues", "quorum_queues"})

Fields = Mapping[str, Any]


async def asked(access: Access, path: str) -> Any:
    """Ask the management interface as the operator's user. Raise ManagementError."""
    return await asyncio.to_thread(
        look, access.management_url, path, user=access.user, password=access.password, ca_file=access.ca_file
    )


async def queues_and_policies(access: Access) -> tuple[dict[str, Fields], Sequence[Fields]]:
    """Return what is said of each queue, by its name, and the policies. Raise ManagementError."""
    vhost = quote(access.vhost, safe="")
    queues = await asked(access, f"queues/{vhost}?columns={_COLUMNS}")
    return {queue["name"]: queue for queue in queues}, await asked(access, f"policies/{vhost}")


async def without_used_up(access: Access, queues: tuple[str, ...]) -> tuple[str, ...]:
    """Return the queues without those that are known to use up what is read from them, which are named to the user."""
    try:
        said, policies = await queues_and_policies(access)
    except ManagementError:
        return queues
    used_up = [name for name in queues if name in said and not keeps_when_read(said[name], policies)]
    if used_up:
        sys.stderr.write(
            f"ocop: {', '.join(used_up)}: not looked at: the policy is not in force without which RabbitMQ 4 deletes "
            f"what was looked at 20 times; {as_typed('ocop access apply')} brings it back\n"
        )
    return tuple(name for name in queues if name not in used_up)


def keeps_when_read(queue: Fields, policies: Iterable[Fields]) -> bool:
    """Return whether, by the queue and the virtual host's policies, a message that is read stays in its place.

    What it says of the queue is seconds old, so the policies are compared with the name here too; but only there show
    operators' policies, which limit the others.
    """
    limits = [_governing_limit(queue["name"], policies)]
    if (effective := queue.get("effective_policy_definition")) is not None:
        limits.append(_limit(effective))
    if declared := (queue.get("arguments") or {}).get("x-delivery-limit"):
        limits.append(declared)
    return all(limit >= UNLIMITED_DELIVERIES for limit in limits)


def _governing_limit(name: str, policies: Iterable[Fields]) -> int:
    """Return the limit of the policy of the highest priority; of several, where the broker chooses, the lowest."""
    matching = [policy for policy in policies if policy["apply-to"] in _APPLIES and _matches(policy["pattern"], name)]
    highest = max((policy["priority"] for policy in matching), default=0)
    return min((_limit(policy["definition"]) for policy in matching if policy["priority"] == highest), default=0)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # Erlang may know it: better to think that it overrules ours
        return True


def _limit(definition: Fields | list[Any] | str) -> int:
    """Return the limit of a definition; the broker writes one that is empty as a list or a text."""
    limit = definition.get("delivery-limit", 0) if isinstance(definition, Mapping) else 0
    return limit if isinstance(limit, int) else 0
