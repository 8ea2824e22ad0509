"""Reads regulations from folders of YAML files, and says where one is wrong: file, field, fault."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from operator import attrgetter

import yaml
from pydantic import ValidationError

from services.evaluation.regulations.regulation import Regulation
from shared.yaml12 import load_yaml

#: The regulations that every installation has.
DEFAULTS: Traversable = files("services.evaluation.regulations")


class RegulationsError(Exception):
    """Files of regulations do not hold; the text names the file, the field and every fault, a line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Regulations:
    """All regulations in all their versions."""

    all: tuple[Regulation, ...]

    def on(self, id: str, day: date) -> Regulation | None:
        """Return the version of a regulation that is in force on a day, None where there is none."""
        in_force = (each for each in self.all if each.id == id and each.date <= day)
        return max(in_force, key=attrgetter("date"), default=None)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that a session can name."""
        return tuple(sorted({each.id for each in self.all}))


def load_regulations(*folders: Traversable) -> Regulations:
    """Return the regulations of the package, and those of more folders, a file each.

    Raises:
        RegulationsError: a folder cannot be read; or a file is no YAML, not in Unicode form NFC, breaks a rule of
            regulations, or says what another file says already, by id and date.
    """
    found: dict[tuple[str, date], str] = {}
    faults, regulations = [], []
    for name, read in (pair for folder in (DEFAULTS, *folders) for pair in _read_all(folder)):
        match read:
            case Regulation() as regulation if other := found.get((regulation.id, regulation.date)):
                faults.append(f"{name}: {regulation.id} of {regulation.date} stands in {other} already")
            case Regulation() as regulation:
                found[regulation.id, regulation.date] = name
                regulations.append(regulation)
            case _:
                faults += [f"{name}: {fault}" for fault in read]
    if faults:
        raise RegulationsError(faults)
    return Regulations(tuple(regulations))


def _read_all(folder: Traversable) -> Iterator[tuple[str, Regulation | list[str]]]:
    """Yield each file's name, and what is in it or what is wrong with it."""
    try:
        paths = sorted((path for path in folder.iterdir() if path.name.endswith((".yaml", ".yml"))), key=_name)
    except OSError as error:
        raise RegulationsError([f"{folder}: {error.strerror}"]) from None
    yield from ((path.name, _read(path)) for path in paths)


def _read(path: Traversable) -> Regulation | list[str]:
    try:
        text = path.read_text(encoding="utf-8")
        if lines := [n for n, line in enumerate(text.splitlines(), 1) if not unicodedata.is_normalized("NFC", line)]:
            return [f"line {number}: not in Unicode form NFC" for number in lines]
        return Regulation.model_validate(load_yaml(text))
    except OSError as error:
        return [error.strerror or "cannot be read"]
    except UnicodeDecodeError:
        return ["not in UTF-8"]
    except yaml.YAMLError as error:
        return [" ".join(str(error).split())]
    except ValidationError as error:
        return [_fault(each["loc"], each["msg"]) for each in error.errors(include_url=False)]


def _fault(where: tuple[int | str, ...], message: str) -> str:
    field = ".".join(map(str, where)) or "the file"
    return f"{field}: {message.removeprefix('Value error, ')}"


def _name(path: Traversable) -> str:
    return path.name
