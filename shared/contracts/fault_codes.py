"""The codes of faults, which programs go by: stable, each with its line in docs/contract.md, and who can mend it."""

from collections.abc import Mapping
from enum import StrEnum


class Unreadable(StrEnum):
    """Why a message is no event that can be read; published as faults, each behind `unreadable-`."""

    ATTRIBUTE_MISSING = "attribute-missing"
    NOT_A_CLOUDEVENT = "not-a-cloudevent"
    NOT_JSON = "not-json"
    CONTENT_ENCODING = "content-encoding"
    DATA_NOT_AN_OBJECT = "data-not-an-object"
    ID_UNUSABLE = "id-unusable"
    TOO_LARGE = "too-large"
    WRONG_TYPE = "wrong-type"


class DossierFault(StrEnum):
    """What is wrong with a dossier (dossier.rejected)."""

    MISSING = "missing"
    WRONG_TYPE = "wrong-type"
    WRONG_FORMAT = "wrong-format"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    OUT_OF_RANGE = "out-of-range"
    NOT_ALLOWED = "not-allowed"
    BROKEN_CHARACTERS = "broken-characters"
    INVALID = "invalid"
    ROUND_OPEN = "round-open"
    NO_CERTIFICATE_IN_FORCE = "no-certificate-in-force"
    WINDOW_NOT_OPEN = "window-not-open"
    WINDOW_CLOSED = "window-closed"
    RECEIPT_NOT_ALLOWED = "receipt-not-allowed"
    PRODUCT_CODE_MISSING = "product-code-missing"
    PRODUCT_ALREADY_REGISTERED = "product-already-registered"
    PRODUCT_UNKNOWN = "product-unknown"
    PRODUCT_OF_ANOTHER_PRODUCER = "product-of-another-producer"
    PRODUCT_SET_CHANGED = "product-set-changed"
    PLACE_CHANGED = "place-changed"
    PRODUCER_KIND_NOT_ALLOWED = "producer-kind-not-allowed"
    PRODUCER_NUMBER_MISSING = "producer-number-missing"
    PRODUCER_NUMBER_UNCHANGED = "producer-number-unchanged"
    TAX_CODE_INVALID = "tax-code-invalid"
    REGISTRATION_NUMBER_INVALID = "registration-number-invalid"
    PHONE_INVALID = "phone-invalid"
    EMAIL_INVALID = "email-invalid"
    PROVINCE_UNKNOWN = "province-unknown"
    COMMUNE_UNKNOWN = "commune-unknown"
    COMMUNE_OUTSIDE_PROVINCE = "commune-outside-province"
    DOCUMENT_MISSING = "document-missing"
    DOCUMENT_TWICE = "document-twice"
    SAMPLES_WRONG = "samples-wrong"
    ID_USED_TWICE = "id-used-twice"
    OUT_OF_SCOPE = "out-of-scope"
    TOO_MANY_FAULTS = "too-many-faults"
    UNREADABLE_ATTRIBUTE_MISSING = "unreadable-attribute-missing"
    UNREADABLE_NOT_A_CLOUDEVENT = "unreadable-not-a-cloudevent"
    UNREADABLE_NOT_JSON = "unreadable-not-json"
    UNREADABLE_CONTENT_ENCODING = "unreadable-content-encoding"
    UNREADABLE_DATA_NOT_AN_OBJECT = "unreadable-data-not-an-object"
    UNREADABLE_ID_UNUSABLE = "unreadable-id-unusable"
    UNREADABLE_TOO_LARGE = "unreadable-too-large"
    UNREADABLE_WRONG_TYPE = "unreadable-wrong-type"


