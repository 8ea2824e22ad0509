"""Bindings that are no longer wanted: an import of definitions only adds.

Those of integrations' queues follow from scopes; the journal is bound to its own exchange alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.messaging.routing import is_inbox
from shared.messaging.topology import JOURNAL

Binding = Mapping[str, Any]


def surplus(published: Iterable[Binding], found: Iterable[Binding]) -> list[Binding]:
    """Return the bindings of integrations' queues and of the journal that are on the broker and not published.

    Those of a queue whose integration is gone are among them; every queue's own, to the default exchange, are not.
    """
    wanted = {_essence(binding) for binding in published}
    return [
        binding
        for binding in found
        if binding["source"] and _is_kept_exact(binding["destination"]) and _essence(binding) not in wanted
    ]


def _is_kept_exact(queue: str) -> bool:
    return is_inbox(queue) or queue == JOURNAL


def _essence(binding: Binding) -> tuple[str, ...]:
    return tuple(binding[name] for name in ("source", "destination", "routing_key"))
