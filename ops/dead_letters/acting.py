"""`ocop dead replay` and `ocop dead discard`: act upon dead letters, having been agreed to."""

import sys
from collections.abc import Sequence
from typing import TextIO

from ops.broker_access import Access, connected
from ops.commands import write_line
from ops.dead_letters.choice import Choice
from ops.dead_letters.destination import suggestion
from ops.dead_letters.discarding import Discarder
from ops.dead_letters.letter import DeadLetter
from ops.dead_letters.looking_at import not_found
from ops.dead_letters.replaying import opened_replayer
from ops.dead_letters.settling import Tally, settle
from shared.clock import system_clock


async def survey(access: Access, choice: Choice, into: list[str]) -> int:
    """Collect the identities of the chosen dead letters. Return the exit code: 1 where an id is not found."""
    async with connected(access, name="ocop dead") as connection:

        async def note(letter: DeadLetter, _: object) -> bool:
            into.append(letter.identity)
            return False

        tally = await settle(connection, choice, note)
    missing = choice.missing(tally.ids)
    return not_found(Choice(ids=frozenset(missing))) if missing else 0


async def replay_letters(
    access: Access, choice: Choice, *, to: str | None, only: frozenset[str] | None, as_json: bool
) -> int:
    """Bring the chosen dead letters back. Return the exit code: 1 where one had to stay, or an id was not found."""

    def tell(letter: DeadLetter, queues: tuple[str, ...]) -> None:
        if not queues:
            sys.stderr.write(f"ocop: {letter.id} stays: {_nowhere(letter)}\n")
        elif as_json:
            told = {"id": letter.id, "from": letter.queue, "to": queues, "replays": letter.replays + 1}
            write_line(told)

    async with connected(access, name="ocop dead replay") as connection:
        replayer = await opened_replayer(connection, user=access.user, to=to, tell=tell)
        tally = await settle(connection, choice, replayer.replay, only=only)
    code = _end(tally, choice, "replayed", as_json=as_json)
    if tally.done and not as_json:
        sys.stderr.write("ocop: what fails again is a dead letter again: look again with `ocop dead list`\n")
    return code


async def discard_letters(
    access: Access, choice: Choice, *, why: str, records: Sequence[TextIO], only: frozenset[str] | None, as_json: bool
) -> int:
    """Discard the chosen dead letters, each written down before. Return the exit code: 1 where an id was not found."""
    discarder = Discarder(records, user=access.user, why=why, clock=system_clock)
    async with connected(access, name="ocop dead discard") as connection:
        tally = await settle(connection, choice, discarder.discard, only=only)
    return _end(tally, choice, "discarded", as_json=as_json)


def _end(tally: Tally, choice: Choice, what: str, *, as_json: bool) -> int:
    if not as_json:
        stayed = f", {tally.stayed} stayed" if tally.stayed else ""
        sys.stdout.write(f"{tally.done} {what}{stayed}\n")
    missing = choice.missing(tally.ids)
    if missing:
        return not_found(Choice(ids=frozenset(missing)))
    return 1 if tally.stayed else 0


def _nowhere(letter: DeadLetter) -> str:
    near = suggestion(letter)
    meant = f"did you mean --to {near}?" if near else "say --to and a queue"
    return f"nobody is bound to {letter.routing_key} on {letter.exchange}; {meant}"