class FilingFault(StrEnum):
    """What is wrong with what an office files (filing.rejected), beside the codes of dossiers and assessments."""

    ROUND_UNKNOWN = "round-unknown"
    ROUND_CLOSED = "round-closed"
    ROUND_ELSEWHERE = "round-elsewhere"
    CONTENT_MISSING = "content-missing"
    NOT_THE_FILER = "not-the-filer"
    DATE_IN_FUTURE = "date-in-future"
    DATE_TOO_EARLY = "date-too-early"
    STARS_ABOVE_RESULT = "stars-above-result"
    STARS_OF_ANOTHER_AUTHORITY = "stars-of-another-authority"
    RESULT_NOT_REFERABLE = "result-not-referable"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    CERTIFICATE_ENDED = "certificate-ended"
    CERTIFICATE_NUMBER_TAKEN = "certificate-number-taken"
    ALREADY_IMPORTED = "already-imported"
    NOTHING_CORRECTED = "nothing-corrected"
    LEVEL_OF_ANOTHER_COUNCIL = "level-of-another-council"
    REGULATION_UNKNOWN = "regulation-unknown"
    SESSION_UNKNOWN = "session-unknown"
    SESSION_REPLACED = "session-replaced"
    SESSION_ID_TAKEN = "session-id-taken"
    MEMBER_TWICE = "member-twice"
    CHAIR_WRONG = "chair-wrong"
    PRODUCT_TWICE = "product-twice"
    PRODUCT_NOT_AT_LEVEL = "product-not-at-level"
    PRODUCT_IN_ANOTHER_SESSION = "product-in-another-session"
    PRODUCT_NOT_IN_SESSION = "product-not-in-session"
    MEMBER_UNKNOWN = "member-unknown"
    SCORE_SHEET_WRONG = "score-sheet-wrong"
    NO_SCORECARDS = "no-scorecards"
    COUNCIL_CONCLUDED = "council-concluded"


class AssessmentFault(StrEnum):
    """What the score sheet does not know of an assessment (assessment.rejected)."""

    UNKNOWN_CRITERION = "unknown-criterion"
    CRITERION_IS_HEADING = "criterion-is-heading"
    CRITERION_ANSWERED_TWICE = "criterion-answered-twice"
    UNKNOWN_OPTION = "unknown-option"
    UNKNOWN_ELIMINATION = "unknown-elimination"


class QueryFault(StrEnum):
    """Why a question has no answer (query.rejected)."""

    PRODUCT_CODE_UNREADABLE = "product-code-unreadable"
    FORMER_CODE_UNKNOWN = "former-code-unknown"
    DOSSIER_ID_UNREADABLE = "dossier-id-unreadable"
    CODE_AND_DOSSIER = "code-and-dossier"
    DOSSIER_UNKNOWN = "dossier-unknown"
    OUT_OF_SCOPE = "out-of-scope"
    AFTER_UNREADABLE = "after-unreadable"
    LIMIT_OUT_OF_RANGE = "limit-out-of-range"
    UNREADABLE_ATTRIBUTE_MISSING = "unreadable-attribute-missing"
    UNREADABLE_NOT_A_CLOUDEVENT = "unreadable-not-a-cloudevent"
    UNREADABLE_NOT_JSON = "unreadable-not-json"
    UNREADABLE_CONTENT_ENCODING = "unreadable-content-encoding"
    UNREADABLE_DATA_NOT_AN_OBJECT = "unreadable-data-not-an-object"
    UNREADABLE_ID_UNUSABLE = "unreadable-id-unusable"
    UNREADABLE_TOO_LARGE = "unreadable-too-large"
    UNREADABLE_WRONG_TYPE = "unreadable-wrong-type"


class Mender(StrEnum):
    """Who can mend a fault, and so is told of it beside whoever filed, who is told of every one."""

    #: who fills in the form, on paper or on a screen
    PRODUCER = "producer"
    #: who runs the program that files: no form that a person fills in has it
    SENDER = "sender"
    #: the same, and before it is mended nobody else is told of the dossier's other faults: it is not known to be hers
    SENDER_FIRST = "sender-first"


