"""Text that was broken on its way from one encoding to another is refused; every other text is taken as it is."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.registry.intake import examine
from services.registry.old_encodings import in_old_encoding
from services.registry.spelling import LETTERS
from services.registry.texts import decoded_twice, text_faults
from services.registry.units import COMMUNES
from tests.unit.registry.dossiers import changed

EXAMPLES = Path(__file__).parents[3] / "examples" / "dossiers"
COMMUNE_NAMES = sorted({commune.name for commune in COMMUNES.values()})
#: Names and texts that only look odd.
LEGITIMATE = """
    Café|CAFÉ®|Cafe Rosé|NESTLÉ®|Vinamilk®|Trà Sen™|MÃ™|“MÃ”|LÂ®|TRÀ MÃ®|© Gốm Chu Đậu|Sâm Ngọc Linh™ K5
    Müller|Käse|Süße Früchte|Weißbier|Löwenbräu|Kräutertee|Grüner Tee|Öl|Döner|Bäckerei Müller|Fürst
    Crème brûlée|Pâté gan|Côte d’Azur|Château Đà Lạt|Fête|Thé vert|Brioche dorée|Gruyère|Où|Noël|Œuf|Île de France
    Señor|Ñ|Jalapeño|Núñez|Saúl|São Tomé|Pão de queijo|Curaçao|José|aún|L’Oréal|Beyoncé|Loïc|Riz thaï|Chè Thaï|Aïoli
    Plzeňský Prazdroj|Černá Hora|Žatec|Bílé víno|Švestková|Mělník|Kürtőskalács|Çiğ köfte|Smør|Sø|Blå|Åland|Fläsk|Skål
    ½ kg|1½ lít|¼ củ|m² m³|100 m², bể 30 m³|5 µm|10 µg|25 °C|40°|N° 1|Nº 1|1ª 2º|± 5%|10×20 cm|500 g ± 10 g|Loại B¹|3 ¢
    «Cá kho»|“Bánh tẻ”|‘Ô Long’|Hà Nội · Việt Nam|Ca·cao|Cà phê – Robusta — Arabica…|§ 5|Trà 100 % “Mã Châu”
    Đắk Lắk|Krông Pắc|Pù Luông|M’Nông|Y Tý|Ê Đê|Kà Tum|Đăk R'Măng|Rượu Vodka “Hà Nội”|Mật ong Đắk Lắk®
    Ăn gì? Ngon!|Sao không?|Hà Nội?Huế|HTX?|Ngon?Sạch|https://example.vn/a?b=1|What? Ever|Café? Oui|???|a ? b
    Nước mắm Phú Quốc 40ºN|Nước mắm cá cơm 35ºN|Nước mắm (40 ºN)|Cá 40 ºN|Sữa tiệt trùng 4ºC|Trà sấy 60ºC|Trà 4ºC|1ªB
    Ðà Lạt|Ðông trùng|Hà Ðông|Lê Ðình|Tây Ðô|Cơm cháy Ðình Bảng|Bánh ða|HÀ ÐÔNG|Sữa ðà ðông
    MÃ\xa0SỐ|XÃ\xa0HÒA BÌNH|MÃ ĐÀ|XÃ …|«Cá»…|(«Cá»)…|PHỐ CŨ –|LÊ VĂN Ă|“CHĂ”|Å|25 Å|Ångström®|Łódź|Škoda™|TRÀ «MÃ»
    宮崎A5|A5宮崎牛|Trà抹茶|抹茶Trà|コーヒーA|Rượu 酒 (Sake)|Chè 茶Thái|Trà – “Ã”|MÃ… (mới)|ＶＮ茶|“Trà”…|50 °C–60 °C
    Loại B¹ Thé|Sơ chế m² Fête|Jaén|Maël|Saëns|Raphaël|CÁc loại|TRÀi|Thé Tân|Riz thaï Tân Long|McÉwan|L’Étoile|Ca² Noël
    Bạn muốn gì?|Q?A|to?i|Ban muon gi?|Do pH?|Chè gì ?ăn thử|500 g?|A? B? C?|Don?t|Ai ơi?Có|Ngon ?Rẻ|HTX nào?|Co? Gi?
    の|宮崎牛|김치|ប្រហុក|чай|Τσάι|👍🏽 Trà|Bánh\u200b tẻ|Trà\u00adsen
