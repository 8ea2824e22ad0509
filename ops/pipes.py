"""Who reads what a command prints may go away before it is done, as `head` does: then it ends, quietly."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

#: What a shell says of a program that SIGPIPE has ended. Python ignores that signal, which sockets would bring as well.
READER_GONE = 128 + signal.SIGPIPE


@contextmanager
def while_somebody_reads() -> Iterator[None]:
    """Print in this block. Raise Exit (code 141) where nobody reads it any more."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # the latter is how rich ends a program, which prints the help
        raise typer.Exit(stop_printing()) from None


def stop_printing() -> int:
    """Let nothing more be printed: Python would complain of it as it leaves. Return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE
