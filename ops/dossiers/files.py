"""Dossiers in files: JSON or YAML, one a file."""

import json
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import yaml

from ops.language import Message, marked
from shared.contracts.envelope import MAX_MESSAGE_BYTES
from shared.contracts.strict_json import StrictJSONFormat
from shared.contracts.writing import written
from shared.masking import mask_text
from shared.yaml12 import has_alias, load_yaml

#: What is taken for a dossier in a folder.
SUFFIXES = (".json", ".yaml", ".yml")
STDIN = Path("-")

_JSON = StrictJSONFormat()


class UnreadableFileError(Exception):
    """The file holds no dossier that could be filed; `reason` says why, and repeats nothing personal."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = Message(reason, **values)
        super().__init__(self.reason)


def dossier_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are meant, each once, in their order; of a folder those that lie in it, by name.

    Raises:
        ValueError: one is not there, or a folder has no dossier in it.
    """
    return list(dict.fromkeys(file for path in paths for file in _files(path)))


def take_standard_input() -> None:
    """Read standard input to its end and keep it. Before the event loop runs, or Ctrl-C would wait for that end."""
    sys.stdin = TextIOWrapper(BytesIO(sys.stdin.buffer.read()), "utf-8-sig")


def read_dossier(file: Path) -> dict[str, Any]:
    """Read a file (`-`: standard input), acceptable or not. Raise UnreadableFileError."""
    try:
        text = sys.stdin.read() if file == STDIN else file.read_text("utf-8-sig")
        data = _parsed(text, file)
        size = len(written(data))
    except UnicodeDecodeError:
        raise UnreadableFileError(marked("is not written in UTF-8")) from None
    except OSError as error:
        raise UnreadableFileError(marked("cannot be read: {why}"), why=error.strerror) from None
    except yaml.YAMLError as error:
        raise _no_yaml(error) from None
    except RecursionError:
        raise UnreadableFileError(marked("is nested too deeply")) from None
    except (ValueError, TypeError) as error:  # no JSON, or what JSON and UTF-8 cannot carry
        raise UnreadableFileError(marked("cannot be read as JSON: {why}"), why=error) from None
    if size > MAX_MESSAGE_BYTES:
        too_big = marked("makes a message of {size} bytes; the intake takes {most}")
        raise UnreadableFileError(too_big, size=size, most=MAX_MESSAGE_BYTES)
    return data


def _files(path: Path) -> Iterator[Path]:
    if path == STDIN or path.is_file():
        yield path
        return
    if not path.is_dir():
        raise ValueError(Message("{path} is not there", path=path))
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and file.is_file())
    if not found:
        none = Message("{path} has no file that ends in {suffixes}", path=path, suffixes=", ".join(SUFFIXES))
        raise ValueError(none)
    yield from found


def _parsed(text: str, file: Path) -> dict[str, Any]:
    is_json = file.suffix == ".json" or text.lstrip().startswith("{")
    data = _JSON.loads(text) if is_json else _JSON.loads(json.dumps(_yaml(text), allow_nan=False))
    if not isinstance(data, dict):
        raise UnreadableFileError(marked("is no dossier: it holds no object"))
    return data


def _yaml(text: str) -> Any:
    if has_alias(text):
        raise UnreadableFileError(marked("has an alias (*name), which a message cannot carry: write it out"))
    return load_yaml(text)


def _no_yaml(error: yaml.YAMLError) -> UnreadableFileError:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return UnreadableFileError(marked("is no YAML: it has characters that YAML does not allow"))
    what, mark = mask_text(error.problem or ""), error.problem_mark
    where = marked("is no YAML: {what}, line {line}, column {column}")
    return UnreadableFileError(where, what=what, line=mark.line + 1, column=mark.column + 1)
