"""Checks the topology: what is on the broker, compared with `deploy/rabbitmq/definitions.json`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ops.access.bindings import surplus
from ops.doctor.check import Check, listed, ok, wrong

KINDS = ("exchanges", "queues", "bindings", "policies")
#: What brings everything back, as an administrator.
_APPLY = "ocop access apply brings it back"

Thing = Mapping[str, Any]
Things = Sequence[Thing]


def check_topology(published: Mapping[str, Things], found: Mapping[str, Things]) -> list[Check]:
    """Check what the broker has of each of `KINDS` by what is published."""
    return [
        _compared("exchanges", published, found, lambda each: (each["type"], each["durable"])),
        _compared("queues", published, found, lambda each: (each["durable"], each["arguments"].get("x-queue-type"))),
        _bindings(published, found),
        _policies(published["policies"], found["policies"], found["queues"]),
    ]


def _compared(
    kind: str, published: Mapping[str, Things], found: Mapping[str, Things], essence: Callable[[Thing], object]
) -> Check:
    """Compare things of a kind by what of them has to be as it is published."""
    wanted, there = published[kind], {_key(thing): essence(thing) for thing in found[kind]}
    missing = [_label(thing) for thing in wanted if _key(thing) not in there]
    if missing:
        return wrong(kind, f"missing: {listed(missing)}", _APPLY)
    if other := [_label(thing) for thing in wanted if there[_key(thing)] != essence(thing)]:
        advice = "type and arguments cannot be changed: when it is empty, delete it, then ocop access apply"
        return wrong(kind, f"not as declared: {listed(other)}", advice)
    return ok(kind, f"all {len(wanted)} are there")


def _bindings(published: Mapping[str, Things], found: Mapping[str, Things]) -> Check:
    """Check that none is missing, and that no integration is bound to what is not its business."""
    if more := surplus(published["bindings"], found["bindings"]):
        beyond = listed([f"{each['destination']} to {each['routing_key']}" for each in more])
        return wrong("bindings", f"beyond the scope: {beyond}", "ocop access apply unbinds them")
    return _compared("bindings", published, found, _key)


def _key(thing: Thing) -> tuple[Any, ...]:
    """Return what a thing is known by: its name, or a binding's source, destination and routing key."""
    return tuple(thing.get(name) for name in ("name", "source", "destination", "routing_key"))


def _label(thing: Thing) -> str:
    return str(thing.get("name") or f"{thing['source']} → {thing['destination']}")


def _policies(published: Things, found: Things, queues: Things) -> Check:
    faults = [*_missing_policies(published, found), *_not_in_force(published, queues)]
    if faults:
        return wrong("policies", "; ".join(faults[:3]) + (" …" if len(faults) > 3 else ""), _APPLY)
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
    names = sorted(wanted.keys() | found.keys())
    return ", ".join(
        f"{name} is {found.get(name, 'not set')}, not {wanted.get(name, 'set')}"
        for name in names
        if wanted.get(name) != found.get(name)
    )
