"""`ocop dead list` and `ocop dead show`: dead letters on a terminal or as JSON, personal data masked."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime
from math import inf
from typing import Any

from aio_pika.abc import AbstractIncomingMessage
from rich.console import Console
from rich.text import Text

from ops.broker_access import Access, AccessError, connected
from ops.commands import wide_console, write_line
from ops.dead_letters.browse import dead_messages
from ops.dead_letters.message import DeadMessage
from ops.dead_letters.replay import destinations, suggestion
from ops.dead_letters.selection import Selection, selected
from ops.named import in_utc, one_line, short_type
from ops.queues.management import without_used_up
from ops.tables import facts, right, table, to_the_second, uncut
from ops.typed import as_typed
from shared.masking import mask_data

#: queues and reasons that are named where nothing matches
_MOST_GROUPS = 10
_PROPERTIES = (
    *("content_type", "content_encoding", "message_id", "correlation_id", "reply_to"),
    *("type", "timestamp", "app_id", "user_id", "delivery_mode"),
)

#: How many dead letters have a queue and a reason.
Groups = Counter[tuple[str, str]]


async def list_messages(access: Access, selection: Selection, *, limit: int, as_json: bool) -> int:
    """Show how many dead letters there are of what, and a row for those that failed first. Return the exit code.

    It is 1 where a queue had to be left out, because browsing would use it up.
    """
    matching: Groups = Counter()
    others: Groups = Counter()
    listed: list[DeadMessage] = []  # of all queues: which is the oldest is known in the end
    queues = await without_used_up(access, selection.queues)
    async with (
        connected(access, name="ocop dead list") as connection,
        aclosing(dead_messages(connection, *queues)) as found,
    ):
        async for dead, _ in found:
            is_selected = selection.includes(dead)
            (matching if is_selected else others)[dead.queue, dead.reason] += 1
            if is_selected:
                listed.append(dead)
    if others and not matching:
        sys.stderr.write(f"ocop: nothing matches: there are {_in_words(others)}\n")
    else:
        _write_list(matching, oldest_first(listed)[:limit], as_json=as_json)
    return 0 if queues == selection.queues else 1


async def show_messages(access: Access, selection: Selection, *, as_json: bool) -> int:
    """Show all that is known of the selected dead letters. Return the exit code: 1 where there is none."""
    shown = set()
    queues = await without_used_up(access, selection.queues)
    async with (
        connected(access, name="ocop dead show") as connection,
        aclosing(selected(connection, selection, queues)) as found,
    ):
        async for dead, message in found:
            shown.add(dead.id)
            _write_whole(dead, message, as_json=as_json)
    return 1 if selection.report_missing(shown) else 0


async def write_body(access: Access, selection: Selection) -> int:
    """Write the body of the one selected dead letter to standard output, byte for byte. Return the exit code.

    Raises:
        AccessError: there are several.
    """
    async with (
        connected(access, name="ocop dead show") as connection,
        aclosing(selected(connection, selection)) as found,
    ):
        bodies = {dead.sha256: message.body async for dead, message in found}
    if len(bodies) > 1:
        raise AccessError("several different dead letters have this id: say which --queue")
    for body in bodies.values():
        sys.stdout.buffer.write(body)
    return 1 if selection.report_missing(selection.ids if bodies else ()) else 0


def readable_body(body: bytes) -> str | None:
    """Return a JSON body line by line, its codes and numbers as they are, all other text masked. None: not JSON."""
    try:
        return json.dumps(mask_data(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def readable_properties(message: AbstractIncomingMessage) -> dict[str, str]:
    """Return the AMQP properties that are set, each as one masked line."""
    sent_at = in_utc(message.timestamp)
    named = {name: getattr(message, name) for name in _PROPERTIES} | {
        "timestamp": sent_at and sent_at.isoformat(),
        "delivery_mode": message.delivery_mode and int(message.delivery_mode),
    }
    return {name: one_line(value) for name, value in named.items() if value is not None}


def readable_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return headers as JSON values, masked."""
    readable: dict[str, Any] = mask_data(json.loads(json.dumps(headers, default=_as_text)))
    return readable


def oldest_first(found: Iterable[DeadMessage]) -> list[DeadMessage]:
    """Return dead letters in the order in which they failed, or were sent where that is unknown; of no time: last."""
    return sorted(found, key=lambda dead: dead.time.timestamp() if dead.time else inf)


def print_list(console: Console, matching: Groups, listed: Iterable[DeadMessage]) -> None:
    """Print how many there are of what, and a row for each that is listed."""
    groups = ((queue, reason, str(count)) for (queue, reason), count in matching.most_common())
    console.print(table(uncut("Queue"), uncut("Reason"), right("Count"), rows=groups))
    columns = ("Failed at (UTC)", uncut("Queue"), "Reason", uncut("Id"), uncut("Type"), uncut("Filed by"))
    console.print(table(*columns, right("Replays"), rows=map(_row, listed)))


def print_whole(console: Console, dead: DeadMessage, message: AbstractIncomingMessage) -> None:
    """Print all that is known of a dead letter, and its body, masked."""
    named_headers = {f"header {name}": _as_text(value) for name, value in readable_headers(message.headers).items()}
    body = readable_body(message.body)
    not_json = f"(the body is no JSON: {dead.size_bytes} bytes, SHA-256 {dead.sha256}; --raw writes it as it is)"
    console.print(facts(_known(dead) | readable_properties(message) | named_headers))
    console.print(Text(not_json if body is None else body), soft_wrap=True)


def _write_list(matching: Groups, listed: Sequence[DeadMessage], *, as_json: bool) -> None:
    if as_json:
        for dead in listed:
            write_line(asdict(dead))
    elif not matching:
        wide_console().print("No dead letters.")
    else:
        print_list(wide_console(), matching, listed)
    if more := matching.total() - len(listed):
        sys.stderr.write(f"and {more} more: --limit shows more of them, --queue and --reason fewer others\n")


def _row(dead: DeadMessage) -> Sequence[str]:
    reason = as_typed(f"{dead.reason}: {dead.detail}" if dead.detail else dead.reason)
    known = (to_the_second(dead.failed_at), dead.queue, reason, dead.id, short_type(dead.type))
    return (*known, dead.filed_by or "", str(dead.replays))


def _write_whole(dead: DeadMessage, message: AbstractIncomingMessage, *, as_json: bool) -> None:
    if as_json:
        said = {"properties": readable_properties(message), "headers": readable_headers(message.headers)}
        write_line(asdict(dead) | said | {"body": readable_body(message.body)})
    else:
        print_whole(wide_console(), dead, message)


def _known(dead: DeadMessage) -> dict[str, object]:
    said = {name: value for name, value in asdict(dead).items() if value not in {None, ""}}
    known: dict[str, object] = {name.replace("_", " "): _as_text(value) for name, value in said.items()}
    near = suggestion(dead)
    back = ", ".join(destinations(dead, to=None)) or f"nowhere; say --to {near or 'and a queue'}"
    return known | {"replay goes to": back}


def _in_words(groups: Groups) -> str:
    return ", ".join(f"{count} {reason} in {queue}" for (queue, reason), count in groups.most_common(_MOST_GROUPS))


def _as_text(value: object) -> str:
    match value:
        case str():
            return value
        case datetime():
            return value.isoformat()
        case bytes() | bytearray():
            return bytes(value).decode("utf-8", "replace")
        case dict() | list() | int() | float():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
