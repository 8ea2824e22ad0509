"""Checks the broker over AMQP: is it there, what may we do, and what do its queues hold."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractConnection

from ops.broker_access import Access, AccessError, connected
from ops.doctor.check import Check, State, listed, not_checked, ok, warning, wrong
from ops.doctor.rights import check_rights
from ops.queues.printing import age
from ops.queues.reading import read_queues, with_oldest
from ops.queues.state import READABLE, QueueKind, QueueState
from ops.typed import reading_log, reviving, starting

#: The oldest that this was built and tried on.
_OLDEST = (3, 10)


async def check_broker(access: Access, now: datetime) -> list[Check]:
    """Make the checks that need a connection over AMQP."""
    try:
        async with connected(access, name="ocop doctor") as connection:
            states: Sequence[QueueState] = (
                await read_queues(connection, access)
            ).queues  # before anything is in flight
            rights = await check_rights(connection, access.user, states)
            if rights.state is State.OK:
                states = [await with_oldest(connection, state) for state in states]
            return [_reachable(access, connection), rights, *check_queues(states, now)]
    except AccessError as error:
        start = " make up starts it;" if "127.0.0.1" in access.place else ""
        doubt = f"is it running? What does its log say?{start}"
        advice = f"{reviving('rabbitmq', otherwise=doubt)} docs/operations.md#ocopbrokerdown"
        names = ("rights", "consumers", "queue lengths", "dead letters")
        return [wrong("broker", str(error), advice), *(not_checked(name, "needs the broker") for name in names)]


def check_queues(states: Sequence[QueueState], now: datetime) -> list[Check]:
    """Check that services read their queues, and that nothing grows, waits or is a dead letter."""
    return [_consumers(states), _lengths(states), _dead_letters(states, now)]


def _reachable(access: Access, connection: AbstractConnection) -> Check:
    version = _version(connection)
    found = f"RabbitMQ {version} at {access.place}, as {access.user} on {access.vhost}"
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and tuple(map(int, numbers.groups())) < _OLDEST:
        return wrong("broker", found, "OCOP needs RabbitMQ 3.10 or later")
    return ok("broker", found)


def _version(connection: AbstractConnection) -> str:
    """Return the version that the broker said when we connected."""
    transport = connection.transport
    properties: Mapping[str, Any] = getattr(transport.connection, "server_properties", {}) if transport else {}
    version = properties.get("version", "unknown")
    return version.decode() if isinstance(version, bytes) else str(version)


def _consumers(states: Sequence[QueueState]) -> Check:
    work = [state for state in states if state.kind is QueueKind.WORK]
    idle = [state.queue for state in work if _is_idle(state)]
    if idle:
        services = sorted({queue.partition(".")[0] for queue in idle})
        return wrong("consumers", f"none on {listed(idle)}", f"{starting(services)}, or {reading_log(services[0])}")
    return ok("consumers", f"every one of {len(work)} work queues has one")


def _lengths(states: Sequence[QueueState]) -> Check:
    """Check what the other two checks of queues do not say."""
    others = [state for state in states if state.waiting is None or not (state.kind in READABLE or _is_idle(state))]
    unusual = [f"{state.queue}: {state.unusual}" for state in others if state.unusual]
    if unusual:
        return warning("queue lengths", "; ".join(unusual[:3]), "ocop queues shows all of them; ocop watch what moves")
    return ok("queue lengths", "none grows, nothing waits for another try")


def _is_idle(state: QueueState) -> bool:
    return state.kind is QueueKind.WORK and state.waiting is not None and not state.consumers


def _dead_letters(states: Sequence[QueueState], now: datetime) -> Check:
    dead = [state for state in states if state.kind in READABLE and state.waiting]
    if not dead:
        return ok("dead letters", "none")
    oldest = min((state.oldest for state in dead if state.oldest), default=None)
    least = "at least " if any(state.may_be_older for state in dead) else ""
    since = f", the oldest {least}{age((now - oldest).total_seconds())} old" if oldest else ""
    if unread := [state.queue for state in dead if not state.keeps_when_read]:
        since += f"; how old is not known of {listed(unread)}, whose policy was not seen in force"
    count = sum(state.waiting or 0 for state in dead)
    return warning("dead letters", f"{count} in {listed(state.queue for state in dead)}{since}", "ocop dead list")
