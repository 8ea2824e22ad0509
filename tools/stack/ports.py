"""Free ports of this machine, and taken ones."""

import asyncio
import secrets
import socket
from contextlib import ExitStack, suppress

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
