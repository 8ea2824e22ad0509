"""Checks the topology: what is on the broker, held against `deploy/rabbitmq/definitions.json`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.doctor.check import Check, listed, not_checked, ok, wrong

#: What brings everything back, as an administrator.
APPLY = "ocop access apply brings it back"

Things = Sequence[Mapping[str, Any]]
#: What of a thing has to be as it is published.
Essence = Callable[[Mapping[str, Any]], tuple[Any, ...]]


def unknown_topology(why: str) -> list[Check]:
    """Return the checks where nobody could be asked."""
    return [not_checked(name, why) for name in ("exchanges", "queues", "bindings", "policies")]


def check_topology(published: Mapping[str, Things], found: Mapping[str, Things], vhost: str) -> list[Check]:
    """Check what the broker has (`exchanges`, `queues`, `bindings`, `policies`) by what is published."""
    return [
        _of_kind("exchanges", published["exchanges"], found["exchanges"], _exchange),
        _of_kind("queues", published["queues"], found["queues"], _queue),
        _bindings(published["bindings"], found["bindings"], vhost),
        _policies(published["policies"], found["policies"], found["queues"]),
    ]


def _of_kind(kind: str, published: Things, found: Things, essence: Essence) -> Check:
    there = {thing["name"]: essence(thing) for thing in found}
    missing = [thing["name"] for thing in published if thing["name"] not in there]
    other = [t["name"] for t in published if t["name"] in there and there[t["name"]] != essence(t)]
    if missing:
        return wrong(kind, f"missing: {listed(missing)}", APPLY)
    if other:
        advice = "type and arguments cannot be changed: when it is empty, delete it, then ocop access apply"
        return wrong(kind, f"not as declared: {listed(other)}", advice)
    return ok(kind, f"all {len(published)} are there")


def _exchange(thing: Mapping[str, Any]) -> tuple[Any, ...]:
    return thing["type"], thing["durable"]


def _queue(thing: Mapping[str, Any]) -> tuple[Any, ...]:
    return thing["durable"], thing["arguments"].get("x-queue-type")


def _binding(thing: Mapping[str, Any]) -> tuple[Any, ...]:
    return thing["source"], thing["destination"], thing["routing_key"]


def _bindings(published: Things, found: Things, vhost: str) -> Check:
    there = {_binding(binding) for binding in found}
    missing = [
        f"{binding['source']} → {binding['destination']}" for binding in published if _binding(binding) not in there
    ]
    if missing:
        return wrong("bindings", f"missing: {listed(missing)}", APPLY)
    return ok("bindings", f"all {len(published)} are there, on the virtual host {vhost}")


def _policies(published: Things, found: Things, queues: Things) -> Check:
    faults = [*_missing_policies(published, found), *_not_in_force(published, queues)]
    if faults:
        return wrong("policies", "; ".join(faults[:3]) + (" …" if len(faults) > 3 else ""), APPLY)
    return ok("policies", f"all {len(published)} are there and in force, delivery limits too")


def _missing_policies(published: Things, found: Things) -> Iterator[str]:
    there = {policy["name"]: policy["definition"] for policy in found}
    for policy in published:
        name = policy["name"]
        if name not in there:
            yield f"{name} is missing"
        elif differing := _differing(policy["definition"], there[name]):
            yield f"{name}: {differing}"


def _not_in_force(published: Things, queues: Things) -> Iterator[str]:
    """Return the queues that another policy governs: of several that match, the broker takes one."""
    names = {policy["name"] for policy in published if policy["apply-to"] == "queues"}
    for queue in queues:
        if queue["name"] in names and queue.get("policy") not in {None, queue["name"]}:
            yield f"{queue['name']} is governed by the policy {queue['policy']}"


def _differing(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    names: Iterable[str] = sorted(wanted.keys() | found.keys())
    return ", ".join(
        f"{name} is {found.get(name, 'not set')}, not {wanted.get(name, 'set')}"
        for name in names
        if wanted.get(name) != found.get(name)
    )
