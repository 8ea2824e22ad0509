"""`ocop queues`: what waits on the queues, and what is unusual."""

import sys

from ops.broker_access import Access, access_of, connected
from ops.commands import Json, StackFolder, run, wide_console, write_line
from ops.queues.looking import look_at_queues, with_oldest
from ops.queues.printing import queues_shown
from shared.clock import system_clock


def queues(*, as_json: Json = False, folder: StackFolder = None) -> None:
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
        looked = await look_at_queues(connection, access)
        looks = [await with_oldest(connection, look) for look in looked.queues]
    if as_json:
        for look in looks:
            write_line(look.as_json())
    else:
        console = wide_console()
        table, lines = queues_shown(looks, system_clock(), console.width)
        console.print(table, *lines, sep="\n")
    if looked.without_rates:
        sys.stderr.write(f"ocop: no rates: {looked.without_rates}; OCOP_MANAGEMENT_URL says where it is\n")
    return 0
