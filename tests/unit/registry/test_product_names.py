"""Names that read the same are the same product's; what the register kept by its former folding is still found."""

import unicodedata

import pytest

from services.registry.spelling import name_keys

#: As the register kept them until 0.1.0.
KEPT = {
    "Nước mắm Hòa Phú": "nước mắm hòa phú",
    "Nước mắm Hoà Phú": "nước mắm hoà phú",
    "BÁNH  TẺ\u00a0Hưng\u200b Vân": "bánh tẻ hưng vân",
    "Thịt Thuỷ Hoà": "thịt thuỷ hoà",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Nước mắm Hoà Phú", id="tone mark on the second vowel"),
        pytest.param("NƯỚC MẮM HÒA PHÚ", id="capitals"),
        pytest.param(" Nước  mắm\u00a0Hòa\tPhú ", id="white space"),
        pytest.param("Nước\u2009mắm\u3000Hòa\u2800Phú", id="spaces of other widths"),
        pytest.param("Nước mắm HòaPhú", id="no space"),
        pytest.param("Nước mắm Hòa-Phú", id="hyphen"),
        pytest.param("Nước mắm Hòa – Phú", id="dash with spaces"),
        pytest.param("Nước mắm Hòa\u2011Phú", id="hard hyphen"),
        pytest.param("Nước mắm “Hòa Phú”", id="quotes"),
        pytest.param("Nước mắm 'Hòa Phú'", id="straight quotes"),
        pytest.param("Nước mắm «Hòa Phú»", id="guillemets"),
        pytest.param("Nước mắm Hòa Phú®", id="trade mark"),
        pytest.param(unicodedata.normalize("NFD", "Nước mắm Hoà Phú"), id="combining marks"),
        pytest.param("N\u00adước m\u200bắm\ufeff H\u2060òa Ph\u034fú", id="characters that nobody sees"),
        pytest.param("Nước mắm Hòa\ufe0f Phú\U000e0100\u3164", id="variation selectors, filler"),
        pytest.param("Nước mắm Hòa Рhú", id="Cyrillic capital er"),
        pytest.param("Nướс mắm Hòа Phú", id="Cyrillic small letters"),
        pytest.param("Nước mắm Hòа\u0300 Phú".replace("òа\u0300", "oа\u0300"), id="Cyrillic letter with a tone mark"),
        pytest.param("Νước mắm Ηòa Ρhú", id="Greek capitals"),
        pytest.param("Ｎước　ｍắｍ　Hòa　Ｐｈú", id="full width"),
        pytest.param("𝐍ước 𝑚ắ𝑚 Hòa 𝙋𝕙ú", id="mathematical letters"),
        pytest.param("Nước mǎ\u0301m Hòa Phú", id="caron for breve"),
    ],
)
def test_a_name_that_reads_the_same_has_the_same_key(name: str) -> None:
    assert name_keys(name)[0] == name_keys("Nước mắm Hòa Phú")[0]


@pytest.mark.parametrize("tone", ["\u0300", "\u0301", "\u0303", "\u0309", "\u0323"])
@pytest.mark.parametrize(("first", "second"), [("o", "a"), ("o", "e"), ("u", "y"), ("O", "A"), ("U", "Y")])
def test_a_tone_mark_may_stand_on_either_vowel(first: str, second: str, tone: str) -> None:
    older, newer = f"kh{first}{tone}{second}", f"kh{first}{second}{tone}"

    assert name_keys(f"Bánh {older} Sơn")[0] == name_keys(f"Bánh {newer} Sơn")[0]
    assert name_keys(older)[0] != name_keys(f"kh{first}{second}")[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Đông trùng hạ thảo", "Ðông trùng hạ thảo"),
        ("Đông trùng hạ thảo", "Ɖông trùng hạ thảo"),
        ("Rượu đòng đòng", "Rượu ðòng ɖòng"),
        ("Trà quý", "Trà qúy"),
        ("Gạo ST25", "Gạo ST２５"),
        ("M'Nông", "M’Nông"),
        ("Cà-phê Đắk Lắk", "Cà phê Đắk Lắk"),
        ("Loại 1 kg", "Loại 1kg"),
        ("ТRÀ ХАNН", "TRÀ XANH"),
    ],
)
def test_names_that_read_the_same(one: str, other: str) -> None:
    assert name_keys(one)[0] == name_keys(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Bánh tẻ Hưng Vân", "Bánh te Hưng Vân", id="tone mark"),
        pytest.param("Bánh tẻ Hưng Vân", "Bánh tẻ Hung Vân", id="letter with a mark"),
        pytest.param("Đậu", "Dậu", id="stroke"),
        pytest.param("Mĩ", "Mỹ", id="i and y"),
        pytest.param("Lí", "Lý", id="i and y, another"),
        pytest.param("Hòa", "Hỏa", id="another tone"),
        pytest.param("Hoa", "Hòa", id="no tone"),
        pytest.param("Rượu 3-5 năm", "Rượu 35 năm", id="dash between digits"),
        pytest.param("Loại 1 2", "Loại 12", id="space between digits"),
        pytest.param("Trà 1", "Trà l", id="digit one and letter l"),
        pytest.param("Trà 0", "Trà O", id="zero and letter O"),
        pytest.param("Gạo ST24", "Gạo ST25", id="number"),
        pytest.param("Rượu ngô (nếp)", "Rượu ngô", id="what is in brackets"),
        pytest.param("Mận", "Mậm", id="letter"),
    ],
)
def test_names_that_read_differently(one: str, other: str) -> None:
    assert set(name_keys(one)).isdisjoint(name_keys(other))


@pytest.mark.parametrize(("name", "kept"), KEPT.items(), ids=KEPT)
def test_what_was_registered_under_a_former_key_is_found(name: str, kept: str) -> None:
    assert kept in name_keys(name)
    assert kept in name_keys(name.lower())


@pytest.mark.parametrize(
    ("registered", "filed"),
    [
        ("Nước mắm Hòa Phú", "Nước mắm Hoà Phú"),
        ("Nước mắm Hoà Phú", "NƯỚC MẮM HÒA PHÚ"),
        ("Thịt Thuỷ Hoà", "thịt thủy hòa"),
    ],
)
def test_what_was_registered_under_a_former_key_is_found_in_both_styles(registered: str, filed: str) -> None:
    assert KEPT[registered] in name_keys(filed)


def test_most_names_have_two_keys() -> None:
    assert name_keys("Bánh tẻ Hưng Vân") == ("ba\u0301nhte\u0309hu\u031bngva\u0302n", "bánh tẻ hưng vân")
