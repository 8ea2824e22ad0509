"""What the producer reads."""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel

from services.notifications.plan import Alert
from services.notifications.told import ALERTED, AlertedEvent
from shared.contracts.dossier import Language, Recipient
from shared.contracts.text import Bilingual, Fault
from tests.unit.contact_keys import opened, seal
from tests.unit.notifications.examples import (
    ALERT_ID,
    NOON,
    alert_of,
    cooperative,
    every_event,
    five_stars,
    rejected_assessment,
    rejected_dossier,
    stopped,
    three_stars,
    two_stars,
)
from tests.unit.notifications.lives import every_life_event, returned_by_commune, revoked
from tests.unit.notifications.offices import every_office_event, to_office
from tests.unit.notifications.page import Page

EVERY_EVENT = [*every_event("vi"), *every_event("en"), *every_life_event("vi"), *every_life_event("en")]
EVERY_ALERT = [
    *(alert_of(event) for event in EVERY_EVENT),
    *(to_office(event, language) for event in every_office_event() for language in ("vi", "en")),
]


def words(text: str) -> list[str]:
    """Return the words of a text without what only shows its structure there: bullets, numbers, capitals."""
    return re.sub(r"^(• |\d+\. )", "", text, flags=re.MULTILINE).lower().split()


# Vietnamese


def test_a_product_held_back_reads_what_it_has_and_what_it_needs() -> None:
    text = alert_of(three_stars()).text
    assert text.startswith("Kính gửi Hợp tác xã Chè Hảo Đạt,\n\n")
    assert "sản phẩm “Chè đinh Hảo Đạt” (mã 19-05500-3-2026)" in text
    assert "\n3 sao ★★★☆☆\n" in text
    assert "Tổng điểm: 82/100\nPhần A. Sản phẩm và sức mạnh của cộng đồng: 31/40\n" in text
    assert "Tổng điểm đã đủ mức 4 sao, nhưng còn thiếu 2 yêu cầu bắt buộc của mức 4 sao." in text
    assert (
        "• Liên kết chuỗi trong sản xuất (tiêu chí 1.5)\n"
        "Hiện có: Có hợp đồng liên kết từ 50% đến dưới 75% sản lượng tiêu thụ\n"
        "Cần có: Có hợp đồng liên kết trên 75% sản lượng tiêu thụ\n"
    ) in text


def test_a_first_mail_says_that_the_dossier_was_received_and_by_when_the_commune_assesses_it() -> None:
    received = "Hồ sơ của sản phẩm “Chè đinh Hảo Đạt” (mã 19-05500-3-2026) đã được tiếp nhận"
    by_commune = "xem xét hồ sơ chậm nhất đến hết ngày 14/12/2026 (khoản 2 Điều 7,"
    assert received in alert_of(three_stars()).text
    assert by_commune in alert_of(three_stars()).text
    elsewhere = alert_of(three_stars().model_copy(update={"due_on": None})).text
    assert received in elsewhere
    assert "xem xét hồ sơ" not in elsewhere


def test_minimums_of_stars_beyond_the_next_are_left_out() -> None:
    assert "từ 12 tháng trở lên" not in alert_of(three_stars()).text


def test_the_next_steps_are_numbered_with_their_points_and_what_they_lead_to() -> None:
    text = alert_of(three_stars()).text
    assert "\n1. Liên kết chuỗi trong sản xuất (tiêu chí 1.5): thêm 1 điểm\n" in text
    assert "\n2. Phong cách, ghi nhãn hàng hóa (tiêu chí 2.3): thêm 2 điểm\nCần đạt: Nhãn đầy đủ, đẹp," in text
    assert "\nLàm xong, sản phẩm có 85/100 điểm và đạt 4 sao ★★★★☆.\n" in text


def test_what_was_not_answered_is_told() -> None:
    assert "Các tiêu chí sau chưa có câu trả lời nên tính 0 điểm: 1.7, 4.4." in alert_of(three_stars()).text


