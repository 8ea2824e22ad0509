"""What runs beside the messages goes on, whatever it meets."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared import service


class Feeder:
    """Meets a bug the first time that it is run."""

    def __init__(self) -> None:
        self.runs = 0
        self.runs_again = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        if self.runs == 1:
            raise KeyError("a value of a message")
        self.runs_again.set()
        await asyncio.Event().wait()


async def test_a_bug_does_not_end_what_runs_beside_the_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0)
    feeder = Feeder()
    with capture_logs() as logs:
        async with asyncio.timeout(10), service._running(feeder, None):
            await feeder.runs_again.wait()

    assert [(line["action"], line["error"]) for line in logs] == [("fail", "KeyError")]
