"""A programme as an office has set it: where, from when to when, and its targets; a YAML file (docs/reports.md)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from ops.language import gettext as _
from ops.places import only_place
from services.registry.gazetteer import FoundPlace, in_force, meant
from shared.contracts.text import Bilingual
from shared.errors import SettingsError
from shared.yaml_file import load_file

#: Where programmes are looked for, in the present folder.
FOLDER = Path("programmes")
_CENTURY = 20


class Counts(StrEnum):
    """What a target counts."""

    #: products that got a certificate in the period, each once
    RATED = "rated"
    #: products whose first certificate is of the period
    NEW = "new"
    #: products that got another one in it, because theirs ran out or was to
    RE_EVALUATED = "re-evaluated"
    #: products with so many stars in force, at its end
    STARS = "stars"
    #: producers who have a product with a certificate in force, at its end
    PRODUCERS = "producers"


def _code_or_name(written: object) -> object:
    """Return a place as it is written. Raise ValueError: a number, whose leading zero is lost."""
    if isinstance(written, int):
        raise ValueError(_('write a code in quotation marks, such as "09574"'))  # noqa: TRY004  # pydantic's way
    return written


def _day(written: object) -> date:
    """Return a day as it is written. Raise ValueError: it is none, or of another century."""
    day = written
    with suppress(ValueError):
        day = date.fromisoformat(written) if isinstance(written, str) else written
    if isinstance(day, date) and not isinstance(day, datetime) and day.year // 100 == _CENTURY:
        return day
    raise ValueError(_("must be a day of this century, such as 2026-12-31"))


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Written):
    """So many of something; `groups` are the product groups in which it counts, all where none is named."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    counts: Counts
    at_least: Annotated[int, Field(strict=True, ge=1)]
    at_most: Annotated[int, Field(strict=True, ge=1)] | None = None
    stars: Sequence[Literal[3, 4, 5]] = ()
    groups: Sequence[Literal["I", "II", "III", "IV", "V", "VI"]] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Hold the fields against each other. Raise ValueError."""
        if bool(self.stars) is not (self.counts is Counts.STARS):
            raise ValueError(_("stars belong to what counts stars, which needs them"))
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(_("at_most is less than at_least"))
        return self


class Programme(_Written):
    """A plan: `places` are provinces and communes by code or name, the days are both included."""

    name: Bilingual
    source: Annotated[str, Field(min_length=1)]
    places: Annotated[Sequence[Annotated[str, BeforeValidator(_code_or_name)]], Field(min_length=1)]
    begins: Annotated[date, BeforeValidator(_day)]
    ends: Annotated[date, BeforeValidator(_day)]
    targets: Annotated[Sequence[Target], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Hold the days and names against each other, and look up the places. Raise ValueError."""
        if self.begins > self.ends:
            raise ValueError(_("it ends before it begins"))
        if len({each.name for each in self.targets}) < len(self.targets):
            raise ValueError(_("two targets have one name"))
        self.where  # noqa: B018  # looked up, to hear of what is none
        return self

    @cached_property
    def where(self) -> list[FoundPlace]:
        """The places in force. Raise ValueError: a name or code is of none, or of several."""
        return [in_force(each) or only_place(meant(each), each) for each in self.places]


_FILE = TypeAdapter(Programme)


def load_programme(file: Path) -> Programme:
    """Return the programme of a file. Raise SettingsError: it cannot be read, or is none; every fault is named."""
    return load_file(file, _FILE)


def programme_file(asked: Path | None, folder: Path = FOLDER) -> Path:
    """Return the file that is asked for, else the only one of the folder. Raise SettingsError: none, or several."""
    if asked:
        return asked
    files = sorted(folder.glob("*.yaml"))
    if len(files) == 1:
        return files[0]
    said = (
        _("there are several programmes, name one: {files}") if files else _("{folder} has no programme: name its file")
    )
    raise SettingsError(said.format(files=", ".join(map(str, files)), folder=folder))
