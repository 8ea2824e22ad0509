"""How a text becomes text messages: its letters, its segments, what fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.channels.sms_text import Segments, fitted, folded, segments


@pytest.mark.parametrize(
    ("text", "ascii"),
    [
        ("Chè đinh Hảo Đạt: 3 sao", "Che dinh Hao Dat: 3 sao"),
        ("Giấy chứng nhận hết hiệu lực ngày 01/12/2026", "Giay chung nhan het hieu luc ngay 01/12/2026"),
        ("ƯƠNG ương Ỹ ỹ", "UONG uong Y y"),
        ("Che\u0300 đinh", "Che dinh"),
        ("3 sao ★★★, “tự đánh giá” – ½ … ₫", '3 sao ***, "tu danh gia" - 1/2 ... d'),
        ("m² 5×2", "m2 5x2"),
        ("hai\u00a0chữ \n dòng", "hai chu dong"),
        ("trà 茶 😀", "tra"),
    ],
)
def test_a_text_in_ascii_can_be_read(text: str, ascii: str) -> None:
    assert folded(text) == ascii


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", Segments("gsm-7", 1)),
        ("a" * 160, Segments("gsm-7", 1)),
        ("a" * 161, Segments("gsm-7", 2)),
        ("a" * 306, Segments("gsm-7", 2)),
        ("a" * 307, Segments("gsm-7", 3)),
        ("é" * 160, Segments("gsm-7", 1)),
        ("€" * 80, Segments("gsm-7", 1)),
        ("€" * 81, Segments("gsm-7", 2)),
        ("€" * 152, Segments("gsm-7", 2)),
        ("€" * 153, Segments("gsm-7", 3)),
        ("a" * 152 + "€" + "a" * 151, Segments("gsm-7", 2)),
        ("a" * 152 + "€" + "a" * 152, Segments("gsm-7", 3)),
        ("ạ" * 70, Segments("ucs-2", 1)),
        ("ạ" * 71, Segments("ucs-2", 2)),
        ("ạ" * 134, Segments("ucs-2", 2)),
        ("ạ" * 135, Segments("ucs-2", 3)),
        ("😀" * 35, Segments("ucs-2", 1)),
        ("😀" * 66, Segments("ucs-2", 2)),
        ("😀" * 67, Segments("ucs-2", 3)),
        ("`", Segments("ucs-2", 1)),
    ],
)
def test_segments_are_those_that_a_provider_bills(text: str, sent: Segments) -> None:
    assert segments(text) == sent


@pytest.mark.parametrize(
    ("text", "most", "fits"),
    [
        ("Chè đinh", 1, "Chè đinh"),
        ("chín chữ " * 10, 1, "chín chữ " * 7 + "chín..."),
        ("a" * 161, 1, "a" * 157 + "..."),
        ("a" * 157 + " bcdef", 1, "a" * 157 + "..."),
    ],
)
def test_what_is_too_long_is_cut_between_words(text: str, most: int, fits: str) -> None:
    assert fitted(text, most) == fits


@given(st.text(max_size=500), st.integers(1, 4))
def test_what_is_cut_fits_and_begins_as_it_was(text: str, most: int) -> None:
    cut = fitted(text, most)

    assert segments(cut).count <= most
    assert text.startswith(cut.removesuffix("..."))


@given(st.text(max_size=200))
def test_what_is_folded_is_one_line_of_ascii(text: str) -> None:
    assert folded(text).isascii()
    assert len(folded(text).splitlines()) <= 1
