"""Checks the broker: is it there, who are we to it, what may we do, and what does it hold."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import aiormq.exceptions
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import DeliveryError

from ops.access.broker import permissions
from ops.access.integrations import load_integrations
from ops.access.management import ManagementError
from ops.access.published import published_definitions
from ops.broker_access import Access, AccessError, connected
from ops.dead_letters.choice import dead_queues
from ops.doctor.check import Check, State, listed, not_checked, ok, warning, wrong
from ops.doctor.topology import check_topology, unknown_topology
from ops.queues.look import READABLE, Kind, Look
from ops.queues.looking import asked, look_at_queues, with_oldest
from ops.queues.printing import age
from shared.messaging.sender import OPERATOR
from shared.messaging.topology import JOURNAL, REPLAY

#: The oldest that this was built and tried on.
_OLDEST = (3, 10)
#: A key that operators may publish to, and to which no queue is bound: nothing can come of it.
_NOWHERE = "registry.ocop-doctor"
_THINGS = ("exchanges", "queues", "bindings", "policies")


async def check_broker(access: Access, now: datetime) -> list[Check]:
    """Make the checks that need a connection over AMQP."""
    try:
        async with connected(access, name="ocop doctor") as connection:
            looks: Sequence[Look] = (await look_at_queues(connection, access)).queues  # before anything is in flight
            rights = await _rights(access, connection, looks)
            if rights.state is State.OK:
                looks = [await with_oldest(connection, look) for look in looks]
            return [
                _reachable(access, connection),
                rights,
                _consumers(looks),
                _unusual(looks),
                _dead_letters(looks, now),
            ]
    except AccessError as error:
        start = " make up starts it;" if "127.0.0.1" in access.place else ""
        advice = f"is it running? What does its log say?{start} docs/operations.md#ocopbrokerdown"
        gone = [
            not_checked(name, "needs the broker") for name in ("rights", "consumers", "queue lengths", "dead letters")
        ]
        return [wrong("broker", str(error), advice), *gone]


async def check_management(access: Access) -> list[Check]:
    """Make the checks that need the management interface."""
    try:
        who, nodes = (await asked(access, "whoami")).content, (await asked(access, "nodes")).content
    except ManagementError as error:
        advice = "OCOP_MANAGEMENT_URL says where it is; the plugin rabbitmq_management must be on"
        return [warning("management", str(error), advice), *unknown_topology("needs the management interface")]
    return [_who(who), _nodes(nodes), *await _topology(access)]


def _reachable(access: Access, connection: AbstractConnection) -> Check:
    version = version_of(connection)
    found = f"RabbitMQ {version} at {access.place}, as {access.user} on {access.vhost}"
    if (read := _numbers(version)) and read < _OLDEST:
        return wrong("broker", found, "OCOP needs RabbitMQ 3.10 or later")
    return ok("broker", found)


def version_of(connection: AbstractConnection) -> str:
    """Return the version that the broker said when we connected."""
    transport = connection.transport
    properties: Mapping[str, Any] = getattr(transport.connection, "server_properties", {}) if transport else {}
    version = properties.get("version", "unknown")
    return version.decode() if isinstance(version, bytes) else str(version)


async def _rights(access: Access, connection: AbstractConnection, looks: Sequence[Look]) -> Check:
    """Read where an operator may read, and publish where an operator may, so that nothing is taken and nothing kept.

    No queue is read from that may use up what is read.
    """
    untried = [look.queue for look in looks if look.kind in READABLE and look.waiting and not look.keeps_when_read]
    tried = (queue for queue in (*dead_queues(), JOURNAL) if queue not in untried)
    refused = [queue for queue in tried if not await _may_read(connection, queue)]
    if not await _may_replay(access, connection):
        refused.append(f"publishing to {REPLAY}")
    if refused:
        return wrong("rights", f"refused: {listed(refused)}", "log in as the user operator, or ocop access apply")
    but = f", but not tried, since it might use up what is there: {listed(untried)}" if untried else ""
    return ok("rights", f"dead letters, unrouted messages and the journal can be read, dead letters replayed{but}")


async def _may_read(connection: AbstractConnection, queue: str) -> bool:
    """Begin to consume and leave at once: what came meanwhile goes back to its place, the first."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=1)
    consumed = await channel.get_queue(queue, ensure=False)
    try:
        await consumed.consume(_ignore, arguments={"x-stream-offset": "next"} if queue == JOURNAL else {})
    except aiormq.exceptions.ChannelAccessRefused:
        return False
    except aiormq.exceptions.ChannelNotFoundEntity:  # the topology's check says so
        return True
    await channel.close()
    return True


