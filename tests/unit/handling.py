"""A service's handlers without a broker: resources in memory, and what was announced."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

from services.evaluation.settings import EvaluationSettings
from services.notifications.settings import NotificationsSettings
from services.registry.settings import RegistrySettings
from shared.contracts.event import Event
from shared.handling.outcome import Outcome, Retry
from shared.handling.steps import Steps
from shared.messaging.routing import routing_key
from shared.service import Resources
from tests.unit.certificate_keys import SIGNING_KEYS
from tests.unit.contact_keys import PRIVATE_KEYS, PUBLIC_KEY
from tests.unit.memory import MemoryDatabase

NOW = datetime(2026, 11, 28, 13, 33, tzinfo=UTC)


async def at_last(handling: Awaitable[Outcome]) -> Outcome:
    """Return the outcome once nothing is waited for any more."""
    outcome = await handling
    return await outcome.last_resort() if isinstance(outcome, Retry) and outcome.last_resort else outcome


class Publisher:
    """Takes what is announced."""

    def __init__(self) -> None:
        self.announced: list[Event] = []

    async def __call__(self, event: Event, /) -> None:
        self.announced.append(event)

    @property
    def keys(self) -> list[str]:
        """The routing keys under which it was announced."""
        return [routing_key(event) for event in self.announced]


class BenchSettings(RegistrySettings, EvaluationSettings, NotificationsSettings):
    """What any service is told."""


class Bench:
    """What a service is given, in memory."""

    def __init__(self, **settings: Any) -> None:
        self.database: Any = MemoryDatabase()
        self.publisher = Publisher()
        self.recorded: list[Event] = []
        self.now = NOW
        values: dict[str, Any] = {
            "amqp_url": "amqp://broker",
            "mongo_url": "mongodb://database",
            "producer_key": "k" * 32,
            "contact_public_key": PUBLIC_KEY,
            "contact_private_keys": PRIVATE_KEYS,
            "certificate_keys": SIGNING_KEYS,
            "digest_seconds": 0,
            **settings,
        }
        self.settings = BenchSettings(_env_file=None, **values)

    @property
    def resources(self) -> Resources:
        """What `prepare` of a service takes; at each call as after a restart."""
        steps = Steps(self.publisher, on_recorded=self.recorded.append)
        return Resources(self.settings, self.database, steps, lambda: self.now, self.publisher, self.settings.amqp_url)

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """Return what was put on record of events; the registry also notes its key."""
        return [document for document in self.database.collection(collection).documents if "event" in document]
