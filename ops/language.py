"""The language in which the command speaks to people: English, or Vietnamese by the catalogue in `ops/locale`.

What is for programs (JSON, CSV, codes, types of events) is the same in both.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Self

FOLDER = Path(__file__).parent / "locale"
DOMAIN = "ocop"

#: What says the language where `--lang` does not: the first that is set, as programs of the system take it (POSIX).
SETTINGS = ("OCOP_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


class Language(StrEnum):
    """In which language the command speaks."""

    VI = "vi"
    EN = "en"


_spoken: ContextVar[NullTranslations] = ContextVar("_spoken", default=NullTranslations())  # noqa: B039  # has no state


def gettext(text: str) -> str:
    """Return a text in the language that is spoken; what is not in the catalogue stays as it is."""
    return _spoken.get().gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the text for so many, in the language that is spoken."""
    return _spoken.get().ngettext(one, many, number)


def marked(text: str) -> str:
    """Return a text as it is, having marked it for the catalogue: it is translated where it is shown."""
    return text


class Message(str):
    """A text in English, as programs get it, that also reads in the language that is spoken."""

    __slots__ = ("_template", "_values")
    _template: str
    _values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Make the text of a template, which is in the catalogue, and the values in its places."""
        message = super().__new__(cls, template.format(**values))
        message._template, message._values = template, values
        return message

    @property
    def spoken(self) -> str:
        """The text in the language that is spoken."""
        return gettext(self._template).format(**self._values)


def in_english(say: Callable[[], str]) -> str:
    """Return what is said, as programs get it."""
    with speaking(Language.EN):
        return say()


def both_are_shown() -> bool:
    """Return whether a sentence that is there in Vietnamese and English is shown in both: not to who asked for one."""
    return type(_spoken.get()) is NullTranslations


def spoken_language() -> Language:
    """Return the language that is spoken."""
    return Language.EN if both_are_shown() else Language.VI


def speak(language: Language) -> None:
    """Speak a language from here on."""
    _spoken.set(_catalogue(language))


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language for the length of a block, and then what was spoken before."""
    before = _spoken.set(_catalogue(language))
    try:
        yield
    finally:
        _spoken.reset(before)


def language_of(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language that the environment asks for: English unless it is Vietnamese."""
    asked = next(filter(None, map(environment.get, SETTINGS)), "")
    return Language.VI if asked.partition("_")[0].partition(".")[0].lower() == Language.VI else Language.EN


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language is Language.EN:
        return NullTranslations()
    return translation(DOMAIN, FOLDER, [language.value])
