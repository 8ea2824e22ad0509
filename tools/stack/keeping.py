"""Keeps the parts of a stack running: what dies is started again, and what is to go away for a while comes back.

A part that dies again and again ends the stack: starting it ever again would hide what is wrong.
"""

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.stack.errors import DiedError, StackError
from tools.stack.part import Part

#: How often a part that died is started again within `WITHIN_SECONDS`.
MOST_RESTARTS = 3
WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Outage:
    """What somebody asks for: which part goes away, whether at once as in a crash, and for how long, in seconds."""

    part: str
    kill: bool = False
    seconds: float = 0.0


class Keeper:
    """Keeps parts running until one dies too often; `say` hears of all that happens."""

    def __init__(self, parts: Sequence[Part], say: Callable[[str], None]) -> None:
        self._parts = {part.name: part for part in parts}
        self._say = say
        self._asked: dict[str, tuple[Outage, asyncio.Future[None]]] = {}

    async def run(self) -> Part:
        """Keep all parts running. Return the one that died too often."""
        keeping = {asyncio.create_task(self._keep(part)): part for part in self._parts.values()}
        try:
            done, _ = await asyncio.wait(keeping, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in keeping:
                task.cancel()
            for _outage, back in self._asked.values():
                back.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)  # so that nothing is launched any more
        ended = done.pop()
        ended.result()
        return keeping[ended]

    async def take_away(self, outage: Outage) -> None:
        """Stop a part, and return once it is back and ready. Raise StackError where that cannot be."""
        part = self._parts.get(outage.part)
        if part is None:
            raise StackError(f"there is no {outage.part}: {', '.join(self._parts)}")
        if outage.part in self._asked or part.process.exit_code is not None:
            raise StackError(f"{part.title} is away, or starting, already")
        back = asyncio.get_running_loop().create_future()
        self._asked[outage.part] = outage, back
        try:
            await (part.process.kill() if outage.kill else part.process.stop())
            await back
        finally:
            del self._asked[outage.part]

    async def _keep(self, part: Part) -> None:
        deaths: deque[float] = deque(maxlen=MOST_RESTARTS)
        clock = asyncio.get_running_loop().time
        while True:
            exit_code = await part.process.wait()
            if asked := self._asked.get(part.name):
                await self._stay_away(part, asked[0])
            elif len(deaths) == MOST_RESTARTS and clock() - deaths[0] < WITHIN_SECONDS:
                return
            else:
                deaths.append(clock())
                log = part.process.log_file.with_suffix(".log.1")  # where it is moved to
                self._say(f"\n{part.process.name} {ending(exit_code)}; its log: {log}")
                self._say(f"{part.while_away} It is started again.")
            await self._start(part)

    async def _stay_away(self, part: Part, outage: Outage) -> None:
        how, long = "killed" if outage.kill else "stopped", f" for {outage.seconds:g} s" if outage.seconds else ""
        self._say(f"\n{part.title} was {how} as asked, and is away{long}. {part.while_away}")
        await asyncio.sleep(outage.seconds)

    async def _start(self, part: Part) -> None:
        """Start a part again, and tell who waits for it. What dies at its start is seen as what dies later."""
        fault: StackError | None = None
        try:
            await part.start()
        except DiedError as error:
            fault = error
        except StackError as error:  # it lives, and may answer later
            self._say(f"{error}")
            fault = error
        else:
            self._say(f"{part.title} is ready again")
        _, back = self._asked.get(part.name, (None, None))
        if back and not back.done():
            back.set_exception(fault) if fault else back.set_result(None)


def ending(exit_code: int | None) -> str:
    """Return how a process ended, in words."""
    if exit_code is not None and exit_code < 0:
        return f"was killed ({signal.Signals(-exit_code).name})"
    return f"ended with exit code {exit_code}"