_OF_DOSSIERS: Mapping[str, Mender] = {
    DossierFault.MISSING: Mender.PRODUCER,
    DossierFault.WRONG_TYPE: Mender.SENDER,
    DossierFault.WRONG_FORMAT: Mender.PRODUCER,
    DossierFault.EMPTY: Mender.PRODUCER,
    DossierFault.TOO_LONG: Mender.PRODUCER,
    DossierFault.OUT_OF_RANGE: Mender.PRODUCER,
    DossierFault.NOT_ALLOWED: Mender.SENDER,  # words such as `family-business` are a program's; a form has a choice
    DossierFault.BROKEN_CHARACTERS: Mender.PRODUCER,  # pasted in a font from before Unicode
    DossierFault.INVALID: Mender.SENDER,
    DossierFault.ROUND_OPEN: Mender.PRODUCER,
    DossierFault.NO_CERTIFICATE_IN_FORCE: Mender.PRODUCER,
    DossierFault.WINDOW_NOT_OPEN: Mender.PRODUCER,
    DossierFault.WINDOW_CLOSED: Mender.PRODUCER,
    DossierFault.RECEIPT_NOT_ALLOWED: Mender.SENDER,  # an office's block
    DossierFault.PRODUCT_CODE_MISSING: Mender.PRODUCER,
    DossierFault.PRODUCT_ALREADY_REGISTERED: Mender.PRODUCER,
    DossierFault.PRODUCT_UNKNOWN: Mender.PRODUCER,
    DossierFault.PRODUCT_OF_ANOTHER_PRODUCER: Mender.PRODUCER,
    DossierFault.PRODUCT_SET_CHANGED: Mender.PRODUCER,
    DossierFault.PLACE_CHANGED: Mender.PRODUCER,
    DossierFault.PRODUCER_KIND_NOT_ALLOWED: Mender.PRODUCER,
    DossierFault.PRODUCER_NUMBER_MISSING: Mender.PRODUCER,
    DossierFault.PRODUCER_NUMBER_UNCHANGED: Mender.SENDER,  # of what offices file
    DossierFault.TAX_CODE_INVALID: Mender.PRODUCER,
    DossierFault.REGISTRATION_NUMBER_INVALID: Mender.PRODUCER,
    DossierFault.PHONE_INVALID: Mender.PRODUCER,
    DossierFault.EMAIL_INVALID: Mender.PRODUCER,
    DossierFault.PROVINCE_UNKNOWN: Mender.PRODUCER,
    DossierFault.COMMUNE_UNKNOWN: Mender.PRODUCER,
    DossierFault.COMMUNE_OUTSIDE_PROVINCE: Mender.PRODUCER,
    DossierFault.DOCUMENT_MISSING: Mender.PRODUCER,
    DossierFault.DOCUMENT_TWICE: Mender.PRODUCER,
    DossierFault.SAMPLES_WRONG: Mender.PRODUCER,
    DossierFault.ID_USED_TWICE: Mender.SENDER_FIRST,
    DossierFault.OUT_OF_SCOPE: Mender.SENDER_FIRST,
    DossierFault.TOO_MANY_FAULTS: Mender.SENDER,  # it counts those of a program too
    DossierFault.UNREADABLE_ATTRIBUTE_MISSING: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_NOT_A_CLOUDEVENT: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_NOT_JSON: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_CONTENT_ENCODING: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_DATA_NOT_AN_OBJECT: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_ID_UNUSABLE: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_TOO_LARGE: Mender.SENDER_FIRST,
    DossierFault.UNREADABLE_WRONG_TYPE: Mender.SENDER_FIRST,
}

#: By code, of what a producer may be told of. Her answers are hers, by the numbers of the printed sheet: whatever is
#: wrong with them, she is told, and also that her dossier waits for better ones. Offices' filings and questions are
#: answered to who sent them alone.
MENDERS: Mapping[str, Mender] = {**_OF_DOSSIERS, **dict.fromkeys(AssessmentFault, Mender.PRODUCER)}
