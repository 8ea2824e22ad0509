"""What operators did that others may ask about: a line of JSON each, on standard error and in a file that is kept."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import Any, TextIO

from ops.commands import json_line, wrong_usage
from shared.clock import system_clock


@contextmanager
def opened_log(file: Path | None, terminal: TextIO) -> Iterator[Sequence[TextIO]]:
    """Return where lines go, the file first: whoever reads the other may count on it. Raise Exit (code 2)."""
    if file is None:
        yield (terminal,)
        return
    try:
        kept = file.open("a", encoding="utf-8")
    except OSError as error:
        raise wrong_usage(f"{file} cannot be written: {error.strerror}") from None
    with kept:
        yield (kept, terminal)


def log_act(logs: Sequence[TextIO], *, action: str, event: str, operator: str, **about: Any) -> None:
    """Write that an operator does something; it may be done once that is on disk."""
    said: Mapping[str, Any] = {"timestamp": system_clock(), "level": "warning", "event": event, "action": action}
    line = json_line({**said, "operator": operator, **about})
    for log in logs:
        log.write(f"{line}\n")
        log.flush()
        with suppress(UnsupportedOperation):  # one in memory is no file
            if stat.S_ISREG(os.fstat(log.fileno()).st_mode):  # a terminal or a pipe has no disk
                os.fsync(log.fileno())
