"""Events as the other services announce them, built by hand from score sheet 11 (tea)."""

from datetime import UTC, date, datetime

from services.notifications.plan import Alert, compose
from services.notifications.told import AlertedEvent
from shared.contracts.dossier import Contact, DossierRejected, Language, Recipient, RegistrationKind
from shared.contracts.rating import (
    Advice,
    AssessmentRejected,
    OptionText,
    PartPoints,
    ProductRated,
    Step,
    Stop,
    UnmetMinimum,
)
from shared.contracts.text import Bilingual, Fault
from tests.unit.contact_keys import opened, seal

ALERT_ID = "6f9b1f0e-6f0a-5c53-9a35-0b6c6a1d2f11"
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

LINKAGE = Bilingual(vi="Liên kết chuỗi trong sản xuất", en="Chain linkage in production")
LABEL = Bilingual(vi="Phong cách, ghi nhãn hàng hóa", en="Label style and goods labelling")
HALF_LINKED = OptionText(
    option=2,
    points=1,
    text=Bilingual(
        vi="Có hợp đồng liên kết từ 50% đến dưới 75% sản lượng tiêu thụ",
        en="Linkage contracts cover 50% to under 75% of output sold",
    ),
)
LINKED = OptionText(
    option=3,
    points=2,
    text=Bilingual(
        vi="Có hợp đồng liên kết trên 75% sản lượng tiêu thụ",
        en="Linkage contracts cover over 75% of output sold",
    ),
)
LONG_LINKED = OptionText(
    option=4,
    points=3,
    text=Bilingual(
        vi="Hợp đồng liên kết trên 75% sản lượng, thực hiện ổn định từ 12 tháng trở lên đến lúc đăng ký",
        en="Linkage contracts over 75% of output and performed stably for at least 12 months up to registration",
    ),
)
PLAIN_LABEL = OptionText(
    option=1,
    points=1,
    text=Bilingual(
        vi="Có nhãn, ghi nhãn hàng hóa đầy đủ, theo đúng quy định",
        en="Label present, complete and compliant",
    ),
)
TRACEABLE_LABEL = OptionText(
    option=3,
    points=3,
    text=Bilingual(
        vi="Nhãn đầy đủ, đẹp, có câu chuyện sản phẩm và mã truy xuất nguồn gốc điện tử",
        en="Compliant, attractive label conveying the story and carrying an electronic traceability code",
    ),
)


def cooperative(language: Language = "vi", email: str | None = "lienhe@haodat.example.vn") -> Recipient:
    return Recipient(
        name="Hợp tác xã Chè Hảo Đạt", contact=Contact(phone="+842083123456", email=email, language=language)
    )


def three_stars(recipient: Recipient | None = None, product_name: str = "Chè đinh Hảo Đạt") -> ProductRated:
    """Return a product whose 82 points would be 4 stars, held back by two minimums of the fourth star."""
    return ProductRated(
        product_code="19-05500-3-2026",
        product_name=product_name,
        product_set=11,
        product_set_name=Bilingual(vi="Chè tươi, chè chế biến", en="Fresh and processed tea"),
        registration=RegistrationKind.FIRST,
        sealed_recipient=seal(recipient or cooperative()),
        due_on=date(2026, 12, 14),
        basis="self-assessment",
        legal_document="26/2026/QĐ-TTg",
        score_sheet="QD26-11",
        parts=_parts(31, 20, 31),
        groups=(),
        criteria=(),
        total=82,
        band=4,
        stars=3,
        unmet_minimums=(
            UnmetMinimum(star=4, criterion="1.5", name=LINKAGE, has=HALF_LINKED, needs=LINKED),
            UnmetMinimum(star=4, criterion="2.3", name=LABEL, has=PLAIN_LABEL, needs=TRACEABLE_LABEL),
            UnmetMinimum(star=5, criterion="1.5", name=LINKAGE, has=HALF_LINKED, needs=LONG_LINKED),
        ),
        unanswered=("1.7", "4.4"),
        advice=Advice(
            target_star=4,
            steps=(
                Step(criterion="1.5", name=LINKAGE, from_option=HALF_LINKED, to_option=LINKED, points=1),
                Step(criterion="2.3", name=LABEL, from_option=PLAIN_LABEL, to_option=TRACEABLE_LABEL, points=2),
            ),
            option_steps=3,
            total_after=85,
            stars_after=4,
        ),
    )


