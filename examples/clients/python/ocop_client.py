#!/usr/bin/env python3
"""An integration of OCOP: files dossiers, follows what comes of them, asks how products stand.

    ocop_client.py file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
    ocop_client.py file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
    ocop_client.py follow                    print every event on our queue, a line of JSON each, until a signal
    ocop_client.py ask 01-09574-1-2026       print how a product stands
    ocop_client.py table PRODUCTS.sqlite [LIMIT]    keep a table of our places' products, until a signal; print
                                             what changes; LIMIT: how many products a page has

    OCOP_AMQP_URL   as the operator gave it: amqps://integration.<name>:<password>@<host>:5671/%2F
    OCOP_SOURCE     who we are, always the same (/portals/<name>)
    OCOP_CA_FILE    the authority of the broker's certificate, where it is not one that this machine knows

Needs Python 3.11, aio-pika, and ocop_table.py beside it. Ends with 0: done; 1: refused, not found or not
answered; 2: wrongly called; 130 or 143: by Ctrl-C or SIGTERM.
"""

import asyncio
import json
import logging
import os
import re
import signal
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueueIterator
from aio_pika.exceptions import (
    AMQPConnectionError,
    ChannelClosed,
    ChannelNotFoundEntity,
    ProbableAuthenticationError,
)
from ocop_table import Table

Setting = TypeVar("Setting")


def tell(text: str) -> None:
    """Report how it goes, beside what is printed for programs."""
    print(text, file=sys.stderr, flush=True)


def setting(name: str, read: Callable[[str], Setting]) -> Setting:
    """Read a setting. What cannot be read is not repeated: it may hold a password."""
    try:
        return read(os.environ.get(name, ""))
    except (ValueError, OSError):
        tell(f"{name} cannot be read")
        raise SystemExit(2) from None


def user_in(url: str) -> str:
    """Return the user that a URL names, and '' where it names none. Raise ValueError, also for its port."""
    address = urlsplit(url)
    return unquote(address.username or "") if address.port != 0 else ""


URL = os.environ.get("OCOP_AMQP_URL", "")
USER = setting("OCOP_AMQP_URL", user_in)  # integration.<name>
TRUSTED = setting("OCOP_CA_FILE", lambda file: ssl.create_default_context(cafile=file or None))
INBOX = f"{USER}.events"
SOURCE = os.environ.get("OCOP_SOURCE", f"/portals/{USER.removeprefix('integration.')}")

KIND = re.compile(r"[a-z]+\.[a-z-]+")
CLOSE_SECONDS = 5
CONFIRM_SECONDS = 30
ANSWER_SECONDS = 30
MOST_LOOKED_AT = 1_000
GIVE_BACK_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 30
ANSWERS = ("vn.ocop.product.state.v1", "vn.ocop.query.rejected.v1")

logging.basicConfig(level=logging.CRITICAL)  # of a lost connection we tell ourselves

#: Wrong password, no right, no such queue: trying again does not help.
REFUSED = (ProbableAuthenticationError, ChannelClosed)


@asynccontextmanager
async def connected() -> AsyncIterator[AbstractConnection]:
    """Connect, over TLS where the URL says amqps: then the broker's certificate is checked."""
    connection = await aio_pika.connect(URL, heartbeat=10, timeout=10, ssl_context=TRUSTED)
    try:
        yield connection
    finally:
        with suppress(Exception):  # a broker that says nothing more would let us wait for its good-bye
            await asyncio.wait_for(connection.close(), CLOSE_SECONDS)


async def publish(event: str, body: bytes, id: str) -> None:
    """Publish until the broker has confirmed it. It is the same message each time, so nothing is done twice."""
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": f"vn.ocop.{event}.v1"}
    message = aio_pika.Message(
        body,
        headers={**headers},
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=id,
        user_id=USER,  # who files; without it a question is not answered
    )
    wait_seconds = 1
    while True:
        try:
            async with connected() as connection:
                channel = await connection.channel(publisher_confirms=True)
                intake = await channel.get_exchange("ocop.intake", ensure=False)
                await intake.publish(message, routing_key=f"{event}.v1", timeout=CONFIRM_SECONDS)
                return
        except REFUSED:
            raise
        except Exception as error:  # not there, lost, too slow, or too full: it may have taken the message or not
            tell(f"{id} is not confirmed ({type(error).__name__}); again in {wait_seconds} s")
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)


