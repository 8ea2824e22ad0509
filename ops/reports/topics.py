"""The classes that a province can hold, and which criteria each lifts: `topics.yaml`, or an office's own file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from ops.language import Message, marked
from services.evaluation.rulebook import Rulebook, ScoreSheet
from services.evaluation.rulebook.criteria import CriterionCode, NonEmptyText, Sentence, SheetModel
from shared.yaml12 import load_yaml

TOPICS = files("ops.reports") / "topics.yaml"
#: Of a file; the wrong ones of a hundred are named no better by naming them all.
_FAULTS_SHOWN = 10
#: A choice among these is a number of as many bits.
_MOST_TOPICS = 32


class TopicsError(Exception):
    """A file of topics does not hold; the text says where, and what is wrong."""


class Topic(SheetModel):
    """What one class teaches."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    name: Sentence


class Placed(SheetModel):
    """A criterion on the sheets of some product sets, such as `1-4, 9`; its name as it stands there, in Vietnamese."""

    code: CriterionCode
    sheets: Annotated[str, Field(pattern=r"^[0-9]{1,2}(-[0-9]{1,2})?(, [0-9]{1,2}(-[0-9]{1,2})?)*$")]
    name: NonEmptyText

    @property
    def product_sets(self) -> list[int]:
        """The product sets, each as often as it is named."""
        ends = (each.partition("-") for each in self.sheets.split(", "))
        return [number for first, _, last in ends for number in range(int(first), int(last or first) + 1)]


class Lifts(SheetModel):
    """Criteria that a class lifts, or that none does (null), and why."""

    topic: str | None
    why: Sentence
    criteria: Annotated[tuple[Placed, ...], Field(min_length=1)]


class TopicsFile(SheetModel):
    """A file of topics as it is written."""

    topics: Annotated[tuple[Topic, ...], Field(min_length=1, max_length=_MOST_TOPICS)]
    lifts: tuple[Lifts, ...]


@dataclass(frozen=True)
class Lifted:
    """What is said of one criterion of one sheet: the place of its topic, None for none, and why."""

    topic: int | None
    why: Sentence


@dataclass(frozen=True)
class Topics:
    """The topics in their order, and for each criterion of each product set which of them lifts it."""

    topics: tuple[Topic, ...]
    criteria: Mapping[tuple[int, str], Lifted]

    def of(self, sheet: ScoreSheet) -> dict[str, int | None]:
        """Return criterion → the place of its topic, of a sheet."""
        return {leaf.code: self.criteria[sheet.product_set, leaf.code].topic for leaf in sheet.leaves}


def load_topics(rulebook: Rulebook, file: Traversable = TOPICS) -> Topics:
    """Return what a file says of the sheets in force.

    Raises:
        TopicsError: it is no YAML, names what is not on the sheets, or has a criterion twice or not at all.
        OSError: it cannot be read.
    """
    try:
        written = TopicsFile.model_validate(load_yaml(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise TopicsError(f"{file.name}: {_in_a_line(error)}") from error
    criteria = _placed(written)
    if found := list(_faults(written, rulebook, criteria)):
        left = len(found) - _FAULTS_SHOWN
        more = [Message("and {number} more", number=left)] if left > 0 else []
        raise TopicsError("\n".join(f"{file.name}: {each.spoken}" for each in [*found[:_FAULTS_SHOWN], *more]))
    return Topics(written.topics, criteria)


def _placed(written: TopicsFile) -> dict[tuple[int, str], Lifted]:
    place = {topic.code: number for number, topic in enumerate(written.topics)}
    return {
        (number, each.code): Lifted(place.get(lifts.topic or ""), lifts.why)
        for lifts in written.lifts
        for each in lifts.criteria
        for number in each.product_sets
    }


def _faults(written: TopicsFile, rulebook: Rulebook, criteria: Mapping[tuple[int, str], Lifted]) -> Iterator[Message]:
    codes = [topic.code for topic in written.topics]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    yield from (Message("topic {code} stands twice", code=code) for code in twice)
    unknown = (lifts.topic for lifts in written.lifts if lifts.topic not in {None, *codes})
    yield from (Message("{code} is no topic", code=code) for code in unknown)
    yield from _places_not_on_the_sheets(written, rulebook)
    for number, sheet in rulebook.sheets.items():
        yield from _gaps(number, sheet, criteria)


def _gaps(number: int, sheet: ScoreSheet, criteria: Mapping[tuple[int, str], Lifted]) -> Iterator[Message]:
    topics = {leaf.code: criteria[number, leaf.code].topic for leaf in sheet.leaves if (number, leaf.code) in criteria}
    for leaf in sheet.leaves:
        if leaf.code not in topics:
            yield Message("criterion {code} of sheet {sheet} has no entry", code=leaf.code, sheet=number)
    for condition, leaf in sheet.conditional:
        if topics.get(condition.code) != topics.get(leaf.code):
            said = marked("criterion {code} of sheet {sheet} depends on {condition}: both need one topic")
            yield Message(said, code=leaf.code, sheet=number, condition=condition.code)


def _places_not_on_the_sheets(written: TopicsFile, rulebook: Rulebook) -> Iterator[Message]:
    seen: set[tuple[int, str]] = set()
    for each in (placed for lifts in written.lifts for placed in lifts.criteria):
        for number in each.product_sets:
            sheet = rulebook.sheets.get(number)
            leaf = sheet.criteria.get(each.code) if sheet else None
            if leaf is None or not leaf.options:
                yield Message("sheet {sheet} has no criterion {code}", sheet=number, code=each.code)
            elif leaf.name.vi != each.name:
                names = {"name": leaf.name.vi, "written": each.name}
                said = marked("criterion {code} of sheet {sheet} is “{name}”, not “{written}”")
                yield Message(said, code=each.code, sheet=number, **names)
            if (number, each.code) in seen:
                yield Message("criterion {code} of sheet {sheet} has two entries", code=each.code, sheet=number)
            seen.add((number, each.code))


def _in_a_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return " ".join(str(error).split())
