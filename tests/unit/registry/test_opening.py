"""Which dossier may open a round, or go on in one: each row of the table of kinds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.registry.identity import KnownProduct
from services.registry.intake import ExaminedDossier
from services.registry.opening import FilingDay, opening_faults, takes_over
from services.registry.practice import Practice
from services.registry.registration import RegisterState, decide
from services.registry.rounds import CertificateStatus, HeldCertificate
from services.registry.time_limits import load_time_limits
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.dossier import Dossier, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.contracts.text import Fault
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.scopes import Role, Scope
from tests.unit.contact_keys import seal
from tests.unit.registry.dossiers import NUMBERS, changed, document
from tests.unit.registry.products import CODE, a_round, held, product

#: The last day of the certificates of these tests.
T = date(2029, 5, 22)
IN_WINDOW = T - timedelta(days=150)
OPEN = [stage for stage in Stage if stage is not Stage.CLOSED]
REGISTERED, ROUND_OPEN, NO_CERTIFICATE = "product-already-registered", "round-open", "no-certificate-in-force"
UPGRADE, AGAIN = RegistrationKind.UPGRADE, RegistrationKind.RE_EVALUATION


def certificate(
    stars: int = 4, status: CertificateStatus = CertificateStatus.IN_FORCE, *, of_before: bool = False
) -> HeldCertificate:
    """Return a certificate until T: of the decision's first day, or of the day before it."""
    issued_on = date(2026, 5, 21) if of_before else date(2026, 5, 22)
    return held(stars, issued_on=issued_on, last_day=T, status=status)


def faults(kind: str, known: KnownProduct, on: date = IN_WINDOW, *, code: object = CODE) -> tuple[Fault, ...]:
    dossier = Dossier.model_validate(changed({"/registration": kind, "/product_code": code}))
    return opening_faults(dossier, known, FilingDay(on, Practice()))


def codes(kind: str, known: KnownProduct, on: date = IN_WINDOW, *, code: object = CODE) -> list[str]:
    return [each.code for each in faults(kind, known, on, code=code)]


@pytest.mark.parametrize("code", [pytest.param(None, id="by its name"), pytest.param(CODE, id="by its code")])
@pytest.mark.parametrize(
    "known",
    [
        pytest.param(product(), id="of before there were rounds"),
        pytest.param(product(round=a_round(Stage.CLOSED)), id="never certified"),
        pytest.param(product(certificate(status=CertificateStatus.EXPIRED)), id="expired"),
        pytest.param(product(certificate(status=CertificateStatus.REVOKED)), id="revoked"),
        pytest.param(product(round=a_round(Stage.RETURNED)), id="its round was returned"),
    ],
)
def test_a_first_dossier_of_a_known_product_may_come_without_a_certificate_in_force(
    known: KnownProduct, code: object
) -> None:
    assert codes("first", known, code=code) == []


@pytest.mark.parametrize("status", [CertificateStatus.IN_FORCE, CertificateStatus.EXTENDED])
@pytest.mark.parametrize(
    ("code", "pointer"), [pytest.param(None, "/product/name", id="name"), pytest.param(CODE, "/product_code", id="c")]
)
def test_a_certified_product_is_not_registered_for_the_first_time(
    status: CertificateStatus, code: object, pointer: str
) -> None:
    (found,) = faults("first", product(certificate(status=status)), code=code)

    assert (found.pointer, found.code, found.product_code) == (pointer, REGISTERED, CODE)


@pytest.mark.parametrize("stage", [stage for stage in OPEN if stage is not Stage.RETURNED])
def test_a_product_with_an_open_round_is_not_registered_again(stage: Stage) -> None:
    known = product(round=a_round(stage))

    (by_name,), (by_code,) = faults("first", known, code=None), faults("first", known)

    assert (by_name.code, by_name.product_code) == (REGISTERED, CODE)
    assert (by_code.code, by_code.product_code) == (ROUND_OPEN, CODE)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(product(certificate(3)), [], id="3 stars"),
        pytest.param(product(certificate(4)), [], id="4 stars"),
        pytest.param(product(certificate(4), round=a_round(Stage.CLOSED)), [], id="its round ended"),
        pytest.param(product(certificate(4, CertificateStatus.EXTENDED)), [], id="extended"),
        pytest.param(product(certificate(5)), [NO_CERTIFICATE], id="5 stars"),
        pytest.param(product(), [NO_CERTIFICATE], id="none"),
        pytest.param(product(certificate(4, CertificateStatus.EXPIRED)), [NO_CERTIFICATE], id="expired"),
        pytest.param(product(certificate(4, CertificateStatus.REVOKED)), [NO_CERTIFICATE], id="revoked"),
        pytest.param(product(round=a_round()), [ROUND_OPEN, NO_CERTIFICATE], id="behind its own registration"),
        pytest.param(
            product(certificate(4), round=a_round(Stage.RETURNED, registration=AGAIN)), [ROUND_OPEN], id="another kind"
        ),
        pytest.param(product(certificate(4), round=a_round(Stage.RETURNED, registration=UPGRADE)), [], id="goes on"),
    ],
)
def test_an_upgrade_needs_a_certificate_below_five_stars(known: KnownProduct, expected: list[str]) -> None:
    assert codes("upgrade", known) == expected


