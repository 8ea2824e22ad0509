"""Several alerts to one recipient: one mail with a table, and each in its own words below it."""

from dataclasses import replace

import pytest

from services.notifications.delivery import Delivery
from services.notifications.digest import Digest
from services.notifications.plan import Alert
from shared.contracts.certificates import RenewalMilestone
from shared.contracts.dossier import Language
from tests.unit.notifications.examples import alert_of, rejected_dossier
from tests.unit.notifications.lives import expired, renewal_due, returned_by_commune, revoked
from tests.unit.notifications.offices import every_office_event, round_due, to_office, undelivered
from tests.unit.notifications.page import Page
from tests.unit.notifications.test_plan import words

TEAS = ("Chè đinh Hảo Đạt", "Chè búp Tân Cương", "Mật ong hoa nhãn")


def ends(name: str, serial: int, language: Language = "vi") -> Alert:
    """Return the alert that a certificate ends soon, of this product."""
    event = renewal_due(RenewalMilestone.OPEN, 60, language)
    code = f"19-05500-{serial}-2026"
    return alert_of(event.model_copy(update={"product_name": name, "product_code": code}))


def twelve(language: Language = "vi") -> Digest:
    """Return the digest of a cooperative whose twelve certificates end together."""
    return Digest(tuple(ends(TEAS[serial % 3], serial, language) for serial in range(1, 13)))


def mixed() -> Digest:
    return Digest((ends(TEAS[0], 1), alert_of(returned_by_commune()), alert_of(rejected_dossier(None))))


def of_office(language: Language = "vi") -> Digest:
    return Digest(tuple(to_office(event, language) for event in every_office_event()))


EVERY_DIGEST = [twelve(), twelve("en"), mixed(), of_office(), of_office("en")]


def test_products_with_the_same_news_are_counted_in_its_subject() -> None:
    assert twelve().subject == "12 sản phẩm OCOP: hạn nộp hồ sơ phân hạng lại là 03/05/2029, còn 60 ngày"
    assert twelve("en").subject == "12 OCOP products: file for re-evaluation by 3 May 2029, 60 days left"
    assert twelve().short == (
        "OCOP: Chè búp Tân Cương, Mật ong hoa nhãn, Chè...: 12 sản phẩm, hạn nộp hồ sơ phân hạng lại là 03/05/2029, "
        "còn 60 ngày. Nộp tại UBND xã, phường, nếu chưa nộp."
    )


def test_different_news_are_counted_with_their_products() -> None:
    assert mixed().subject == "OCOP: 3 tin về 3 sản phẩm"


def test_of_different_news_a_text_message_says_the_first_and_how_many_more_there_are() -> None:
    assert mixed().short == (
        "OCOP: Chè đinh Hảo Đạt (19-05500-1-2026): hạn nộp hồ sơ phân hạng lại là 03/05/2029, còn 60 ngày. "
        "Và 2 tin khác: hỏi UBND xã, phường."
    )


def test_the_table_has_a_row_for_each_with_its_product_what_happened_and_what_to_do() -> None:
    page = Page(mixed().html)
    assert page.tags.count("table") == 1
    assert [attributes["scope"] for tag, attributes in page.elements if tag == "th"] == ["col"] * 3 + ["row"] * 3
    assert (
        "• Chè đinh Hảo Đạt\n(19-05500-3-2026)\nHồ sơ bị trả lại, có 2 lý do\nSửa rồi nộp lại cho UBND xã, phường.\n"
    ) in mixed().text


def test_below_the_table_each_alert_says_all_that_it_says_alone() -> None:
    digest, reason = mixed(), "1. Thiếu phiếu kiểm nghiệm định kỳ của năm 2026."
    assert "CHÈ ĐINH HẢO ĐẠT: HỒ SƠ ĐƯỢC TRẢ LẠI ĐỂ HOÀN THIỆN\n" in digest.text
    assert reason in digest.text
    assert all(alert.text.split("\n\n")[1] in digest.text for alert in digest.alerts)


def test_there_is_one_greeting_and_one_end() -> None:
    text = twelve().text
    assert text.count("Kính gửi Hợp tác xã Chè Hảo Đạt,") == text.count("Trân trọng,") == 1


@pytest.mark.parametrize("digest", EVERY_DIGEST)
def test_the_page_of_a_digest_says_what_its_text_says(digest: Digest) -> None:
    page = Page(digest.html)
    heads = page.seen.index("Sản" if digest.alerts[0].language == "vi" else "Product")
    table_heads = {"vi": "Sản phẩm Việc gì Cần làm", "en": "Product What To do"}[digest.alerts[0].language].split()
    assert page.seen[heads : heads + len(table_heads)] == table_heads
    seen = page.seen[:heads] + page.seen[heads + len(table_heads) :]
    assert [word.lower() for word in seen] == [word for word in words(digest.text) if not word.startswith("-----")]
    assert page.title == page.h1 == digest.subject.split()
    assert (page.open, page.tags.count("h1")) == ([], 1)


def test_a_name_in_a_digest_is_text_and_never_markup() -> None:
    digest = Digest((ends("<script>alert(1)</script>", 1), ends("A & <b>B</b>", 2)))
    assert set(Page(digest.html).tags).isdisjoint({"script", "b"})
    assert "• A & <b>B</b>\n(19-05500-2-2026)\n" in digest.text


def test_an_office_reads_a_digest_as_an_office() -> None:
    digest = Digest((to_office(round_due()), to_office(undelivered()), to_office(expired())))
    assert digest.text.startswith("Kính gửi Ủy ban nhân dân xã Tân Cương,\n\nCó 3 tin về chương trình OCOP.\n")
    assert digest.subject == "OCOP: 3 tin về 1 sản phẩm"
    assert Digest((to_office(round_due()),) * 2).subject == "OCOP: 2 tin mới"


def test_one_product_s_news_told_twice_are_not_several_products() -> None:
    assert not Digest((ends(TEAS[0], 1),) * 2).is_one_news
    assert Digest((ends(TEAS[0], 1), ends(TEAS[1], 2))).is_one_news


@pytest.mark.parametrize("digest", EVERY_DIGEST)
def test_a_digest_fits_a_text_message(digest: Digest) -> None:
    assert len(digest.short) <= 160


def test_a_delivery_of_one_alert_has_its_words_and_one_of_several_a_digest_s() -> None:
    alone, together = ends(TEAS[0], 1), (ends(TEAS[0], 1), alert_of(revoked()))
    of_one, of_two = Delivery("d-1", "x", (alone,)), Delivery("d-2", "x", together)
    assert (of_one.subject, of_one.short, of_one.text, of_one.html) == (
        alone.subject,
        alone.short,
        alone.text,
        alone.html,
    )
    digest = Digest(together)
    assert (of_two.subject, of_two.short, of_two.text, of_two.html) == (
        digest.subject,
        digest.short,
        digest.text,
        digest.html,
    )


def test_a_digest_whose_recipient_is_not_known_by_name_greets_all_the_same() -> None:
    unnamed = tuple(replace(alert, recipient_name=None) for alert in twelve().alerts)
    assert Digest(unnamed).text.startswith("Kính gửi quý cơ sở,\n")
