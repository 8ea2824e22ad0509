"""A service of the tests' own whose histories have milestones: a card is renewed, warned of, and expires."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.contracts.catalogue import ALERT_DELIVERED
from shared.contracts.event import Event, derived_id
from shared.handling.history import Due, State, Version
from shared.handling.now import View
from shared.handling.outcome import Decision, Outcome
from shared.handling.records import VERSIONS, Histories, RecordListener, Records
from shared.handling.steps import Steps
from shared.storage import Database
from shared.timers import Timetable

COLLECTION = "probes"
WARNED_BEFORE, VALID = timedelta(days=60), timedelta(days=365)


class Card(State):
    """A card that ends a year after its last renewal, and of which is warned two months before."""

    ends_at: datetime
    renewals: int = 0
    warned: bool = False
    expired: bool = False

    @property
    def due(self) -> tuple[Due, ...]:
        """A warning, then the end, of each renewal; an expired card waits for nothing."""
        if self.expired:
            return ()
        end = Due(f"expired-{self.renewals}", self.ends_at)
        return (end,) if self.warned else (end, Due(f"expiring-{self.renewals}", self.ends_at - WARNED_BEFORE))


VIEW = View(Card, lambda version: {"place": version.of.partition("-")[0]})


@dataclass(frozen=True)
class Cards:
    """What the handlers of cards need."""

    records: Records
    steps: Steps
    clock: Clock

    @classmethod
    async def prepared(cls, database: Database, steps: Steps, clock: Clock, listener: RecordListener) -> "Cards":
        """Open the cards."""
        records = Records(database.collection(COLLECTION), clock=clock, on_record=listener)
        await records.collection.ensure_indexes(VERSIONS)
        return cls(records, steps, clock)


async def renewed(cards: Cards, event: Event) -> Outcome:
    """Renew the card that an event names, or begin it."""
    of = card_of(str(event.data["id"]))

    async def decide(_: int) -> Decision:
        known = await Histories(cards.records.collection, Card).newest(of)
        state = Card(ends_at=cards.clock() + VALID, renewals=known.state.renewals + 1 if known else 0)
        version = known.then(state) if known else Version(of, 1, state)
        return Decision(event.key, (said(event, of, "renewed", cards.clock()),), version=version)

    return await cards.steps.take(event.key, cards.records, decide, ordering_key=of)


async def card_is_due(cards: Cards, version: Version[Card], event: Event) -> Decision:
    """Warn of a card's end, or end it."""
    milestone = str(event.data["milestone"])
    changed = {"warned": True} if milestone.startswith("expiring") else {"expired": True}
    after = version.then(version.state.model_copy(update=changed))
    return Decision(event.key, (said(event, version.of, milestone, cards.clock()),), version=after)


TIMETABLE: Timetable[Cards] = Timetable(records=lambda cards: cards.records, decide=card_is_due)


def said(event: Event, of: str, what: str, now: datetime) -> Event:
    """Return what is announced of a card."""
    return Event(
        id=derived_id(event.key, what),
        source="/tests/cards",
        type=ALERT_DELIVERED.type,
        data={"card": of, "said": what},
        time=now,
        subject=of,
        correlation_id=of,
    )


def renewal(of: str, number: int) -> Event:
    """Return the event that renews a card."""
    return Event(id=f"{of}/{number}", source="/tests", type="renewal", data={"id": f"{of}/{number}"})


def card_of(id: str) -> str:
    """Return the card that an event with this id renews."""
    return id.partition("/")[0]
