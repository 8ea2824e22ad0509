"""A service without something that is to make it fast: what that thing is compared with.

python -m benchmarks.switched_off group-commit registry
"""

import asyncio
import runpy
import sys
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

from shared import service
from shared.storage import collection


class _EachAlone:
    """In the place of `GroupCommit`: each write and look-up goes at once, alone, with as many others as there are."""

    def __init__(self, send: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]], **_: object) -> None:
        self._send = send

    async def __call__(self, item: Any) -> Any:
        (result,) = await self._send([item])
        if isinstance(result, Exception):
            raise result
        return result


def _switch_off(what: str) -> None:
    match what:
        case "group-commit":
            vars(collection)["GroupCommit"] = _EachAlone
        case "uvloop":
            vars(service)["uvloop"] = SimpleNamespace(run=asyncio.run)
        case _:
            raise SystemExit(f"cannot switch off {what}: group-commit or uvloop")


if __name__ == "__main__":
    switched_off, name = sys.argv[1:]
    del sys.argv[1:]  # the service has none
    _switch_off(switched_off)
    runpy.run_module(f"services.{name}", run_name="__main__")
