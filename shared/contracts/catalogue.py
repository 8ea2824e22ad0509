"""Every event of the system: its name, who writes it, and the shape of its data."""

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from shared.contracts.alert import AlertDelivered, AlertFailed, DeliveryDue
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateExpiring,
    CertificateExtended,
    CertificateImported,
    CertificateIssued,
    CertificateRenewalDue,
    CertificateRevoked,
    CertificateSuperseded,
    RecognitionCorrected,
    RecognitionDecided,
    RecognitionRefused,
    RecognitionRevoked,
)
from shared.contracts.contact import ContactChanged, PreferencesChanged, ProducerContact, ProducerPreferences
from shared.contracts.councils import (
    CouncilConcluded,
    CouncilConvened,
    CouncilIncomplete,
    CouncilRescoreRequested,
    CouncilResult,
    ScorecardFiled,
)
from shared.contracts.dossier import Dossier, DossierRejected
from shared.contracts.filing import FilingRejected, ProducerSucceeded, ProductTransferred
from shared.contracts.product import ProductSubmitted
from shared.contracts.query import ProductQuery, ProductState, QueryRejected, RegisterPage, RegisterQuery
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.rounds import (
    CommuneAssessed,
    DeadlineDue,
    DossierReturned,
    DossierWithdrawn,
    ProductReferred,
    ResultApproved,
    RoundMoved,
)
from shared.contracts.text import Contract
from shared.contracts.trial import DossierExamined, TrialResult, TriedDossier

#: What integrations write.
INTAKE = "ocop.intake"
#: What the services answer.
EVENTS = "ocop.events"
#: What one integration asked for, and no other is to see: the routing key is the queue of who asked. What a service has
#: to ask another for it goes here too, under its own name.
ANSWERS = "ocop.answers"

Data_co = TypeVar("Data_co", bound=Contract, covariant=True)


