"""What somebody asks for by an address: which page, in which language, and what stands behind the question mark."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from ops.language import Language
from ops.language import gettext as _
from ops.named import one_line

_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_LANGUAGE = "lang"


class WrongError(Exception):
    """What is asked for cannot be. The message says what can be, in the language that is spoken."""


class MissingError(Exception):
    """There is no such page. The message says what there is not, in the language that is spoken."""


@dataclass(frozen=True)
class Address:
    """A page and what is asked of it, `given`: each value that is not empty, by its name. `language`: of the page."""

    path: str
    given: Mapping[str, Sequence[str]]
    language: Language

    @classmethod
    def of(cls, path: str, query: Iterable[tuple[str, str]], otherwise: Language) -> Self:
        """Return an address. Its page is in the language that it names, otherwise in another."""
        given: dict[str, list[str]] = {}
        for name, value in query:
            if shown := value.strip():
                given.setdefault(name, []).append(shown)
        asked = next(iter(given.get(_LANGUAGE, ())), "")
        return cls(path, given, Language(asked) if asked in [*Language] else otherwise)

    def one(self, name: str) -> str:
        """Return a value, empty where none is given."""
        return next(iter(self.several(name)), "")

    def several(self, name: str) -> Sequence[str]:
        """Return the values of a name that can be repeated."""
        return self.given.get(name, ())

    def number(self, name: str, least: int, most: int, *, usual: int) -> int:
        """Return a number, the usual one where none is given. Raise WrongError."""
        return next(iter(self.numbers(name, least, most)), usual)

    def numbers(self, name: str, least: int, most: int) -> list[int]:
        """Return the numbers of a name that can be repeated. Raise WrongError."""
        return [_number(each, name, least, most) for each in self.several(name)]

    def choices(self, name: str, among: Iterable[str]) -> list[str]:
        """Return the values of a name, each of which is one of these. Raise WrongError."""
        known = [*among]
        for each in self.several(name):
            if each not in known:
                said = _("{given} is none of these: {names}")
                raise WrongError(said.format(given=one_line(each), names=", ".join(known)))
        return [*self.several(name)]

    def to(self, path: str) -> str:
        """Return where a page is, in the language that was asked for, if one was."""
        return _written(path, {name: self.several(name) for name in (_LANGUAGE,)})

    def again(self, path: str = "", **other: str) -> str:
        """Return where this page is, or one at another path, asked for the same but for what is given."""
        return _written(path or self.path, {**self.given, **{name: [value] for name, value in other.items()}})


def _written(path: str, given: Mapping[str, Sequence[str]]) -> str:
    query = urlencode({name: [each for each in values if each] for name, values in given.items()}, doseq=True)
    return f"{path}?{query}" if query else path


def _number(text: str, name: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        said = _("{name} is a whole number from {least} to {most:,}, and {given} is none")
        raise WrongError(said.format(name=name, least=least, most=most, given=one_line(text)))
    return int(text)