def test_a_certificate_whose_end_was_not_announced_yet_is_not_in_force_all_the_same() -> None:
    known = product(certificate(4))

    assert codes("upgrade", known, T) == []
    assert codes("upgrade", known, T + timedelta(days=1)) == [NO_CERTIFICATE]
    assert codes("first", known, T + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("days", "first", "upgrade"),
    [
        pytest.param(1, [REGISTERED], [], id="T+1"),
        pytest.param(180, [REGISTERED], [], id="T+180, the last day of the extension"),
        pytest.param(181, [], [NO_CERTIFICATE], id="T+181"),
    ],
)
def test_a_certificate_whose_extension_was_not_announced_yet_is_in_force_all_the_same(
    days: int, first: list[str], upgrade: list[str]
) -> None:
    known = product(certificate(4).model_copy(update={"filed_on_paper": IN_WINDOW}))

    assert codes("first", known, T + timedelta(days=days)) == first
    assert codes("upgrade", known, T + timedelta(days=days)) == upgrade


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(T - timedelta(days=181), ["window-not-open"], id="T-181"),
        pytest.param(date(2028, 11, 23), [], id="T-180, the first day"),
        pytest.param(date(2029, 1, 22), [], id="T-120, the last day"),
        pytest.param(T - timedelta(days=119), ["window-closed"], id="T-119"),
    ],
)
def test_a_re_evaluation_has_a_window(day: date, expected: list[str]) -> None:
    assert codes("re-evaluation", product(certificate()), day) == expected


def test_faults_of_the_window_say_the_days() -> None:
    known = product(certificate())

    (early,) = faults("re-evaluation", known, date(2028, 11, 22))
    (late,) = faults("re-evaluation", known, date(2029, 1, 23))

    assert "23/11/2028" in early.message.vi
    assert "2028-11-23" in early.message.en
    assert "22/05/2029" in late.message.vi
    assert f"first time under the code {CODE}" in late.message.en


@pytest.mark.parametrize("status", [CertificateStatus.IN_FORCE, CertificateStatus.EXPIRED])
@pytest.mark.parametrize(
    ("of_before", "days", "expected"),
    [
        pytest.param(True, -119, [], id="old, T-119"),
        pytest.param(True, 180, [], id="old, T+180"),
        pytest.param(True, 181, ["window-closed"], id="old, T+181"),
        pytest.param(False, 1, ["window-closed"], id="of this decision, T+1"),
    ],
)
def test_certificates_from_before_the_decision_may_be_renewed_late(
    status: CertificateStatus, of_before: bool, days: int, expected: list[str]
) -> None:
    known = product(certificate(status=status, of_before=of_before))

    assert codes("re-evaluation", known, T + timedelta(days=days)) == expected


def test_the_transition_rule_may_end() -> None:
    limits = load_time_limits().model_copy(update={"late_filing_rule_ends": date(2029, 3, 1)})
    dossier = Dossier.model_validate(changed({"/registration": "re-evaluation", "/product_code": CODE}))
    known = product(certificate(of_before=True))

    on_last, behind = (
        opening_faults(dossier, known, FilingDay(day, Practice(limits))) for day in (date(2029, 3, 1), date(2029, 3, 2))
    )

    assert ([each.code for each in on_last], [each.code for each in behind]) == ([], ["window-closed"])


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(product(), [NO_CERTIFICATE], id="never certified"),
        pytest.param(product(certificate(status=CertificateStatus.REVOKED)), [NO_CERTIFICATE], id="revoked"),
        pytest.param(product(certificate(5)), [], id="5 stars"),
        pytest.param(product(certificate(), round=a_round(registration=AGAIN)), [ROUND_OPEN], id="one is open"),
        pytest.param(
            product(certificate(), round=a_round(Stage.AWAITS_PROVINCE, registration=UPGRADE)),
            [ROUND_OPEN],
            id="a council has rated the upgrade",
        ),
    ],
)
def test_a_re_evaluation_needs_a_certificate_and_no_round_that_was_rated(
    known: KnownProduct, expected: list[str]
) -> None:
    assert codes("re-evaluation", known) == expected


