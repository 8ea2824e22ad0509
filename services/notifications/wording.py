"""Decide: how a template becomes plain text, or a page of HTML, in which no words from outside pass for ours."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule
from markupsafe import Markup, escape
from pydantic import BaseModel

from shared.contracts.certificates import CertificateRevoked
from shared.contracts.dossier import Language
from shared.contracts.rounds import RoundMoved
from shared.contracts.text import Fault

#: For whom the words are.
Readers = Literal["producer", "office"]
#: How the blocks of an alert look: a template of each name. A part is one of a digest's alerts.
Form = Literal["subject", "text", "text-part", "html", "html-part", "sheet"]

#: Control characters but the line feed, and those that turn the direction of writing.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: What offices write in their own words and lines.
_PROSE = frozenset({(RoundMoved, "reasons"), (CertificateRevoked, "reason")})
#: Days before a certificate's last day on which a re-evaluation may be filed: first, last (26/2026, Art. 7.6a).
_WINDOW = (180, 120)
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Template:
    """The words for one kind of news, `name`, to these readers."""

    readers: Readers
    language: Language
    name: str

    @property
    def path(self) -> str:
        """Where it lies among the templates."""
        folder = "" if self.readers == "producer" else f"{self.readers}/"
        return f"{folder}{self.language}/{self.name}.jinja"


def rendered(template: Template, form: Form, values: Mapping[str, object]) -> TemplateModule:
    """Return a template with these values. The template is one; the form says how its blocks look."""
    environment = _HTML if form.startswith("html") else _TEXT
    readable = {name: _on_one_line(value) for name, value in values.items()}
    return environment.get_template(template.path).make_module({**readable, "form": f"{form}.jinja"})


def one_line(text: str | None) -> str | None:
    """Return a text from outside as a template would print it: on one line, in NFC, without control characters."""
    return None if text is None else str(_readable(_on_one_line(text)))


class _OneLine:
    """A model as a template sees it: each text, where it is asked for, on one line. A template asks for few of them."""

    def __init__(self, model: BaseModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._model, name)
        value = _indented(value) if (type(self._model), name) in _PROSE else _on_one_line(value)
        setattr(self, name, value)  # from now on, it is found without asking
        return value


def _on_one_line(value: Any) -> Any:
    """Return a value whose texts are one line each, so that none can pass for a paragraph of ours; faults are prose."""
    match value:
        case str():
            return " ".join(value.split())
        case tuple():
            return tuple(map(_on_one_line, value))
        case None | int() | Fault():
            return value
        case BaseModel():
            return _OneLine(value)
        case _:
            return value


def _indented(prose: str | tuple[str, ...]) -> Any:
    """Return an office's prose with its lines, each behind the first set in: none can pass for a paragraph of ours."""
    if isinstance(prose, tuple):
        return tuple(map(_indented, prose))
    return "\n   ".join(line for line in map(_on_one_line, prose.splitlines()) if line)


def _readable(value: object) -> object:
    """Return a value as a template may print it: NFC, and no control characters, which mail servers refuse.

    It happens before HTML is escaped: normalised afterwards, a name that begins with a combining mark could swallow
    the bracket that closes a tag.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    normal = unicodedata.normalize("NFC", value)
    return normal if normal.isprintable() else _CONTROL.sub(" ", normal)


def _lines(words: str) -> Markup:
    """Return a block of HTML with its lines broken where they are."""
    return escape(words).strip().replace("\n", Markup("<br>"))


def _date_in_vietnamese(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"


def _date_in_english(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _day_in_english(day: date) -> str:
    """Return a date for where there is little room: `3 May 2029`, `30 Sep 2029`."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


def _renewal_window(last_day: date) -> tuple[date, ...]:
    """Return the first and the last day on which the next certificate may be asked for."""
    return tuple(date.fromordinal(max(last_day.toordinal() - days, 1)) for days in _WINDOW)


def _held_back_by(rated: Any) -> tuple[Any, ...]:
    """Return the minimums that stand before the next star; those of later stars would only confuse."""
    if rated.stars is None:
        return ()
    return tuple(unmet for unmet in rated.unmet_minimums if unmet.star <= rated.stars + 1)


_HTML = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_readable,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_HTML.filters.update(
    lines=_lines,
    date_vi=_date_in_vietnamese,
    date_en=_date_in_english,
    day_en=_day_in_english,
    renewal_window=_renewal_window,
    held_back_by=_held_back_by,
)
_TEXT = _HTML.overlay(autoescape=False)
