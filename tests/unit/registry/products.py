"""Products of the register at any stage of their lives."""

from datetime import date
from typing import Any

from services.registry.handlers import Registry
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate, KeptResult, Round
from shared.contracts.certificates import Authority, Certificate
from shared.contracts.councils import Average
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Letter, Stage
from shared.handling.outcome import Decision

CODE = "01-09574-1-2026"
#: That of the dossiers of these tests.
NUMBERS = ("01y8001234",)


def letter(day: date, number: str = "12/BC-UBND") -> Letter:
    """Return a letter of a day."""
    return Letter(number=number, date=day)


def held(
    stars: int = 3,
    *,
    issued_on: date = date(2026, 6, 1),
    last_day: date = date(2029, 6, 1),
    status: CertificateStatus = CertificateStatus.IN_FORCE,
    **changed: Any,
) -> HeldCertificate:
    """Return a certificate that a product has."""
    certificate = Certificate(
        number=f"{stars}-sao/{issued_on:%Y}",
        stars=stars,
        authority=Authority.CENTRE if stars == 5 else Authority.PROVINCE,  # Art. 3.3
        decision=letter(issued_on, "100/QĐ-UBND"),
        issued_on=issued_on,
        last_day=last_day,
    )
    return HeldCertificate(certificate=certificate, status=status, **changed)


def result(points: int = 85, stars: int | None = 4, *, held_on: date = date(2026, 11, 10)) -> KeptResult:
    """Return what a council gave: so many points, so many stars."""
    bands = (90, 70, 50, 30)
    band = 5 - next((place for place, least in enumerate(bands) if points >= least), 4)
    return KeptResult(
        event_id="a-result",
        stars=stars,
        band=band,
        average=Average(numerator=points, denominator=1, shown=str(points)),
        held_on=held_on,
        legal_document="26/2026/QĐ-TTg",
    )


def a_round(stage: Stage = Stage.AT_COMMUNE, **changed: Any) -> Round:
    """Return a first round at a stage, with what it has by then."""
    rated = {Stage.AWAITS_PROVINCE, Stage.AT_CENTRE, Stage.AWAITS_CENTRE, Stage.BACK_AT_PROVINCE}
    values: dict[str, Any] = {
        "number": 1,
        "registration": RegistrationKind.FIRST,
        "stage": stage,
        "filed_on": date(2026, 10, 1),
        "received_on": date(2026, 10, 1),
        "submitted": "a-submission",
        "filed_by": "integration.portal",
        "provincial": result() if stage in rated else None,
        "back_to": "commune" if stage is Stage.RETURNED else None,
    }
    return Round(**{**values, **changed})


def product(*certificates: HeldCertificate, round: Round | None = None, **changed: Any) -> KnownProduct:
    """Return the product of the tests' dossiers."""
    return KnownProduct(
        **{
            "code": CODE,
            "producer_numbers": NUMBERS,
            "product_set": 6,
            "name": "Bánh tẻ Hưng Vân",
            "producer_name": "Cơ sở bánh tẻ Hưng Vân",
            "producer_kind": ProducerKind.FAMILY_BUSINESS,
            "round": round,
            "certificates": certificates,
            **changed,
        }
    )


async def recognise(registry: Registry, code: str = CODE, *certificates: HeldCertificate) -> None:
    """End a product's round on record with a certificate, past all rules."""
    known = await registry.products.product(code)
    assert known
    assert known.state.round
    closed = known.state.round.model_copy(update={"stage": Stage.CLOSED})
    state = known.state.model_copy(update={"round": closed, "certificates": certificates or (held(),)})
    await registry.products.record(Decision(f"recognition of {code}", (), {}, version=known.then(state)))
