"""What is sealed, the right private key alone opens."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.dossier import Reach, Recipient, Sealed
from shared.key_sets import public_part
from shared.sealing import BrokenSealError, OpeningKeys, SealingKey, UnknownKeyError, new_key
from tests.unit.contact_keys import SEALED, opened, seal

PRODUCER = Recipient(
    name="Cơ sở bánh tẻ Hưng Vân", contact=Reach(phone="024 3383 0000", email="banhte@example.vn", language="vi")
)
#: Vietnamese as it is written, in composed and in combining letters, and whatever else a name may have.
NAMES = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyÀẢÃÁẠẰẲẴẮẶỆỐỘỢỨỰỲỴ \u0300\u0301\u0323\u0309“”’", max_size=300
) | st.text(max_size=300)


@given(NAMES, st.text("0123456789 +().-", min_size=1, max_size=64).filter(str.strip), st.sampled_from(["vi", "en"]))
def test_what_was_sealed_is_opened_again_to_the_letter(name: str, phone: str, language: str) -> None:
    recipient = Recipient.model_validate({"name": name, "contact": {"phone": phone, "language": language}})

    assert opened(seal(recipient)) == recipient


def test_a_sealed_text_shows_nothing_of_its_content_and_fits_its_contract() -> None:
    sealed = seal(PRODUCER)

    pattern = Sealed.__metadata__[0].pattern  # type: ignore[attr-defined]
    assert re.fullmatch(pattern, sealed)
    assert "banhte" not in sealed
    assert opened(sealed) == opened(SEALED) == PRODUCER


def test_sealed_twice_the_same_has_two_texts() -> None:
    assert seal(PRODUCER) != seal(PRODUCER)


def test_what_was_sealed_before_a_new_key_is_opened_by_the_former_one() -> None:
    former, new = new_key(), new_key()
    before, after = (SealingKey.of(json.dumps(public_part(key))).seal(PRODUCER) for key in (former, new))

    keys = OpeningKeys.of(json.dumps({"keys": [new, former]}))

    assert keys.open(before, Recipient) == keys.open(after, Recipient) == PRODUCER


def test_a_reader_seals_for_itself_by_the_key_in_use_which_is_the_first() -> None:
    former, new = new_key(), new_key()
    keys = OpeningKeys.of(json.dumps({"keys": [new, former]}))

    sealed = keys.sealing_key.seal(PRODUCER)

    assert OpeningKeys.of(json.dumps({"keys": [new]})).open(sealed, Recipient) == PRODUCER


def test_a_key_that_is_not_there_is_named() -> None:
    former, new = new_key(), new_key()
    sealed = SealingKey.of(json.dumps(public_part(former))).seal(PRODUCER)

    with pytest.raises(UnknownKeyError, match=f"sealed to the key '{former['kid']}', which is not"):
        OpeningKeys.of(json.dumps({"keys": [new]})).open(sealed, Recipient)


def test_another_key_under_the_same_id_opens_nothing() -> None:
    key, other = new_key(), new_key()
    sealed = SealingKey.of(json.dumps(public_part(key))).seal(PRODUCER)

    with pytest.raises(BrokenSealError):
        OpeningKeys.of(json.dumps({"keys": [other | {"kid": key["kid"]}]})).open(sealed, Recipient)


@pytest.mark.parametrize("part", range(5))
def test_a_text_that_was_changed_anywhere_is_not_opened(part: int) -> None:
    parts = SEALED.split(".")
    middle = len(parts[part]) // 2
    changed = "B" if parts[part][middle : middle + 1] == "A" else "A"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]

    with pytest.raises((BrokenSealError, UnknownKeyError)) as refused:
        opened(".".join(parts))

    assert "banhte" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "a.b.c.d.e", "eyJhbGciOiJub25lIn0....", "....", "chữ.chữ.chữ.chữ.chữ"])
def test_what_was_never_sealed_is_no_sealed_text(text: str) -> None:
    with pytest.raises(BrokenSealError):
        opened(text)


def test_what_was_sealed_must_be_what_is_asked_for() -> None:
    with pytest.raises(BrokenSealError):
        opened(seal(Reach(phone="024 3383 0000")))
