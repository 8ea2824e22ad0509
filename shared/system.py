"""The system in one table: every service, the collection that it keeps, what it reads and what it announces.

All else follows from it: queues, bindings, policies and rights on the broker, rights on the database, the published
AsyncAPI documents, the operators' lists. A new event is a kind in `shared/contracts/catalogue.py`, a place in this
table, and a handler in the service's `handlers.py` and `app.py`; its published text and example are in
`tools/contracts/`. A new service is also one in `docker-compose.yml` and `deploy/prometheus/`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_IMPORTED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    COMMUNE_ASSESSED,
    CONTACT_CHANGED,
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_INCOMPLETE,
    COUNCIL_RESCORE_REQUESTED,
    COUNCIL_RESULT,
    DEADLINE_DUE,
    DELIVERY_EMAIL,
    DELIVERY_SMS,
    DELIVERY_WEBHOOK,
    DELIVERY_ZALO,
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    DOSSIER_RETURNED,
    DOSSIER_TRIED,
    DOSSIER_WITHDRAWN,
    FILING_REJECTED,
    INTAKE,
    PREFERENCES_CHANGED,
    PRODUCER_CONTACT,
    PRODUCER_PREFERENCES,
    PRODUCER_SUCCEEDED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_REFERRED,
    PRODUCT_STATE,
    PRODUCT_SUBMITTED,
    PRODUCT_TRANSFERRED,
    QUERY_REJECTED,
    RECOGNITION_CORRECTED,
    RECOGNITION_DECIDED,
    RECOGNITION_REFUSED,
    RECOGNITION_REVOKED,
    REGISTER_PAGE,
    REGISTER_QUERY,
    RESULT_APPROVED,
    ROUND_MOVED,
    SCORECARD_FILED,
    TRIAL_RESULT,
    EventType,
)
from shared.messaging.topology import BROKER_QUEUES, Queue, Subscription, delays_of, journal_feed_of, queues_of

#: How long a message waits before each retry; after the last it is a dead letter.
FEW = ("5s", "1m", "10m")
#: What an alert's channel does not take over: longer waits are the alert's own, by the clock.
HOURLY = (*FEW, "1h")
#: Whoever has asked does not wait longer.
BRIEF = ("5s", "1m")

#: How long waits what came before something that it depends on, before it is answered as it stands.
EARLY = ("1s", "5s", "30s")


@dataclass(frozen=True)
class Inbox:
    """A queue of a service, and the kinds of events that come by it.

    Without a `name` it is that of its one kind. `in_order`: its messages are handled by one instance of the service at
    a time, so that the order in which the broker has them is the order of the decisions. `early` are the delays
    of what came too early. `at_once` messages are handled at the same time by an instance, where not as many as of
    any queue.
    """

    event_types: tuple[EventType[Any], ...]
    delays: tuple[str, ...]
    name: str | None = None
    early: tuple[str, ...] = ()
    in_order: bool = False
    at_once: int | None = None

    def of(self, service: str) -> tuple[Subscription, ...]:
        """Return the subscriptions of a service by this queue."""
        name = self.name or self.event_types[0].name.replace(".", "-")
        return tuple(
            Subscription(service, event_type, self.delays, name, self.early, self.in_order, self.at_once)
            for event_type in self.event_types
        )


@dataclass(frozen=True)
class ServiceEntry:
    """A row of the table. `name` is also the service's user on broker and database, and begins its queues' names."""

    name: str
    collection: str
    reads: tuple[Inbox, ...]
    announces: tuple[EventType[Any], ...] = ()
    reads_journal: bool = False

    @cached_property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What the service reads."""
        return tuple(subscription for subscriptions in self.inboxes for subscription in subscriptions)

    @cached_property
    def inboxes(self) -> tuple[tuple[Subscription, ...], ...]:
        """What the service reads, by queue."""
        return tuple(inbox.of(self.name) for inbox in self.reads)

    @cached_property
    def queues(self) -> tuple[Queue, ...]:
        """The service's queues, with delays and dead letters."""
        own = (queue for subscriptions in self.inboxes for queue in queues_of(subscriptions))
        return (*own, *delays_of(self.name, self.subscriptions))

    @cached_property
    def journal_feed(self) -> Queue | None:
        """The queue by which what is filed for the service goes into the journal, None where nothing is."""
        kinds = [each.event_type for each in self.subscriptions if each.event_type.exchange == INTAKE]
        journaled = [kind for kind in kinds if kind.is_journaled]
        return journal_feed_of(self.name, journaled) if journaled else None

    def subscription(self, event_type: EventType[Any]) -> Subscription:
        """Return the subscription to an event. Raise StopIteration where there is none."""
        return next(each for each in self.subscriptions if each.event_type == event_type)


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
    def work_queues(self) -> tuple[str, ...]:
        """The queues that services take messages from."""
        return tuple(dict.fromkeys(each.queue for each in self.subscriptions))

    @cached_property
    def dead_letter_queues(self) -> tuple[str, ...]:
        """The queues of what services could not handle."""
        return tuple(dict.fromkeys(each.dead for each in self.subscriptions))

    def announcers(self, event_type: EventType[Any]) -> frozenset[str]:
        """Return the services that announce an event."""
        return frozenset(service.name for service in self.services if event_type in service.announces)

    @cached_property
    def queues(self) -> tuple[Queue, ...]:
        """All queues, those of the broker's own last."""
        own = (queue for service in self.services for queue in service.queues)
        return (*own, *self.journal_feeds.values(), *BROKER_QUEUES)

    @cached_property
    def journal_feeds(self) -> dict[str, Queue]:
        """Service → the queue by which what is filed for it goes into the journal."""
        return {service.name: service.journal_feed for service in self.services if service.journal_feed}

    def with_service(self, service: ServiceEntry) -> "System":
        """Return this system with one service more."""
        return System((*self.services, service))

    @cached_property
    def _by_name(self) -> dict[str, ServiceEntry]:
        return {service.name: service for service in self.services}


