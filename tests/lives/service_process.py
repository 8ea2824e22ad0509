"""A service as a process by a clock that is set: `python -m tests.lives.service_process NAME FILE`.

The file has the instant, ISO 8601. SIGUSR1 says that it has changed: the timers look at once.
"""

import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path

import uvloop

from services.evaluation.app import APP as EVALUATION
from services.registry.app import APP as REGISTRY
from shared.logs import configure_logging
from shared.service import build, serve
from shared.settings import load_settings

APPS = {app.name: app for app in (REGISTRY, EVALUATION)}


async def _run(name: str, clock_file: Path) -> None:
    app, stop, loop = APPS[name], asyncio.Event(), asyncio.get_running_loop()
    settings = load_settings(app.settings)
    configure_logging(name, format=settings.log_format, level=settings.log_level)
    service = build(app, settings, clock=lambda: datetime.fromisoformat(clock_file.read_text("ascii")))

    def waken() -> None:
        if service.timers:
            service.timers.waken()

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, waken)
    await serve(service, stop)


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1], Path(sys.argv[2])))
