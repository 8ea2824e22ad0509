"""Events of a product's legal life as registry and evaluation announce them, built by hand."""

from datetime import date
from typing import Any

from services.notifications.told import AlertedEvent
from shared.contracts.certificates import (
    Authority,
    Certificate,
    CertificateExpired,
    CertificateExpiring,
    CertificateExtended,
    CertificateIssued,
    CertificateRenewalDue,
    CertificateRevoked,
    CertificateSuperseded,
    Ground,
    RenewalMilestone,
)
from shared.contracts.councils import Average, CouncilResult, Level
from shared.contracts.dossier import Language, RegistrationKind
from shared.contracts.rating import Stop, UnmetMinimum
from shared.contracts.rounds import Closing, Letter, ProductReferred, RoundMoved, Stage
from shared.contracts.text import Bilingual
from tests.unit.contact_keys import seal
from tests.unit.notifications.examples import (
    HALF_LINKED,
    LABEL,
    LINKAGE,
    LINKED,
    LONG_LINKED,
    PLAIN_LABEL,
    TRACEABLE_LABEL,
    cooperative,
)

LETTER = Letter(number="112/UBND-KT", date=date(2026, 9, 14))
DECISION = Letter(number="2087/QĐ-UBND", date=date(2026, 8, 31))
#: T = 31 August 2029; the window from 4 March to 3 May 2029
CERTIFICATE = Certificate(
    number="19-0412/2026",
    stars=4,
    authority=Authority.PROVINCE,
    decision=DECISION,
    issued_on=date(2026, 8, 31),
    last_day=date(2029, 8, 31),
    legal_document="26/2026/QĐ-TTg",
    average=Average(numerator=629, denominator=7, shown="89.85"),
)
REASONS = ("Thiếu phiếu kiểm nghiệm định kỳ của năm 2026.", "Nhãn chưa ghi:\n- hạn sử dụng;\n\n- nơi sản xuất.")

_NOT_LINKED = UnmetMinimum(star=5, criterion="1.5", name=LINKAGE, has=HALF_LINKED, needs=LONG_LINKED)
_UNMET = (
    UnmetMinimum(star=4, criterion="1.5", name=LINKAGE, has=HALF_LINKED, needs=LINKED),
    UnmetMinimum(star=4, criterion="2.3", name=LABEL, has=PLAIN_LABEL, needs=TRACEABLE_LABEL),
)
_STOP = Stop(
    criterion="1.1",
    kind="elimination",
    reason=Bilingual(
        vi="Toàn bộ nguyên liệu là hàng nhập khẩu hoặc không rõ nguồn gốc.",
        en="All raw material is imported or of unclear origin.",
    ),
)


def _product(language: Language) -> dict[str, Any]:
    return {
        "product_code": "19-05500-3-2026",
        "product_name": "Chè đinh Hảo Đạt",
        "sealed_recipient": seal(cooperative(language)),
    }


def _round(language: Language) -> dict[str, Any]:
    return {**_product(language), "product_set": 11, "registration": RegistrationKind.FIRST, "round": 1}


def moved(from_stage: Stage, to_stage: Stage, language: Language = "vi", **more: Any) -> RoundMoved:
    fields = {"why": "commune.assessed", **_round(language), **more}
    return RoundMoved(from_stage=from_stage, to_stage=to_stage, **fields)


def forwarded(language: Language = "vi") -> RoundMoved:
    due_on = date(2026, 10, 29)
    return moved(Stage.AT_COMMUNE, Stage.AT_PROVINCE, language, letter=LETTER, due_on=due_on)


def returned_by_commune(language: Language = "vi") -> RoundMoved:
    return moved(Stage.AT_COMMUNE, Stage.RETURNED, language, reasons=REASONS, letter=LETTER, back_to="commune")


def returned_by_province(language: Language = "vi") -> RoundMoved:
    return moved(
        Stage.AT_PROVINCE, Stage.RETURNED, language, why="dossier.returned", reasons=REASONS, back_to="province"
    )


def awaiting(stage: Stage, language: Language = "vi") -> RoundMoved:
    before = Stage.AT_PROVINCE if stage is Stage.AWAITS_PROVINCE else Stage.AT_CENTRE
    return moved(before, stage, language, why="council.result")


def closed(closing: Closing, language: Language = "vi", **more: Any) -> RoundMoved:
    return moved(Stage.AT_PROVINCE, Stage.CLOSED, language, closing=closing, **more)


def refused(language: Language = "vi") -> RoundMoved:
    return closed(Closing.REFUSED, language, reasons=REASONS, letter=LETTER)


def council_result(language: Language = "vi", **more: Any) -> CouncilResult:
    """Return the result of 629/7 points: 4 stars by its average, 3 by two minimums that are not met."""
    fields: dict[str, Any] = {
        **_round(language),
        "session": "19-2026-2",
        "level": Level.PROVINCE,
        "regulation": "province-default",
        "legal_document": "26/2026/QĐ-TTg",
        "score_sheet": "QD26-11",
        "average": Average(numerator=629, denominator=7, shown="89.85"),
        "counted": 7,
        "members": 9,
        "spread": 4,
        "band": 4,
        "stars": 3,
        "unmet_minimums": (*_UNMET, _NOT_LINKED),
        "held_on": date(2026, 8, 20),
        **more,
    }
    return CouncilResult(**fields)


