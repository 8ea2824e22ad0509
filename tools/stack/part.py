"""What a local stack consists of: servers and services, each launched anew in the same way whenever it is gone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tools.stack.processes import Process


@dataclass
class Part:
    """A server or a service.

    Args:
        name: what people call it at the command line.
        title: what it is called in sentences.
        launch: starts its process.
        answers: whether it is ready.
        while_away: what that means for the others.
        url: where it answers over HTTP, if it does.
    """

    name: str
    title: str
    launch: Callable[[], Awaitable[Process]]
    answers: Callable[[], Awaitable[bool]]
    while_away: str
    url: str = ""
    _processes: list[Process] = field(default_factory=list)

    @property
    def process(self) -> Process:
        """The newest one, whether it still runs or not."""
        return self._processes[-1]

    async def start(self) -> None:
        """Launch it and wait until it is ready. Raise StackError where it is not."""
        self._processes.append(await self.launch())
        await self.process.until_ready(self.answers)
