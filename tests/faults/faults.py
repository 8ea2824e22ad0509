"""The faults: what each does to the system, and how it is undone."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from tests.faults.proxy import Proxy
from tests.faults.repeats import deliver_again
from tests.faults.server import Server
from tests.faults.system import System

ServerFault = Literal["kill", "stop", "freeze"]
ConnectionFault = Literal["cut", "half-close", "drop", "delay"]


@dataclass(frozen=True)
class Strike:
    """A process is killed, stopped in an orderly way, or frozen, and comes back after a while."""

    fault: ServerFault
    server: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.fault} {self.server} ({self.seconds:g} s)"

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return f"{self.fault} {self.server.rpartition('-')[0] if self.server[-1].isdigit() else self.server}"

    async def happen(self, system: System) -> None:
        """Do it, and undo it."""
        server = system.servers[self.server]
        async with server.struck:
            await _struck(server, self.fault, self.seconds)


@dataclass(frozen=True)
class Break:
    """The connections of an instance, or of all, to one server are cut, half-closed, emptied or delayed for a while."""

    fault: ConnectionFault
    clients: tuple[str, ...]
    server: Literal["broker", "database"]
    seconds: float
    towards: Literal["client", "server"] = "client"

    def __str__(self) -> str:
        whose = self.clients[0] if len(self.clients) == 1 else "all"
        return f"{self.fault} {whose} to {self.server} ({self.seconds:g} s)"

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return f"{self.fault} connections to {self.server}"

    async def happen(self, system: System) -> None:
        """Do it, and undo it."""
        proxies = [system.proxies[client, self.server] for client in self.clients]
        for proxy in proxies:
            self._break(proxy)
        await asyncio.sleep(self.seconds)
        for proxy in proxies:
            proxy.heal()

    def _break(self, proxy: Proxy) -> None:
        match self.fault:
            case "cut":
                proxy.refuse()
            case "half-close":
                proxy.half_close(self.towards)
            case "drop":
                proxy.drop()
            case "delay":
                proxy.delay(0.2)


@dataclass(frozen=True)
class Repeat:
    """Events that were answered long ago are delivered once more, as after a crash before the acknowledgement."""

    count: int

    def __str__(self) -> str:
        return f"deliver {self.count} answered events again"

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return "deliver answered events again"

    async def happen(self, system: System) -> None:
        """Do it."""
        await deliver_again(system, self.count)


@dataclass(frozen=True)
class Renewal:
    """An instance of a service is stopped in an orderly way, and a new one takes its place: a step of an upgrade."""

    server: str

    def __str__(self) -> str:
        return f"renew {self.server}"

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return f"renew {self.server.rpartition('-')[0]}"

    async def happen(self, system: System) -> None:
        """Do it; the new one is ready at the end."""
        server = system.servers[self.server]
        async with server.struck:
            await server.stop()
            await system.start_until_ready(self.server)


@dataclass(frozen=True)
class Step:
    """Clocks of registries are stepped to some seconds before New Year, which they then pass, or back: `None`."""

    servers: tuple[str, ...]
    seconds_before_new_year: float | None

    def __str__(self) -> str:
        to = (
            "back" if self.seconds_before_new_year is None else f"to {self.seconds_before_new_year:g} s before New Year"
        )
        return f"step the clock of {' and '.join(self.servers)} {to}"

    @property
    def kind(self) -> str:
        """What the report counts it as."""
        return "step clocks back" if self.seconds_before_new_year is None else "step clocks over New Year"

    async def happen(self, system: System) -> None:
        """Do it; the clocks stay so."""
        for clock in map(system.clocks.__getitem__, self.servers):
            if self.seconds_before_new_year is None:
                clock.step_back()
            else:
                clock.step_before_new_year(self.seconds_before_new_year)


Fault = Strike | Break | Repeat | Renewal | Step


async def _struck(server: Server, fault: ServerFault, seconds: float) -> None:
    match fault:
        case "kill":
            await server.kill()
            await asyncio.sleep(seconds)
            await server.start()
        case "stop":
            await server.stop()
            await asyncio.sleep(seconds)
            await server.start()
        case "freeze":
            server.freeze()
            await asyncio.sleep(seconds)
            server.thaw()
