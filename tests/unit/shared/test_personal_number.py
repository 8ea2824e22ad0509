"""A person's number is found however it is written, and no more than its last three digits are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.personal_number import hidden, hide_in, personal_number

NUMBER = "001085012345"
WRITTEN = [
    NUMBER,
    "001 085 012 345",
    "001.085.012.345",
    "001-0-85-012345",
    "00 10 85 01 23 45",
    "0 0 1 0 8 5 0 1 2 3 4 5",
    "００１０８５０１２３４５",
    "٠٠١٠٨٥٠١٢٣٤٥",
    "001\u200b085\u00ad012345",
    "001085012345-001",
    "001085012345001",
    "001 085 012 345 - 001",
    "CCCD 001085012345",
    "CCCD001085012345",
    "001085012345 (căn cước)",
    "01Y8001234 / 001085012345",
    "0100233488, 001085012345",
    "001085012345A",
    "0010850123 45",
    "00108501234 5",
    "0 01085012345",
    "00 1085012345",
    "0\u200b01085012345",
    "0\u206001085012345",
    "00108501234\u00ad5",
    "001    085    012345",
    "CCCD: 0010850123 45",
]
OTHERS = [
    "0100233488",
    "0314409058-002",
    "0314409058002",
    "01Y8001234",
    "41A8012345",
    "01-y8.001 234",
    "0109112345, 12/03/2019",
    "Số 15 ngày 0109112345",
    "00108501234",
    "0010850123456",
    "*********345",
    "",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_personal_number_is_found_however_it_is_written(text: str) -> None:
    assert personal_number(text) == NUMBER


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_are_none(text: str) -> None:
    assert personal_number(text) is None


def test_a_number_shows_its_last_three_digits() -> None:
    assert hidden(NUMBER) == "*********345"


@pytest.mark.parametrize("text", WRITTEN)
def test_a_known_number_is_hidden_in_any_text(text: str) -> None:
    shown = hide_in(f"Hộ bà Lan, {text}.", {NUMBER})

    assert shown.startswith("Hộ bà Lan, ")
    assert "*********345" in shown
    assert personal_number(shown[len("Hộ bà Lan, ") :]) is None


def test_a_known_number_is_hidden_within_a_longer_one_and_as_often_as_it_stands() -> None:
    assert hide_in(f"8{NUMBER}9 {NUMBER}", {NUMBER}) == "8*********3459 *********345"


@given(
    st.lists(st.sampled_from(["", "", " ", ".", "-", "    ", "\u200b", "\u00ad", " – ", "_"]), min_size=11, max_size=11)
)
def test_a_personal_number_is_found_in_any_grouping(gaps: list[str]) -> None:
    written = NUMBER[0] + "".join(f"{gap}{digit}" for gap, digit in zip(gaps, NUMBER[1:], strict=True))

    assert personal_number(written) == NUMBER
    assert hide_in(f"Hộ bà Lan, {written}.", {NUMBER}) == "Hộ bà Lan, *********345."


@given(st.text(max_size=80))
def test_a_text_without_the_number_stays(text: str) -> None:
    assert hide_in(text, {"987654321012"}) == text


@given(st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii), st.text(max_size=20), st.text(max_size=20))
def test_a_known_number_stands_in_no_text_afterwards(number: str, before: str, after: str) -> None:
    assert number not in hide_in(f"{before}{number}{after}", {number})


def test_long_text_is_no_number() -> None:
    assert personal_number("\u0301" * 100_000 + NUMBER) is None