@pytest.mark.parametrize("event", [three_stars(), two_stars(), five_stars(), stopped()])
def test_a_self_assessment_is_not_taken_for_the_decision(event: AlertedEvent) -> None:
    alert = alert_of(event)
    assert "chưa phải quyết định của Hội đồng" in alert.text
    assert alert.subject.endswith("(tự đánh giá)")


@pytest.mark.parametrize(
    ("event", "authority"),
    [
        (two_stars(), "Sản phẩm 1 sao hoặc 2 sao chưa được cấp Giấy chứng nhận OCOP (khoản 3 Điều 3,"),
        (three_stars(), "Mức 3 sao do cấp tỉnh quyết định:"),
        (five_stars(), "Mức 5 sao do trung ương quyết định:"),
    ],
)
def test_who_decides_depends_on_the_stars(event: AlertedEvent, authority: str) -> None:
    assert authority in alert_of(event).text


def test_a_product_short_of_points_alone_reads_so() -> None:
    text = alert_of(two_stars()).text
    assert "VÌ SAO CHƯA ĐƯỢC 3 SAO\n\nTổng điểm mới đủ mức 2 sao.\n" in text
    assert "bắt buộc" not in text


def test_the_way_on_is_that_of_fewest_steps_which_may_take_long() -> None:
    assert "CÁCH ÍT BƯỚC NHẤT ĐỂ LÊN 4 SAO\n" in alert_of(three_stars()).text
    assert "THE WAY OF FEWEST STEPS TO 4 STARS\n" in alert_of(three_stars(cooperative("en"))).text


def test_the_highest_star_is_congratulated_and_sent_nowhere_further() -> None:
    text = alert_of(five_stars()).text
    assert "Xin chúc mừng! Theo phần tự đánh giá, sản phẩm đã đạt mức sao cao nhất." in text
    assert "VÌ SAO" not in text
    assert "ÍT BƯỚC NHẤT" not in text


def test_a_stopped_evaluation_reads_why() -> None:
    alert = alert_of(stopped())
    assert alert.subject == "Chè đinh Hảo Đạt: chưa được xếp sao (tự đánh giá)"
    assert "• Tiêu chí 1.1: Toàn bộ nguyên liệu là hàng nhập khẩu hoặc không rõ nguồn gốc.\n" in alert.text
    assert "★" not in alert.text


def test_a_rejected_dossier_lists_what_to_mend() -> None:
    alert = alert_of(rejected_dossier(cooperative()))
    assert alert.subject == "Hồ sơ OCOP cần sửa: Chè đinh Hảo Đạt"
    assert "Mã hồ sơ: dossier-2026-0042\n" in alert.text
    assert "1. Xã 09574 không thuộc tỉnh 19.\n\n2. Cần nộp đủ 5 sản phẩm mẫu.\n" in alert.text
    assert "Sửa xong, quý cơ sở có thể nộp lại hồ sơ." in alert.text


def test_a_rejected_dossier_of_nobody_known_is_told_in_vietnamese() -> None:
    alert = alert_of(rejected_dossier(None, product_name=None))
    assert alert.subject == "Hồ sơ OCOP cần sửa"
    assert alert.text.startswith("Kính gửi quý cơ sở,\n\nHồ sơ của quý cơ sở chưa được tiếp nhận")
    assert (alert.recipient_name, alert.email, alert.product_code) == (None, None, None)


def test_a_rejected_assessment_lists_what_to_correct() -> None:
    alert = alert_of(rejected_assessment())
    assert alert.subject == "Cần sửa phần tự đánh giá: Chè đinh Hảo Đạt"
    assert "CẦN SỬA\n\n1. Tiêu chí 2.3 không có mức thứ 7. Hãy chọn một mức từ 1 đến 3.\n" in alert.text


