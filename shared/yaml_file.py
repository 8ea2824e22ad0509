"""A file of YAML that people write, as a model has it: each fault on a line of its own, with file and place."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from shared.errors import SettingsError
from shared.yaml12 import load_yaml

Content = TypeVar("Content")


def load_file(file: Path, content: TypeAdapter[Content]) -> Content:
    """Return what a file says; an empty one is an empty mapping.

    Raises:
        SettingsError: the file cannot be read or used; a line for each fault names the file and the place.
    """
    try:
        return read_file(file.read_bytes(), content)
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError("\n".join(f"{file}{line}" for line in str(error).splitlines())) from None


def read_file(written: bytes, content: TypeAdapter[Content]) -> Content:
    """Return what the bytes of a file say. Raise ValueError: a line for each fault, which begins with its place."""
    try:
        loaded = load_yaml(written.decode("utf-8"))
        return content.validate_python({} if loaded is None else loaded)
    except UnicodeDecodeError as error:
        raise ValueError(f": not UTF-8 from byte {error.start} on") from None
    except ValidationError as error:
        raise ValueError("\n".join(_lines(error))) from None
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark, " ".join(f"{error.problem}".split())
        raise ValueError(f":{mark.line + 1}:{mark.column + 1}: {problem}" if mark else f": {problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f": {' '.join(str(error).split())}") from None


def _lines(error: ValidationError) -> Iterable[str]:
    for fault in error.errors(include_url=False):
        place = (str(step) for step in fault["loc"] if step != "[key]")
        yield " ".join(f": {'.'.join(place)}: {fault['msg'].removeprefix('Value error, ')}".split()).replace(
            ": : ", ": "
        )
