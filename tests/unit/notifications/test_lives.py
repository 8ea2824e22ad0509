"""What the producer reads of the legal life of her product: Decision 26/2026/QĐ-TTg, Articles 4-8 and 12."""

import unicodedata
from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.notifications.plan import Alert
from services.notifications.told import ALERTED, AlertedEvent, told_of
from shared.contracts.certificates import Authority, CertificateRenewalDue, Ground, RenewalMilestone
from shared.contracts.councils import CouncilResult
from shared.contracts.dossier import Language, RegistrationKind
from shared.contracts.rounds import Closing, Stage
from shared.system import SYSTEM
from tests.unit.notifications.examples import alert_of
from tests.unit.notifications.lives import (
    awaiting,
    closed,
    corrected,
    council_result,
    eliminated,
    every_life_event,
    expired,
    expiring,
    extended,
    five_stars_by_the_centre,
    forwarded,
    four_stars_by_the_centre,
    four_stars_by_the_province,
    issued,
    issued_by_the_minister,
    late_filing_possible,
    moved,
    ninety_points,
    referred,
    refused,
    renewal_due,
    returned_by_commune,
    returned_by_province,
    revoked,
    superseded,
    two_stars_by_the_province,
)
from tests.unit.notifications.offices import to_office
from tests.unit.notifications.page import Page

VI: Final = "vi"
EN: Final = "en"


# What is told


@pytest.mark.parametrize(
    ("event", "told"),
    [
        pytest.param(forwarded(), True, id="forwarded by the commune"),
        pytest.param(moved(Stage.RETURNED, Stage.AT_PROVINCE), False, id="corrected for the province: rated anew"),
        pytest.param(moved(Stage.RETURNED, Stage.AT_COMMUNE), False, id="corrected for the commune: rated anew"),
        pytest.param(returned_by_commune(), True, id="returned by the commune"),
        pytest.param(returned_by_province(), True, id="returned by the province"),
        pytest.param(
            moved(Stage.AT_COMMUNE, Stage.RETURNED, why="assessment.rejected"), False, id="assessment.rejected says it"
        ),
        pytest.param(awaiting(Stage.AWAITS_PROVINCE), False, id="waits for the province: council.result says it"),
        pytest.param(moved(Stage.AWAITS_PROVINCE, Stage.AT_CENTRE), False, id="product.referred says it"),
        pytest.param(awaiting(Stage.AWAITS_CENTRE), False, id="waits for the minister: council.result says it"),
        pytest.param(moved(Stage.AT_CENTRE, Stage.BACK_AT_PROVINCE), False, id="council.result says it"),
        pytest.param(closed(Closing.RECOGNISED), False, id="certificate.issued says it"),
        pytest.param(closed(Closing.BELOW_THREE_STARS), False, id="below 3 stars: council.result says it"),
        *(
            pytest.param(closed(each), True, id=each)
            for each in Closing
            if each not in {Closing.RECOGNISED, Closing.BELOW_THREE_STARS}
        ),
        pytest.param(issued(), True, id="a certificate from a round"),
        pytest.param(issued(round=None), False, id="a certificate that was imported"),
        pytest.param(issued(round=None, corrects="19-0421/2022"), True, id="an imported one, corrected"),
        pytest.param(council_result(), True, id="a council's result"),
        pytest.param(expired(), True, id="an end"),
    ],
)
def test_a_producer_is_told_once_what_concerns_her(event: AlertedEvent, told: bool) -> None:
    assert told_of(event) == (event if told else None)


def test_what_a_producer_may_be_told_comes_to_notifications() -> None:
    assert {each.event_type for each in SYSTEM["notifications"].subscriptions} > set(ALERTED)


def test_the_legal_life_comes_by_one_queue() -> None:
    queues = {each.event_type.name: each.queue for each in SYSTEM["notifications"].subscriptions}
    of_life = {name for name in queues if name.startswith(("round.", "council.", "certificate.", "product.referred"))}
    assert {queues[name] for name in of_life} == {"notifications.life"}
    assert len(of_life) == 10


# The round


