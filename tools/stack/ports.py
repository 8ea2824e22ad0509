"""Free ports of this machine, and taken ones; and those that a stack keeps."""

import asyncio
import json
import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path

#: Below the ports that the kernel gives to outgoing connections: one of those could take a port before its server does.
_PORTS = range(20_000, 32_000)
#: Until its server listens, a port looks free: within a process, none is given twice.
_given: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Return so many ports of 127.0.0.1 that nobody listens on and that this process was not given before."""
    ports: list[int] = []
    with ExitStack() as held:
        while len(ports) < count:
            port = secrets.choice(_PORTS)
            if port in _given:
                continue
            candidate = held.enter_context(socket.socket())
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            _given.add(port)
            ports.append(port)
    return ports


class KeptPorts:
    """The ports of a stack by name: those of its last run, from a file. Without a file, any that are free.

    Where somebody else listens on one by now it is another, and `say` hears of it.
    """

    def __init__(self, file: Path | None, say: Callable[[str], None]) -> None:
        self._file = file
        self._say = say
        self._ports: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        """Return the port of this name, the same whenever it is asked for."""
        if name not in self._ports:
            self._ports[name] = self._of_last_time(name) or free_ports(1)[0]
            if self._file:
                self._file.write_text(json.dumps({**self._kept, **self._ports}, indent=2) + "\n", "ascii")
        return self._ports[name]

    @cached_property
    def _kept(self) -> dict[str, int]:
        try:
            kept: dict[str, int] = json.loads(self._file.read_text("ascii")) if self._file else {}
        except (OSError, ValueError):  # none yet, or half written as the machine went down
            return {}
        _given.update(kept.values())
        return kept

    def _of_last_time(self, name: str) -> int | None:
        port = self._kept.get(name)
        if port and _is_taken(port):
            self._say(f"Somebody else listens on port {port} by now: {name} gets another one")
            return None
        return port


def _is_taken(port: int) -> bool:
    """Return whether somebody listens there; connections of the last run that the kernel still closes do not count."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def listens(port: int) -> bool:
    """Return whether somebody takes connections on this port of 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
