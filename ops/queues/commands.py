"""`ocop queues`: what waits on the queues, and what is unusual."""

import sys

from ops.broker_access import Access, access_of, connected
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.queues.printing import as_json as state_as_json
from ops.queues.printing import queues_shown
from ops.queues.reading import read_queues, with_oldest
from shared.clock import system_clock


def queues(*, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """Show what waits on the queues, what moves, and in red what is unusual and why.

    Waiting and consumers are exact; in flight and the rates come from the broker's management interface and are up to
    5 s old. Oldest is the age of the oldest dead letter or unrouted message, since it failed or was sent; they are
    read only where the management interface says that their policy, which keeps what is read, is in force. How long
    messages of other queues have waited no broker tells. A narrow terminal leaves out what moves. Delays, dead
    letters and the journal are shown where there are some.

    Example: ocop queues --json
    """
    run(_show(access_of(folder), as_json=as_json))


async def _show(access: Access, *, as_json: bool) -> int:
    async with connected(access, name="ocop queues") as connection:
        overview = await read_queues(connection, access)
        states = [await with_oldest(connection, state) for state in overview.queues]
    if as_json:
        for state in states:
            write_line(state_as_json(state))
    else:
        console = wide_console()
        shown, lines = queues_shown(states, system_clock(), console.width)
        console.print(shown, *lines, sep="\n")
    if overview.without_integrations:
        sys.stderr.write(f"ocop: no queues of integrations: {overview.without_integrations}\n")
    if overview.without_rates:
        sys.stderr.write(f"ocop: no rates: {overview.without_rates}; OCOP_MANAGEMENT_URL says where it is\n")
    return 0