@pytest.mark.parametrize(
    ("event", "subject", "lines"),
    [
        (
            forwarded(),
            "Chè đinh Hảo Đạt: hồ sơ đã chuyển lên cấp tỉnh",
            [
                "(mã 19-05500-3-2026) lên cấp tỉnh, theo văn bản số 112/UBND-KT ngày 14/09/2026.\n",
                "Hạn giải quyết của cấp tỉnh: hết ngày 29/10/2026.\n",
            ],
        ),
        (
            returned_by_commune(),
            "Chè đinh Hảo Đạt: hồ sơ được trả lại để hoàn thiện",
            [
                "Ủy ban nhân dân xã, phường trả lại hồ sơ",
                "theo văn bản số 112/UBND-KT ngày 14/09/2026.\n",
                "\n1. Thiếu phiếu kiểm nghiệm định kỳ của năm 2026.\n",
                "\n2. Nhãn chưa ghi:\n   - hạn sử dụng;\n   - nơi sản xuất.\n",
                "rồi nộp lại cho Ủy ban nhân dân xã, phường.\n",
                "vẫn ghi loại đăng ký là đánh giá lần đầu.",
            ],
        ),
        (
            returned_by_province(),
            "Chè đinh Hảo Đạt: hồ sơ được trả lại để hoàn thiện",
            [
                "Cơ quan quản lý OCOP cấp tỉnh trả lại hồ sơ",
                "để quý cơ sở hoàn thiện.\n",
                "rồi nộp lại cho cơ quan quản lý OCOP cấp tỉnh.\n",
            ],
        ),
        (
            awaiting(Stage.AWAITS_PROVINCE),
            "Chè đinh Hảo Đạt: chờ cấp tỉnh quyết định",
            ["Kết quả của Hội đồng chưa phải là quyết định công nhận."],
        ),
        (
            awaiting(Stage.AWAITS_CENTRE),
            "Chè đinh Hảo Đạt: chờ Bộ trưởng quyết định",
            ["đạt 5 sao.", "Kết quả của Hội đồng chưa phải là quyết định công nhận."],
        ),
        (
            refused(),
            "Chè đinh Hảo Đạt: lượt đánh giá đã kết thúc",
            [
                "Lượt đánh giá thứ 1 (đánh giá lần đầu)",
                "không công nhận sản phẩm ở lượt này, theo văn bản số 112/UBND-KT ngày 14/09/2026.\n",
                "\n1. Thiếu phiếu kiểm nghiệm định kỳ của năm 2026.\n",
                "Quý cơ sở có thể nộp hồ sơ đăng ký đánh giá lần đầu, ghi mã 19-05500-3-2026.",
            ],
        ),
        (
            referred(),
            "Chè đinh Hảo Đạt: hồ sơ đã gửi lên trung ương",
            ["để xét 5 sao, theo văn bản số 112/UBND-KT ngày 14/09/2026.\n", "Sản phẩm chưa được công nhận 5 sao."],
        ),
    ],
)
def test_a_move_of_the_round_reads_so(event: AlertedEvent, subject: str, lines: list[str]) -> None:
    alert = alert_of(event)
    assert alert.subject == subject
    assert [line for line in lines if line not in alert.text] == []


@pytest.mark.parametrize(
    ("closing", "vi", "en"),
    [
        (Closing.BELOW_THREE_STARS, "(điểm a khoản 1 Điều 4,", "Article 4.1a)"),
        (Closing.NOT_ABOVE_PRESENT_STARS, "sản phẩm không được nâng hạng", "so there is no upgrade"),
        (Closing.REFUSED, "không công nhận sản phẩm ở lượt này", "does not recognise the product in this round"),
        (Closing.WITHDRAWN, "đã được rút theo đề nghị", "was withdrawn by whoever filed it"),
        (Closing.REVOKED, "đã bị thu hồi (Điều 8,", "was revoked (Decision 26/2026/QĐ-TTg, Article 8)"),
        (Closing.TAKEN_OVER, "được xét thay cho lượt này", "takes its place"),
    ],
)
def test_a_round_that_ended_reads_how(closing: Closing, vi: str, en: str) -> None:
    assert vi in alert_of(closed(closing, VI)).text
    assert en in alert_of(closed(closing, EN)).text


@pytest.mark.parametrize("closing", [Closing.BELOW_THREE_STARS, Closing.REFUSED, Closing.WITHDRAWN])
def test_the_certificate_stays_where_a_product_that_has_one_is_not_recognised_again(closing: Closing) -> None:
    text = alert_of(closed(closing, registration=RegistrationKind.RE_EVALUATION)).text
    assert "Nếu Giấy chứng nhận mà sản phẩm đang có chưa hết hạn, giấy vẫn có hiệu lực đến hết thời hạn" in text
    assert "đăng ký đánh giá lần đầu, ghi mã" not in text


