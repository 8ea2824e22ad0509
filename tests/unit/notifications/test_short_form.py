"""What the producer reads in a text message of 160 characters."""

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.plan import Alert
from services.notifications.short_form import MAX_SHORT, short_form
from services.notifications.told import AlertedEvent
from shared.contracts.certificates import Ground, RenewalMilestone
from tests.unit.notifications.examples import (
    alert_of,
    cooperative,
    every_event,
    rejected_assessment,
    rejected_dossier,
    stopped,
    three_stars,
)
from tests.unit.notifications.lives import (
    council_result,
    every_life_event,
    expired,
    expiring,
    extended,
    forwarded,
    four_stars_by_the_centre,
    issued,
    late_filing_possible,
    referred,
    refused,
    renewal_due,
    returned_by_province,
    revoked,
    superseded,
    two_stars_by_the_province,
)
from tests.unit.notifications.offices import every_office_event, to_office

EVERY_EVENT = [*every_event("vi"), *every_event("en"), *every_life_event("vi"), *every_life_event("en")]
#: 300 characters, as the contract allows them, and a code with the highest serial number
LONG_NAME = ("Chè đinh thượng hạng đặc sản " * 11)[:300].strip()
LONG_CODE = "01-09574-999999999-2026"


def with_long_name(event: Any) -> Any:
    """Return an event with the longest name and code, where it has them."""
    known = {"product_name": LONG_NAME, "product_code": LONG_CODE}
    return event.model_copy(update={name: long for name, long in known.items() if getattr(event, name, None)})


EVERY_ALERT = [
    *((alert_of(event), alert_of(with_long_name(event))) for event in EVERY_EVENT),
    *(
        (to_office(event, language), to_office(with_long_name(event), language))
        for event in every_office_event()
        for language in ("vi", "en")
    ),
]


def in_ascii(text: str) -> str:
    """Return a text as a gateway without Vietnamese letters sends it."""
    return unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()


@pytest.mark.parametrize(
    ("event", "short"),
    [
        (
            three_stars(),
            "đã nhận hồ sơ; tự đánh giá 3 sao, 82/100 điểm. Chưa phải kết quả của Hội đồng. Xã xét đến hết 14/12/2026.",
        ),
        (
            stopped(),
            "đã nhận hồ sơ; tự đánh giá chưa được xếp sao. Khắc phục rồi mới được xếp sao. Hỏi UBND xã, phường.",
        ),
        (
            rejected_assessment(),
            "phần tự đánh giá có 1 chỗ phải sửa, chưa được chấm điểm. Sửa rồi nộp lại hồ sơ. Hỏi UBND xã, phường.",
        ),
        (forwarded(), "hồ sơ đã chuyển lên cấp tỉnh. Chưa phải làm gì. Hạn của tỉnh: 29/10/2026."),
        (
            returned_by_province(),
            "hồ sơ bị trả lại, có 2 lý do. Sửa rồi nộp lại cho cơ quan OCOP cấp tỉnh.",
        ),
        (refused(), "lượt đánh giá kết thúc, không được công nhận. Hỏi UBND xã, phường."),
        (
            council_result(),
            "Hội đồng cấp tỉnh đánh giá 3 sao, 89,85 điểm. Chưa phải quyết định công nhận; xin chờ.",
        ),
        (
            two_stars_by_the_province(),
            "Hội đồng cấp tỉnh đánh giá 2 sao, 48,50 điểm. Không có Giấy chứng nhận. Hỏi UBND xã, phường.",
        ),
        (
            four_stars_by_the_centre(),
            "Hội đồng cấp trung ương đánh giá 4 sao, 89,85 điểm. Hồ sơ trở về tỉnh; xin chờ tỉnh quyết định.",
        ),
        (
            referred(),
            "hồ sơ đã gửi lên trung ương để xét 5 sao. Xin chờ Hội đồng cấp trung ương; chưa phải làm gì.",
        ),
        (
            issued(),
            "được cấp Giấy chứng nhận 4 sao, đến hết 31/08/2029. Phân hạng lại: nộp từ 04/03/2029 đến hết 03/05/2029.",
        ),
        (
            renewal_due(RenewalMilestone.OPENS_IN_30_DAYS, 90),
            "nộp hồ sơ phân hạng lại từ 04/03/2029 đến hết 03/05/2029. Chuẩn bị hồ sơ, nộp tại UBND xã, phường.",
        ),
        (
            renewal_due(RenewalMilestone.OPEN, 60),
            "hạn nộp hồ sơ phân hạng lại là 03/05/2029, còn 60 ngày. Nộp tại UBND xã, phường, nếu chưa nộp.",
        ),
        (
            renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1),
            "hạn nộp hồ sơ phân hạng lại là 03/05/2029, còn 1 ngày. Nộp ngay tại UBND xã, phường, nếu chưa nộp.",
        ),
        (
            renewal_due(RenewalMilestone.CLOSED, -1),
            "đã quá hạn nộp hồ sơ phân hạng lại (03/05/2029). Giấy hết hiệu lực sau 31/08/2029. Hỏi UBND xã, phường.",
        ),
        (
            late_filing_possible(),
            "còn nộp được hồ sơ phân hạng lại đến hết 27/02/2030. Nộp ngay tại UBND xã, phường, nếu chưa nộp.",
        ),
        (
            expiring(),
            "Giấy chứng nhận có hiệu lực đến hết 31/08/2029, còn 30 ngày. Chưa nộp hồ sơ thì hỏi UBND xã, phường.",
        ),
        (
            expired(),
            "Giấy chứng nhận hết hiệu lực từ 01/09/2029. Có thể nộp hồ sơ đánh giá lần đầu tại UBND xã, phường.",
        ),
        (
            extended(),
            "Giấy chứng nhận còn hiệu lực đến khi có kết quả, không quá 27/02/2030. Chưa phải làm gì.",
        ),
        (superseded(), "Giấy chứng nhận cũ hết hiệu lực sau 11/06/2028, đã có giấy mới. Không phải làm gì."),
        (
            revoked(Ground.MISUSE_OF_MARK),
            "Giấy chứng nhận bị thu hồi từ 10/02/2028: dùng sai nhãn OCOP. Khiếu nại: Chủ tịch UBND tỉnh, thành phố.",
        ),
    ],
)
def test_a_text_message_says_what_happened_what_to_do_until_when_and_where(event: AlertedEvent, short: str) -> None:
    assert alert_of(event).short == f"OCOP: Chè đinh Hảo Đạt (19-05500-3-2026): {short}"