async def _ignore(_: object) -> None:
    pass


async def _may_replay(access: Access, connection: AbstractConnection) -> bool:
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    exchange = await channel.get_exchange(REPLAY, ensure=False)
    message = Message(b"", user_id=access.user, delivery_mode=DeliveryMode.NOT_PERSISTENT)
    try:
        await exchange.publish(message, _NOWHERE, mandatory=True)
    except DeliveryError:  # as it must: no queue is bound
        return True
    except aiormq.exceptions.ChannelAccessRefused:
        return False
    except aiormq.exceptions.ChannelNotFoundEntity:
        return True
    return True


def _who(who: Mapping[str, Any]) -> Check:
    issued, tags = permissions(load_integrations())[OPERATOR].tags, who.get("tags", ())
    found = set(tags.split(",") if isinstance(tags, str) else tags)
    if who["name"] != OPERATOR:
        return warning(
            "user", f"this is the user {who['name']}", f"log in as {OPERATOR}, who may do no harm by mistake"
        )
    if found != set(issued):
        return warning("user", f"tags: {listed(found)}; issued: {listed(issued)}", "ocop access apply sets them anew")
    return ok("user", f"{OPERATOR}, with the tags that were issued: {listed(found)}")


def _nodes(nodes: list[Mapping[str, Any]]) -> Check:
    alarms = [
        f"{node['name']}: no {what} left"
        for node in nodes
        for field, what in (("mem_alarm", "memory"), ("disk_free_alarm", "disk space"))
        if node.get(field)
    ]
    down = [f"{node['name']} is down" for node in nodes if not node.get("running")]
    parted = [f"{node['name']} sees a partition" for node in nodes if node.get("partitions")]
    if alarms:
        return wrong("nodes", "; ".join(alarms), "the broker takes no message until it has room: make room")
    if down or parted:
        return wrong("nodes", "; ".join((*down, *parted)), "bring them back: quorum queues need more than half of them")
    return ok("nodes", f"{len(nodes)} running, no alarm")


async def _topology(access: Access) -> list[Check]:
    vhost = quote(access.vhost, safe="")
    try:
        found = {thing: (await asked(access, f"{thing}/{vhost}")).content for thing in _THINGS}
    except ManagementError as error:
        return unknown_topology(str(error))
    return check_topology(published_definitions(), found, access.vhost)


def _consumers(looks: Sequence[Look]) -> Check:
    work = [look for look in looks if look.kind is Kind.WORK]
    idle = [look.queue for look in work if look.waiting is not None and not look.consumers]
    if idle:
        services = sorted({queue.partition(".")[0] for queue in idle})
        return wrong("consumers", f"none on {listed(idle)}", f"start {', '.join(services)}, or see what its log says")
    return ok("consumers", f"every one of {len(work)} work queues has one")


def _unusual(looks: Sequence[Look]) -> Check:
    told = [
        f"{look.queue}: {'; '.join(look.unusual)}"
        for look in looks
        if look.unusual and (look.waiting is None or not _is_told_elsewhere(look))
    ]
    if told:
        return warning("queue lengths", "; ".join(told[:3]), "ocop queues shows all of them; ocop watch what moves")
    return ok("queue lengths", "none grows, nothing waits for another try")


def _is_told_elsewhere(look: Look) -> bool:
    return look.kind in READABLE or (look.kind is Kind.WORK and not look.consumers)


def _dead_letters(looks: Sequence[Look], now: datetime) -> Check:
    dead = [look for look in looks if look.kind in READABLE and look.waiting]
    if not dead:
        return ok("dead letters", "none")
    oldest = min((look.oldest for look in dead if look.oldest), default=None)
    least = "at least " if any(look.may_be_older for look in dead) else ""
    since = f", the oldest {least}{age((now - oldest).total_seconds())} old" if oldest else ""
    if unread := [look.queue for look in dead if not look.keeps_when_read]:
        since += f"; how old is not known of {listed(unread)}, whose policy was not seen in force"
    count = sum(look.waiting or 0 for look in dead)
    return warning("dead letters", f"{count} in {listed(look.queue for look in dead)}{since}", "ocop dead list")


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else ()