async def file(event: str, body: bytes, id: str) -> None:
    """File a dossier, or another kind. Its answer comes on our queue; `correlation_id` is the id."""
    tell(f"Filing {id}")  # known before it is sent: where this program dies, file again under the same id
    await publish(event, body, id)
    print(id)


async def follow(handle: Callable[[AbstractIncomingMessage], None]) -> None:
    """Handle every event on our queue, for ever: acknowledged after it was handled, so none is lost."""
    while True:
        wait_seconds = 1
        try:
            async with connected() as connection, connection.channel() as channel:
                await channel.set_qos(prefetch_count=20)
                messages = (await channel.get_queue(INBOX)).iterator()
                await end_when_cancelled(channel, messages)
                async with messages:
                    tell(f"Following {INBOX}")
                    async for message in messages:
                        handle(message)
                        await message.ack()
            tell(f"No longer following {INBOX}")
        except ChannelNotFoundEntity:  # deleted, or not made yet: the operator can do something, we cannot
            wait_seconds = LONGEST_WAIT_SECONDS
            tell(f"There is no queue {INBOX}: tell the operator; again in {wait_seconds} s")
        except REFUSED:
            raise
        except Exception as error:
            if is_ending():
                raise asyncio.CancelledError from error
            tell(f"Not connected ({type(error).__name__})")
        await asyncio.sleep(wait_seconds)