# The council


def test_a_council_s_result_reads_its_average_as_people_write_it_and_is_no_recognition() -> None:
    alert = alert_of(council_result())
    assert alert.subject == "Chè đinh Hảo Đạt: Hội đồng cấp tỉnh đánh giá 3 sao ★★★, 89,85 điểm"
    assert "biên bản ngày 20/08/2026.\n\n3 sao ★★★☆☆\n\nĐiểm trung bình: 89,85/100\n" in alert.text
    assert "Số phiếu được tính: 7. Số thành viên Hội đồng: 9.\n" in alert.text
    assert "Đây là kết quả của Hội đồng, chưa phải là quyết định công nhận" in alert.text
    assert "Average: 89.85/100 points\n" in alert_of(council_result(EN)).text


def test_what_stands_between_the_product_and_its_next_star_is_told() -> None:
    text = alert_of(council_result()).text
    assert "VÌ SAO CHƯA ĐƯỢC 4 SAO\n\nĐiểm trung bình đã đủ mức 4 sao, nhưng còn thiếu 2 yêu cầu bắt buộc" in text
    assert "• Liên kết chuỗi trong sản xuất (tiêu chí 1.5)\nHiện có: " in text
    assert "từ 12 tháng trở lên" not in text  # of the fifth star
    assert "The average is enough for 4 stars, but" in alert_of(council_result(EN)).text


def by_the_centre(stars: int | None) -> CouncilResult:
    return four_stars_by_the_centre().model_copy(update={"stars": stars, "band": stars or 4})


@pytest.mark.parametrize(
    ("event", "follows"),
    [
        (four_stars_by_the_province(), "Chủ tịch Ủy ban nhân dân tỉnh, thành phố quyết định công nhận.\n"),
        (ninety_points(), "Từ 90 điểm trở lên, cấp tỉnh có thể gửi hồ sơ lên trung ương để xét 5 sao,"),
        (two_stars_by_the_province(), "Dưới 3 sao thì không có quyết định công nhận và không có Giấy chứng nhận"),
        (eliminated(), "Dưới 3 sao thì không có quyết định công nhận và không có Giấy chứng nhận"),
        (five_stars_by_the_centre(), "Bộ trưởng Bộ Nông nghiệp và Môi trường quyết định công nhận 5 sao.\n"),
        (four_stars_by_the_centre(), "Hồ sơ trở về tỉnh. Tỉnh có thể công nhận 3 sao hoặc 4 sao,"),
        (by_the_centre(3), "Hồ sơ trở về tỉnh. Tỉnh có thể công nhận 3 sao, không quá kết quả"),
        (by_the_centre(2), "Hồ sơ trở về tỉnh. Tỉnh có thể tổ chức đánh giá lại (khoản 4 Điều 7,"),
        (by_the_centre(None), "Hồ sơ trở về tỉnh. Tỉnh có thể tổ chức đánh giá lại (khoản 4 Điều 7,"),
    ],
)
def test_what_follows_depends_on_the_council_and_its_result(event: AlertedEvent, follows: str) -> None:
    assert f"BƯỚC TIẾP THEO\n\n{follows}" in alert_of(event).text


@pytest.mark.parametrize("to", [alert_of, to_office])
@pytest.mark.parametrize("result", [two_stars_by_the_province(), eliminated()])
@pytest.mark.parametrize(
    ("registration", "stays"),
    [(RegistrationKind.FIRST, False), (RegistrationKind.UPGRADE, True), (RegistrationKind.RE_EVALUATION, True)],
)
def test_a_result_below_three_stars_leaves_the_certificate_that_a_product_has(
    registration: RegistrationKind, stays: bool, result: CouncilResult, to: Callable[[CouncilResult], Alert]
) -> None:
    alert = to(result.model_copy(update={"registration": registration}))
    assert ("Nếu Giấy chứng nhận mà sản phẩm đang có chưa hết hạn, giấy vẫn có hiệu lực" in alert.text) == stays
    assert not stays or "Không có Giấy chứng nhận. " not in alert.short


def test_a_product_that_a_council_eliminated_reads_why() -> None:
    alert = alert_of(eliminated())
    assert alert.subject == "Chè đinh Hảo Đạt: Hội đồng cấp tỉnh không xếp sao"
    assert "• Tiêu chí 1.1: Toàn bộ nguyên liệu là hàng nhập khẩu hoặc không rõ nguồn gốc.\n" in alert.text
    assert "★" not in alert.text


