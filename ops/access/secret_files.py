"""Files that hold a secret each: written whole, kept once they are there, readable by no more than are to be."""

import secrets
from pathlib import Path


def modes(readable_by_all: bool) -> tuple[int, int]:
    """Return the modes of folders and of files."""
    return (0o755, 0o444) if readable_by_all else (0o700, 0o600)


def read(file: Path) -> str | None:
    """Return what a file holds, None where it is not there."""
    return file.read_text("utf-8") if file.exists() else None


def kept_or_new(file: Path, size: int) -> str:
    """Return what a file has already, or else a new secret of so many random bytes."""
    return read(file) or secrets.token_urlsafe(size)


def make(folder: Path, mode: int) -> None:
    """Make a folder with this mode, or give it to the one that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)


def write(file: Path, content: str, modes: tuple[int, int]) -> None:
    """Write a file whole or not at all, and never readable by more than it is to be."""
    of_folder, of_file = modes
    make(file.parent, of_folder)
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(content, "utf-8")
    unfinished.chmod(of_file)
    unfinished.replace(file)
