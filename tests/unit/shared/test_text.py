"""Text as the contracts take it."""

import unicodedata

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.dossier import Contact
from shared.contracts.text import Name, Prose, Text

NAME: TypeAdapter[str] = TypeAdapter(Name)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)
TEXT: TypeAdapter[str] = TypeAdapter(Text)


def test_text_is_normalised_however_much_space_is_around_it() -> None:
    assert NAME.validate_python(unicodedata.normalize("NFD", "Bánh tẻ") + " " * 100_000) == "Bánh tẻ"


def test_text_is_measured_after_it_is_composed() -> None:
    assert NAME.validate_python("e\u0302\u0309" * 300) == "ể" * 300


@pytest.mark.parametrize("marks", ["\u0301\u0323" * 100_000, "\u0301" * 31, "\u05b0\u0651" * 20])
def test_marks_that_could_take_minutes_to_sort_are_refused_at_once(marks: str) -> None:
    with pytest.raises(ValidationError, match="over 30 combining marks"):
        PROSE.validate_python(f"e{marks}")


@pytest.mark.parametrize("before", range(62))
def test_a_run_of_marks_is_noticed_wherever_it_begins(before: int) -> None:
    assert PROSE.validate_python("x" * before + "\u0316" * 30 + "x")
    with pytest.raises(ValidationError, match="over 30 combining marks"):
        PROSE.validate_python("x" * before + "\u0316" * 31 + "x")


def test_as_many_marks_as_any_language_has_are_taken() -> None:
    assert PROSE.validate_python(("e" + "\u0301" * 30) * 100)


@pytest.mark.parametrize("turning", ["\u202e", "\u202a", "\u2066", "\u2069"])
def test_nothing_turns_the_direction_of_writing(turning: str) -> None:
    for adapter in (NAME, PROSE):
        with pytest.raises(ValidationError, match="pattern"):
            adapter.validate_python(f"Bánh {turning}gnp.exe")


def test_half_a_letter_is_no_text() -> None:
    with pytest.raises(ValidationError, match="unicode"):
        TEXT.validate_python("\ud800")


def test_an_error_does_not_repeat_what_broke_the_contract() -> None:
    with pytest.raises(ValidationError) as raised:
        Contact.model_validate({"phone": ["024 3383 0000"]})

    assert "024 3383 0000" not in str(raised.value)
