"""Names of servers looked up, in threads of their own: a look-up that hangs keeps no other channel waiting."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

#: Look-ups at the same time.
_THREADS = 8


class LookUps(AbstractResolver):
    """Looks names up as the system does."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "look-up")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses that a name stands for. Raise OSError."""
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=of, proto=protocol, flags=socket.AI_NUMERICHOST
            )
            for of, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Wait for no look-up."""
        self._threads.shutdown(wait=False, cancel_futures=True)