def four_stars_by_the_province(language: Language = "vi") -> CouncilResult:
    return council_result(language, stars=4, unmet_minimums=())


def ninety_points(language: Language = "vi") -> CouncilResult:
    average = Average(numerator=90, denominator=1, shown="90.00")
    return council_result(language, band=5, stars=4, average=average, unmet_minimums=(_NOT_LINKED,))


def two_stars_by_the_province(language: Language = "vi") -> CouncilResult:
    average = Average(numerator=97, denominator=2, shown="48.50")
    return council_result(language, band=2, stars=2, average=average, unmet_minimums=())


def eliminated(language: Language = "vi") -> CouncilResult:
    return council_result(language, stars=None, stops=(_STOP,), unmet_minimums=())


def five_stars_by_the_centre(language: Language = "vi") -> CouncilResult:
    average = Average(numerator=91, denominator=1, shown="91.00")
    fields: dict[str, Any] = {"level": Level.CENTRE, "band": 5, "stars": 5, "unmet_minimums": ()}
    return council_result(language, average=average, **fields)


def four_stars_by_the_centre(language: Language = "vi") -> CouncilResult:
    return council_result(language, level=Level.CENTRE, stars=4, unmet_minimums=(_NOT_LINKED,))


def referred(language: Language = "vi") -> ProductReferred:
    return ProductReferred(**_round(language), letter=LETTER)


def _certificate(language: Language) -> dict[str, Any]:
    return {**_product(language), "certificate": CERTIFICATE}


def issued(language: Language = "vi", **more: Any) -> CertificateIssued:
    fields = {"producer_name": "Hợp tác xã Chè Hảo Đạt", "round": 1, **_certificate(language), **more}
    return CertificateIssued(**fields)


def corrected(language: Language = "vi") -> CertificateIssued:
    return issued(language, corrects="19-0421/2026")


def issued_by_the_minister(language: Language = "vi") -> CertificateIssued:
    update = {"stars": 5, "authority": Authority.CENTRE, "average": None}
    return issued(language, certificate=CERTIFICATE.model_copy(update=update))


def renewal_due(milestone: RenewalMilestone, days_left: int, language: Language = "vi") -> CertificateRenewalDue:
    return CertificateRenewalDue(
        **_certificate(language),
        milestone=milestone,
        first_day=date(2029, 3, 4),
        last_day_to_file=date(2029, 5, 3),
        days_left=days_left,
    )


def late_filing_possible(language: Language = "vi", days_left: int = 299) -> CertificateRenewalDue:
    due = renewal_due(RenewalMilestone.LATE_FILING_POSSIBLE, days_left, language)
    return due.model_copy(update={"last_day_to_file": date(2030, 2, 27)}) if days_left > 0 else due


def expiring(language: Language = "vi") -> CertificateExpiring:
    return CertificateExpiring(**_certificate(language), days_left=30)


def expired(language: Language = "vi", *, after_extension: bool = False) -> CertificateExpired:
    expired_on = date(2030, 2, 28) if after_extension else date(2029, 9, 1)
    return CertificateExpired(**_certificate(language), expired_on=expired_on, after_extension=after_extension)


def extended(language: Language = "vi") -> CertificateExtended:
    return CertificateExtended(**_certificate(language), until=date(2030, 2, 27))


def superseded(language: Language = "vi") -> CertificateSuperseded:
    return CertificateSuperseded(**_certificate(language), ended_on=date(2028, 6, 11), by_number="19-0077/2028")


def revoked(ground: Ground = Ground.MISUSE_OF_MARK, language: Language = "vi") -> CertificateRevoked:
    return CertificateRevoked(
        **_certificate(language),
        ground=ground,
        reason="Dán nhãn OCOP 5 sao lên gói chè 4 sao.\nĐã nhắc hai lần.",
        revocation=Letter(number="311/QĐ-UBND", date=date(2028, 2, 10)),
        concluded_on=date(2028, 2, 1),
    )


def every_life_event(language: Language) -> tuple[AlertedEvent, ...]:
    """Return an event for each thing that a producer may read of the legal life."""
    ends = (each for each in Closing if each not in {Closing.RECOGNISED, Closing.REFUSED})
    return (
        forwarded(language),
        returned_by_commune(language),
        returned_by_province(language),
        awaiting(Stage.AWAITS_PROVINCE, language),
        awaiting(Stage.AWAITS_CENTRE, language),
        refused(language),
        *(closed(each, language) for each in ends),
        closed(Closing.REFUSED, language, reasons=REASONS, registration=RegistrationKind.RE_EVALUATION),
        council_result(language),
        four_stars_by_the_province(language),
        ninety_points(language),
        two_stars_by_the_province(language),
        eliminated(language),
        five_stars_by_the_centre(language),
        four_stars_by_the_centre(language),
        referred(language),
        issued(language),
        corrected(language),
        issued_by_the_minister(language),
        renewal_due(RenewalMilestone.OPENS_IN_30_DAYS, 90, language),
        renewal_due(RenewalMilestone.OPEN, 60, language),
        renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1, language),
        renewal_due(RenewalMilestone.CLOSED, -1, language),
        late_filing_possible(language),
        late_filing_possible(language, -1),
        expiring(language),
        expired(language),
        expired(language, after_extension=True),
        extended(language),
        superseded(language),
        *(revoked(ground, language) for ground in Ground),
    )
