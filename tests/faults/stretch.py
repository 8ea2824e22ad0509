"""The part of a run in which messages are sent and faults happen."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.clock import system_clock
from shared.contracts.catalogue import INTAKE
from shared.legal_date import legal_date
from tests.faults.faults import Fault
from tests.faults.messages import Case, Message, Sender
from tests.faults.portal import Portal
from tests.faults.schedule import Leg
from tests.faults.stream import Stream
from tests.faults.system import System

#: seconds; a leg that takes longer has met something that does not end
LEG_PATIENCE_SECONDS = 300
#: of 1: messages of earlier legs that are sent once more
LATE_SHARE = 0.02


@dataclass
class Sent:
    """What was sent, and what happened meanwhile.

    `unanswered` are the messages that were not sent, since the answer for which they waited did not come.
    """

    cases: list[Case] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)


class Stretch:
    """Legs of the stream, one after the other.

    The senders may file only; the stranger may do what they may not: write garbage between the services.
    """

    def __init__(
        self,
        seed: int,
        system: System,
        senders: Mapping[Sender, Portal],
        stranger: Portal,
        say: Callable[[str], None],
    ) -> None:
        self.sent = Sent()
        self._random = random.Random(f"moments {seed}")
        self._system = system
        self._senders = senders
        self._stranger = stranger
        self._say = say
        self._stream = Stream(seed, year=legal_date(system_clock()).year)
        self._cases = self._stream.cases()

    @property
    def portals(self) -> list[Portal]:
        """All who send."""
        return [*self._senders.values(), self._stranger]

    async def run(self, legs: Sequence[Leg], *, messages: int) -> None:
        """Go through all legs, with so many messages altogether."""
        for number, leg in enumerate(legs, 1):
            confirmed = sum(portal.confirmed for portal in self.portals)
            now = self._messages(messages * number // len(legs) - confirmed)
            faults = ", ".join(str(fault) for _, fault in leg.faults)
            self._say(f"leg {number} of {len(legs)}: {len(now)} messages; {faults}")
            async with asyncio.timeout(LEG_PATIENCE_SECONDS):
                await self._go(leg, now)

    def _messages(self, count: int) -> list[Message]:
        """Make the messages of a leg, some of them more than once, and some that were sent long ago."""
        earlier = [message for case in self.sent.cases for message in case.messages]
        messages = self._random.sample(earlier, min(len(earlier), max(0, int(count * LATE_SHARE))))
        while len(messages) < count:
            case = next(self._cases)
            self.sent.cases.append(case)
            for message in case.messages:
                messages += [message] * self._stream.copies()
        return messages

    async def _go(self, leg: Leg, messages: list[Message]) -> None:
        moments = {message.body: self._random.uniform(0, leg.seconds) for message in messages}
        async with asyncio.TaskGroup() as going:
            for message in messages:
                at_once = self._random.random() < 0.5
                moment = moments[message.body] if at_once else self._random.uniform(0, leg.seconds)
                going.create_task(self._send(0 if message.after else moment, message))
            for moment, fault in leg.faults:
                going.create_task(self._happen(moment, fault))

    async def _send(self, moment: float, message: Message) -> None:
        """Send a message at its moment, or else as soon as what it waits for is there."""
        await asyncio.sleep(moment)
        portal = self._senders[message.sender] if message.exchange == INTAKE else self._stranger
        try:
            ready = await portal.ready(message)
        except TimeoutError:
            self.sent.unanswered.append(f"{message.id}: not filed, since no answer came to {message.after}")
            return
        await portal.send(ready)

    async def _happen(self, moment: float, fault: Fault) -> None:
        await asyncio.sleep(moment)
        await fault.happen(self._system)
        self.sent.faults[fault.kind] += 1
