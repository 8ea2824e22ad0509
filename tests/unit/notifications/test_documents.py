"""What a producer keeps on paper."""

import io
import unicodedata
from functools import cache
from itertools import product
from typing import Any

import pypdf
import pytest

from services.notifications.documents import attachments_of
from services.notifications.documents.certificate import certificate_pdf
from services.notifications.documents.rating import rating_pdf
from shared.certificate_token import LONGEST_TOKEN
from shared.contracts.certificates import CertificateIssued
from shared.contracts.dossier import Language
from shared.contracts.rating import CriterionPoints, PartPoints, ProductRated
from shared.contracts.rounds import Letter
from tests.unit.evaluation.sheets import ALL_SETS, everything_at_its_best, sheet
from tests.unit.evaluation.test_assessment import rating, submitted
from tests.unit.notifications.examples import alert_of, cooperative, stopped, three_stars
from tests.unit.notifications.lives import CERTIFICATE, council_result, issued
from tests.unit.notifications.paper import (
    code_on,
    descriptions_in,
    fonts_in,
    misplaced,
    pages_in,
    roles_in,
    text_of,
    told_to_screen_readers,
)

LANGUAGES: tuple[Language, ...] = ("vi", "en")
EVERY_SET = tuple(product(ALL_SETS, LANGUAGES))
#: as long as a dossier may have it
LONG_NAME = " ".join(["Bánh tẻ nhân thịt mộc nhĩ hành khô gói lá dong truyền thống"] * 5)
#: a, ă, â, e, ê, i, o, ô, ơ, u, ư, y with each of six tones, and đ
VOWELS = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = [unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in TONES] + ["đ"]
TOKEN = "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiYSJ9." + "aB3-_x" * 69 + "." + "Zk9-_1" * 14


@cache
def at_its_lowest(product_set: int) -> ProductRated:
    """Return the rating of a set's product that has all there is to say: every minimum unmet, the longest name."""
    rated = rating(submitted(product_set, {leaf.code: 1 for leaf in sheet(product_set).leaves}))
    return rated.model_copy(update={"product_name": LONG_NAME})


@cache
def sheet_of(product_set: int, language: Language) -> bytes:
    return rating_pdf(at_its_lowest(product_set), language)


def printed(language: Language = "vi", **more: Any) -> str:
    return text_of(certificate_pdf(issued(language, **more), language))


def closed_up(text: str) -> str:
    """Return a text without its spaces, since a line may break where there is none, and a long word anywhere."""
    return text.replace("\u200b", "").replace(" ", "")


def read_in_order(text: str, expected: list[str]) -> None:
    """Fail at the first of some texts that does not follow the one before."""
    at, text = 0, closed_up(text)
    for words in map(closed_up, expected):
        assert words in text[at:], words
        at = text.index(words, at) + len(words)


# The sheet of a rating


@pytest.mark.parametrize(("product_set", "language"), EVERY_SET)
def test_a_sheet_says_what_its_rating_says(product_set: int, language: Language) -> None:
    rated, text = at_its_lowest(product_set), text_of(sheet_of(product_set, language))
    read_in_order(text, [rated.product_name, rated.product_code, rated.score_sheet, f" {rated.total}/100"])
    read_in_order(text, [f"{part.code}. {getattr(part.name, language)} {points(part)}" for part in rated.parts])
    read_in_order(text, [getattr(stop.reason, language) for stop in rated.stops])
    for unmet in rated.unmet_minimums:
        read_in_order(text, [unmet.criterion, getattr(unmet.needs.text, language)])
    if rated.stars and rated.advice:
        read_in_order(text, [getattr(step.to_option.text, language) for step in rated.advice.steps])
    read_in_order(text, [f"{group.code}. {getattr(group.name, language)}" for group in rated.groups])
    read_in_order(text, [row(each, language) for each in rated.criteria if each.code.count(".")])


def points(of: PartPoints | CriterionPoints) -> str:
    return f"{of.points}/{of.max_points}"


def row(criterion: CriterionPoints, language: Language) -> str:
    """Return how a criterion with the first option, or none that applies, stands in the table."""
    name, first, idle = {
        "vi": ("Tiêu chí", "Mức 1", "Không áp dụng"),
        "en": ("Criterion", "Option 1", "Does not apply"),
    }[language]
    return f"{name} {criterion.code} {first if criterion.applies else idle} {points(criterion)}"


@pytest.mark.parametrize(("product_set", "language"), EVERY_SET)
def test_the_longest_texts_fill_three_pages_at_most_and_stay_apart(product_set: int, language: Language) -> None:
    pdf = sheet_of(product_set, language)
    assert pages_in(pdf) <= 3
    assert misplaced(pdf) == []


def test_a_group_that_is_its_only_criterion_has_its_option() -> None:
    text = text_of(rating_pdf(rating(submitted(6, everything_at_its_best(sheet(6)) | {"7": 2})), "vi"))
    assert "7. TÍNH ĐỘC ĐÁO Mức 2 " in text


