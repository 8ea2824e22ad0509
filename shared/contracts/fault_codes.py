"""The codes of faults, which programs go by: stable, and each with its line in docs/contract.md."""

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
    PRODUCT_CODE_MISSING = "product-code-missing"
    PRODUCT_CODE_NOT_ALLOWED = "product-code-not-allowed"
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
    OUT_OF_SCOPE = "out-of-scope"
    UNREADABLE_ATTRIBUTE_MISSING = "unreadable-attribute-missing"
    UNREADABLE_NOT_A_CLOUDEVENT = "unreadable-not-a-cloudevent"
    UNREADABLE_NOT_JSON = "unreadable-not-json"
    UNREADABLE_CONTENT_ENCODING = "unreadable-content-encoding"
    UNREADABLE_DATA_NOT_AN_OBJECT = "unreadable-data-not-an-object"
    UNREADABLE_ID_UNUSABLE = "unreadable-id-unusable"
    UNREADABLE_TOO_LARGE = "unreadable-too-large"
    UNREADABLE_WRONG_TYPE = "unreadable-wrong-type"