# English


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (three_stars(cooperative("en")), "You need: Linkage contracts cover over 75% of output sold"),
        (three_stars(cooperative("en")), "1. Chain linkage in production (criterion 1.5): 1 more point\n"),
        (three_stars(cooperative("en")), "After that the product has 85/100 points and 4 stars ★★★★☆."),
        (two_stars("en"), "No OCOP certificate is issued for 1 or 2 stars (Decision 26/2026/QĐ-TTg, Article 3.3)."),
        (five_stars("en"), "Congratulations!"),
        (stopped("en"), "• Criterion 1.1: All raw material is imported or of unclear origin."),
        (rejected_dossier(cooperative("en")), "2. Five samples are needed."),
        (rejected_assessment("en"), "1. Criterion 2.3 has no option 7. Choose one from 1 to 3."),
    ],
)
def test_a_producer_who_reads_english_is_told_in_english(event: AlertedEvent, sentence: str) -> None:
    alert = alert_of(event)
    assert alert.language == "en"
    assert sentence in alert.text


# Every text


@pytest.mark.parametrize("alert", EVERY_ALERT)
def test_every_text_is_whole(alert: Alert) -> None:
    for text in (alert.subject, alert.text, alert.html):
        assert not re.search(r"None|Undefined|\{\{|\{%|vi=|\bBilingual\b", text)
        assert unicodedata.is_normalized("NFC", text)
        assert "\n\n\n" not in text


@pytest.mark.parametrize("alert", EVERY_ALERT)
def test_the_page_says_what_the_text_says(alert: Alert) -> None:
    page = Page(alert.html)
    assert [word.lower() for word in page.seen] == words(alert.text)
    assert page.title == page.h1 == alert.subject.split()


@pytest.mark.parametrize("alert", EVERY_ALERT)
def test_the_page_is_whole_and_fetches_nothing(alert: Alert) -> None:
    page = Page(alert.html)
    assert page.open == []
    assert page.elements[0] == ("html", {"lang": alert.language})
    assert set(page.tags).isdisjoint({"script", "img", "link", "a", "iframe"})
    assert not re.search(r"https?:|url\(|src=|@import", alert.html)


@pytest.mark.parametrize("event", EVERY_EVENT)
def test_an_alert_says_what_it_is_about_and_shows_nobody_in_its_repr(event: AlertedEvent) -> None:
    alert = alert_of(event)
    assert (alert.id, alert.time) == (ALERT_ID, NOON)
    assert "Hảo Đạt" not in repr(alert)
    assert "example.vn" not in repr(alert)


def test_every_kind_of_alert_is_shown_here() -> None:
    assert {alert_of(event).kind for event in EVERY_EVENT} == {kind.name for kind in ALERTED}


# Names from outside


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "A & B", '"><img src=x onerror=alert(1)>'])
def test_a_name_is_text_and_never_markup(name: str) -> None:
    recipient = Recipient(name=name, contact=cooperative().contact)
    for event in (three_stars(recipient, name), rejected_dossier(recipient, name)):
        alert = alert_of(event)
        assert set(Page(alert.html).tags).isdisjoint({"script", "img"})
        assert f"Kính gửi {name}," in alert.text
        assert f"Kính gửi {name},".split() == Page(alert.html).seen[: len(name.split()) + 2]


def test_a_name_that_begins_with_a_combining_mark_cannot_break_a_tag() -> None:
    alert = alert_of(rejected_dossier(None, "\u0338 onmouseover=alert(1)"))
    assert "≯" not in alert.html