# The certificate


def test_a_certificate_reads_its_number_stars_last_day_and_when_to_renew_it() -> None:
    alert = alert_of(issued())
    assert alert.subject == "Chè đinh Hảo Đạt: Giấy chứng nhận OCOP 4 sao ★★★★"
    for line in (
        "\n4 sao ★★★★☆\n",
        "Giấy chứng nhận số: 19-0412/2026\n",
        "Quyết định công nhận: số 2087/QĐ-UBND ngày 31/08/2026\n",
        "Cơ quan công nhận: Chủ tịch Ủy ban nhân dân tỉnh, thành phố\n",
        "Điểm trung bình của Hội đồng: 89,85/100\n",
        "Có hiệu lực từ ngày 31/08/2026 đến hết ngày 31/08/2029\n",
        "Xin giữ cẩn thận bản giấy",
        "từ ngày 04/03/2029 đến hết ngày 03/05/2029 (khoản 6 Điều 7,",
    ):
        assert line in alert.text
    english = alert_of(issued(EN)).text
    assert "Valid from 31 August 2026 up to and including 31 August 2029\n" in english
    assert "re-evaluation from 4 March 2029 to 3 May 2029, both days included" in english


@pytest.mark.parametrize(
    ("last_day", "window"),
    [
        pytest.param(date(2031, 2, 28), "từ ngày 01/09/2030 đến hết ngày 31/10/2030", id="issued on a leap day"),
        pytest.param(date(2029, 5, 22), "từ ngày 23/11/2028 đến hết ngày 22/01/2029", id="issued 22 May 2026"),
    ],
)
def test_the_window_for_renewal_is_the_law_s(last_day: date, window: str) -> None:
    event = issued()
    certificate = event.certificate.model_copy(update={"last_day": last_day})
    assert window in alert_of(event.model_copy(update={"certificate": certificate})).text


def test_the_minister_s_certificate_names_him() -> None:
    text = alert_of(issued_by_the_minister()).text
    assert "Cơ quan công nhận: Bộ trưởng Bộ Nông nghiệp và Môi trường\n" in text
    assert "Điểm trung bình" not in text


def test_a_corrected_certificate_names_the_mistyped_one() -> None:
    alert = alert_of(corrected())
    assert alert.subject == "Chè đinh Hảo Đạt: Giấy chứng nhận OCOP được đính chính"
    assert "Giấy chứng nhận OCOP số 19-0421/2026" in alert.text
    assert "Xin chúc mừng" not in alert.text


@pytest.mark.parametrize(
    ("event", "subject", "lines"),
    [
        (
            renewal_due(RenewalMilestone.OPENS_IN_30_DAYS, 90),
            "nộp hồ sơ phân hạng lại từ ngày 04/03/2029",
            [
                "từ ngày 04/03/2029 đến hết ngày 03/05/2029",
                "Còn 90 ngày",
                "Phiếu đăng ký (Mẫu 01, ghi phân hạng lại và mã 19-05500-3-2026), Báo cáo tự đánh giá (Mẫu 02)",
                "Nộp cho Ủy ban nhân dân xã, phường.\n",
            ],
        ),
        (
            renewal_due(RenewalMilestone.OPEN, 60),
            "hạn nộp hồ sơ phân hạng lại là ngày 03/05/2029",
            ["từ ngày 04/03/2029 đến hết ngày 03/05/2029", "Còn 60 ngày"],
        ),
        (
            renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1),
            "hạn nộp hồ sơ phân hạng lại là ngày 03/05/2029",
            ["đến hết ngày 03/05/2029", "Còn 1 ngày"],
        ),
        (
            renewal_due(RenewalMilestone.CLOSED, -1),
            "đã hết hạn nộp hồ sơ phân hạng lại",
            [
                "là ngày 03/05/2029, nay đã qua",
                "Sau ngày 31/08/2029, Giấy chứng nhận hết hiệu lực.\n",
                "đăng ký đánh giá lần đầu, ghi mã 19-05500-3-2026.",
            ],
        ),
        (
            late_filing_possible(),
            "vẫn còn có thể nộp hồ sơ phân hạng lại",
            ["(khoản 3 Điều 12,", "Nộp chậm nhất ngày 27/02/2030 (còn 299 ngày).\n"],
        ),
    ],
)
def test_each_milestone_of_renewal_says_the_days_and_what_to_file(
    event: AlertedEvent, subject: str, lines: list[str]
) -> None:
    alert = alert_of(event)
    assert alert.subject == f"Chè đinh Hảo Đạt: {subject}"
    assert "Giấy chứng nhận OCOP số 19-0412/2026 (4 sao)" in alert.text
    assert "có hiệu lực đến hết ngày 31/08/2029.\n" in alert.text
    assert [line for line in lines if line not in alert.text] == []


