"""Goes through dead letters, does something with the chosen ones, and acknowledges those that are done with."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.dead_letters.choice import Choice
from ops.dead_letters.letter import DeadLetter, read_letter
from ops.dead_letters.looking import looking_through

Found = tuple[DeadLetter, AbstractIncomingMessage]
#: Does something with a dead letter. Return whether it may go from its queue.
Act = Callable[[DeadLetter, AbstractIncomingMessage], Awaitable[bool]]


@dataclass
class Tally:
    """What came of it: how many are done with, how many had to stay, and the ids of all that were chosen."""

    done: int = 0
    stayed: int = 0
    ids: set[str] = field(default_factory=set)


@asynccontextmanager
async def finding(connection: AbstractConnection, choice: Choice, queue: str) -> AsyncIterator[AsyncIterator[Found]]:
    """Return the chosen dead letters of one queue, each with its message, which goes back unless it is acknowledged."""
    async with looking_through(connection, queue) as messages:
        yield _chosen(messages, choice, queue)


async def settle(
    connection: AbstractConnection, choice: Choice, act: Act, *, only: frozenset[str] | None = None
) -> Tally:
    """Act upon the chosen dead letters that are there now; `only` are the identities of those that were agreed to.

    What fails again while this goes on is looked at by the next run, or this one might never end.
    """
    tally = Tally()
    for queue in choice.queues:
        async with finding(connection, choice, queue) as found:
            async for letter, message in found:
                if only is not None and letter.identity not in only:
                    continue
                tally.ids.add(letter.id)
                if await act(letter, message):
                    await message.ack()
                    tally.done += 1
                else:
                    tally.stayed += 1
    return tally


async def _chosen(messages: AsyncIterator[AbstractIncomingMessage], choice: Choice, queue: str) -> AsyncIterator[Found]:
    position = 0
    async for message in messages:
        position += 1
        letter = read_letter(message, queue=queue, position=position)
        if choice.includes(letter):
            yield letter, message
