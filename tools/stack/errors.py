"""What can keep the local stack from running, in words for the person at the terminal."""

from pathlib import Path

from ops.errors import CommandError


class StackError(CommandError):
    """The local stack cannot run; the message says why and where to look."""


class AlreadyRunningError(StackError):
    """Another process runs the stack of this folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(f"already running (pid {pid}): stop it first, with Ctrl-C in its terminal. Folder: {folder}")


class NotOursError(StackError):
    """The folder holds something that no stack has put there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there and is not a local stack's. Choose another folder, or an empty one.")


class DiedError(StackError):
    """A process of the stack ended before it was ready."""

    def __init__(self, name: str, exit_code: int | None, log_file: Path, last_lines: str) -> None:
        super().__init__(
            f"{name} ended (exit code {exit_code}) before it was ready. Its last lines:\n{last_lines}\n"
            f"The whole log: {log_file}"
        )


class NotReadyError(StackError):
    """A process of the stack lives and does not answer."""

    def __init__(self, name: str, seconds: float, log_file: Path, last_lines: str) -> None:
        super().__init__(
            f"{name} did not answer within {seconds:g} s. Its last lines:\n{last_lines}\nThe whole log: {log_file}"
        )
