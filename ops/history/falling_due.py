"""What falls due of a product, in the words of who has to see to it; from its history as it is now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.language import Message
from ops.named import one_line
from services.registry.falls_due import FallsDue, OfOffice, falls_due, is_re_evaluation_filed
from services.registry.identity import KnownProduct
from services.registry.renewal import DueKind, RoundDay
from services.registry.round_deadlines import RoundDeadlines
from services.registry.time_limits import TimeLimits
from shared.contracts.certificates import RenewalMilestone
from shared.contracts.text import Bilingual

_RENEWAL = {
    RenewalMilestone.OPENS_IN_30_DAYS: Bilingual(
        vi="30 ngày nữa được nộp hồ sơ đánh giá lại", en="a re-evaluation can be filed in 30 days"
    ),
    RenewalMilestone.OPEN: Bilingual(vi="đang được nộp hồ sơ đánh giá lại", en="a re-evaluation can be filed"),
    RenewalMilestone.LAST_DAY_TOMORROW: Bilingual(
        vi="ngày mai là ngày cuối nộp hồ sơ đánh giá lại", en="tomorrow is the last day to file a re-evaluation"
    ),
    RenewalMilestone.CLOSED: Bilingual(vi="hết hạn nộp hồ sơ đánh giá lại", en="a re-evaluation can be filed no more"),
    RenewalMilestone.LATE_FILING_POSSIBLE: Bilingual(
        vi="đã muộn, vẫn được nộp theo quy định chuyển tiếp", en="late, a re-evaluation can be filed all the same"
    ),
}
_ENDS = {
    DueKind.EXPIRING: Bilingual(vi="giấy chứng nhận sắp hết hạn", en="the certificate expires soon"),
    DueKind.ENDED: Bilingual(
        vi="giấy chứng nhận hết hạn, hoặc được kéo dài", en="the certificate has expired, or is extended"
    ),
    DueKind.EXTENSION_ENDED: Bilingual(vi="thời gian kéo dài kết thúc", en="the extension has ended"),
}
_OFFICE = {
    "commune-assessment": Bilingual(vi="xã đánh giá hồ sơ", en="the commune's assessment"),
    "re-evaluation": Bilingual(vi="hội đồng đánh giá lại", en="the council's re-evaluation"),
}
_HALF_YEARLY = {
    "commune-requests": Bilingual(vi="xã đề nghị tỉnh đánh giá", en="requests of the communes"),
    "province-round": Bilingual(vi="đợt đánh giá của tỉnh", en="the provinces' round"),
    "province-requests": Bilingual(vi="tỉnh đề nghị Trung ương đánh giá", en="requests of the provinces"),
    "centre-round": Bilingual(vi="đợt đánh giá của Trung ương", en="the central round"),
}


@dataclass(frozen=True)
class FallingDue:
    """One thing that falls due on a day. `kind` is for programs; `product` is None where it concerns no single one.

    `about` is the certificate's number, or the round's; `last_day` the certificate's last day, or the office's.
    """

    day: date
    kind: str
    what: Bilingual
    about: str
    last_day: date
    product: KnownProduct | None = None

    def as_json(self, today: date) -> dict[str, Any]:
        """Return it as JSON values."""
        province, commune = self.product.place if self.product else (None, None)
        return {
            "day": self.day.isoformat(),
            "days_left": (self.day - today).days,
            "kind": self.kind,
            "what": self.what.model_dump(),
            "about": self.about,
            "last_day": self.last_day.isoformat(),
            "product_code": self.product.code if self.product else None,
            "product_name": one_line(self.product.name) if self.product else None,
            "province_code": province,
            "commune_code": commune,
        }


def of_product(product: KnownProduct, limits: TimeLimits) -> list[FallingDue]:
    """Return what falls due of a product and is not settled, soonest first.

    What says nothing while a re-evaluation is on its way is left out.
    """
    falling = falls_due(product.round, product.certificates, limits)
    done = frozenset(product.announced)
    found = [_of(product, each) for each in falling if each.name not in done and not _is_silent(product, each)]
    return sorted(found, key=in_order)


def of_rounds(deadlines: RoundDeadlines) -> Iterator[FallingDue]:
    """Yield the days on which provinces are told that a half-yearly round ends (Decision 26/2026/QĐ-TTg, Art. 5)."""
    return map(_of_round, deadlines.days)


def in_order(due: FallingDue) -> tuple[date, str, str, str]:
    """Return by what things due are sorted: the day, the product, what it is."""
    return (due.day, due.product.code if due.product else "", due.kind, due.about)


def _is_silent(product: KnownProduct, due: FallsDue) -> bool:
    if isinstance(due, OfOffice):
        return False
    return due.of.unless_filed and is_re_evaluation_filed(product.round, due.held)


def _of(product: KnownProduct, due: FallsDue) -> FallingDue:
    if isinstance(due, OfOffice):
        return FallingDue(
            due.day,
            f"{due.deadline}-{due.when}",
            _with_when(_OFFICE[due.deadline], passed=due.when == "after", last=due.last),
            Message("round {number}", number=due.round),
            due.last,
            product,
        )
    says, certificate = due.of.says, due.held.certificate
    kind = says.value if says else due.of.kind.value
    what = _RENEWAL[says] if says else _ENDS[due.of.kind]
    return FallingDue(due.day, kind, what, one_line(certificate.number), certificate.last_day, product)


def _of_round(day: RoundDay) -> FallingDue:
    what = _with_when(_HALF_YEARLY[day.of], passed=False, last=day.last)
    return FallingDue(day.said_on, day.of, what, Message("half-yearly round"), day.last)


def _with_when(what: Bilingual, *, passed: bool, last: date) -> Bilingual:
    vi, en = (
        ("đã quá ngày cuối", "the last day has passed") if passed else ("ngày cuối sắp đến", "the last day is near")
    )
    return Bilingual(vi=f"{what.vi}: {vi} ({last:%d/%m/%Y})", en=f"{what.en}: {en} ({last})")
