"""`ocop dead list` and `ocop dead show`: look, and leave everything as it is."""

import sys
from collections import Counter

from ops.broker_access import Access, AccessError, connected
from ops.commands import wide_console, write_line
from ops.dead_letters.choice import Choice
from ops.dead_letters.letter import DeadLetter
from ops.dead_letters.printing import Groups, groups_table, letter_as_json, letters_table, print_letter
from ops.dead_letters.settling import finding
from ops.queues.looking import using_up

#: Why queues are left out, after their names.
USED_UP = (
    "not looked at: the policy is not in force without which RabbitMQ 4 deletes what was looked at 20 times; "
    "ocop access apply brings it back"
)
#: queues and reasons that are named to who finds nothing
_MOST_GROUPS = 10


async def list_letters(access: Access, choice: Choice, *, limit: int, as_json: bool) -> int:
    """Show how many dead letters there are of what, and a row for the first of each queue. Return the exit code."""
    groups: Groups = Counter()
    others: Groups = Counter()
    listed: list[DeadLetter] = []
    queues = await _readable(access, choice)
    code = 0 if queues == choice.queues else 1
    async with connected(access, name="ocop dead list") as connection:
        for queue in queues:
            async with finding(connection, choice.wider, queue) as found:
                async for letter, _ in found:
                    chosen = choice.includes(letter)
                    (groups if chosen else others)[letter.queue, letter.reason] += 1
                    if chosen and len(listed) < limit:
                        listed.append(letter)
    if others and not groups:
        sys.stderr.write(f"ocop: nothing matches: there are {_in_words(others)}\n")
        return code
    if as_json:
        for letter in listed:
            write_line(letter.as_json())
    else:
        _print(groups, listed)
    if more := groups.total() - len(listed):
        sys.stderr.write(f"and {more} more: --limit shows more of them, --queue and --reason fewer others\n")
    return code


async def show_letters(access: Access, choice: Choice, *, as_json: bool) -> int:
    """Show all that is known of the chosen dead letters. Return the exit code: 1 where there is none."""
    console, shown = wide_console(), 0
    queues = await _readable(access, choice)
    async with connected(access, name="ocop dead show") as connection:
        for queue in queues:
            async with finding(connection, choice, queue) as found:
                async for letter, message in found:
                    shown += 1
                    if as_json:
                        sys.stdout.write(f"{letter_as_json(letter, message)}\n")
                    else:
                        print_letter(console, letter, message)
    return 0 if shown else not_found(choice)


async def _readable(access: Access, choice: Choice) -> tuple[str, ...]:
    """Return the queues that can be looked at as often as anybody wants. Those that are known not to be are named."""
    used_up = await using_up(access, choice.queues)
    if used_up:
        sys.stderr.write(f"ocop: {', '.join(used_up)}: {USED_UP}\n")
    return tuple(queue for queue in choice.queues if queue not in used_up)


async def write_body(access: Access, choice: Choice) -> int:
    """Write the body of the one chosen dead letter to standard output, byte for byte. Return the exit code.

    Raises:
        AccessError: there are several.
    """
    bodies: dict[str, bytes] = {}
    async with connected(access, name="ocop dead show") as connection:
        for queue in choice.queues:
            async with finding(connection, choice, queue) as found:
                async for letter, message in found:
                    bodies[letter.sha256] = message.body
                    if len(bodies) > 1:
                        raise AccessError("several different dead letters have this id: say which --queue")
    for body in bodies.values():
        sys.stdout.buffer.write(body)
    return 0 if bodies else not_found(choice)


def not_found(choice: Choice) -> int:
    """Say that there is no such dead letter. Return the exit code, 1."""
    sys.stderr.write(f"ocop: no dead letter has the id {', '.join(sorted(choice.ids))}\n")
    return 1


def _in_words(groups: Groups) -> str:
    return ", ".join(f"{count} {reason} in {queue}" for (queue, reason), count in groups.most_common(_MOST_GROUPS))


def _print(groups: Groups, listed: list[DeadLetter]) -> None:
    console = wide_console()
    if not groups:
        console.print("No dead letters.")
        return
    console.print(groups_table(groups))
    console.print(letters_table(listed))
