"""What somebody types finds the product, however it is written; what is nobody's to search is no key."""

from datetime import date

import pytest

from services.registry.rounds import HeldCertificate
from services.registry.search_keys import in_province, is_looked_up, keys_of, wanted, words_of
from shared.contracts.rounds import Stage
from tests.unit.registry.lives import certificate
from tests.unit.registry.products import a_round, product

HELD = HeldCertificate(certificate=certificate(date(2026, 1, 5), date(2029, 1, 5), number="HN-2026-0201"))
BANH_TE = product(HELD, former_code="01-269-09592-4-2022", dossiers=("3F0C1F7E-6f0a", "second"))


def finds(text: str) -> bool:
    asked, keys, words = wanted(text), {*keys_of(BANH_TE)}, {*words_of(BANH_TE)}
    if not keys.isdisjoint(asked.exact):
        return True
    looked_up = {in_province(word, "01") for word in asked.words if is_looked_up(word)}
    return looked_up <= keys and words.issuperset(asked.words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Bánh tẻ Hưng Vân", True, id="the name"),
        pytest.param("BÁNH TẺ", True, id="words of it, in capitals"),
        pytest.param("vân bánh", True, id="in another order"),
        pytest.param("Ba\u0301nh te\u0309", True, id="decomposed"),
        pytest.param("banh te", True, id="without marks"),
        pytest.param("banh tẻ", True, id="with some marks"),
        pytest.param("bành tẻ", False, id="with other marks"),
        pytest.param("bán", False, id="a part of a word"),
        pytest.param("bánh chưng", False, id="a word that it has not"),
        pytest.param("co so banh te", True, id="the producer's name"),
        pytest.param("01-09574-1-2026", True, id="the code"),
        pytest.param("01-269-09592-4-2022", True, id="the former code"),
        pytest.param("01 Y8 001234", True, id="a registration number with spaces"),
        pytest.param("01Y8001234", True, id="a registration number"),
        pytest.param("hn-2026-0201", True, id="a certificate's number in small letters"),
        pytest.param("3f0c1f7e-6F0A", True, id="a dossier's id"),
        pytest.param("01-09574-2-2026", False, id="another code"),
    ],
)
def test_a_text_finds_the_product(text: str, found: bool) -> None:
    assert finds(text) is found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Chè Mỹ Lương", "chè mĩ lương"),
        ("Mứt Quý Phi", "quí phi"),
        ("Gạo Hoà Bình", "hòa bình"),
        ("Đường thốt nốt", "duong thot not"),
        ("Trà “Shan” tuyết®", "tra shan tuyet"),
    ],
)
def test_spellings_that_read_the_same_find_each_other(name: str, text: str) -> None:
    asked = wanted(text)

    assert {*words_of(product(name=name))}.issuperset(asked.words)


def test_what_many_have_is_a_key_of_its_province() -> None:
    in_force = product(HELD, round=a_round(Stage.AT_COMMUNE))

    assert {"stars:4@01", "stage:at-commune@01", "set:6@01", "@01-09574", "@01-095", "banh@01"} <= {*keys_of(in_force)}
    assert {"stars:0@01", "stage:none@01"} <= {*keys_of(product())}
    assert {"stage:none@01"} <= {*keys_of(product(round=a_round(Stage.CLOSED)))}


def test_what_every_second_producer_is_called_is_a_word_and_no_key() -> None:
    of_a_cooperative = product(producer_name="Hợp tác xã Rồng Vàng")

    assert {"hợp", "tac", "rồng", "rong"} <= {*words_of(of_a_cooperative)}
    assert {"hợp@01", "tac@01"}.isdisjoint(keys_of(of_a_cooperative))
    assert {"rồng@01", "rong@01"} <= {*keys_of(of_a_cooperative)}


def test_a_person_s_number_is_no_key_and_neither_is_its_hash() -> None:
    known = product(producer_numbers=("hmac:5f0a", "01y8001234"))

    assert [key for key in keys_of(known) if "hmac" in key or "5f0a" in key] == []
    assert "01y8001234" in keys_of(known)


def test_what_somebody_pastes_asks_for_no_more_than_a_dozen_words() -> None:
    assert len(wanted(" ".join(f"word{number}" for number in range(100))).words) == 12
