"""Syllables of Vietnamese by their spelling."""

import pytest

from services.registry.spelling import is_syllable


@pytest.mark.parametrize(
    "word",
    [
        "ba",
        "bánh",
        "tẻ",
        "Hưng",
        "VÂN",
        "nước",
        "mắm",
        "quý",
        "quốc",
        "giếng",
        "gì",
        "nghiêng",
        "khuỷu",
        "Huế",
        "thuở",
        "quả",
        "xoong",
        "huyện",
        "yến",
        "ngoằn",
        "khuya",
        "hòa",
        "hoà",
        "thủy",
        "thuỷ",
        "khỏe",
        "khoẻ",
        "già",
        "giữ",
        "uống",
        "ưu",
        "lươn",
        "đỉa",
    ],
)
def test_a_word_that_is_spelt_as_vietnamese_is(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word",
    [
        "café",
        "Müller",
        "đ",
        "bnh",
        "hoàa",
        "tờte",
        "cafộ",
        "xaõ",
        "laøm",
        "mằ",
        "tâ",
        "bặch",
        "hủt",
        "mạtch",
        "nghiêngg",
        "Krông",
        "zen",
        "fa",
        "quốcquốcquốcquốc",
    ],
)
def test_a_word_that_is_not(word: str) -> None:
    assert not is_syllable(word)