def is_ending() -> bool:
    """Return whether Ctrl-C or SIGTERM has come: a connection that is lost just then must not hide it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def end_on_sigterm() -> None:
    """End as on Ctrl-C where a container stops us: what was handled is acknowledged first, the rest given back."""
    if task := asyncio.current_task():
        with suppress(NotImplementedError):  # Windows stops no program in this way
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


async def end_when_cancelled(channel: AbstractChannel, messages: AbstractQueueIterator) -> None:
    """End the messages when the broker cancels us: our queue was deleted, channel and connection stay open."""
    ending: list[asyncio.Future[None]] = []

    def end(_: object) -> None:  # beside the library, which waits for us before it reads on
        ending.append(asyncio.ensure_future(messages.close()))

    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(end)


def show(message: AbstractIncomingMessage, seen: set[str]) -> None:
    """Print an event unless it was seen before; what cannot be read is told, and must not come again and again."""
    id = message.headers.get("ce-id")
    if id in seen:
        return
    try:
        print(json.dumps(as_line(message), ensure_ascii=False), flush=True)
    except BrokenPipeError:  # whoever read our lines has gone, `head` say; the event stays on the queue
        os._exit(1)
    except ValueError:
        tell(f"Cannot be read: {id!r}, {len(message.body)} bytes")
    if isinstance(id, str):
        seen.add(id)


def as_line(message: AbstractIncomingMessage) -> dict[str, object]:
    """Return an event in short: `story` is the id of the dossier that it is about, `answers` of the event before it."""
    names = {"event": "ce-type", "id": "ce-id", "subject": "ce-subject", "time": "ce-time"}
    links = {"story": "ce-correlationid", "answers": "ce-causationid"}
    named = {name: message.headers.get(header) for name, header in (names | links).items()}
    return {**named, "data": json.loads(message.body)}


async def ask(code: str) -> int:
    """Ask how a product stands, and print the answer."""
    id = str(uuid4())
    answered: asyncio.Future[AbstractIncomingMessage | None] = asyncio.get_running_loop().create_future()
    events = 0

    async def look(message: AbstractIncomingMessage) -> None:
        nonlocal events
        if message.headers.get("ce-causationid") == id and not answered.done():
            answered.set_result(message)
        elif message.headers.get("ce-type") in ANSWERS:  # to another `ask`, which is to have it now
            await asyncio.sleep(GIVE_BACK_SECONDS)
            with suppress(Exception):  # where the channel was closed meanwhile, the broker has it already
                await message.nack(requeue=True)
        else:
            events += 1
            if events == MOST_LOOKED_AT and not answered.done():
                answered.set_result(None)  # the broker hands out no more

    async with connected() as connection, connection.channel() as channel:
        await channel.set_qos(prefetch_count=MOST_LOOKED_AT)
        # Before a `follow` that runs beside us. Events go back to the queue when the channel is closed.
        await (await channel.get_queue(INBOX)).consume(look, arguments={"x-priority": 10})
        await publish("product.query", json.dumps({"product_code": code}).encode(), id)
        try:
            answer = await asyncio.wait_for(answered, ANSWER_SECONDS)
        except TimeoutError:
            raise SystemExit(f"No answer in {ANSWER_SECONDS} s: ask again") from None
        if answer is None:
            raise SystemExit(f"{MOST_LOOKED_AT} events wait before the answer: read first what waits (follow)")
        print(json.dumps(as_line(answer), ensure_ascii=False, indent=2))
        await answer.ack()
    return 0 if json.loads(answer.body).get("known") else 1


class Keeper:
    """Keeps a table: what the register has, asked for page by page, and what comes on our queue meanwhile and after."""

    def __init__(self, table: Table, limit: int) -> None:
        self.table = table
        self.limit = limit
        self.question = ""
        self.answered = asyncio.Event()

    async def ask_for_pages(self) -> None:
        """Ask for one page after the other, from where the table is. Whoever dies goes on from there."""
        while not self.table.is_complete:
            self.answered.clear()
            self.question = str(uuid4())
            question = {"after": self.table.after, "limit": self.limit}
            await publish("register.query", json.dumps(question).encode(), self.question)
            with suppress(TimeoutError):  # ask again: the question may have expired
                await asyncio.wait_for(self.answered.wait(), ANSWER_SECONDS)
        print(json.dumps({"products": self.table.count()}), flush=True)  # what changes from now on comes by itself

    def take(self, message: AbstractIncomingMessage) -> None:
        """Take in a page, or an event; what else there is changes nothing."""
        kind = str(message.headers.get("ce-type")).removeprefix("vn.ocop.").removesuffix(".v1")
        is_ours = message.headers.get("ce-causationid") == self.question
        try:
            data, sequence = json.loads(message.body), message.headers.get("ce-sequence")
            if kind == "register.page":  # one to an earlier question is as true, but not the next
                self.table.take_page(data, is_next=is_ours)
            elif kind == "query.rejected" and is_ours:
                raise SystemExit(f"No page: {data['faults']}")
            elif self.table.take_event(kind, int(str(sequence)) if sequence else None, data):
                print(json.dumps(self.table.row(data["product_code"]), ensure_ascii=False), flush=True)
        except ValueError:
            tell(f"Cannot be read: {message.headers.get('ce-id')!r}")
        if is_ours:
            self.answered.set()


async def keep(file: str, limit: int = 200) -> None:
    """Keep a table in a file until a signal."""
    end_on_sigterm()
    keeper = Keeper(Table(file), limit)
    await asyncio.gather(follow(keeper.take), keeper.ask_for_pages())


async def show_all() -> None:
    """Print every event on our queue until a signal."""
    seen: set[str] = set()  # a real program keeps the ids with what it has made of the events
    end_on_sigterm()
    await follow(lambda message: show(message, seen))


def main() -> int:
    """Do what the command line says."""
    match sys.argv[1:]:
        case _ if not USER:
            tell("OCOP_AMQP_URL is not set, or has no user")
            return 2
        case ["file", path, *ids] if len(ids) <= 1 and Path(path).is_file():
            asyncio.run(file("dossier.filed", Path(path).read_bytes(), *(ids or [str(uuid4())])))
        case ["file", event, path, *ids] if len(ids) <= 1 and Path(path).is_file() and KIND.fullmatch(event):
            asyncio.run(file(event, Path(path).read_bytes(), *(ids or [str(uuid4())])))
        case ["follow"]:
            asyncio.run(show_all())
        case ["table", path, *limit] if len(limit) <= 1 and all(map(str.isdecimal, limit)):
            asyncio.run(keep(path, *map(int, limit)))
        case ["ask", code]:
            return asyncio.run(ask(code))
        case given:
            tell(__doc__)
            if given[:1] == ["file"] and not any(Path(each).is_file() for each in given):
                tell(f"No such file: {' '.join(given[1:])}")
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except REFUSED as error:
        sys.exit(f"The broker refuses: {error}")
    except (AMQPConnectionError, OSError) as error:
        sys.exit(f"The broker cannot be reached: {type(error).__name__}")
    except sqlite3.Error as error:
        sys.exit(f"The table cannot be read or written: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)
