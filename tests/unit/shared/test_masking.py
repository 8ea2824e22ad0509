"""What is personal is masked, and what only looks similar is not."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.masking import EMAIL, NAME, NUMBER, PHONE, TOO_DEEP, mask_data, mask_text
from shared.personal_number import CITIZENS_NUMBER, hide_found
from shared.system import SYSTEM

PHONES = [
    "024 3383 0000",
    "+84 24 3383 0000",
    "0912345678",
    "0912.345.678",
    "091-234-5678",
    "(024) 3383 0000",
    "(024)33830000",
    "024.3383.0000",
    "02433830000",
    "0203 3 822 233",
    "09 12 34 56 78",
    "0912 - 345 - 678",
    "+84912345678",
    "+84 (0)24 3383 0000",
    "(+84) 912 345 678",
    "(84) 912 345 678",
    "84 24 3383 0000",
    "84912345678",
    "0084 24 3383 0000",
    "01634 567 890",
    "+1 202-555-0143",
    "+44 20 7946 0958",
    "0912\u00a0345\u00a0678",
    "091\u20132345678",
    "０９１２３４５６７８",
]
EMAILS = [
    "hungvan@example.vn",
    "lan.nguyen+ocop@mail.example.com.vn",
    "đặng@ví-dụ.vn",
    "用户@例え.jp",
    "a@xn--v-fjba.vn",
    "o'neil_x@example.org",
    '"a.b"@example.vn',
    "x@[127.0.0.1]",
    "mail＠example.vn",
    "lan%40example.vn",
    "0912345678912345@example.vn",
    "2026-09-12@example.vn",
]
KEPT = [
    "01-09574-1-2026",
    "09-09574-123456789-2026",
    "product 01-09574-1-2026 of 2026-09-12 2026-10-11",
    "019abcde-0912-4567-8901-023456789012",
    "09123456-0912-4345-8678-012345678901",
    "00-09123456780912345678091234567800-0912345678912345-01",
    "2026-11-24T06:03:29.0912345678Z",
    "2026-11-24T06:03:29.123456+07:00",
    "2026-11-24 06:03:29,123",
    "24-11-2026 09:12:34",
    "09-12-2026 10-12-2026",
    "09.12.2026 14:30",
    "20261124060329",
    "1764000000000",
    "1234567890",
    "0.0912345678",
    "3.0243383000",
    "-1.5e+12345678",
    "127.0.0.1:25672",
    "10.0.23.114",
    "<019abcde-0912-4567-8901-023456789012@ocop.example.vn>",
    "registry.retry.10m",
    "amqp://127.0.0.1:20912/",
    "handled 38 of 41 in 1204.5 ms",
    "rabbit@127.0.0.1",
    "/portals/my-province",
    "v4.2.0-rc.1",
    "1 2 3 4 5 6 7 8 9 10 11 12",
    "0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
]


@pytest.mark.parametrize("number", PHONES)
def test_a_telephone_number_is_masked_however_it_is_written(number: str) -> None:
    assert mask_text(number) == PHONE
    assert mask_text(f"Gọi {number}, xin cảm ơn") == f"Gọi {PHONE}, xin cảm ơn"
    assert mask_text(f'{{"a":"{number}"}}') == f'{{"a":"{PHONE}"}}'


@pytest.mark.parametrize("address", EMAILS)
def test_an_address_is_masked(address: str) -> None:
    assert mask_text(address) == EMAIL
    assert mask_text(f"Gửi <{address}>: 550 no such user") == f"Gửi <{EMAIL}>: 550 no such user"
    assert mask_text(f"to={address}; later") == f"to={EMAIL}; later"


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_similar_stays(text: str) -> None:
    assert mask_text(text) == text
    assert mask_text(f"({text}) +") == f"({text}) +"


def test_several_in_one_text_are_all_masked() -> None:
    text = "Lan 0912345678-0987654321/024 3383 0000, lan@example.vn,minh@example.vn; mã 01-09574-1-2026"

    assert mask_text(text) == f"Lan {PHONE}-{PHONE}/{PHONE}, {EMAIL},{EMAIL}; mã 01-09574-1-2026"


def test_a_number_behind_a_word_is_masked() -> None:
    assert mask_text("SĐT:0912345678 sđt0912345678") == f"SĐT:{PHONE} sđt{PHONE}"


def test_a_citizens_number_is_masked() -> None:
    assert mask_text("căn cước 001199012345.") == f"căn cước {NUMBER}."


@pytest.mark.parametrize(
    "number",
    [
        "001 085 012 345",
        "001.085.012345",
        "001-085-012-345",
        "００１ ０８５ ０１２ ３４５",
        "001/085/012/345",
        "001 – 085 – 012 – 345",
        "00108501\u200b2345",
        "0010 8 5 0 1 2 3 4 5",
        "0 0 1 0 8 5 0 1 2 3 4 5",
        "001\n085012345",
        "001_085_012_345",
    ],
)
def test_a_citizens_number_in_groups_is_masked(number: str) -> None:
    assert mask_text(f"căn cước {number}, Hà Nội") == f"căn cước {NUMBER}, Hà Nội"


@pytest.mark.parametrize("text", ["a_{}", "b{}c", "CCCD{}", "cccd{}_a", "{}A", "e{}.pdf", "/{}-001/"])
def test_a_citizens_number_in_one_piece_is_masked_whatever_stands_beside_it(text: str) -> None:
    assert mask_text(text.format("001085012345")) == text.format(NUMBER)
    assert hide_found(CITIZENS_NUMBER, text.format("001085012345")) == text.format("*********345")


@pytest.mark.parametrize(
    "text",
    [
        *("0912 345 678 - 12 Lê Lợi", "0913456789, 2026", "STT 002, 123.456.789 đồng", "1.001.085.012.345 đồng"),
        *("https://example.vn/e3b0c44298fc1c149afb001085012345e.pdf", "0.001085012345"),
        *("019abcde-0912-4567-8901-023156789012", "01-00004-12345-2026"),
    ],
)
def test_what_only_looks_like_a_citizens_number_is_shown(text: str) -> None:
    assert hide_found(CITIZENS_NUMBER, text) == text


@pytest.mark.parametrize("field", ["tax_code", "registration_number"])
@pytest.mark.parametrize("number", ["101085012345", "001085012345-001", "00.10.85.01.23.45", "001\u200b085012345"])
def test_a_person_s_number_is_masked_in_its_fields_however_it_is_written(field: str, number: str) -> None:
    assert mask_data({"producer": {field: number}}) == {"producer": {field: NUMBER}}


@pytest.mark.parametrize("number", ["0100233488", "01Y8001234", "*********345"])
def test_other_numbers_of_producers_stay(number: str) -> None:
    assert mask_data({"producer": {"registration_number": number}}) == {"producer": {"registration_number": number}}


def test_passwords_in_urls_go_with_the_address_they_look_like() -> None:
    assert "s3cret" not in mask_text("amqp://ocop:s3cret@broker.example.vn:5672/")


def test_queues_keep_their_names() -> None:
    assert [queue.name for queue in SYSTEM.queues if mask_text(queue.name) != queue.name] == []


@given(st.uuids())
def test_uuids_stay(id: UUID) -> None:
    assert mask_text(f"event {id} taken") == f"event {id} taken"


@given(st.binary())
def test_digests_stay(content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()

    assert mask_text(digest) == digest


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_stay(moment: datetime) -> None:
    assert mask_text(f"{moment.isoformat()} {moment}") == f"{moment.isoformat()} {moment}"


@given(st.from_regex(r"[0-9]{2}-[0-9]{5}-[1-9][0-9]{0,8}-[0-9]{4}", fullmatch=True).filter(str.isascii))
def test_product_codes_stay(code: str) -> None:
    assert mask_text(f"{code}, {code}") == f"{code}, {code}"


@given(st.integers(-(10**10) + 1, 10**10 - 1) | st.floats(allow_nan=False))
def test_numbers_stay(number: float) -> None:
    assert mask_text(f"{number}") == f"{number}"


@given(
    st.from_regex(r"0[35789][0-9]{8}", fullmatch=True).filter(str.isascii),
    st.text(alphabet="aăâ đ.,:;\n()[]", max_size=8),
    st.text(alphabet="ởíxz .,:;\n()[]", max_size=8),
)
def test_a_mobile_number_is_found_in_any_text(number: str, before: str, after: str) -> None:
    assert number not in mask_text(f"{before} {number}{after}")


@given(st.text(alphabet="0912345678 +()-.@axđ\u00a0０", max_size=60))
def test_masked_text_has_nothing_left_to_mask(text: str) -> None:
    rest = re.sub(r"\[(?:e-mail|phone|personal number)\]", "\n", mask_text(text))  # `a@[phone]` looks like an address

    assert len(mask_text(mask_text(rest))) == len(mask_text(rest))


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(mask_text(text), str)


def test_the_contracts_personal_fields_are_masked() -> None:
    producer = {"name": "Cơ sở bánh tẻ Hưng Vân", "kind": "household", "contact": {"phone": "1", "email": "x"}}
    product = {"name": "Bánh tẻ Hưng Vân", "description": "Gọi 0912345678"}

    assert mask_data({"producer": producer, "product": product}) == {
        "producer": {"name": NAME, "kind": "household", "contact": {"phone": PHONE, "email": EMAIL}},
        "product": {"name": "[text of 16]", "description": "[text of 14]"},
    }


def test_whoever_is_told_is_masked() -> None:
    data = {"recipient": {"name": "Cơ sở bánh tẻ Hưng Vân", "contact": {"phone": None, "language": "vi"}}}

    assert mask_data(data) == {"recipient": {"name": NAME, "contact": {"phone": None, "language": "vi"}}}


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        pytest.param({"Phone": 912345678}, {"Phone": PHONE}, id="a number in the field"),
        pytest.param({"email": ["a@b.vn"]}, {"email": EMAIL}, id="a list in the field"),
        pytest.param({"x": ["a@b.vn", 5, None, True]}, {"x": [EMAIL, 5, None, True]}, id="in a list"),
        pytest.param({"a@b.vn": 1}, {EMAIL: 1}, id="as a name"),
        pytest.param({"producer": [{"name": "Lan"}]}, {"producer": [{"name": NAME}]}, id="several producers"),
        pytest.param("a@b.vn", EMAIL, id="only text"),
        pytest.param(1.5, 1.5, id="only a number"),
    ],
)
def test_garbage_is_masked_too(value: Any, masked: Any) -> None:
    assert mask_data(value) == masked


def test_what_is_nested_without_end_is_cut() -> None:
    value: Any = "0912345678"
    for _ in range(500):
        value = [value]

    masked = mask_data(value)

    assert TOO_DEEP in str(masked)
    assert "0912345678" not in str(masked)
