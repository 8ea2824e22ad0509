"""Reads the queues' state: counts over AMQP, which are exact, and rates from the management interface if it answers."""

from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiormq.exceptions
from aio_pika.abc import AbstractConnection

from ops.access.management import ManagementError
from ops.broker_access import Access
from ops.dead_letters.browse import dead_messages
from ops.queues.management import keeps_when_read, queues_and_policies
from ops.queues.state import MOST_BROWSED, READABLE, QueueKind, QueueState, kind_of, known_queues
from shared.errors import SettingsError
from shared.integrations import load_integrations


@dataclass(frozen=True)
class Overview:
    """The state of every queue, and why the rates or integrations' queues are missing, None where they are not."""

    queues: tuple[QueueState, ...] = ()
    without_rates: str | None = None
    without_integrations: str | None = None


async def read_queues(connection: AbstractConnection, access: Access) -> Overview:
    """Read the state of every queue that is to be there. Nothing is taken in flight: which message is the oldest is
    unknown.
    """
    integrations, fault = _integrations(access.integrations)
    counted = await read_counts(connection, known_queues(integrations))
    try:
        said, policies = await queues_and_policies(access)
    except ManagementError as error:
        return Overview(tuple(counted), str(error), fault)
    rated = (with_rates(state, said.get(state.queue, {}), policies) for state in counted)
    return Overview(tuple(rated), without_integrations=fault)


def _integrations(file: Path) -> tuple[Iterable[str], str | None]:
    """Return who connects or, where the file cannot be used, why: the queues of the services are there all the same."""
    try:
        return load_integrations(file), None
    except SettingsError as fault:
        return (), str(fault)


async def read_counts(connection: AbstractConnection, queues: Iterable[str]) -> list[QueueState]:
    """Read how many messages and consumers queues have, which needs no right and no management interface."""
    return [await _counted(connection, name, kind_of(name)) for name in queues]


async def with_oldest(connection: AbstractConnection, state: QueueState) -> QueueState:
    """Return it with the time of the oldest dead letter or unrouted message; they are taken in flight for a moment.

    Only where the queue is known to keep what is read. It need not be the first: RabbitMQ 4 may put what was given back
    at the end. Of a queue with more than `MOST_BROWSED` it is the oldest of the first of them.
    """
    if not state.waiting or not state.keeps_when_read:
        return state
    times = []
    async with aclosing(dead_messages(connection, state.queue)) as found:
        async for dead, _ in found:
            times.append(dead.time)
            if len(times) == MOST_BROWSED:
                break
    return replace(state, oldest=min(filter(None, times), default=None))


def with_rates(state: QueueState, said: Mapping[str, Any], policies: Iterable[Mapping[str, Any]]) -> QueueState:
    """Return it with what the management interface says of the queue, and of the policies of its virtual host."""
    stats = said.get("message_stats")
    return replace(
        state,
        waiting=said.get("messages", state.waiting) if state.kind is QueueKind.JOURNAL_FEED else state.waiting,
        in_flight=said.get("messages_unacknowledged"),
        in_per_second=_rate(stats, "publish"),
        out_per_second=_rate(stats, "ack"),
        keeps_when_read=keeps_when_read(said, policies) if said and state.kind in READABLE else None,
    )


async def _counted(connection: AbstractConnection, name: str, kind: QueueKind) -> QueueState:
    async with connection.channel() as channel:  # closed by the broker where there is no such queue
        try:
            found = (await channel.declare_queue(name, passive=True)).declaration_result  # needs no right
        except aiormq.exceptions.ChannelNotFoundEntity:
            return QueueState(name, kind, waiting=None, consumers=0)
    return QueueState(name, kind, waiting=found.message_count or 0, consumers=found.consumer_count or 0)


def _rate(stats: Mapping[str, Any] | None, of: str) -> float | None:
    """Return messages a second; None where the broker keeps no statistics, or has not met a message there yet."""
    if not stats:
        return None
    if of not in stats:
        return 0.0
    rate = stats.get(f"{of}_details", {}).get("rate")
    return None if rate is None else float(rate)
