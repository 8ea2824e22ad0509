"""Dossiers in files: JSON or YAML, one a file."""

import json
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import yaml

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
    """The file holds no dossier that could be filed; the text says why, and repeats nothing personal."""


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
        raise UnreadableFileError("is not written in UTF-8") from None
    except OSError as error:
        raise UnreadableFileError(f"cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise UnreadableFileError(f"is no YAML: {_what_and_where(error)}") from None
    except RecursionError:
        raise UnreadableFileError("is nested too deeply") from None
    except (ValueError, TypeError) as error:  # no JSON, or what JSON and UTF-8 cannot carry
        raise UnreadableFileError(f"cannot be read as JSON: {error}") from None
    if size > MAX_MESSAGE_BYTES:
        raise UnreadableFileError(f"makes a message of {size} bytes; the intake takes {MAX_MESSAGE_BYTES}")
    return data


def _files(path: Path) -> Iterator[Path]:
    if path == STDIN or path.is_file():
        yield path
        return
    if not path.is_dir():
        raise ValueError(f"{path} is not there")
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and file.is_file())
    if not found:
        raise ValueError(f"{path} has no file that ends in {', '.join(SUFFIXES)}")
    yield from found


def _parsed(text: str, file: Path) -> dict[str, Any]:
    is_json = file.suffix == ".json" or text.lstrip().startswith("{")
    data = _JSON.loads(text) if is_json else _JSON.loads(json.dumps(_yaml(text), allow_nan=False))
    if not isinstance(data, dict):
        raise UnreadableFileError("is no dossier: it holds no object")
    return data


def _yaml(text: str) -> Any:
    if has_alias(text):
        raise UnreadableFileError("has an alias (*name), which a message cannot carry: write it out")
    return load_yaml(text)


def _what_and_where(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return "it has characters that YAML does not allow"
    mark = error.problem_mark
    return f"{mask_text(error.problem or '')}, line {mark.line + 1}, column {mark.column + 1}"