@pytest.mark.parametrize(
    ("language", "unanswered"), [("vi", "Tiêu chí 1.7 Chưa trả lời 0/1"), ("en", "Criterion 1.7 Not answered 0/1")]
)
def test_a_criterion_without_an_answer_says_so(language: Language, unanswered: str) -> None:
    best = everything_at_its_best(sheet(6))
    rated = rating(submitted(6, {code: option for code, option in best.items() if code != "1.7"}))
    assert unanswered in text_of(rating_pdf(rated, language))


@pytest.mark.parametrize(
    ("language", "begin", "end"), [("vi", "VÌ SAO", "Cần giúp đỡ"), ("en", "WHAT HOLDS", "If you need")]
)
def test_the_way_to_the_next_star_reads_as_in_the_mail(language: Language, begin: str, end: str) -> None:
    rated = three_stars(cooperative(language)).model_copy(update={"unanswered": ()})
    text = alert_of(rated).text
    mail = text[text.index(begin) : text.index(end)].casefold()
    assert " ".join(mail.split()) in text_of(rating_pdf(rated, language)).casefold()


def test_an_evaluation_that_was_stopped_says_why_and_gives_no_stars() -> None:
    text = text_of(rating_pdf(stopped(), "vi"))
    read_in_order(text, ["Chưa được xếp sao", "Tiêu chí 1.1: Toàn bộ nguyên liệu là hàng nhập khẩu"])
    assert "★" not in text


@pytest.mark.parametrize(
    ("language", "no_decision"), [("vi", "chưa phải quyết định của Hội đồng"), ("en", "not yet the council's decision")]
)
def test_a_sheet_says_that_it_is_no_decision(language: Language, no_decision: str) -> None:
    assert no_decision in text_of(rating_pdf(three_stars(), language))


# The certificate


def test_the_printout_of_a_certificate_reads_as_a_whole() -> None:
    assert printed("vi", token=TOKEN) == (
        "Bản in từ sổ đăng ký OCOP "
        "Đây là bản in thông tin từ sổ đăng ký, không phải Giấy chứng nhận OCOP và không thay cho Giấy chứng nhận. "
        "Xin giữ cẩn thận bản giấy của Giấy chứng nhận và quyết định công nhận. "
        "4 sao ★★★★☆ "
        "Sản phẩm: Chè đinh Hảo Đạt "
        "Mã sản phẩm: 19-05500-3-2026 "
        "Chủ thể: Hợp tác xã Chè Hảo Đạt "
        "Giấy chứng nhận số: 19-0412/2026 "
        "Quyết định công nhận: số 2087/QĐ-UBND ngày 31/08/2026 "
        "Cơ quan công nhận: Chủ tịch Ủy ban nhân dân tỉnh, thành phố "
        "Theo: Quyết định 26/2026/QĐ-TTg "
        "Điểm trung bình của Hội đồng: 89,85/100 "
        "Có hiệu lực: từ ngày 31/08/2026 đến hết ngày 31/08/2029 "
        "Mã QR để kiểm tra "
        "Mã QR chứa số giấy, tên và mã sản phẩm, hạng sao, quyết định, cơ quan công nhận, ngày cấp, ngày cuối "
        "và chữ ký số của nơi cấp. Có khóa công khai của nơi cấp là kiểm tra được, không cần mạng. "
        "Từ ngày cấp, giấy có thể đã được đính chính, thay thế, kéo dài hoặc thu hồi. Điều đó chỉ sổ đăng ký cho biết. "
        "Trang 1/1"
    )


def test_the_printout_of_a_certificate_in_english() -> None:
    read_in_order(
        printed("en", token=TOKEN, corrects="19-0421/2026", former_code="19-05500-3-2024"),
        [
            "It is no OCOP certificate, and does not stand for one.",
            "4 stars ★★★★☆",
            "Code before July 2025: 19-05500-3-2024",
            "Certificate no.: 19-0412/2026 It corrects no.: 19-0421/2026",
            "Recognised by decision: no. 2087/QĐ-UBND of 31 August 2026",
            "Authority: the chair of the provincial People's Committee",
            "The council's average: 89.85/100",
            "Valid: from 31 August 2026 up to and including 31 August 2029",
            "Only the register tells. Page 1/1",
        ],
    )


@pytest.mark.parametrize("token", [TOKEN, "x" * LONGEST_TOKEN])
def test_the_code_on_paper_is_the_token(token: str) -> None:
    pdf = certificate_pdf(issued("vi", token=token), "vi")
    assert code_on(pdf) == token
    assert descriptions_in(pdf) == ["Mã QR của Giấy chứng nhận số 19-0412/2026"]


def test_a_certificate_without_a_token_has_no_code() -> None:
    assert "QR" not in printed("vi", token=None)


