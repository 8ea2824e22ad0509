"""A service by a clock that is set: `python -m benchmarks.country.service NAME`, its file in BENCHMARK_CLOCK.

SIGUSR1 says that the clock was set: the timers look at once.
"""

import asyncio
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.country.set_clock import clock_in
from shared import service
from shared.timers import Timers


class _WakenedTimers(Timers):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.waken)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # of a service that has no timers
    vars(service)["Timers"] = _WakenedTimers
    app = import_module(f"services.{sys.argv[1]}.app").APP
    service.run(app, clock=clock_in(Path(os.environ["BENCHMARK_CLOCK"])))
