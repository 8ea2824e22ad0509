"""Dead letters on a terminal: how many of what, a row each, or one with all that is known of it."""

import json
from collections import Counter
from datetime import datetime

from aio_pika.abc import AbstractIncomingMessage
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.dead_letters.body import readable_body, readable_headers, readable_properties
from ops.dead_letters.destination import destinations, suggestion
from ops.dead_letters.letter import DeadLetter
from ops.named import short_type

#: Queue and reason, and how many dead letters have them.
Groups = Counter[tuple[str, str]]


def groups_table(groups: Groups) -> Table:
    """Return the counts by queue and reason, the most first."""
    table = Table("Queue", "Reason")
    table.add_column("Count", justify="right")
    for (queue, reason), count in groups.most_common():
        table.add_row(Text(queue), Text(reason), str(count))
    return table


def letters_table(letters: list[DeadLetter]) -> Table:
    """Return a row for each dead letter."""
    table = Table("Failed at (UTC)", "Queue", "Reason")
    table.add_column("Id", no_wrap=True)
    table.add_column("Type")
    table.add_column("Filed by")
    table.add_column("Replays", justify="right")
    for letter in letters:
        reason = f"{letter.reason}: {letter.detail}" if letter.detail else letter.reason
        cells = (at(letter.failed_at), letter.queue, reason, letter.id, short_type(letter.type))
        table.add_row(*map(Text, cells), Text(letter.filed_by or ""), str(letter.replays))
    return table


def print_letter(console: Console, letter: DeadLetter, message: AbstractIncomingMessage) -> None:
    """Show all that is known of a dead letter, personal data masked."""
    fields = Table.grid(padding=(0, 2))
    for name, value in (*_known(letter).items(), *readable_properties(message).items()):
        fields.add_row(Text(name, "bold"), Text(str(value)))
    for name, value in readable_headers(message.headers).items():
        fields.add_row(Text(f"header {name}", "bold"), Text(_as_text(value)))
    console.print(fields)
    body = readable_body(message.body)
    console.print(Text(_no_json(letter) if body is None else body), soft_wrap=True)


def letter_as_json(letter: DeadLetter, message: AbstractIncomingMessage) -> str:
    """Return all that is known of a dead letter as one line of JSON, masked; the body is null where it is no JSON."""
    return json.dumps(
        {
            **letter.as_json(),
            "properties": readable_properties(message),
            "headers": readable_headers(message.headers),
            "body": readable_body(message.body),
        },
        ensure_ascii=False,
    )


def at(moment: datetime | None) -> str:
    """Return a time to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""


def _known(letter: DeadLetter) -> dict[str, object]:
    known = {name.replace("_", " "): value for name, value in letter.as_json().items() if value not in {None, ""}}
    back = ", ".join(destinations(letter, to=None))
    near = suggestion(letter)
    return known | {"replay goes to": back or ("nowhere; say --to" + (f" {near}" if near else " and a queue"))}


def _no_json(letter: DeadLetter) -> str:
    return f"(the body is no JSON: {letter.size_bytes} bytes, SHA-256 {letter.sha256}; --raw writes it as it is)"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
