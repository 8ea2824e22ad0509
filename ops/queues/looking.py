"""Looks at the queues: counts over AMQP, which are exact, and rates from the management interface, where it answers."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiormq.exceptions
from aio_pika.abc import AbstractConnection

from ops.access.management import Answer, ManagementError
from ops.access.management import look as ask
from ops.broker_access import Access
from ops.dead_letters.letter import read_letter
from ops.dead_letters.looking import looking_through
from ops.queues.look import LOOKED_THROUGH, READABLE, Kind, Look, known_queues
from ops.queues.policies import keeps_when_read

_COLUMNS = "name,arguments,messages_unacknowledged,message_stats,effective_policy_definition"


@dataclass(frozen=True)
class Looked:
    """What was seen of every queue, and why the rates are missing, None where they are not."""

    queues: tuple[Look, ...]
    without_rates: str | None


async def look_at_queues(connection: AbstractConnection, access: Access) -> Looked:
    """Look at every queue that is to be there, and take nothing in flight: so nobody knows what is the oldest."""
    counted = [await _counted(connection, name, kind) for name, kind in known_queues().items()]
    try:
        told, policies = await _told(access), await _policies(access)
    except ManagementError as error:
        return Looked(tuple(counted), str(error))
    return Looked(tuple(told_of(look, told.get(look.queue, {}), policies) for look in counted), None)


async def using_up(access: Access, queues: Iterable[str]) -> list[str]:
    """Return those of the queues that are known to use up what is read from them; none where nobody can be asked."""
    try:
        told, policies = await _told(access), await _policies(access)
    except ManagementError:
        return []
    return [name for name in queues if name in told and not keeps_when_read(told[name], policies)]


async def asked(access: Access, path: str) -> Answer:
    """Ask the management interface as the operator's user. Raises ManagementError."""
    return await asyncio.to_thread(
        ask, access.management_url, path, user=access.user, password=access.password, ca_file=access.ca_file
    )


async def _counted(connection: AbstractConnection, name: str, kind: Kind) -> Look:
    async with connection.channel() as channel:  # closed by the broker where there is no such queue
        try:
            found = (await channel.declare_queue(name, passive=True)).declaration_result  # needs no right
        except aiormq.exceptions.ChannelNotFoundEntity:
            return Look(name, kind, waiting=None, consumers=0)
    return Look(name, kind, waiting=found.message_count or 0, consumers=found.consumer_count or 0)


async def with_oldest(connection: AbstractConnection, look: Look) -> Look:
    """Return it with the time of the oldest dead letter or unrouted message; they are taken in flight for a moment.

    Only where the queue is known to keep what is read. It need not be the first: RabbitMQ 4 may put what was given back
    at the end. Of a queue with more than `LOOKED_THROUGH` it is the oldest of the first of them.
    """
    if not look.waiting or not look.keeps_when_read:
        return look
    return replace(look, oldest=await _oldest_of(connection, look.queue))


async def _oldest_of(connection: AbstractConnection, queue: str) -> datetime | None:
    async with looking_through(connection, queue) as messages:
        times: list[datetime | None] = []
        async for message in messages:
            letter = read_letter(message, queue=queue, position=len(times) + 1)
            times.append(letter.failed_at or letter.sent_at)
            if len(times) == LOOKED_THROUGH:
                break
    return min(filter(None, times), default=None)


async def _told(access: Access) -> Mapping[str, Mapping[str, Any]]:
    answer = await asked(access, f"queues/{quote(access.vhost, safe='')}?columns={_COLUMNS}")
    return {queue["name"]: queue for queue in answer.content}


async def _policies(access: Access) -> Sequence[Mapping[str, Any]]:
    policies: Sequence[Mapping[str, Any]] = (await asked(access, f"policies/{quote(access.vhost, safe='')}")).content
    return policies


def told_of(look: Look, told: Mapping[str, Any], policies: Iterable[Mapping[str, Any]]) -> Look:
    """Return it with what the management interface says of the queue, and of the policies of its virtual host."""
    stats = told.get("message_stats")
    return replace(
        look,
        in_flight=told.get("messages_unacknowledged"),
        in_per_second=_rate(stats, "publish"),
        out_per_second=_rate(stats, "ack"),
        keeps_when_read=keeps_when_read(told, policies) if told and look.kind in READABLE else None,
    )


def _rate(stats: Mapping[str, Any] | None, of: str) -> float | None:
    """Return messages a second; None where the broker keeps no statistics, or has not met a message there yet."""
    if not stats:
        return None
    if of not in stats:
        return 0.0
    rate = stats.get(f"{of}_details", {}).get("rate")
    return None if rate is None else float(rate)
