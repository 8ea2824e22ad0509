"""Bindings of integrations' queues that no longer follow from their scopes: an import of definitions only adds."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.messaging.routing import is_inbox

Binding = Mapping[str, Any]


def surplus(published: Iterable[Binding], found: Iterable[Binding]) -> list[Binding]:
    """Return the bindings of integrations' queues that are on the broker and not published.

    Those of a queue whose integration is gone are among them; every queue's own, to the default exchange, are not.
    """
    wanted = {_essence(binding) for binding in published}
    return [
        binding
        for binding in found
        if binding["source"] and is_inbox(binding["destination"]) and _essence(binding) not in wanted
    ]


def _essence(binding: Binding) -> tuple[str, ...]:
    return tuple(binding[name] for name in ("source", "destination", "routing_key"))
