"""What offices are told of, built by hand."""

from dataclasses import replace
from datetime import date

from services.notifications.plan import Alert, compose
from services.notifications.told import AlertedEvent
from shared.contracts.alert import AlertFailed, TriedChannel
from shared.contracts.certificates import Authority, CertificateRevoked, Ground, RenewalMilestone
from shared.contracts.dossier import Language, Reach, Recipient
from shared.contracts.rounds import DeadlineDue
from tests.unit.notifications.examples import ALERT_ID, NOON
from tests.unit.notifications.lives import (
    council_result,
    eliminated,
    expired,
    extended,
    five_stars_by_the_centre,
    four_stars_by_the_centre,
    four_stars_by_the_province,
    issued,
    issued_by_the_minister,
    late_filing_possible,
    ninety_points,
    referred,
    renewal_due,
    returned_by_province,
    revoked,
    two_stars_by_the_province,
)

TRIED = (
    TriedChannel(channel="zalo", reason="refused", detail="-118"),
    TriedChannel(channel="sms", reason="attempts-used-up", detail="503"),
    TriedChannel(channel="email", reason="refused", detail="550 5.1.1"),
)


def office(language: Language = "vi") -> Recipient:
    """Return a commune's office, as the operator's file has it."""
    return Recipient(
        name="Ủy ban nhân dân xã Tân Cương", contact=Reach(email="ocop@tancuong.example.vn", language=language)
    )


def to_office(event: AlertedEvent, language: Language = "vi") -> Alert:
    alert = compose(event, office(language), alert_id=ALERT_ID, about="e-1", time=NOON)
    return replace(alert, audience="office", to="tan-cuong")


def undelivered() -> AlertFailed:
    return AlertFailed(
        alert_id=ALERT_ID,
        about="e-1",
        channel="email",
        language="vi",
        product_code="19-05500-3-2026",
        reason="refused",
        detail="550 5.1.1",
        subject="Chè đinh Hảo Đạt: Giấy chứng nhận OCOP đã hết hiệu lực",
        tried=TRIED,
    )


def undelivered_rejection() -> AlertFailed:
    """Return a rejected dossier's alert, as it was announced before there were several channels."""
    update = {"product_code": None, "subject": None, "tried": ()}
    return undelivered().model_copy(update=update)


def declined() -> AlertFailed:
    return undelivered().model_copy(
        update={"reason": "declined", "channel": "log", "detail": "every channel", "tried": ()}
    )


def assessment_due(when: str = "before") -> DeadlineDue:
    return DeadlineDue.model_validate(
        {
            "deadline": "commune-assessment",
            "due_on": date(2026, 9, 9),
            "when": when,
            "province_code": "19",
            "product_code": "19-05500-3-2026",
            "round": 1,
        }
    )


def re_evaluation_due(level: str = "province", when: str = "before") -> DeadlineDue:
    return assessment_due(when).model_copy(update={"deadline": "re-evaluation", "level": level})


def round_due(round_of: str | None = "commune-requests") -> DeadlineDue:
    """Return the last day of a half-yearly round for which twelve products wait, two of them named."""
    return DeadlineDue.model_validate(
        {
            "deadline": "round",
            "due_on": date(2027, 4, 29),
            "when": "before",
            "round_of": round_of,
            "province_code": "19",
            "waiting": ("19-05500-3-2026", "19-05503-1-2026"),
            "waiting_count": 12,
        }
    )


def by_the_minister(event: CertificateRevoked) -> CertificateRevoked:
    """Return the revocation of a certificate that the minister had given."""
    certificate = event.certificate.model_copy(update={"authority": Authority.CENTRE})
    return event.model_copy(update={"certificate": certificate})


def every_office_event() -> tuple[AlertedEvent, ...]:
    """Return an event for each thing that an office may read."""
    return (
        returned_by_province(),
        council_result(),
        four_stars_by_the_province(),
        ninety_points(),
        two_stars_by_the_province(),
        eliminated(),
        five_stars_by_the_centre(),
        four_stars_by_the_centre(),
        referred(),
        issued(),
        issued_by_the_minister(),
        renewal_due(RenewalMilestone.OPEN, 60),
        renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1),
        renewal_due(RenewalMilestone.CLOSED, -1),
        late_filing_possible(),
        late_filing_possible(days_left=-1),
        expired(),
        expired(after_extension=True),
        extended(),
        *(revoked(ground) for ground in Ground),
        by_the_minister(revoked()).model_copy(update={"is_late": True}),
        assessment_due(),
        assessment_due("after"),
        re_evaluation_due(),
        re_evaluation_due("centre", "after"),
        *(
            round_due(each)
            for each in ("commune-requests", "province-round", "province-requests", "centre-round", None)
        ),
        undelivered(),
        undelivered_rejection(),
        declined(),
    )
