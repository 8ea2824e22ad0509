"""Alerts with the longest texts that contracts and score sheets allow: names, numbers, reasons, and whole sheets."""

from dataclasses import replace
from functools import cache
from typing import Any

from services.evaluation.assessment import assess
from services.notifications.digest import Digest
from services.notifications.plan import Alert
from services.notifications.told import AlertedEvent
from shared.contracts.certificates import Certificate, CertificateRevoked
from shared.contracts.dossier import Language, RegistrationKind
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.rounds import Letter
from tests.unit.contact_keys import seal
from tests.unit.evaluation.sheets import ALL_SETS, everything_at_its_best, rulebook, sheet
from tests.unit.evaluation.test_assessment import submitted
from tests.unit.notifications.examples import alert_of, cooperative, every_event
from tests.unit.notifications.lives import council_result, every_life_event
from tests.unit.notifications.offices import every_office_event, to_office

#: 300 characters, the most that a name has: of words, and of one word
WORDY = ("Chè đinh nõn tôm thượng hạng đặc sản vùng cao Tân Cương " * 6)[:300].strip()
ONE_WORD = ("Chèđinhnõntômthượnghạng" * 14)[:300]
#: 64 characters, the most that a number has
NUMBER = "19-0412/2026/QĐ-UBND-KTN-NN-CT-" * 2 + "A1"
CODE = "01-09574-999999999-2026"
#: 4,000 characters, the most that a reason has
REASON = ("Thiếu phiếu kiểm nghiệm định kỳ của năm 2026, " * 40 + "\n" + "không" * 100 + "\n") * 2
REASON = REASON[:4000].strip()
_LONGEST: dict[str, Any] = {
    "product_code": CODE,
    "corrects": NUMBER,
    "by_number": NUMBER,
    "waiting": (CODE,) * 1000,
    "reasons": (REASON,) * 3,
}


def _submitted(product_set: int, options: dict[str, int], language: Language) -> ProductSubmitted:
    recipient = cooperative(language).model_copy(update={"name": WORDY})
    product = submitted(product_set, options)
    named = product.dossier.product.model_copy(update={"name": WORDY})
    dossier = product.dossier.model_copy(update={"product": named})
    update = {"dossier": dossier, "product_code": CODE, "sealed_recipient": seal(recipient)}
    return product.model_copy(update=update)


def ratings(product_set: int, language: Language) -> tuple[ProductRated, ...]:
    """Return ratings by the sheet of a set: everything at its lowest option, nothing answered, all but one at best."""
    lowest = dict.fromkeys(everything_at_its_best(sheet(product_set)), 1)
    best = everything_at_its_best(sheet(product_set))
    almost = best | dict.fromkeys(list(best)[:1], 1)
    answers: tuple[dict[str, int], ...] = (lowest, {}, almost)
    found = [assess(rulebook(), _submitted(product_set, options, language)) for options in answers]
    return tuple(each for each in found if isinstance(each, ProductRated))


def rejected(product_set: int, language: Language) -> AssessmentRejected:
    """Return answers that the sheet does not know, with what it knows instead: ten times every kind of fault."""
    options = {f"{number}.99": 1 for number in range(1, 11)} | dict.fromkeys(list(_codes(product_set))[:10], 99)
    found = assess(rulebook(), _submitted(product_set, options, language))
    assert isinstance(found, AssessmentRejected)
    return found


def _codes(product_set: int) -> tuple[str, ...]:
    return tuple(leaf.code for leaf in sheet(product_set).leaves)


def longest(event: Any, name: str = WORDY) -> Any:
    """Return an event whose product, numbers and reasons are the longest."""
    named = {field: name for field in ("product_name", "producer_name", "subject") if getattr(event, field, None)}
    listed = {field: value for field, value in _LONGEST.items() if getattr(event, field, None)}
    numbered = {field: _numbered(value) for field, value in event if isinstance(value, Letter | Certificate)}
    reason = {"reason": REASON} if isinstance(event, CertificateRevoked) else {}
    return event.model_copy(update={**named, **listed, **numbered, **reason})


def _numbered(value: Letter | Certificate) -> Letter | Certificate:
    if isinstance(value, Letter):
        return value.model_copy(update={"number": NUMBER})
    return value.model_copy(update={"number": NUMBER, "decision": _numbered(value.decision)})


def of_sets(language: Language) -> tuple[AlertedEvent, ...]:
    """Return what the sheets of all product sets say in alerts."""
    return tuple(event for product_set in ALL_SETS for event in _of_set(product_set, language))


def _of_set(product_set: int, language: Language) -> tuple[AlertedEvent, ...]:
    lowest, *others = ratings(product_set, language)
    by_council = council_result(language).model_copy(
        update={
            "product_name": WORDY,
            "product_set": product_set,
            "registration": RegistrationKind.RE_EVALUATION,
            "stars": lowest.stars,
            "stops": lowest.stops,
            "unmet_minimums": lowest.unmet_minimums,
            "band": lowest.band,
        }
    )
    return (lowest, *others, by_council, rejected(product_set, language))


@cache
def every_longest(language: Language) -> tuple[Alert, ...]:
    """Return an alert of every template, to producers and to offices, with the longest texts; of sheets, all."""
    name = WORDY if language == "vi" else ONE_WORD
    named = tuple(longest(event, name) for event in (*every_event(language), *every_life_event(language)))
    producers = tuple(replace(alert_of(event), recipient_name=name) for event in (*named, *of_sets(language)))
    offices = tuple(to_office(longest(event, name), language) for event in every_office_event())
    return (*producers, *offices)


@cache
def every_longest_digest(language: Language) -> tuple[Digest, ...]:
    """Return a digest of one alert of each template, to a producer and to an office."""
    alerts = every_longest(language)
    return tuple(
        Digest(tuple({alert.kind: alert for alert in alerts if alert.audience == audience}.values()))
        for audience in ("producer", "office")
    )
