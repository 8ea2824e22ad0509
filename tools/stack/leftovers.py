"""Finds and ends what carries a stack's mark: descendants of descendants, and what a killed run left behind."""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Environment variable that every process of a stack inherits; its value is the stack's folder.
#: Unlike a process id in a file it is never another process's, and it reaches daemons that broke with their parents.
MARK = "OCOP_STACK_FOLDER"

#: How long a process may take to end after the first and after the second signal, in milliseconds.
_GRACE_MILLISECONDS = 10_000


def end_leftovers(folder: Path) -> list[int]:
    """End every process that carries the folder's mark: SIGTERM, then SIGKILL. Return their process ids."""
    ended: list[int] = []
    while found := list(marked_processes(folder)):
        for pid in found:
            _end(pid, folder)
        ended += found
    return ended


def marked_processes(folder: Path) -> Iterator[int]:
    """Return the process ids that carry the folder's mark, but not this process (Linux; elsewhere none is found)."""
    for entry in Path("/proc").glob("[0-9]*"):
        if entry.name != str(os.getpid()) and _is_marked(int(entry.name), folder):
            yield int(entry.name)


def _is_marked(pid: int, folder: Path) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # gone meanwhile, or another user's
        return False
    return f"{MARK}={folder}".encode() in environment.split(b"\0")


def _end(pid: int, folder: Path) -> None:
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            # Asked again: the handle now keeps the number from being another's.
            if _is_marked(pid, folder) and not _end_by(handle, signal.SIGTERM):
                _end_by(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def _end_by(handle: int, number: signal.Signals) -> bool:
    signal.pidfd_send_signal(handle, number)
    gone = select.poll()
    gone.register(handle, select.POLLIN)
    return bool(gone.poll(_GRACE_MILLISECONDS))