@dataclass(frozen=True)
class EventType(Generic[Data_co]):
    """A kind of event. The version is part of its type and routing key: a change that breaks a reader is a new one.

    `is_question` says that it asks for something and changes nothing; `is_rejection` that it turns something back;
    `is_task` that it is work which a service has recorded and gives to itself, on a queue of its own.
    """

    name: str
    exchange: str
    model: type[Data_co]
    is_question: bool = False
    is_rejection: bool = False
    is_task: bool = False

    @cached_property
    def type(self) -> str:
        """The CloudEvents `type`, such as `vn.ocop.product.rated.v1`."""
        return f"vn.ocop.{self.name}.v1"

    @cached_property
    def routing_key(self) -> str:
        """The AMQP routing key on the intake, such as `dossier.filed.v1`; also the name of schema and examples.

        On `ocop.events` the place stands behind it (`shared/messaging/routing.py`).
        """
        return f"{self.name}.v1"

    @property
    def is_answer(self) -> bool:
        """Return whether it answers a question, to who asked alone."""
        return self.exchange == ANSWERS and not self.is_question and not self.is_task

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
DELIVERY_EMAIL = EventType("delivery.email", ANSWERS, DeliveryDue, is_task=True)
DELIVERY_WEBHOOK = EventType("delivery.webhook", ANSWERS, DeliveryDue, is_task=True)
DELIVERY_ZALO = EventType("delivery.zalo", ANSWERS, DeliveryDue, is_task=True)
DELIVERY_SMS = EventType("delivery.sms", ANSWERS, DeliveryDue, is_task=True)
PRODUCER_CONTACT = EventType("producer.contact", INTAKE, ProducerContact)
CONTACT_CHANGED = EventType("contact.changed", EVENTS, ContactChanged)
PRODUCER_PREFERENCES = EventType("producer.preferences", INTAKE, ProducerPreferences)
PREFERENCES_CHANGED = EventType("preferences.changed", EVENTS, PreferencesChanged)
PRODUCT_QUERY = EventType("product.query", INTAKE, ProductQuery, is_question=True)
PRODUCT_STATE = EventType("product.state", ANSWERS, ProductState)
QUERY_REJECTED = EventType("query.rejected", ANSWERS, QueryRejected)
REGISTER_QUERY = EventType("register.query", INTAKE, RegisterQuery, is_question=True)
REGISTER_PAGE = EventType("register.page", ANSWERS, RegisterPage)
DOSSIER_TRIED = EventType("dossier.tried", INTAKE, TriedDossier, is_question=True)
DOSSIER_EXAMINED = EventType("dossier.examined", ANSWERS, DossierExamined, is_question=True)
TRIAL_RESULT = EventType("trial.result", ANSWERS, TrialResult)
CERTIFICATE_IMPORTED = EventType("certificate.imported", INTAKE, CertificateImported)
COMMUNE_ASSESSED = EventType("commune.assessed", INTAKE, CommuneAssessed)
DOSSIER_RETURNED = EventType("dossier.returned", INTAKE, DossierReturned)
DOSSIER_WITHDRAWN = EventType("dossier.withdrawn", INTAKE, DossierWithdrawn)
COUNCIL_CONVENED = EventType("council.convened", INTAKE, CouncilConvened)
SCORECARD_FILED = EventType("scorecard.filed", INTAKE, ScorecardFiled)
COUNCIL_CONCLUDED = EventType("council.concluded", INTAKE, CouncilConcluded)
RESULT_APPROVED = EventType("result.approved", INTAKE, ResultApproved)
RECOGNITION_DECIDED = EventType("recognition.decided", INTAKE, RecognitionDecided)
RECOGNITION_REFUSED = EventType("recognition.refused", INTAKE, RecognitionRefused)
RECOGNITION_CORRECTED = EventType("recognition.corrected", INTAKE, RecognitionCorrected)
RECOGNITION_REVOKED = EventType("recognition.revoked", INTAKE, RecognitionRevoked)
ROUND_MOVED = EventType("round.moved", EVENTS, RoundMoved)
COUNCIL_RESULT = EventType("council.result", EVENTS, CouncilResult)
COUNCIL_RESCORE_REQUESTED = EventType("council.rescore-requested", EVENTS, CouncilRescoreRequested)
COUNCIL_INCOMPLETE = EventType("council.incomplete", EVENTS, CouncilIncomplete)
PRODUCT_REFERRED = EventType("product.referred", EVENTS, ProductReferred)
CERTIFICATE_ISSUED = EventType("certificate.issued", EVENTS, CertificateIssued)
CERTIFICATE_RENEWAL_DUE = EventType("certificate.renewal-due", EVENTS, CertificateRenewalDue)
CERTIFICATE_EXPIRING = EventType("certificate.expiring", EVENTS, CertificateExpiring)
CERTIFICATE_EXPIRED = EventType("certificate.expired", EVENTS, CertificateExpired)
CERTIFICATE_EXTENDED = EventType("certificate.extended", EVENTS, CertificateExtended)
CERTIFICATE_SUPERSEDED = EventType("certificate.superseded", EVENTS, CertificateSuperseded)
CERTIFICATE_REVOKED = EventType("certificate.revoked", EVENTS, CertificateRevoked)
DEADLINE_DUE = EventType("deadline.due", EVENTS, DeadlineDue)

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
    PRODUCER_CONTACT,
    CONTACT_CHANGED,
    PRODUCER_PREFERENCES,
    PREFERENCES_CHANGED,
    PRODUCT_QUERY,
    PRODUCT_STATE,
    QUERY_REJECTED,
    REGISTER_QUERY,
    REGISTER_PAGE,
    DOSSIER_TRIED,
    DOSSIER_EXAMINED,
    TRIAL_RESULT,
    CERTIFICATE_IMPORTED,
    COMMUNE_ASSESSED,
    DOSSIER_RETURNED,
    DOSSIER_WITHDRAWN,
    COUNCIL_CONVENED,
    SCORECARD_FILED,
    COUNCIL_CONCLUDED,
    RESULT_APPROVED,
    RECOGNITION_DECIDED,
    RECOGNITION_REFUSED,
    RECOGNITION_CORRECTED,
    RECOGNITION_REVOKED,
    ROUND_MOVED,
    COUNCIL_RESULT,
    COUNCIL_RESCORE_REQUESTED,
    COUNCIL_INCOMPLETE,
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
#: What services give themselves to do: no contract with anybody, and not published.
TASKS = (DELIVERY_EMAIL, DELIVERY_WEBHOOK, DELIVERY_ZALO, DELIVERY_SMS)
BY_TYPE = {event_type.type: event_type for event_type in (*CATALOGUE, *TASKS)}