@pytest.mark.parametrize(
    ("language", "in_short", "said", "never"),
    [
        (VI, ", hôm nay là ngày cuối. Nộp ngay tại", "Hôm nay là ngày cuối cùng được nộp.\n", "0 ngày"),
        (EN, ", today is the last day. File now", "Today is the last day to file.\n", "0 days"),
    ],
)
def test_the_last_day_itself_is_named_and_not_counted(language: Language, in_short: str, said: str, never: str) -> None:
    due = renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 0, language)
    for alert in (alert_of(due), to_office(due, language)):
        assert said in alert.text
        assert never not in alert.text.replace(due.product_code, "")
    assert in_short in alert_of(due).short
    ends_today = alert_of(expiring(language).model_copy(update={"days_left": 0}))
    assert never not in f"{ends_today.text} {ends_today.short}"


@pytest.mark.parametrize("event", [late_filing_possible(days_left=-1), renewal_due(RenewalMilestone.CLOSED, -1)])
def test_days_that_have_passed_are_not_counted(event: CertificateRenewalDue) -> None:
    text = alert_of(event).text
    assert "-1" not in text.replace(event.product_code, "")
    assert "còn -" not in text.lower()


@pytest.mark.parametrize(
    ("event", "subject", "line"),
    [
        (expiring(), "Giấy chứng nhận OCOP có hiệu lực đến ngày 31/08/2029", "đến hết ngày 31/08/2029, còn 30 ngày.\n"),
        (expired(), "Giấy chứng nhận OCOP đã hết hiệu lực", "không còn hiệu lực từ ngày 01/09/2029.\n"),
        (
            expired(after_extension=True),
            "Giấy chứng nhận OCOP đã hết hiệu lực",
            "không còn hiệu lực từ ngày 28/02/2030.\nThời hạn ghi trên giấy là ngày 31/08/2029; thời gian kéo dài",
        ),
        (extended(), "Giấy chứng nhận OCOP được kéo dài", "cho đến khi có kết quả, nhưng không quá ngày 27/02/2030.\n"),
        (
            superseded(),
            "Giấy chứng nhận OCOP cũ được thay thế",
            "đến hết ngày 11/06/2028. Sau ngày đó, Giấy chứng nhận số 19-0077/2028 thay thế giấy này.\n",
        ),
        (
            revoked(),
            "Giấy chứng nhận OCOP bị thu hồi",
            (
                "bị thu hồi theo Quyết định số 311/QĐ-UBND ngày 10/02/2028. Giấy này không còn giá trị.\n\n"
                "Căn cứ: sử dụng sai nhãn hiệu OCOP (Điều 8, Quyết định 26/2026/QĐ-TTg).\n"
                "Kết luận ngày: 01/02/2028\n\n"
                "Lý do: Dán nhãn OCOP 5 sao lên gói chè 4 sao.\n   Đã nhắc hai lần.\n"
            ),
        ),
    ],
)
def test_the_end_of_a_certificate_reads_so(event: AlertedEvent, subject: str, line: str) -> None:
    alert = alert_of(event)
    assert alert.subject == f"Chè đinh Hảo Đạt: {subject}"
    assert line in alert.text


@pytest.mark.parametrize(
    ("authority", "to"),
    [
        (Authority.PROVINCE, "là Chủ tịch Ủy ban nhân dân tỉnh, thành phố, trong 90 ngày"),
        (Authority.CENTRE, "là Bộ trưởng Bộ Nông nghiệp và Môi trường, trong 90 ngày"),
    ],
)
def test_a_revocation_says_to_whom_to_complain_and_until_when(authority: Authority, to: str) -> None:
    event = revoked()
    certificate = event.certificate.model_copy(update={"authority": authority})
    text = alert_of(event.model_copy(update={"certificate": certificate})).text
    assert f"NẾU KHÔNG ĐỒNG Ý\n\nQuý cơ sở có quyền khiếu nại. Đơn gửi đến người đã ra quyết định {to}" in text
    assert "(Điều 7 và Điều 9, Luật Khiếu nại)" in text