#: In one order: a correction comes behind the rejection that it answers.
_MOVES_A_PRODUCT = (DOSSIER_FILED, ASSESSMENT_REJECTED, PRODUCER_SUCCEEDED)

#: What producers and offices are told of the legal life of products.
_TOLD_OF_LIFE = (
    ROUND_MOVED,
    COUNCIL_RESULT,
    PRODUCT_REFERRED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_SUPERSEDED,
    CERTIFICATE_REVOKED,
    DEADLINE_DUE,
)

SYSTEM = System(
    (
        ServiceEntry(
            "registry",
            collection="products",
            # whatever moves a product, in one order: a correction comes behind the rejection that it answers
            reads=(
                Inbox(
                    (
                        DOSSIER_FILED,
                        PRODUCER_CONTACT,
                        PRODUCER_PREFERENCES,
                        ASSESSMENT_REJECTED,
                        PRODUCER_SUCCEEDED,
                        COMMUNE_ASSESSED,
                        DOSSIER_RETURNED,
                        DOSSIER_WITHDRAWN,
                        COUNCIL_RESULT,
                        RESULT_APPROVED,
                        RECOGNITION_DECIDED,
                        RECOGNITION_REFUSED,
                        CERTIFICATE_IMPORTED,
                        RECOGNITION_CORRECTED,
                        RECOGNITION_REVOKED,
                    ),
                    FEW,
                    name="life",
                    early=EARLY,
                    in_order=True,
                ),
                Inbox((DOSSIER_TRIED,), BRIEF),
                Inbox((REGISTER_QUERY,), BRIEF),
            ),
            announces=(
                PRODUCT_SUBMITTED,
                DOSSIER_REJECTED,
                PRODUCT_TRANSFERRED,
                CONTACT_CHANGED,
                PREFERENCES_CHANGED,
                FILING_REJECTED,
                ROUND_MOVED,
                PRODUCT_REFERRED,
                CERTIFICATE_ISSUED,
                CERTIFICATE_SUPERSEDED,
                CERTIFICATE_RENEWAL_DUE,
                CERTIFICATE_EXPIRING,
                CERTIFICATE_EXPIRED,
                CERTIFICATE_EXTENDED,
                CERTIFICATE_REVOKED,
                DEADLINE_DUE,
                DOSSIER_EXAMINED,
                TRIAL_RESULT,
                REGISTER_PAGE,
                QUERY_REJECTED,
            ),
            reads_journal=True,  # whether its own records are older than what it has announced
        ),
        ServiceEntry(
            "evaluation",
            collection="ratings",
            reads=(
                Inbox((PRODUCT_SUBMITTED,), FEW),
                Inbox((PRODUCT_QUERY,), BRIEF),
                Inbox((DOSSIER_EXAMINED,), BRIEF),
                # whatever bears on council work on a product, in one order: a card comes behind its session
                Inbox(
                    (
                        COUNCIL_CONVENED,
                        SCORECARD_FILED,
                        COUNCIL_CONCLUDED,
                        ROUND_MOVED,
                        CERTIFICATE_ISSUED,
                        CERTIFICATE_EXTENDED,
                        CERTIFICATE_EXPIRED,
                        CERTIFICATE_SUPERSEDED,
                        CERTIFICATE_REVOKED,
                    ),
                    FEW,
                    name="councils",
                    early=EARLY,
                    in_order=True,
                ),
            ),
            announces=(
                PRODUCT_RATED,
                ASSESSMENT_REJECTED,
                PRODUCT_STATE,
                QUERY_REJECTED,
                TRIAL_RESULT,
                COUNCIL_RESULT,
                COUNCIL_RESCORE_REQUESTED,
                COUNCIL_INCOMPLETE,
                FILING_REJECTED,
            ),
        ),
        ServiceEntry(
            "notifications",
            collection="alerts",
            reads=(
                *(Inbox((each,), FEW) for each in (PRODUCT_RATED, DOSSIER_REJECTED, ASSESSMENT_REJECTED)),
                Inbox(_TOLD_OF_LIFE, FEW, name="life"),
                Inbox((CONTACT_CHANGED,), FEW),
                Inbox((PREFERENCES_CHANGED,), FEW),
                Inbox((ALERT_FAILED,), FEW),
                # each channel has a queue and a limit of its own: one that hangs holds up no other
                Inbox((DELIVERY_EMAIL,), HOURLY, at_once=10),
                Inbox((DELIVERY_WEBHOOK,), HOURLY, at_once=50),
                Inbox((DELIVERY_ZALO,), HOURLY, at_once=10),
                Inbox((DELIVERY_SMS,), HOURLY, at_once=10),
            ),
            announces=(
                ALERT_DELIVERED,
                ALERT_FAILED,
                DELIVERY_EMAIL,
                DELIVERY_WEBHOOK,
                DELIVERY_ZALO,
                DELIVERY_SMS,
            ),
        ),
    )
)
