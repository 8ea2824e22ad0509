"""What an office reads."""

import pytest

from services.notifications.offices_told import office_levels_told
from services.notifications.told import AlertedEvent
from tests.unit.notifications.lives import (
    council_result,
    eliminated,
    issued_by_the_minister,
    returned_by_province,
    revoked,
)
from tests.unit.notifications.offices import (
    assessment_due,
    by_the_minister,
    declined,
    every_office_event,
    re_evaluation_due,
    round_due,
    to_office,
    undelivered,
    undelivered_rejection,
)


@pytest.mark.parametrize(
    ("event", "subject", "lines"),
    [
        (
            returned_by_province(),
            "Chè đinh Hảo Đạt: cấp tỉnh trả lại hồ sơ",
            ["\n2. Nhãn chưa ghi:\n   - hạn sử dụng;\n", "nộp lại cho cơ quan quản lý OCOP cấp tỉnh."],
        ),
        (
            council_result(),
            "Chè đinh Hảo Đạt: Hội đồng cấp tỉnh đánh giá 3 sao ★★★, 89,85 điểm",
            ["Kết quả: 3 sao ★★★☆☆\n", "Chủ tịch Ủy ban nhân dân tỉnh, thành phố quyết định công nhận.\n"],
        ),
        (
            eliminated(),
            "Chè đinh Hảo Đạt: Hội đồng cấp tỉnh không xếp sao",
            ["• Tiêu chí 1.1: Toàn bộ nguyên liệu", "Xin giải thích cho cơ sở.\n"],
        ),
        (
            issued_by_the_minister(),
            "Chè đinh Hảo Đạt: được công nhận 5 sao ★★★★★",
            ["của Hợp tác xã Chè Hảo Đạt được công nhận", "đến hết ngày 31/08/2029\n"],
        ),
        (
            by_the_minister(revoked()).model_copy(update={"is_late": True}),
            "Chè đinh Hảo Đạt: Giấy chứng nhận OCOP bị thu hồi",
            ["Căn cứ: sử dụng sai nhãn hiệu OCOP (Điều 8,", "sau quá 15 ngày kể từ ngày kết luận.\n"],
        ),
        (
            assessment_due(),
            "19-05500-3-2026: hạn xã, phường xem xét hồ sơ là ngày 09/09/2026",
            ["có 15 ngày làm việc", "(khoản 2 Điều 7,", "Ngày cuối là ngày 09/09/2026.\n"],
        ),
        (
            assessment_due("after"),
            "19-05500-3-2026: đã quá hạn xã, phường xem xét hồ sơ",
            ["Ngày cuối là ngày 09/09/2026, nay đã qua.\n", "hoặc trả lại cơ sở và nêu mọi lý do.\n"],
        ),
        (
            re_evaluation_due("centre"),
            "19-05500-3-2026: hạn trả kết quả phân hạng lại là ngày 09/09/2026",
            ["Bộ Nông nghiệp và Môi trường có 45 ngày", "(điểm g khoản 6 Điều 7,"],
        ),
        (
            round_due(),
            "tỉnh, thành phố mã 19: hạn xã, phường gửi đề nghị đánh giá là ngày 29/04/2027",
            ["Theo Điều 5,", "còn 12 sản phẩm", "\n19-05500-3-2026, 19-05503-1-2026 và 10 sản phẩm khác.\n"],
        ),
        (
            undelivered(),
            "chưa báo tin được cho cơ sở, sản phẩm mã 19-05500-3-2026",
            [
                "Tin chưa đến: Chè đinh Hảo Đạt: Giấy chứng nhận OCOP đã hết hiệu lực\n",
                "• Zalo: bị từ chối\n\n• tin nhắn: đã thử nhiều lần, không được\n\n• thư điện tử: bị từ chối\n",
                "số điện thoại của cơ sở có trong Phiếu đăng ký (Mẫu 01)",
            ],
        ),
        (undelivered_rejection(), "chưa báo tin được cho cơ sở, sản phẩm chưa có mã", ["Xin gọi điện hoặc gặp cơ sở"]),
        (
            declined(),
            "giao kết quả bằng giấy, sản phẩm mã 19-05500-3-2026",
            ["không nhận tin qua kênh nào.\n", "Xin giao kết quả bằng giấy cho cơ sở", "(điểm g khoản 3 Điều 7,"],
        ),
    ],
)
def test_an_office_reads_what_others_decided_and_what_it_has_to_do(
    event: AlertedEvent, subject: str, lines: list[str]
) -> None:
    alert = to_office(event)
    assert alert.subject == subject
    assert alert.text.startswith("Kính gửi Ủy ban nhân dân xã Tân Cương,\n")
    assert [line for line in lines if line not in alert.text] == []


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (returned_by_province(), "Please help the producer to mend and complete the dossier"),
        (assessment_due("after"), "The last day was 9 September 2026; it has passed.\n"),
        (re_evaluation_due(), "The province has 45 days to re-evaluate product 19-05500-3-2026"),
        (round_due("centre-round"), "the last day for the central round is 29 April 2027."),
        (undelivered(), "• text message: tried many times in vain\n"),
        (declined(), "a result is told in writing (Decision 26/2026/QĐ-TTg, Article 7.3g)."),
    ],
)
def test_an_office_that_reads_english_is_told_in_english(event: AlertedEvent, line: str) -> None:
    alert = to_office(event, "en")
    assert alert.text.startswith("Dear Ủy ban nhân dân xã Tân Cương,\n")
    assert line in alert.text


def test_whatever_an_office_is_told_has_words_for_it() -> None:
    """The examples are of every kind that an office is told of, and of nothing that it is not."""
    assert all(office_levels_told(event) for event in every_office_event())
    assert {to_office(event).kind for event in every_office_event()} == {
        "round.moved",
        "council.result",
        "product.referred",
        "certificate.issued",
        "certificate.revoked",
        "certificate.renewal-due",
        "certificate.expired",
        "certificate.extended",
        "deadline.due",
        "alert.failed",
    }
