"""What mutations are made of: a function of a random source and a message, or of the JSON in it, and its name."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.wire import Wire

Mutate = Callable[[Random, Wire], Wire]
ChangeTree = Callable[[Random, Any], Any]
Place = tuple[Any, Any]

#: bytes; the largest message that is sent
MAX_BODY_BYTES = 1024 * 1024
#: Stands in a tree for raw JSON that Python's writer would not write.
RAW = "\ue000raw\ue000"

#: What Python's own reader and writer can only sometimes follow.
_DEEP = (b"[" * 60, b'{"a":' * 60)


class Mutations(dict[str, Mutate]):
    """Mutations by name: what the function is called."""

    def of_message(self, mutate: Mutate) -> Mutate:
        """Take in a mutation."""
        self[mutate.__name__.replace("_", "-")] = mutate
        return mutate

    def of_tree(self, change: ChangeTree) -> ChangeTree:
        """Take in a mutation of the JSON in a body, given as the new value or as text; a body that is none stays."""

        def mutate(random: Random, message: Wire) -> Wire:
            if any(deep in message.body for deep in _DEEP):
                return message
            try:
                tree = json.loads(message.body)
                changed = change(random, tree) if isinstance(tree, dict) else tree
                text = changed if isinstance(changed, str) else random.choice((json.dumps, compact))(changed)
            except (ValueError, RecursionError):  # no JSON, or none that Python converts
                return message
            return message.changed(body=text.encode("utf-8", "surrogatepass"))

        self[change.__name__.replace("_", "-")] = mutate
        return change


def places_in(tree: Any) -> list[Place]:
    """Return every place of a JSON value, as the object or list that holds it and the name or position there."""
    found: list[Place] = []
    waiting = [tree]
    while waiting:
        container = waiting.pop()
        steps = container.keys() if isinstance(container, dict) else range(len(container))
        found += ((container, step) for step in steps)
        waiting += (container[step] for step in steps if isinstance(container[step], dict | list) and container[step])
    return found


def a_place(random: Random, tree: Any, kind: type = object) -> Place:
    """Return a place that holds a value of this kind, any place where there is none."""
    places = places_in(tree)
    return random.choice([(c, s) for c, s in places if isinstance(c[s], kind)] or places or [({"": ""}, "")])


def with_raw(tree: Any, token: str) -> str:
    """Return the tree as text, with this JSON in the place of `RAW`."""
    return compact(tree).replace(compact(RAW), token, 1)


def compact(tree: Any) -> str:
    """Return the tree as the services write it, which has a reader of its own."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