def test_a_name_with_line_breaks_stays_within_its_header() -> None:
    alert = alert_of(three_stars(product_name="Chè\r\nBcc: x@example.vn\u2028đinh\x00ngon"))
    assert alert.subject == "Chè Bcc: x@example.vn đinh ngon: 3 sao ★★★, 82/100 điểm (tự đánh giá)"
    assert "\x00" not in alert.text + alert.html


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("line_break", ["\n\n", "\r\n\r\n", "\u2028", "\u2029", "\x85"])
def test_no_name_and_no_id_can_add_a_line(language: Language, line_break: str) -> None:
    forged = f"x{line_break}Chuyển{line_break}phí"
    recipient = cooperative(language).model_copy(update={"name": forged})
    rejected = rejected_dossier(recipient, forged).model_copy(update={"dossier_id": forged})
    for event in (rejected, three_stars(recipient, forged).model_copy(update={"unanswered": (forged,)})):
        alert = alert_of(event)
        assert not re.search(r"^(Chuyển|phí)", "\n".join(alert.text.splitlines()), flags=re.MULTILINE)
        assert alert.text.count("x Chuyển phí") == alert.html.count("x Chuyển phí") - 2 == 3


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy of an event with every text changed, but the code that names its language and those of faults."""
    match value:
        case Fault() | StrEnum() | "vi" | "en":
            return value
        case str() if value.startswith("eyJ"):  # sealed
            recipient = opened(value)
            return seal(recipient.model_copy(update={"name": change(recipient.name)}))
        case BaseModel():
            return value.model_copy(update={name: each_text(field, change) for name, field in value})
        case tuple():
            return tuple(each_text(entry, change) for entry in value)
        case str():
            return change(value)
    return value


@pytest.mark.parametrize("event", EVERY_EVENT)
def test_an_alert_reads_as_if_every_text_of_its_event_were_one_line(event: AlertedEvent) -> None:
    broken = each_text(event, lambda text: f"\n{text}\r\n\r\nChuyển\u2028 phí")
    in_one_line = each_text(broken, lambda text: " ".join(text.split()))
    broken_alert, expected = alert_of(broken), alert_of(in_one_line)
    assert (broken_alert.subject, prose_in_one_line(broken_alert.text), prose_in_one_line(broken_alert.html)) == (
        expected.subject,
        expected.text,
        expected.html,
    )


def prose_in_one_line(text: str) -> str:
    """Return an alert as if an office's prose were one line: its further lines are set in, and nothing else is."""
    return re.sub(r"(<br>|\n)   ", " ", text)


def test_an_office_s_reasons_keep_their_lines_and_none_passes_for_a_paragraph_of_ours() -> None:
    forged = ("Thiếu giấy.\r\n\r\nKính gửi quý cơ sở,\u2028Chuyển phí\x85ngay.",)
    for event in (
        returned_by_commune().model_copy(update={"reasons": forged}),
        revoked().model_copy(update={"reason": forged[0]}),
    ):
        alert = alert_of(event)
        assert "Thiếu giấy.\n   Kính gửi quý cơ sở,\n   Chuyển phí\n   ngay.\n" in alert.text
        assert "Thiếu giấy.<br>   Kính gửi quý cơ sở,<br>   Chuyển phí<br>   ngay.<" in alert.html


def test_an_office_s_reasons_are_text_and_never_markup() -> None:
    reason = "<script>alert(1)</script> & <b>"
    alert = alert_of(returned_by_commune().model_copy(update={"reasons": (reason,)}))
    assert set(Page(alert.html).tags).isdisjoint({"script", "b"})
    assert f"1. {reason}\n" in alert.text


def test_a_fault_may_take_several_lines() -> None:
    sentence = Bilingual(vi="Xã không thuộc tỉnh.\nXin xem lại.", en="Not in this province.\nPlease check.")
    event = rejected_dossier(cooperative())
    faults = (event.faults[0].model_copy(update={"message": sentence}),)
    alert = alert_of(event.model_copy(update={"faults": faults}))
    assert "1. Xã không thuộc tỉnh.\nXin xem lại.\n" in alert.text
    assert "Xã không thuộc tỉnh.<br>Xin xem lại.</li>" in alert.html


def test_a_long_name_leaves_room_for_the_stars_in_the_subject() -> None:
    alert = alert_of(three_stars(product_name="Chè đinh thượng hạng " * 14))
    assert len(alert.subject) <= 110
    assert alert.subject.endswith("…: 3 sao ★★★, 82/100 điểm (tự đánh giá)")


def test_a_name_in_combining_marks_comes_out_in_whole_letters() -> None:
    alert = alert_of(three_stars(product_name=unicodedata.normalize("NFD", "Bánh tẻ Phú Nhi")))
    assert alert.subject.startswith("Bánh tẻ Phú Nhi:")
    assert "Bánh tẻ Phú Nhi" in alert.text
    assert "Bánh tẻ Phú Nhi" in alert.html