"""
#: What producers call their products.
_PRODUCTS = """
    Bánh tẻ Hưng Vân|Nước mắm Hòa Phú|Gạo nếp cái hoa vàng|Chè Thái Nguyên|Cà phê Đắk Lắk|Rượu cần|Thịt trâu gác bếp|Mực
    Bưởi Diễn|Chả mực Hạ Long|Trà hoa vàng Ba Chẽ|Tôm khô Rạch Gốc|Cá khô|Muối tôm Tây Ninh|Mắm tôm Hậu Lộc|Miến dong
    Măng khô|Nấm hương|Kẹo lạc|Bánh đa|Bánh cáy Làng Nguyễn|Nem chua|Giò lụa|Tinh bột nghệ|Dầu lạc|Hồ tiêu|Hạt điều|Trà
    Sầu riêng Ri6|Xoài cát Hòa Lộc|Thanh long|Gốm Bát Tràng|Mây tre đan|Lụa Vạn Phúc|Nhãn lồng|Vải thiều Lục Ngạn|Ổi
    Cam sành|Ổi lê|Rau má|Đậu phụ|Tương bần|Hợp tác xã Bình Minh|Hộ kinh doanh Lê Thị Hoa|Trà gừng|Bột sắn dây|Sữa dê
    Khô cá lóc|Dừa sáp Cầu Kè|Tỏi đen|Hành tím|Cốm|Sữa|Tỏi Lý Sơn|Rượu ngô Bắc Hà|Cao atiso|Mật hoa dừa Trà Vinh Farm
    Nước mắm Lê Gia|Nước mắm Khải Hoàn 40|Cà phê Béchamp Nắng Vàng|Cháo sen An Liên|Gà Tiên Yên|Gạo nếp Tú Lệ|Vang nho
    Bánh pía Sóc Trăng|Kẹo dừa Bến Tre|Bánh tráng Trảng Bàng|Hủ tiếu Sa Đéc|Nem Lai Vung|Sâm Ngọc Linh|Quế Trà My|Ốc
    Mè xửng Huế|Tôm chua|Bún bò|Bánh khoái|Kẹo cu đơ Hà Tĩnh|Nhút Thanh Chương|Cà Nghệ An|Rươi Tứ Kỳ|Bánh gai Ninh Giang
    Bánh đậu xanh Rồng Vàng|Chè Shan tuyết Suối Giàng|Thổ cẩm Mai Châu|Đào Mẫu Sơn|Phở khô Gia Lai|Mắc ca Đắk Nông|Mắm
    Yến sào Khánh Hòa|Nho Ninh Thuận|Táo sấy|Muối ớt xanh|Hoa quả sấy dẻo|Chuối hột rừng|Đông trùng hạ thảo|Thạch đen
    Du lịch cộng đồng Bản Áng|Homestay Tả Van|Kẹo Sìu Châu|Hạt sen sấy|Trà ướp sen Tây Hồ|Ruốc tôm|Giấm chuối|Ớt sừng
