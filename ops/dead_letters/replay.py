"""`ocop dead replay`: brings dead letters back to the queue in which they failed.

Published and confirmed first, acknowledged then: a crash in between leaves a message in both places. That is harmless,
since every service recognises what it has handled already.
"""

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from ops.broker_access import Access, AccessError, connected
from ops.commands import write_line
from ops.dead_letters.message import DeadMessage, sender
from ops.dead_letters.selection import Selection, act_on, exit_code_of
from ops.typed import as_typed
from shared.contracts.catalogue import INTAKE
from shared.handling.settlement import DETAIL, FAILED_AT, QUEUE, REASON, REPLAYED
from shared.messaging.delivery import ATTEMPT, FILED_BY, REFILED_AS, refiled_as
from shared.messaging.publisher import copy_of
from shared.messaging.routing import is_key_of
from shared.messaging.topology import REPLAY, UNROUTED
from shared.system import SYSTEM

#: What the last failure wrote, and the next attempt begins without.
_DIAGNOSIS = frozenset({ATTEMPT, REASON, DETAIL, FAILED_AT, QUEUE})


async def replay_messages(
    access: Access, selection: Selection, *, to: str | None, only: frozenset[str] | None, as_json: bool
) -> int:
    """Bring the selected dead letters back. Return the exit code: 1 where one had to stay, or an id was not found."""
    async with connected(access, name="ocop dead replay") as connection:
        replayer = Replayer(await replay_exchange(connection), access.user, to, as_json=as_json)
        tally = await act_on(connection, selection, replayer.replay, only=only)
    code = exit_code_of(tally, selection, "replayed", as_json=as_json)
    if tally.done and not as_json:
        again = as_typed("ocop dead list")
        sys.stderr.write(f"ocop: what fails again is a dead letter again: look again with `{again}`\n")
    return code


@dataclass(frozen=True)
class Replayer:
    """Publishes dead letters anew, as the operator's user; `to`: where one goes that nobody is bound to."""

    exchange: AbstractExchange
    user: str
    to: str | None
    as_json: bool = False

    async def replay(self, dead: DeadMessage, message: AbstractIncomingMessage) -> bool:
        """Publish a dead letter to where it belongs. Return False where that is nowhere.

        Raises:
            AccessError: the broker did not take it.
        """
        queues, replays = destinations(dead, to=self.to), dead.replays + 1
        copy = copy_of(message, replayed_headers(message, dead.queue) | {REPLAYED: replays}, user=self.user)
        for queue in queues:
            try:
                await self.exchange.publish(copy, queue)
            except DeliveryError as error:
                raise AccessError(f"the broker did not take {dead.id} for {queue}; it stays where it was") from error
        if not queues:
            sys.stderr.write(f"ocop: {dead.id} stays: {_nowhere(dead)}\n")
        elif self.as_json:
            write_line({"id": dead.id, "from": dead.queue, "to": queues, "replays": replays})
        return bool(queues)


async def replay_exchange(connection: AbstractConnection) -> AbstractExchange:
    """Return the exchange that leads back to queues; publishes are confirmed, and refused where no queue takes them."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    return await channel.get_exchange(REPLAY, ensure=False)


def headers_without(message: AbstractIncomingMessage, dropped: Collection[str], sent_by: str | None) -> dict[str, Any]:
    """Return a message's headers for a copy: without some, and with who sent the original, as far as that is known."""
    kept = {name: value for name, value in message.headers.items() if name not in {*dropped, FILED_BY, REFILED_AS}}
    return kept | ({FILED_BY: sent_by} if sent_by else {})


def destinations(dead: DeadMessage, *, to: str | None) -> tuple[str, ...]:
    """Return the queues: the one that the message failed in, or, of one that nobody was bound to, those that are now.

    What was filed goes into the journal then too. `to` is where the operator wants one that still nobody is bound to.
    Without it there is nowhere to go.
    """
    if dead.queue != UNROUTED:
        return (dead.queue.removesuffix(".dead"),)
    queues = _bound(dead.exchange, dead.routing_key) or ((to,) if to else ())
    return (*_feeds(dead.exchange, queues), *queues)


def _feeds(exchange: str, queues: Iterable[str]) -> tuple[str, ...]:
    """Return the queues by which what was filed and goes to these goes into the journal: it is not there yet."""
    services = dict.fromkeys(queue.partition(".")[0] for queue in queues) if exchange == INTAKE else ()
    return tuple(SYSTEM.journal_feeds[service].name for service in services if service in SYSTEM.journal_feeds)


def suggestion(dead: DeadMessage) -> str | None:
    """Return the queue whose routing key on this exchange is spelled most like the message's, None where none is."""
    if dead.queue != UNROUTED or _bound(dead.exchange, dead.routing_key):
        return None
    queues = {s.event_type.routing_key: s.queue for s in SYSTEM.subscriptions if s.event_type.exchange == dead.exchange}
    without_place = ".".join(dead.routing_key.split(".")[:3])
    alike = get_close_matches(without_place, list(queues), n=1, cutoff=0.5)
    return queues[alike[0]] if alike else None


def _bound(exchange: str, routing_key: str) -> tuple[str, ...]:
    return tuple(
        subscription.queue
        for subscription in SYSTEM.subscriptions
        if subscription.event_type.exchange == exchange and is_key_of(subscription.event_type, routing_key)
    )


def replayed_headers(message: AbstractIncomingMessage, queue: str) -> dict[str, Any]:
    """Return the headers with which a dead letter of a queue goes back: without the last failure's."""
    code = refiled_as(message, own_user=queue.partition(".")[0])
    return headers_without(message, _DIAGNOSIS, sender(message, queue)) | ({REFILED_AS: code} if code else {})


def _nowhere(dead: DeadMessage) -> str:
    near = suggestion(dead)
    meant = f"did you mean --to {near}?" if near else "say --to and a queue"
    return f"nobody is bound to {dead.routing_key} on {dead.exchange}; {meant}"
