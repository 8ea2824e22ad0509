"""Ctrl-C once, and the cleaning up is done in peace."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


#: Makes an event loop; None: Python's own.
LoopFactory = Callable[[], asyncio.AbstractEventLoop] | None


def run_until_interrupted(main: Coroutine[Any, Any, int], *, loop_factory: LoopFactory = None) -> int:
    """Run `main` and return the exit code: its own, or 128 + the number of the signal that interrupted it.

    The first SIGINT, SIGTERM or SIGHUP cancels `main`, whose clean-up then runs to its end: later ones change nothing.
    Before and afterwards they do what they did.
    """
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(_interruptible(main))
    finally:
        for each, handler in before.items():  # the loop leaves Python's own for SIGINT, which prints a traceback
            signal.signal(each, handler)


async def _interruptible(main: Coroutine[Any, Any, int]) -> int:
    received: list[int] = []
    work = asyncio.create_task(main)

    def interrupt(number: int) -> None:
        received.append(number)
        if len(received) == 1:
            work.cancel()

    for each in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(each, interrupt, each)
    try:
        exit_code = await work
    except asyncio.CancelledError:
        if not received:
            raise
    return 128 + received[0] if received else exit_code
