"""How an alert stands: its history is of all that was planned, tried and delivered."""

from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.alert import Audience, ChannelName, Reason, TriedChannel
from shared.handling.history import State

#: `sending`: its channel has it; `held`: it waits in a mailbox; `waiting`: the channel did not take it over this time;
#: `overtaken`: later news came first.
Outcome = Literal["sending", "held", "waiting", "delivered", "overtaken", Reason]
_OPEN: frozenset[Outcome] = frozenset({"sending", "held", "waiting"})


class Waiting(BaseModel):
    """That an alert waits for its next try: since when, after how many tries in vain, until when, and for what reason.

    `kind` and `about` are the name and the id of the event that it is about; `why` is what the channel said.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: datetime
    attempts: int
    next_try_at: datetime
    why: str
    kind: str
    about: str
    product_code: str | None


class AlertState(State):
    """How an alert stands on its channel; `then` are the channels that follow where that one fails for good.

    `settled_by` is the key of the delivery that ended it; `waiting` is there as long as it waits; `failing_since` is
    when its channel first did not take it over. `kind` and `about` are the name and the id of the event that it is
    about.
    """

    channel: ChannelName
    outcome: Outcome
    then: tuple[ChannelName, ...] = ()
    tried: tuple[TriedChannel, ...] = ()
    audience: Audience = "producer"
    to: str | None = None
    kind: str | None = None
    about: str | None = None
    product_code: str | None = None
    settled_by: str | None = None
    waiting: Waiting | None = None
    failing_since: AwareDatetime | None = None

    def begun_again(self, channel: ChannelName) -> Self:
        """Return how it stands where an operator has asked for it once more by this channel: no other one follows."""
        if self.is_open and self.channel == channel:
            return self.model_copy(update={"then": ()})
        return self.model_copy(update={"channel": channel, "then": (), "waiting": None, "failing_since": None})

    @property
    def is_open(self) -> bool:
        """Return whether it may still arrive."""
        return self.outcome in _OPEN
