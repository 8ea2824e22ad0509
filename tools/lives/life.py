"""A life as its file has it: who files what on which day, and which events are to follow."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from services.evaluation.rulebook import load_rulebook
from shared.contracts.catalogue import CATALOGUE, EventType
from shared.integrations import load_integrations
from shared.legal_date import LEGAL_ZONE
from shared.yaml12 import load_yaml
from tools.examples import load_examples

FOLDER = Path(__file__).parents[2] / "examples" / "lives"
#: Who files in a life: the integrations of `examples/lives/integrations.yaml`.
INTEGRATIONS = FOLDER / "integrations.yaml"

_KINDS: Mapping[str, EventType[Any]] = {kind.name: kind for kind in CATALOGUE}


def _vietnamese(instant: datetime) -> datetime:
    """Return an instant that is written without a zone as Vietnam's."""
    return (instant.replace(tzinfo=LEGAL_ZONE) if instant.tzinfo is None else instant).astimezone(UTC)


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Written):
    """One moment of a life: something is filed, or a day has come; and what is to follow, in any order.

    What is filed is `data`, or made of an example dossier: the dossier itself with some `changes`, or a `card` with its
    answers and some other `options`. `$code` stands for the product's code. An event that is expected may name fields.
    """

    at: Annotated[datetime, AfterValidator(_vietnamese)]
    by: str | None = None
    file: str | None = None
    data: dict[str, Any] = {}
    dossier: str | None = None
    changes: dict[str, Any] = {}
    card: str | None = None
    options: dict[str, int] = {}
    expect: tuple[str | dict[str, dict[str, Any]], ...] = ()
    #: for the story: what happens, in English
    says: str = ""

    @model_validator(mode="after")
    def _holds(self) -> Self:
        unknown = [name for name in (*filter(None, [self.file]), *self.expected_kinds) if name not in _KINDS]
        if unknown:
            raise ValueError(f"no such events: {', '.join(unknown)}")
        if self.by is not None and self.by not in load_integrations(INTEGRATIONS):
            raise ValueError(f"{INTEGRATIONS.name} has no {self.by}")
        if (self.file is None) != (self.by is None):
            raise ValueError("`file` and `by` go together")
        return self

    @property
    def kind(self) -> EventType[Any] | None:
        """The kind of what is filed."""
        return _KINDS[self.file] if self.file else None

    @property
    def expected_kinds(self) -> tuple[str, ...]:
        """The names of the events that are to follow."""
        return tuple(name for name, _ in self.expected)

    @property
    def expected(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What is to follow: name of the event, and fields of its data."""
        return tuple((each, {}) if isinstance(each, str) else next(iter(each.items())) for each in self.expect)


class LifeFile(_Written):
    """A file of `examples/lives`."""

    title: str
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if list(self.steps) != sorted(self.steps, key=lambda step: step.at):
            raise ValueError("the steps are not in the order of time")
        return self


@dataclass(frozen=True)
class Life:
    """A product's life."""

    name: str
    title: str
    steps: tuple[Step, ...] = field(repr=False)


def load_lives(folder: Path = FOLDER) -> tuple[Life, ...]:
    """Return the lives of a folder, in the order of their names. Raise pydantic.ValidationError."""
    files = sorted(path for path in folder.glob("*.yaml") if path != INTEGRATIONS)
    read = {path.stem: LifeFile.model_validate(load_yaml(path.read_text("utf-8"))) for path in files}
    return tuple(Life(name, file.title, file.steps) for name, file in read.items())


def data_of(step: Step, code: str | None) -> dict[str, Any]:
    """Return the data of what a step files, of the product with this code. Raise KeyError: no such example."""
    made: dict[str, Any] = {}
    if step.dossier:
        made = _example(step.dossier, step.at)
        made.pop("product_code", None)
    if step.card:
        made = _card(_example(step.card, step.at), step.options)
    data = _merged(_merged(made, step.changes), step.data)
    return {name: _with_code(value, code) for name, value in data.items()}


def _example(name: str, at: datetime) -> dict[str, Any]:
    """Return an example dossier: of those that are filed alone, or of those that need a certificate first."""
    return (load_examples(at) | load_examples(at, FOLDER / "dossiers"))[name]


def _card(dossier: Mapping[str, Any], options: Mapping[str, int]) -> dict[str, Any]:
    """Return a scorecard that gives the dossier's own answers, but for some."""
    answers = {each["criterion"]: each["option"] for each in dossier["self_assessment"].get("answers", ())}
    return {
        "score_sheet": load_rulebook().sheets[dossier["product"]["product_set"]].code,
        "answers": [{"criterion": code, "option": option} for code, option in (answers | dict(options)).items()],
        "eliminations": list(dossier["self_assessment"].get("eliminations", ())),
    }


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(dict(below))
    for name, value in above.items():
        is_group = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merged(merged[name], value) if is_group else value
    return merged


def _with_code(value: Any, code: str | None) -> Any:
    match value:
        case "$code":
            return code
        case list():
            return [_with_code(each, code) for each in value]
        case dict():
            return {name: _with_code(each, code) for name, each in value.items()}
        case _:
            return value