@pytest.mark.parametrize("stage", [Stage.AT_COMMUNE, Stage.RETURNED, Stage.AT_PROVINCE])
def test_a_re_evaluation_takes_over_an_upgrade_that_no_council_has_rated(stage: Stage) -> None:
    known = product(certificate(), round=a_round(stage, registration=UPGRADE))
    again = Dossier.model_validate(changed({"/registration": "re-evaluation", "/product_code": CODE}))

    assert codes("re-evaluation", known) == []
    assert takes_over(again, known)


def test_the_window_is_judged_once_at_the_round_s_first_filing() -> None:
    known = product(certificate(), round=a_round(Stage.RETURNED, registration=AGAIN))

    assert codes("re-evaluation", known, T) == []


def test_a_re_evaluation_that_was_filed_on_paper_counts_from_that_day() -> None:
    on_paper = certificate().model_copy(update={"filed_on_paper": IN_WINDOW})

    assert codes("re-evaluation", product(on_paper), T - timedelta(days=100)) == []


PAPERS = [*changed({})["documents"], *(document(each, f"{99:064x}") for each in ("change-report", "test-report"))]
OFFICE = Scope(Role.COMMUNE, frozenset({"01-09574"}))


def decided(at: datetime, now: datetime, *, receipt: date | None = None, role: Role = Role.COMMUNE) -> Decision:
    """Return what is decided of a re-evaluation, of a message from a moment, handled at another."""
    changes = {"/registration": "re-evaluation", "/product_code": CODE, "/documents": PAPERS}
    data = changed(changes) | ({"receipt": {"number": "15", "date": receipt.isoformat()}} if receipt else {})
    event = Event("again", "/offices/son-tay", DOSSIER_FILED.type, data, time=at, filed_by="integration.son-tay")
    filing = ExaminedDossier.of(event, NUMBERS, seal, now=now, scope=replace(OFFICE, role=role))
    return decide(RegisterState(by_code=Version(CODE, 2, product(certificate()))), filing, now)


def code_of(decision: Decision) -> str | None:
    data = decision.announced[0].data
    return data["faults"][0]["code"] if "faults" in data else None


#: 23:59 and 24:00 of T-120 in Vietnam.
LAST_MINUTE, TOO_LATE = datetime(2029, 1, 22, 16, 59, tzinfo=UTC), datetime(2029, 1, 22, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "handled_after", "expected"),
    [
        pytest.param(LAST_MINUTE, timedelta(0), None, id="23:59 of T-120"),
        pytest.param(TOO_LATE, timedelta(0), "window-closed", id="00:00 of T-119"),
        pytest.param(LAST_MINUTE, timedelta(hours=24), None, id="handled a day later"),
        pytest.param(LAST_MINUTE, timedelta(hours=24, seconds=1), "window-closed", id="too old to be believed"),
        pytest.param(TOO_LATE, timedelta(seconds=-1), None, id="of the future: the day of its handling counts"),
    ],
)
def test_a_dossier_counts_on_the_legal_day_of_its_message(
    at: datetime, handled_after: timedelta, expected: str | None
) -> None:
    assert code_of(decided(at, at + handled_after)) == expected


def test_a_dossier_on_paper_counts_from_its_receipt() -> None:
    decision = decided(TOO_LATE, TOO_LATE, receipt=date(2029, 1, 22))

    assert decision.version
    assert decision.version.state.round.filed_on == date(2029, 1, 22)


@pytest.mark.parametrize(
    ("role", "receipt", "pointer"),
    [
        pytest.param(Role.PORTAL, date(2029, 1, 22), "/receipt", id="a portal's word"),
        pytest.param(Role.COMMUNE, date(2029, 1, 24), "/receipt/date", id="tomorrow"),
        pytest.param(Role.COMMUNE, date(2028, 11, 23), "/receipt/date", id="61 days ago"),
    ],
)
def test_a_receipt_is_an_office_s_and_of_the_last_sixty_days(role: Role, receipt: date, pointer: str) -> None:
    (rejected,) = decided(TOO_LATE, TOO_LATE, receipt=receipt, role=role).announced

    assert (rejected.data["faults"][0]["pointer"], rejected.data["faults"][0]["code"]) == (
        pointer,
        "receipt-not-allowed",
    )


def test_what_may_be_on_its_way_to_end_a_round_is_waited_for_once() -> None:
    changes = {"/registration": "upgrade", "/product_code": CODE, "/documents": PAPERS}
    event = Event("again", "/portals/test", DOSSIER_FILED.type, changed(changes))
    now = datetime(2026, 11, 28, tzinfo=UTC)
    state = RegisterState(by_code=Version(CODE, 1, product(round=a_round())))

    decision = decide(state, ExaminedDossier.of(event, NUMBERS, seal, now=now), now)

    assert [each["code"] for each in decision.announced[0].data["faults"]] == [ROUND_OPEN, NO_CERTIFICATE]
    assert decision.provisional
    assert decision.provisional.delays == 1
