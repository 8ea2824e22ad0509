"""The registry as a process that notes of every message by which functions of this project it was handled.

A reader who follows a message opens each function once, where it is first called. The way is that order, from the
delivery to the acknowledgement, over all tasks; a move is a step of it into another file.

What runs in the background is not on the way: no message waits for it.

The file that is named on the command line gets a line of JSON for each message: the functions of its way.
"""

import asyncio
import json
import runpy
import sys
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import aio_pika
import aiormq

from shared.service import BACKGROUND

ROOT = Path(__file__).parents[2]
#: Where this project's own code is.
OURS = tuple(f"{ROOT / folder}/" for folder in ("services", "shared"))

#: Lambdas and comprehensions; and what reads properties off the wire, before the way of their message begins.
NOT_COUNTED = ("<", "_lenient_")

BEGINS = aio_pika.IncomingMessage.__init__.__code__
ENDS = aiormq.Channel.basic_ack.__code__


class Watch:
    """Sees every call of the interpreter's thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._way: dict[CodeType, None] | None = None  # while no message is handled

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Note a call; what begins again after it has waited is called anew for the interpreter, and known here."""
        if event != "call":
            return
        code = frame.f_code
        if code is BEGINS:
            self._way = self._way or {}  # it comes twice: also for the journal, in the background
        elif self._way is None:
            return
        elif code is ENDS:
            self._write(self._way)
            self._way = None
        elif _is_ours(code) and not _is_in_background():
            self._way.setdefault(code)

    def _write(self, functions: Iterable[CodeType]) -> None:
        way = [f"{Path(code.co_filename).relative_to(ROOT)}:{code.co_qualname}" for code in functions]
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(way) + "\n")


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(OURS) and not code.co_name.startswith(NOT_COUNTED)


def _is_in_background() -> bool:
    task = asyncio.current_task()
    return task is not None and task.get_name() == BACKGROUND


if __name__ == "__main__":
    sys.setprofile(Watch(Path(sys.argv.pop())))
    runpy.run_module("services.registry", run_name="__main__")
