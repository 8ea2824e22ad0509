"""Text in old encodings is recognised for a sheet as a whole, read, and said."""

import unicodedata
from collections.abc import Sequence

import pytest

from ops.importing.encodings import Converted, in_unicode
from ops.importing.workbook import Sheet


def read(*texts: str) -> tuple[list[str], Sequence[Converted]]:
    sheet, converted = in_unicode(Sheet("", [[text] for text in texts]))
    return [str(row[0]) for row in sheet.rows], converted


@pytest.mark.parametrize(
    ("encoding", "texts", "said"),
    [
        ("TCVN3 (ABC)", ("Hîp t¸c x· B¸nh tÎ", "Cµ phª", "X·"), ("Hợp tác xã Bánh tẻ", "Cà phê", "Xã")),
        ("VNI", ("Baùnh teû Höng Vaân", "Nöôùc maém Phuù Quoác"), ("Bánh tẻ Hưng Vân", "Nước mắm Phú Quốc")),
        ("VPS", ("NÜ§c m¡m Phú QuÓc",), ("Nước mắm Phú Quốc",)),
        ("Windows-1258", ("Nýõìc mãìm",), ("Nước mắm",)),
        ("UTF-8 (×2)", ("BÃ¡nh táº»",), ("Bánh tẻ",)),
    ],
)
def test_a_sheet_in_an_old_encoding_is_read_and_said(
    encoding: str, texts: tuple[str, ...], said: tuple[str, ...]
) -> None:
    found, (converted,) = read(*texts)

    assert tuple(found) == said
    assert converted == Converted(encoding, len(texts), texts[0], said[0])


def test_decomposed_text_is_composed_and_that_is_nothing_to_say() -> None:
    assert read(unicodedata.normalize("NFD", "Bánh tẻ Hưng Vân")) == (["Bánh tẻ Hưng Vân"], ())


def test_cells_in_unicode_stay_what_they_are_beside_others() -> None:
    found, _ = read("Hîp t¸c x· B¸nh tÎ", "Cà phê", "Đắk Lắk", "Café", "858/QĐ-UBND")

    assert found == ["Hợp tác xã Bánh tẻ", "Cà phê", "Đắk Lắk", "Café", "858/QĐ-UBND"]


def test_a_word_that_reads_well_in_either_is_what_most_of_the_sheet_is() -> None:
    assert read("B¸nh tÎ", "rõng")[0] == ["Bánh tẻ", "rừng"]
    assert read("B¸nh tÎ", "rõng", "Bánh tẻ", "Nước mắm")[0] == ["Bánh tẻ", "rõng", "Bánh tẻ", "Nước mắm"]


@pytest.mark.parametrize("others", [("B¸nh tÎ", "Hîp t¸c x·"), ("Baùnh teû", "Hôïp taùc xaõ"), ("Nýõìc mãìm", "teÒ")])
def test_headers_that_somebody_typed_anew_stay_what_they_are(others: tuple[str, ...]) -> None:
    assert read("Phân nhóm", "Ngày ký", *others, *others)[0][:2] == ["Phân nhóm", "Ngày ký"]


def test_hard_spaces_and_invisible_characters_are_gone() -> None:
    assert read("Bánh\u00a0tẻ\u200b") == (["Bánh tẻ"], ())


def test_a_sheet_in_unicode_has_nothing_converted() -> None:
    assert read("Rượu Ô Lâu", "Hoà tiêu", "Nước mắm 40° đạm", "Đường thốt nốt ®")[1] == ()