@pytest.mark.parametrize(("name", "number", "pages"), [(LONG_NAME, "19-0412/2026", 1), ("W" * 300, "W" * 64, 2)])
def test_a_certificate_with_the_longest_names_and_numbers_stays_whole(name: str, number: str, pages: int) -> None:
    decision = Letter(number=number, date=CERTIFICATE.decision.date)
    certificate = CERTIFICATE.model_copy(update={"number": number, "decision": decision})
    event_data = issued("vi", certificate=certificate, corrects=number, token="x" * LONGEST_TOKEN)
    pdf = certificate_pdf(event_data.model_copy(update={"product_name": name, "producer_name": name}), "vi")
    assert pages_in(pdf) == pages
    assert misplaced(pdf) == []
    assert closed_up(text_of(pdf)).count(closed_up(name)) == 2


# Every document

TEA: ProductRated = three_stars()
CERTIFIED: CertificateIssued = issued("vi", token=TOKEN)


def paper(event_data: ProductRated | CertificateIssued, language: Language = "vi") -> bytes:
    (attachment,) = attachments_of(event_data, language)
    return attachment.content


@pytest.mark.parametrize("letter", [LETTERS, [letter.upper() for letter in LETTERS]])
def test_every_vietnamese_letter_can_be_read_from_the_paper(letter: list[str]) -> None:
    words = " ".join(letter)
    assert len(set(letter)) == 73
    pdf = rating_pdf(TEA.model_copy(update={"product_name": words}), "vi")
    assert words in text_of(pdf)
    assert words in " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.parametrize(("event_data", "stars"), [(TEA, {"Regular", "Bold"}), (CERTIFIED, {"Bold"})])
def test_every_font_comes_along_with_the_letters_that_are_used(
    event_data: ProductRated | CertificateIssued, stars: set[str]
) -> None:
    fonts = fonts_in(paper(event_data))
    assert {name.partition("+")[2] for name in fonts} == {
        "BeVietnamPro-Regular",
        "BeVietnamPro-Bold",
        *(f"DejaVuSansMono{'-Bold' if each == 'Bold' else ''}" for each in stars),
    }
    assert all(fonts.values())
    assert len(paper(event_data)) < 100_000


@pytest.mark.parametrize(
    ("event_data", "language", "title"),
    [
        (TEA, "vi", "Bảng điểm tự đánh giá: Chè đinh Hảo Đạt"),
        (CERTIFIED, "en", "Printout of the OCOP register: certificate no. 19-0412/2026"),
    ],
)
def test_a_screen_reader_is_told_language_title_and_standard(
    event_data: ProductRated | CertificateIssued, language: Language, title: str
) -> None:
    assert told_to_screen_readers(paper(event_data, language)) == (language, title, True)


def test_a_screen_reader_finds_headings_lists_and_tables_with_their_heads() -> None:
    roles = roles_in(rating_pdf(at_its_lowest(6), "vi"))
    assert roles[:2] == ["/Document", "/Title"]
    assert roles.count("/H1") == 4
    assert roles.count("/Table") == 3
    assert roles.count("/TH") == 2 + 3 + 3
    assert roles.count("/LI") > 10


@pytest.mark.parametrize("event_data", [TEA, CERTIFIED])
def test_the_same_event_is_the_same_file(event_data: ProductRated | CertificateIssued) -> None:
    one, other = (attachments_of(event_data.model_copy(), "vi") for _ in range(2))
    assert one == other
    metadata = pypdf.PdfReader(io.BytesIO(one[0].content)).metadata
    assert metadata is not None
    assert metadata.keys().isdisjoint({"/CreationDate", "/ModDate"})


def test_a_name_is_text_and_never_markup() -> None:
    name = '#read("/etc/passwd") $a$ *b* _c_ <d> @e \\ // /* [f] {g} `h` = i - j'
    assert f"Sản phẩm: {name} Mã sản phẩm" in text_of(rating_pdf(three_stars(product_name=name), "vi"))


@pytest.mark.parametrize("name", ["Trà 茶", "Trà 😀", "Trà\x00\x1b[2J", "\u0338Trà"])
def test_a_name_in_letters_that_no_font_has_costs_nothing_but_itself(name: str) -> None:
    text = text_of(rating_pdf(three_stars(product_name=name), "vi"))
    assert "Trà" in text
    assert "Tổng điểm: 82/100" in text


# What goes with an alert


@pytest.mark.parametrize(
    ("event_data", "language", "file_name"),
    [
        (TEA, "vi", "bang-diem-tu-danh-gia-19-05500-3-2026.pdf"),
        (TEA, "en", "points-of-the-self-assessment-19-05500-3-2026.pdf"),
        (CERTIFIED, "vi", "ban-in-tu-so-dang-ky-19-05500-3-2026.pdf"),
        (CERTIFIED, "en", "printout-of-the-register-19-05500-3-2026.pdf"),
    ],
)
def test_an_attachment_has_a_name_that_every_system_takes_and_shows_nothing_in_its_repr(
    event_data: ProductRated | CertificateIssued, language: Language, file_name: str
) -> None:
    (attachment,) = attachments_of(event_data, language)
    assert (attachment.file_name, attachment.media_type) == (file_name, "application/pdf")
    assert attachment.content.startswith(b"%PDF-")
    assert "%PDF" not in repr(attachment)


def test_what_has_no_sheet_has_no_attachment() -> None:
    assert attachments_of(council_result(), "vi") == ()
