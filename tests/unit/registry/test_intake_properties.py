"""Whatever JSON is filed, `examine` answers: a dossier without contract faults, or faults that say why not."""

import unicodedata
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.disclosure import without_personal_numbers
from services.registry.identity import examine_registration, registration_keys
from services.registry.intake import examine
from shared.contracts.dossier import DocumentType, ProducerKind, RegistrationKind
from shared.faults.names import FIELDS
from tests.unit.registry.dossiers import NUMBERS, acceptable_dossier

HOSTILE_TEXT = st.one_of(
    st.text(st.characters(), max_size=40),  # surrogates and control characters as well
    st.sampled_from(["\x00", "\ud800", "{}", "{0.__class__}", "%s", "../../etc", "9" * 4000, "\u202e", "é" * 400]),
    st.sampled_from([*RegistrationKind, *ProducerKind, *DocumentType, "01", "09574", "01-09574-1-2026", "0" * 64]),
)
NUMBER_LIKE_TEXT = st.text("+0123456789٠० ().;ext=-", min_size=1, max_size=64)
ADDRESS_LIKE_TEXT = st.builds("{}@{}.{}".format, *[st.text(st.characters(), max_size=20)] * 3)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-5, 30), st.floats(allow_nan=False), HOSTILE_TEXT
)
FIELD_NAMES = sorted({path.rsplit("/", 1)[-1] for path in FIELDS} - {"*"})
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(FIELD_NAMES), HOSTILE_TEXT), inner, max_size=5),
    ),
    max_leaves=12,
)
JSON_OBJECTS = st.dictionaries(st.one_of(st.sampled_from(FIELD_NAMES), HOSTILE_TEXT), JSON, max_size=6)


@st.composite
def damaged_dossiers(draw: st.DrawFn) -> dict[str, Any]:
    """Return the acceptable dossier with up to six fields replaced or added."""
    dossier = acceptable_dossier()
    for path in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=6)):
        *steps, last = path.split("/")
        place: Any = dossier
        for step in steps:
            place = _within(place, step)
        if isinstance(place, list) and place:
            place[0] = draw(JSON)
        elif isinstance(place, dict):
            place[last] = draw(JSON)
    return dossier


def _within(place: Any, step: str) -> Any:
    if isinstance(place, list):
        return place[0] if place else None
    return place.get(step) if isinstance(place, dict) else None


def answers_well(filed: dict[str, Any]) -> None:
    examination = examine(filed)

    assert examination.breaks_contract == (examination.dossier is None)
    assert examination.faults or not examination.breaks_contract
    for fault in examination.faults:
        for sentence in (fault.message.vi, fault.message.en):
            assert sentence.strip()
            assert unicodedata.is_normalized("NFC", sentence)
        assert fault.pointer == "" or fault.pointer.startswith("/")
        fault.model_dump_json()
    if examination.dossier is not None:
        numbers = NUMBERS.known(examination.dossier.producer)
        "".join(registration_keys(examination.dossier, numbers)).encode()
        examine_registration(examination.dossier, numbers=numbers, by_key=None, by_code=None)
        without_personal_numbers(examination.dossier).model_dump_json()
    if examination.recipient is not None:
        examination.recipient.model_dump_json()


@given(JSON_OBJECTS)
def test_any_json_object_is_answered(filed: dict[str, Any]) -> None:
    answers_well(filed)


@settings(max_examples=2 * settings().max_examples)
@given(damaged_dossiers())
def test_any_damage_to_a_dossier_is_answered(filed: dict[str, Any]) -> None:
    answers_well(filed)


@settings(max_examples=2 * settings().max_examples)
@given(NUMBER_LIKE_TEXT | HOSTILE_TEXT, ADDRESS_LIKE_TEXT | HOSTILE_TEXT, NUMBER_LIKE_TEXT | HOSTILE_TEXT)
def test_any_text_for_what_libraries_check_is_answered(phone: str, email: str, tax_code: str) -> None:
    filed = acceptable_dossier()
    filed["producer"]["tax_code"] = tax_code
    filed["producer"]["contact"] = {"phone": phone, "email": email}

    answers_well(filed)
