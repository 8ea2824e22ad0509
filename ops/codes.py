"""What codes are called when speaking to people; in English each stands for itself, as it does for programs."""

from collections.abc import Iterable
from enum import StrEnum

from ops.dossiers.outcomes import DossierStatus
from ops.importing.outcomes import RowStatus
from ops.language import gettext
from services.registry.rounds import CertificateStatus
from shared.contracts.certificates import RenewalMilestone
from shared.contracts.councils import Level
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage

_ENUMERATIONS: tuple[type[StrEnum], ...] = (
    *(
        DossierStatus,
        RowStatus,
        RegistrationKind,
        ProducerKind,
        Stage,
        Closing,
        CertificateStatus,
        RenewalMilestone,
        Level,
    ),
)
#: Those of contracts and score sheets that are literals.
_LITERALS = (
    *("sending", "held", "waiting", "delivered", "overtaken", "refused", "attempts-used-up", "declined"),
    *("producer", "office", "subscription"),
    *("forwarded", "before", "after"),
    *("commune-assessment", "commune-requests", "province-round", "province-requests", "centre-round"),
    *("elimination", "exclusion", "requirement", "stop-evaluation", "condition", "evidence", "explanation", "inferred"),
)


def codes() -> Iterable[str]:
    """Return the codes that tables show."""
    return {str(code) for kind in _ENUMERATIONS for code in kind} | {*_LITERALS}


def in_words(code: str) -> str:
    """Return what a code is called in the language that is spoken."""
    return gettext(str(code)) if code else ""