def test_a_rejected_dossier_has_no_code_yet_and_its_product_may_be_unknown() -> None:
    news = "hồ sơ chưa được tiếp nhận, có 2 chỗ cần sửa. Sửa rồi nộp lại. Hỏi UBND xã, phường."
    assert alert_of(rejected_dossier(None)).short == f"OCOP: Chè đinh Hảo Đạt: {news}"
    assert alert_of(rejected_dossier(None, product_name=None)).short == f"OCOP: {news}"


def test_a_producer_who_reads_english_gets_it_in_english() -> None:
    assert alert_of(expired("en")).short == (
        "OCOP: Chè đinh Hảo Đạt (19-05500-3-2026): the certificate is not valid any more since 1 Sep 2029. "
        "You may file anew at the commune office."
    )


@pytest.mark.parametrize(("alert", "long"), EVERY_ALERT)
def test_of_the_longest_name_is_cut_what_does_not_fit_and_nothing_else_is(alert: Alert, long: Alert) -> None:
    short = long.short
    assert len(short) <= MAX_SHORT
    assert short.endswith(f": {alert.news}. {alert.todo}")
    assert re.match(rf"OCOP: (Chè[ \w]*\.\.\. ?)?(\(?{LONG_CODE}\)?)?", short)
    assert ("Chè" in short, LONG_CODE in short) == (long.product_name is not None, long.product_code is not None)


@pytest.mark.parametrize(("alert", "long"), EVERY_ALERT)
def test_without_vietnamese_letters_it_is_no_longer_and_loses_no_sign(alert: Alert, long: Alert) -> None:
    short = long.short
    assert len(in_ascii(alert.short)) == len(alert.short)
    assert len(in_ascii(short)) == len(short)
    assert not set(short) & set("★☆“”‘’…–^{}[]~|\\")


def test_without_vietnamese_letters_it_still_reads_well() -> None:
    assert in_ascii(alert_of(renewal_due(RenewalMilestone.OPEN, 60)).short) == (
        "OCOP: Che dinh Hao Dat (19-05500-3-2026): han nop ho so phan hang lai la 03/05/2029, con 60 ngay. "
        "Nop tai UBND xa, phuong, neu chua nop."
    )


def test_a_name_in_combining_marks_counts_by_whole_letters() -> None:
    name = unicodedata.normalize("NFD", LONG_NAME)
    long = alert_of(three_stars(cooperative(), LONG_NAME)).short
    assert alert_of(three_stars(cooperative(), name)).short == long
    assert unicodedata.is_normalized("NFC", long)


def test_a_name_is_cut_between_two_words_and_one_long_word_within() -> None:
    news = "n" * 110
    assert short_form(news, "t.", name="Chè đinh thượng hạng đặc sản Thái Nguyên") == (
        f"OCOP: Chè đinh thượng hạng đặc sản Thái...: {news}. t."
    )
    assert short_form(news, "t.", name="x" * 60) == f"OCOP: {'x' * 35}...: {news}. t."


def test_a_name_of_which_too_little_would_be_left_makes_way_for_the_code() -> None:
    news = "n" * 125
    assert short_form(news, "t.", name="Chè đinh Hảo Đạt", code="19-05500-3-2026") == (
        f"OCOP: 19-05500-3-2026: {news}. t."
    )


@given(name=st.none() | st.text(), code=st.none() | st.text(), news=st.text(), todo=st.text())
def test_no_text_is_longer_whatever_is_in_it(name: str | None, code: str | None, news: str, todo: str) -> None:
    assert len(short_form(news, todo, name=name, code=code)) <= MAX_SHORT
