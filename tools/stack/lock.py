"""One stack a folder: a lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tools.stack.errors import AlreadyRunningError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `lock` in the folder. Raise AlreadyRunningError with the holder's process id where it is taken."""
    path = folder / "lock"
    with _take(path) as file:
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _take(path: Path) -> TextIO:
    while True:
        file = path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            with file:
                file.seek(0)
                raise AlreadyRunningError(path.parent, file.read() or "unknown") from taken
        if _is_still_there(file, path):
            return file
        file.close()


def _is_still_there(file: TextIO, path: Path) -> bool:
    """Return whether the locked file is the one at the path: its last holder removes it when it leaves."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