def test_every_ground_of_a_revocation_has_words_of_its_own() -> None:
    texts = {alert_of(revoked(ground, language)).text for ground in Ground for language in ("vi", "en")}
    assert len(texts) == 2 * len(Ground)


@pytest.mark.parametrize(
    ("language", "said"), [(VI, "Lượt đánh giá đang mở, nếu có, đã đóng."), (EN, "Any open round has")]
)
def test_an_office_is_not_told_of_an_open_round_that_may_not_be(language: Language, said: str) -> None:
    assert said in to_office(revoked(language=language), language).short


def test_a_redo_that_the_ministry_asked_for_leads_back_to_the_council_and_no_other_ground_does() -> None:
    back = [ground for ground in Ground if "Hội đồng có thể đánh giá lại sản phẩm." in alert_of(revoked(ground)).text]
    assert back == [Ground.REDO]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (forwarded(EN), "by its letter no. 112/UBND-KT of 14 September 2026.\n"),
        (returned_by_commune(EN), "file it again with the People's Committee of the commune or ward.\n"),
        (returned_by_province(EN), "file it again with the province's OCOP office.\n"),
        (awaiting(Stage.AWAITS_CENTRE, EN), "The council's result is no recognition yet."),
        (refused(EN), "You can file a dossier as a first registration, with the code 19-05500-3-2026."),
        (ninety_points(EN), "the province may send the dossier to the central level for 5 stars"),
        (four_stars_by_the_centre(EN), "The dossier goes back to the province."),
        (eliminated(EN), "• Criterion 1.1: All raw material is imported or of unclear origin."),
        (referred(EN), "to the Ministry of Agriculture and Environment for 5 stars"),
        (
            corrected(EN),
            "OCOP certificate no. 19-0421/2026 of “Chè đinh Hảo Đạt” (code 19-05500-3-2026) was corrected.",
        ),
        (renewal_due(RenewalMilestone.OPEN, 60, EN), "60 days left to the last day to file.\n"),
        (renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1, EN), "1 day left to the last day to file.\n"),
        (renewal_due(RenewalMilestone.CLOSED, -1, EN), "The last day to file for re-evaluation was 3 May 2029,"),
        (late_filing_possible(EN), "File it by 27 February 2030 (299 days left).\n"),
        (expiring(EN), "up to and including 31 August 2029: 30 days left.\n"),
        (expired(EN), "is not valid any more since 1 September 2029.\n"),
        (extended(EN), "not beyond 27 February 2030.\n"),
        (superseded(EN), "certificate no. 19-0077/2028 takes its place.\n"),
        (revoked(language=EN), "Ground: misuse of the OCOP mark (Decision 26/2026/QĐ-TTg, Article 8).\n"),
    ],
)
def test_a_producer_who_reads_english_is_told_of_it_in_english(event: AlertedEvent, sentence: str) -> None:
    assert sentence in alert_of(event).text


# Whatever is in an event


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_move_that_is_told_has_its_words(language: Language) -> None:
    moves = [
        moved(before, after, language, closing=closing)
        for before, after, closing in product(Stage, Stage, (None, *Closing))
    ]
    told = [alert_of(each) for each in moves if told_of(each)]
    assert len(told) > 100
    assert all(alert.subject.strip() and len(alert.text) > 200 for alert in told)


def changed(value: Any, text: str, day: date, number: int) -> Any:
    """Return a copy of an event whose texts, days and counts are these, but for what is sealed or has few values."""
    match value:
        case date():
            return day
        case BaseModel():
            update = {
                name: number
                if name in {"days_left", "round", "counted", "members"}
                else changed(each, text, day, number)
                for name, each in value
                if name != "sealed_recipient"
            }
            return value.model_copy(update=update)
        case tuple():
            return tuple(changed(each, text, day, number) for each in value)
        case str() if type(value) is str:
            return text
        case _:
            return value


@given(
    event=st.sampled_from([*every_life_event("vi"), *every_life_event("en")]),
    text=st.text(),
    day=st.dates(),
    number=st.integers(-(2**31), 2**31 - 1),
)
def test_no_event_is_without_its_text_whatever_is_in_it(event: AlertedEvent, text: str, day: date, number: int) -> None:
    alert = alert_of(changed(event, text, day, number))
    assert "\n" not in alert.subject
    assert Page(alert.html).open == []
    assert unicodedata.is_normalized("NFC", alert.text)
    assert not any(unicodedata.category(each) == "Cc" and each != "\n" for each in alert.text + alert.html)
