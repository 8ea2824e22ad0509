"""The catalogue's files: written whole or not at all, and only where what they say is another."""

from contextlib import suppress
from pathlib import Path


def write_whole(file: Path, text: str) -> bool:
    """Write a text to a file, in the place of what is there, at once; readers never see half of it.

    Return whether it says something else than before. Raise OSError.
    """
    written = text.encode()
    with suppress(FileNotFoundError):
        if file.read_bytes() == written:
            return False
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.write_bytes(written)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return True
