"""`ocop watch`: what happens now."""

import sys
from contextlib import aclosing

from rich.console import Console
from rich.live import Live

from ops.broker_access import Access, access_of, connected
from ops.commands import JsonOption, StackFolder, run
from ops.watch.listening import TICK_SECONDS, Watch, listen
from ops.watch.news import as_json_line, as_line
from ops.watch.screen import Screen
from shared.clock import system_clock


def watch(*, as_json: JsonOption = False, folder: StackFolder = None) -> None:
    """Show events as they flow, the queues, and what could not be handled, until Ctrl-C.

    On a pipe, and with --json, it prints a line for each event, for each queue that is other than two seconds before,
    and for each dead letter: first those that are there, then those that come. Messages that wait for another try can
    only be counted. Dead letters are in flight for a moment when they are read.

    Example: ocop watch --json | grep dead-letter
    """
    console = Console()
    access = access_of(folder)
    run(_on_screen(access, console) if console.is_terminal and not as_json else _in_lines(access, as_json=as_json))


async def _in_lines(access: Access, *, as_json: bool) -> int:
    written = as_json_line if as_json else as_line
    async with connected(access, name="ocop watch") as connection, aclosing(listen(connection, Watch(access))) as heard:
        async for news in heard:
            if news is not None:
                sys.stdout.write(f"{written(news, system_clock())}\n")
                sys.stdout.flush()
    return 0


async def _on_screen(access: Access, console: Console) -> int:
    watch, screen, shown_at = Watch(access), Screen(access.place), 0.0
    async with connected(access, name="ocop watch") as connection, aclosing(listen(connection, watch)) as heard:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            async for news in heard:
                screen.note(news)
                now = system_clock()
                if now.timestamp() - shown_at >= TICK_SECONDS:
                    live.update(screen.rendered(watch.overview, console, now), refresh=True)
                    shown_at = now.timestamp()
    return 0