def two_stars(language: Language = "vi") -> ProductRated:
    """Return a product whose points are not enough, though no minimum stands before it."""
    update = {"parts": _parts(18, 10, 20), "total": 48, "band": 2, "stars": 2, "unmet_minimums": (), "unanswered": ()}
    advice = Advice(
        target_star=3,
        steps=(Step(criterion="2.3", name=LABEL, from_option=PLAIN_LABEL, to_option=TRACEABLE_LABEL, points=2),),
        option_steps=2,
        total_after=50,
        stars_after=3,
    )
    return three_stars(cooperative(language)).model_copy(update=update | {"advice": advice})


def five_stars(language: Language = "vi") -> ProductRated:
    update = {"parts": _parts(38, 23, 34), "total": 95, "band": 5, "stars": 5, "unmet_minimums": (), "unanswered": ()}
    return three_stars(cooperative(language)).model_copy(update=update | {"advice": None})


def stopped(language: Language = "vi") -> ProductRated:
    """Return a product whose raw material is all imported: the sheet ends the evaluation."""
    stop = Stop(
        criterion="1.1",
        kind="elimination",
        reason=Bilingual(
            vi="Toàn bộ nguyên liệu là hàng nhập khẩu hoặc không rõ nguồn gốc.",
            en="All raw material is imported or of unclear origin.",
        ),
    )
    update = {"stars": None, "stops": (stop,), "unanswered": (), "advice": None}
    return three_stars(cooperative(language)).model_copy(update=update)


def rejected_dossier(recipient: Recipient | None, product_name: str | None = "Chè đinh Hảo Đạt") -> DossierRejected:
    return DossierRejected(
        dossier_id="dossier-2026-0042",
        product_name=product_name,
        sealed_recipient=seal(recipient) if recipient else None,
        faults=(
            Fault(
                pointer="/product/commune_code",
                code="commune-not-in-province",
                message=Bilingual(
                    vi="Xã 09574 không thuộc tỉnh 19.", en="Commune 09574 does not belong to province 19."
                ),
            ),
            Fault(
                pointer="/samples",
                code="samples-missing",
                message=Bilingual(vi="Cần nộp đủ 5 sản phẩm mẫu.", en="Five samples are needed."),
            ),
        ),
    )


def rejected_assessment(language: Language = "vi") -> AssessmentRejected:
    return AssessmentRejected(
        product_code="19-05500-3-2026",
        product_name="Chè đinh Hảo Đạt",
        registration=RegistrationKind.FIRST,
        product_set=11,
        sealed_recipient=seal(cooperative(language)),
        legal_document="26/2026/QĐ-TTg",
        score_sheet="QD26-11",
        faults=(
            Fault(
                pointer="/self_assessment/answers/3/option",
                code="unknown-option",
                message=Bilingual(
                    vi="Tiêu chí 2.3 không có mức thứ 7. Hãy chọn một mức từ 1 đến 3.",
                    en="Criterion 2.3 has no option 7. Choose one from 1 to 3.",
                ),
            ),
        ),
    )


def every_event(language: Language) -> tuple[AlertedEvent, ...]:
    recipient = cooperative(language)
    return (
        three_stars(recipient),
        two_stars(language),
        five_stars(language),
        stopped(language),
        rejected_dossier(recipient),
        rejected_dossier(recipient, product_name=None),
        rejected_assessment(language),
    )


def alert_of(event: AlertedEvent) -> Alert:
    sealed = getattr(event, "sealed_recipient", None)
    recipient = opened(sealed) if sealed else None
    return compose(event, recipient, alert_id=ALERT_ID, about="3f1c7d52-1111-5b6e-8d0f-1a2b3c4d5e6f", time=NOON)


def _parts(production: int, marketing: int, quality: int) -> tuple[PartPoints, ...]:
    names = (
        ("A", "Sản phẩm và sức mạnh của cộng đồng", "Product and community strength", production, 40),
        ("B", "Khả năng tiếp thị", "Marketing capability", marketing, 25),
        ("C", "Chất lượng sản phẩm", "Product quality", quality, 35),
    )
    return tuple(
        PartPoints(code=code, name=Bilingual(vi=vi, en=en), points=points, max_points=max_points)
        for code, vi, en, points, max_points in names
    )
