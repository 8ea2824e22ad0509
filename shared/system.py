"""The system in one table: every service, the collection that it keeps, what it reads and what it announces.

All else follows from it: queues, bindings, policies and rights on the broker, rights on the database, the published
AsyncAPI documents, the operators' lists. A new event is a kind in `shared/contracts/catalogue.py`, a place in this
table, and a handler in the service's `handlers.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_STATE,
    PRODUCT_SUBMITTED,
    QUERY_REJECTED,
    EventType,
)
from shared.messaging.topology import BROKER_QUEUES, Queue, Subscription, queues_of

#: How long a message waits before each retry; after the last it is a dead letter.
FEW = ("5s", "1m", "10m")
#: Mail servers are away for hours, and a producer is still to be alerted.
PATIENT = (*FEW, "1h", "6h", "1d")
#: Whoever has asked does not wait longer.
BRIEF = ("5s", "1m")

#: Events that a service reads, each with its delays.
Reads = Mapping[EventType[Any], tuple[str, ...]]


@dataclass(frozen=True)
class ServiceEntry:
    """A row of the table. `name` is also the service's user on broker and database, and begins its queues' names."""

    name: str
    collection: str
    reads: Reads
    announces: tuple[EventType[Any], ...] = ()
    reads_journal: bool = False

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What the service reads, each kind of event from a queue of its own."""
        return tuple(Subscription(self.name, event_type, delays) for event_type, delays in self.reads.items())

    @cached_property
    def queues(self) -> tuple[Queue, ...]:
        """The service's queues, with delays and dead letters."""
        return tuple(queue for subscription in self.subscriptions for queue in queues_of(subscription))

    def subscription(self, event_type: EventType[Any]) -> Subscription:
        """Return the subscription to an event. Raise KeyError where there is none."""
        return Subscription(self.name, event_type, self.reads[event_type])


@dataclass(frozen=True)
class System:
    """The services that share a broker."""

    services: tuple[ServiceEntry, ...]

    def __getitem__(self, service: str) -> ServiceEntry:
        """Return the row of a service. Raise KeyError where there is none."""
        return self._by_name[service]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the services."""
        return tuple(self._by_name)

    @cached_property
    def collections(self) -> dict[str, str]:
        """Service → the collection that it keeps."""
        return {service.name: service.collection for service in self.services}

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What all of them read."""
        return tuple(each for service in self.services for each in service.subscriptions)

    @cached_property
    def queues(self) -> tuple[Queue, ...]:
        """All queues, those of the broker's own last."""
        return (*(queue for service in self.services for queue in service.queues), *BROKER_QUEUES)

    def with_service(self, service: ServiceEntry) -> "System":
        """Return this system with one service more."""
        return System((*self.services, service))

    @cached_property
    def _by_name(self) -> dict[str, ServiceEntry]:
        return {service.name: service for service in self.services}


SYSTEM = System(
    (
        ServiceEntry(
            "registry",
            collection="products",
            reads={DOSSIER_FILED: FEW, ASSESSMENT_REJECTED: FEW},
            announces=(PRODUCT_SUBMITTED, DOSSIER_REJECTED),
            reads_journal=True,  # whether its own records are older than what it has announced
        ),
        ServiceEntry(
            "evaluation",
            collection="ratings",
            reads={PRODUCT_SUBMITTED: FEW, PRODUCT_QUERY: BRIEF},
            announces=(PRODUCT_RATED, ASSESSMENT_REJECTED, PRODUCT_STATE, QUERY_REJECTED),
        ),
        ServiceEntry(
            "notifications",
            collection="alerts",
            reads=dict.fromkeys((PRODUCT_RATED, DOSSIER_REJECTED, ASSESSMENT_REJECTED), PATIENT),
            announces=(ALERT_DELIVERED, ALERT_FAILED),
        ),
    )
)
