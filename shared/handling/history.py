"""The history of whatever has state: a product, a council's work on one, an alert.

Each event that moves it is a document of the service's collection, with the history's key, a version number and the
state after it. Documents are only inserted; a unique index on key and version lets one writer win, and the decision
that lost is made anew on the newer state. So the state of any past day can be read.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True)
class Due:
    """What falls due in a history, and when (UTC). A `milestone` is due once in the history's life."""

    milestone: str
    at: datetime


class State(BaseModel):
    """What is so in a history after an event; each service has its own.

    It is read again years later: fields may be added, with defaults, and none removed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    @property
    def due(self) -> tuple[Due, ...]:
        """What falls due, and when, unless an event changes it before."""
        return ()


StateType = TypeVar("StateType", bound=State)


@dataclass(frozen=True)
class Version(Generic[StateType]):
    """A history at one of its versions: the first is 1."""

    of: str
    number: int
    state: StateType

    def then(self, state: StateType) -> "Self":
        """Return the version that follows, with this state."""
        return type(self)(self.of, self.number + 1, state)
