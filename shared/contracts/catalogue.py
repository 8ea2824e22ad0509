"""Every event of the system: its name, who writes it, and the shape of its data."""

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.dossier import Dossier, DossierRejected
from shared.contracts.filing import FilingRejected, ProducerSucceeded, ProductTransferred
from shared.contracts.product import ProductSubmitted
from shared.contracts.query import ProductQuery, ProductState, QueryRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Contract

#: What integrations write.
INTAKE = "ocop.intake"
#: What the services answer.
EVENTS = "ocop.events"
#: What one integration asked for, and no other is to see: the routing key is the queue of who asked.
ANSWERS = "ocop.answers"

Data_co = TypeVar("Data_co", bound=Contract, covariant=True)


@dataclass(frozen=True)
class EventType(Generic[Data_co]):
    """A kind of event. The version is part of its type and routing key: a change that breaks a reader is a new one.

    `is_question` says that it asks for something and changes nothing; `is_rejection` that it turns something back.
    """

    name: str
    exchange: str
    model: type[Data_co]
    is_question: bool = False
    is_rejection: bool = False

    @cached_property
    def type(self) -> str:
        """The CloudEvents `type`, such as `vn.ocop.product.rated.v1`."""
        return f"vn.ocop.{self.name}.v1"

    @cached_property
    def routing_key(self) -> str:
        """The AMQP routing key, such as `product.rated.v1`; on `ocop.answers` only the name of schema and examples."""
        return f"{self.name}.v1"

    @property
    def is_journaled(self) -> bool:
        """Return whether it goes into the journal: a question and its answer change nothing."""
        return not self.is_question and self.exchange != ANSWERS


DOSSIER_FILED = EventType("dossier.filed", INTAKE, Dossier)
DOSSIER_REJECTED = EventType("dossier.rejected", EVENTS, DossierRejected, is_rejection=True)
PRODUCT_SUBMITTED = EventType("product.submitted", EVENTS, ProductSubmitted)
PRODUCT_RATED = EventType("product.rated", EVENTS, ProductRated)
ASSESSMENT_REJECTED = EventType("assessment.rejected", EVENTS, AssessmentRejected, is_rejection=True)
PRODUCER_SUCCEEDED = EventType("producer.succeeded", INTAKE, ProducerSucceeded)
PRODUCT_TRANSFERRED = EventType("product.transferred", EVENTS, ProductTransferred)
FILING_REJECTED = EventType("filing.rejected", EVENTS, FilingRejected, is_rejection=True)
ALERT_DELIVERED = EventType("alert.delivered", EVENTS, AlertDelivered)
ALERT_FAILED = EventType("alert.failed", EVENTS, AlertFailed)
PRODUCT_QUERY = EventType("product.query", INTAKE, ProductQuery, is_question=True)
PRODUCT_STATE = EventType("product.state", ANSWERS, ProductState)
QUERY_REJECTED = EventType("query.rejected", ANSWERS, QueryRejected)

CATALOGUE: tuple[EventType[Contract], ...] = (
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_SUBMITTED,
    PRODUCT_RATED,
    ASSESSMENT_REJECTED,
    PRODUCER_SUCCEEDED,
    PRODUCT_TRANSFERRED,
    FILING_REJECTED,
    ALERT_DELIVERED,
    ALERT_FAILED,
    PRODUCT_QUERY,
    PRODUCT_STATE,
    QUERY_REJECTED,
)
BY_TYPE = {event_type.type: event_type for event_type in CATALOGUE}
