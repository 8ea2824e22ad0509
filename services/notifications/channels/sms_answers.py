"""Decide: what a gateway's answer means, by the rules of its configuration and by its status."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.notifications.channels.exchange import Answer

Meaning = Literal["accepted", "refused", "unavailable"]
#: Statuses that are about this text message. Any other 4xx is about us, as a password or a credit, or about the moment.
_ABOUT_IT = frozenset({400, 413, 422})


class Rule(BaseModel):
    """What answers mean that fit all that is said here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    means: Meaning
    #: One of these HTTP statuses.
    status: tuple[int, ...] | None = Field(None, min_length=1)
    #: Names and numbers with dots between them, which lead to a value of a JSON answer, and what stands there.
    field: str | None = None
    values: tuple[str, ...] | None = Field(None, min_length=1)
    #: How a text begins.
    begins: str | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.field is None) != (self.values is None):
            raise ValueError("field and values come together")
        if self.status is None and self.field is None and self.begins is None:
            raise ValueError("needs status, field with values, or begins")
        return self

    def fits(self, answer: Answer) -> str | None:
        """Return what of an answer fitted, in the words of the rule alone, or None."""
        if self.status is not None and answer.status not in self.status:
            return None
        said = [str(answer.status)]
        if self.field is not None:
            value = _value(answer.body, self.field)
            if value not in (self.values or ()):
                return None
            said.append(f"{self.field}={value}")
        if self.begins is not None:
            if not answer.body.lstrip().startswith(self.begins.encode()):
                return None
            said.append(self.begins)
        return " ".join(said)


@dataclass(frozen=True)
class Meant:
    """What an answer means, and by which part of it: a status, and words of the configuration."""

    means: Meaning
    detail: str


def meaning(answer: Answer, rules: Iterable[Rule]) -> Meant:
    """Return what an answer means: by the first rule that fits, or by its status where none does.

    Where rules say which answers are accepted, no other is: 2xx that fits none may come again.
    """
    rules = tuple(rules)
    for rule in rules:
        if fitted := rule.fits(answer):
            return Meant(rule.means, fitted)
    if 200 <= answer.status <= 299:
        if any(rule.means == "accepted" for rule in rules):
            return Meant("unavailable", f"{answer.status} unknown-answer")
        return Meant("accepted", str(answer.status))
    return Meant("refused" if answer.status in _ABOUT_IT else "unavailable", str(answer.status))


def _value(body: bytes, field: str) -> str | None:
    """Return the text of a value of JSON, None where there is none."""
    try:
        found: Any = json.loads(body)
        for step in field.split("."):
            found = found[int(step)] if isinstance(found, list) else found[step]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else json.dumps(found)