""".replace("\n", "|")
PRODUCTS = [name for each in _PRODUCTS.split("|") if (name := each.strip())]
ALL_NAMES = sorted({*COMMUNE_NAMES, *(name.split(" ", 1)[1] for name in COMMUNE_NAMES), *PRODUCTS})
CODE_PAGES = (
    *("latin-1", "cp1252", "cp1258", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257"),
    *("mac_roman", "cp437", "cp850", "cp852", "cp874", "koi8_r"),
)
#: Broken text, and what it says: None where that is not to be told.
BROKEN = [
    pytest.param("B\ufffdnh t\ufffd", None, id="replacement characters"),
    pytest.param("Bánh tẻ\ufffd", None, id="one replacement character"),
    pytest.param("B?nh t? H?ng V?n", None, id="question marks for letters"),
    pytest.param("N??c m?m Phú Quốc", None, id="two of them in a row"),
    pytest.param("Vi?t Nam", None, id="one, and a vowel is left"),
    pytest.param("Ch? c?", None, id="question marks at the end of words"),
    pytest.param("Tr?", None, id="one at the end of a word without a vowel"),
    pytest.param("?i", None, id="one at the beginning"),
    pytest.param("Bánh ?a", None, id="one at the beginning of the second word"),
    pytest.param("Ba ?ình", None, id="one at the beginning of a word with a tone"),
    pytest.param("Cà phê ??k L?k", None, id="question marks in a name that is no syllable"),
    pytest.param("H? ti?u", None, id="a word that could be two, beside another broken one"),
    pytest.param("B?NH T?", None, id="question marks in capitals"),
    pytest.param("(“B?nh”)", None, id="question marks in quotes"),
    pytest.param("Bánh táº» HÆ°ng VÃ¢n", "Bánh tẻ Hưng Vân", id="decoded twice in part"),
    pytest.param("BÃ¡nh táº»", "Bánh tẻ", id="decoded twice"),
    pytest.param("Cá»‘m lÃ\u00a0ng VÃ²ng", "Cốm làng Vòng", id="decoded twice as Windows-1252"),
    pytest.param("Cá»‘m lÃ ng VÃ²ng", None, id="decoded twice, and a space was replaced"),
    pytest.param("Cháo cho BÃ©", "Cháo cho Bé", id="one letter decoded twice"),
    pytest.param("VinamilkÂ®", "Vinamilk®", id="a trade mark decoded twice"),
    pytest.param("CafÃ©", "Café", id="a foreign name decoded twice"),
    pytest.param("B├ính tß║╗", "Bánh tẻ", id="decoded twice as code page 437"),
    pytest.param("B√°nh t·∫ª", "Bánh tẻ", id="decoded twice as MacRoman"),
    pytest.param("TrĂ  hoa vĂ ng", None, id="decoded twice as Windows-1258, and a space was replaced"),
    pytest.param("Trà TrÃ", None, id="decoded twice, and a space was trimmed"),
    pytest.param("BĂ¡nh Ä‘a", "Bánh đa", id="decoded twice as Windows-1258"),
    pytest.param("á»”i", "Ổi", id="decoded twice, one short word"),
    pytest.param("Sá»®A", "SỮA", id="decoded twice, in capitals"),
    pytest.param("BГЎnh tбє»", "Bánh tẻ", id="decoded twice as Windows-1251"),
    pytest.param("B谩nh da", None, id="decoded twice as GBK"),
    pytest.param("B¸nh tÎ H\u00adng V©n", "Bánh tẻ Hưng Vân", id="TCVN3"),
    pytest.param("Cµ phª", "Cà phê", id="TCVN3, signs at the end of words"),
    pytest.param("Gµ ®åi Yªn ThÕ", "Gà đồi Yên Thế", id="TCVN3, signs at the beginning"),
    pytest.param("B¸NH ®Ëu XANH", "BÁNH đậu XANH", id="TCVN3 in capitals"),
    pytest.param("Bß kh«", "Bò khô", id="TCVN3, letters for letters"),
    pytest.param("Bánh tẻ, B¸nh cuèn", "Bánh tẻ, Bánh cuốn", id="TCVN3 beside Unicode"),
    pytest.param(unicodedata.normalize("NFD", "Bánh cuèn B¸nh"), None, id="TCVN3, decomposed since"),
    pytest.param("Baùnh teû Höng Vaân", "Bánh tẻ Hưng Vân", id="VNI"),
    pytest.param("Nöôùc maém Phuù Quoác", "Nước mắm Phú Quốc", id="VNI, fish sauce"),
    pytest.param("Cµ phª §¾k L¾k", "Cà phê Đắk Lắk", id="TCVN3, a name that is no syllable"),
    pytest.param("Ch¶ mùc H¹ Long", "Chả mực Hạ Long", id="TCVN3, signs at the end of words that prove nothing alone"),
    pytest.param("MËt ong rõng", "Mật ong rừng", id="TCVN3, a capital behind a capital"),
    pytest.param("Caø pheâ Ñaék Laék", "Cà phê Đắk Lắk", id="VNI, a name that is no syllable"),
    pytest.param("Mieán dong", "Miến dong", id="VNI, one word"),
    pytest.param("Hoà tieâu", "Hồ tiêu", id="VNI, beside a word that looks right"),
    pytest.param("Cà phê Ð¡k L¡k", "Cà phê Đắk Lắk", id="VISCII, a name that is no syllable"),
    pytest.param("NÖÔÙC MAÉM", "NƯỚC MẮM", id="VNI in capitals"),
    pytest.param("Nß¾c m¡m", "Nước mắm", id="VISCII"),
    pytest.param("NÜ§c m¡m Phú QuÓc", "Nước mắm Phú Quốc", id="VPS"),
    pytest.param("NýõÌc mãìm", None, id="Windows-1258, misspelt"),
    pytest.param("Nýõìc mãìm", "Nước mắm", id="Windows-1258"),
]


def is_broken(text: str) -> bool:
    return bool(text_faults({"product": {"name": text}}))


def found(changes: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in examine(changed(changes)).faults]


def texts_of(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from texts_of(inner)
        case list():
            for inner in value:
                yield from texts_of(inner)


@pytest.mark.parametrize(("text", "reading"), BROKEN)
def test_broken_text_is_refused_and_what_it_says_is_told_where_that_is_certain(text: str, reading: str | None) -> None:
    examination = examine(changed({"/product/name": text}))

    (fault,) = examination.faults
    assert (fault.pointer, fault.code) == ("/product/name", "broken-characters")
    assert "Unicode" in fault.message.vi
    assert (f"“{reading}”" in fault.message.vi) is (reading is not None)
    assert examination.breaks_contract


@pytest.mark.parametrize("text", [text for line in LEGITIMATE.strip().splitlines() for text in line.strip().split("|")])
def test_text_that_only_looks_odd_is_taken(text: str) -> None:
    assert found({"/product/name": text}) == []
    assert found({"/product/description": f"Bánh gạo tẻ. {text}\nNhân thịt."}) == []


@pytest.mark.parametrize(
    "changed_to",
    [
        pytest.param(str, id="as it is"),
        pytest.param(str.upper, id="capitals"),
        pytest.param(str.lower, id="small letters"),
        pytest.param(lambda name: unicodedata.normalize("NFD", name), id="decomposed"),
        pytest.param(lambda name: name.replace("Đ", "Ð").replace("đ", "ð"), id="Icelandic eth"),
        pytest.param(lambda name: f"{name} 40ºN", id="degree"),
        pytest.param(lambda name: f"Nước mắm {name} (35 ºN)", id="degree behind a space"),
        pytest.param(lambda name: f"“{name}”", id="quoted"),
        pytest.param(lambda name: f"«{name}»…", id="in guillemets"),
        pytest.param(lambda name: f"{name}®", id="trade mark"),
        pytest.param(lambda name: f"{name.upper()}™", id="trade mark behind capitals"),
        pytest.param(lambda name: f"{name} là đâu? Ở đây!", id="question"),
        pytest.param(lambda name: f"{name}?Ngon", id="question without a space"),
    ],
)
def test_no_name_of_a_commune_looks_broken(changed_to: Any) -> None:
    assert [name for name in map(changed_to, ALL_NAMES) if is_broken(name)] == []


def test_no_text_of_the_examples_looks_broken() -> None:
    texts = {text for file in EXAMPLES.glob("*.json") for text in texts_of(json.loads(file.read_text("utf-8")))}

    assert [text for text in texts if is_broken(text)] == []


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_nine_names_in_ten_that_lost_letters_are_recognised(encoding: str) -> None:
    lost = [name.encode(encoding, "replace").decode(encoding) for name in ALL_NAMES]
    gapped = [name for name in lost if "?" in name]

    assert sum(map(is_broken, gapped)) > 0.9 * len(gapped)


def read_in(encoding: str, name: str) -> str:
    """Return a name whose UTF-8 was read in a code page: bytes that it has not got, as in Latin-1."""
    bytes_ = (bytes([byte]) for byte in name.encode())
    return unicodedata.normalize(
        "NFC", "".join(byte.decode(encoding, "ignore") or byte.decode("latin-1") for byte in bytes_)
    )


def reading_of(text: str) -> str | None:
    twice = decoded_twice(text)
    return twice.reading if twice else None


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_every_name_that_was_decoded_twice_is_recognised(encoding: str) -> None:
    names = [name for name in ALL_NAMES if set(LETTERS) & set(name)]

    assert [name for name in names if reading_of(read_in(encoding, name)) != name] == []


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        pytest.param("/producer/name", False, id="a producer's name may be a person's"),
        pytest.param("/product/description", True, id="description"),
        pytest.param("/documents/1/title", True, id="title"),
        pytest.param("/self_assessment/answers/0/evidence", True, id="evidence"),
        pytest.param("/producer/registration_number", False, id="number"),
    ],
)
def test_broken_text_is_found_in_every_field(pointer: str, shown: bool) -> None:
    (fault,) = examine(changed({pointer: "B¸nh tÎ 12"})).faults

    assert (fault.pointer, fault.code) == (pointer, "broken-characters")
    assert ("Bánh tẻ 12" in fault.message.en) is shown


def test_broken_text_has_one_fault_though_it_has_control_characters_too() -> None:
    assert found({"/product/name": "B\x80nh t\ufffd"}) == [("/product/name", "broken-characters")]


def test_of_very_many_broken_texts_the_first_have_a_fault() -> None:
    documents = [{"title": "B¸nh tÎ"} for _ in range(500)]

    pointers = [fault.pointer for fault in text_faults({"documents": documents})]

    assert pointers == [f"/documents/{number}/title" for number in range(50)]


def test_of_very_many_doubtful_words_the_first_decide() -> None:
    foreign = " ".join(f"ca{one}{two}d" for one in "éüöñç" for two in "éüöñç")

    assert in_old_encoding(f"B¸nh tÎ H¹ Long {foreign}") is None
    assert in_old_encoding(f"{'B¸nh Cèm H¹ Yªn §Êt tÎ §ång Vò Dï ThÞ Lé Gµ Vµng Mü Phï VÜnh'} {foreign}") is not None


def test_a_field_that_no_contract_knows_is_passed_over() -> None:
    assert found({"/product/label": "B¸nh tÎ"}) == []


def test_what_is_not_certain_is_not_told() -> None:
    old = in_old_encoding("B¸nh tÎ Müller")

    assert old is not None
    assert old.reading is None
