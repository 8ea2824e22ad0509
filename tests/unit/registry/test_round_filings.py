"""What offices file about a round: each row of the table of stages, and what gets which answer."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registry import SOURCE, round_filings
from services.registry.app import RULES
from services.registry.identity import KnownProduct
from services.registry.practice import Practice
from services.registry.round_filings import RoundState, Rule
from services.registry.rounds import HeldCertificate, Round
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Closing, Stage
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.scopes import Role, Scope
from tests.unit.registry.lives import certificate
from tests.unit.registry.products import CODE, a_round, held, product, result

NOW = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
TODAY, LETTER = "2026-11-28", {"number": "12/BC-UBND", "date": "2026-11-20"}
REPORT = {
    "local_material": "Gạo tẻ của xã.",
    "local_labour": "12 lao động của xã.",
    "origin_of_idea": "Nghề làng.",
    "local_identity": "Bánh tẻ Phú Nhi.",
}
#: A good filing of each kind, about a product that is where it may come.
FILED: dict[str, dict[str, Any]] = {
    "commune.assessed": {"outcome": "forwarded", "report": REPORT, "letter": LETTER},
    "dossier.returned": {"reasons": ["Thiếu phiếu kiểm nghiệm."], "letter": LETTER},
    "dossier.withdrawn": {"reason": "Nộp nhầm."},
    "result.approved": {"letter": LETTER},
    "recognition.decided": {"stars": 4, "decision": LETTER, "certificate_number": "01/2026"},
    "recognition.refused": {"reasons": ["Có khiếu nại."]},
}
ROLES = {"commune.assessed": Role.COMMUNE, "dossier.withdrawn": Role.PORTAL}
BY_NAME: dict[str, Rule[Any]] = {rule.kind.name: rule for rule in RULES}
RETURNED_BY_COMMUNE = {"outcome": "returned", "reasons": ["Thiếu nhãn."], "letter": LETTER}
UPGRADE, AGAIN = RegistrationKind.UPGRADE, RegistrationKind.RE_EVALUATION


def decided(
    kind: str,
    known: KnownProduct | None,
    changes: Mapping[str, Any] | None = None,
    *,
    role: Role | None = None,
    user: str = "integration.portal",
    number: str | None = "01/2026/01",
    practice: Practice | None = None,
) -> Decision:
    """Return what is decided of a filing, a good one but for the changes."""
    rule, data = BY_NAME[kind], {"product_code": CODE, **FILED[kind], **(changes or {})}
    event = Event("filed", "/offices/test", rule.kind.type, data, filed_by=user)
    place = "everywhere" if role is Role.CENTRE else "01"
    scope = Scope(role or ROLES.get(kind, Role.PROVINCE), frozenset({place}))
    state = RoundState(Version(CODE, 7, known) if known else None, number)
    return round_filings.decide(rule, state, Filing.of(event, rule.kind, scope, source=SOURCE), NOW, practice)


def after(decision: Decision) -> Round:
    """Return the round behind a decision."""
    assert decision.version, [each.data for each in decision.announced]
    round_ = decision.version.state.round
    assert isinstance(round_, Round)
    return round_


def faults(decision: Decision) -> list[tuple[str, str]]:
    """Return the faults of a rejection, which moves nothing."""
    (rejected,) = decision.announced
    assert (rejected.type, decision.version) == ("vn.ocop.filing.rejected.v1", None)
    return [(each["pointer"], each["code"]) for each in rejected.data["faults"]]


def kinds(decision: Decision) -> list[str]:
    return [each.type.removeprefix("vn.ocop.").removesuffix(".v1") for each in decision.announced]


@pytest.mark.parametrize(
    ("kind", "changes", "before", "stage", "closing"),
    [
        pytest.param("commune.assessed", {}, a_round(), Stage.AT_PROVINCE, None, id="2"),
        pytest.param("commune.assessed", RETURNED_BY_COMMUNE, a_round(), Stage.RETURNED, None, id="2'"),
        pytest.param("dossier.returned", {}, a_round(Stage.AT_PROVINCE), Stage.RETURNED, None, id="3"),
        pytest.param(
            "recognition.decided", {}, a_round(Stage.AWAITS_PROVINCE), Stage.CLOSED, Closing.RECOGNISED, id="8"
        ),
        pytest.param(
            "recognition.decided",
            {"stars": 3},
            a_round(Stage.BACK_AT_PROVINCE, central=result(75, 3)),
            Stage.CLOSED,
            Closing.RECOGNISED,
            id="9, recognised by the province",
        ),
        pytest.param(
            "result.approved",
            {},
            a_round(Stage.AWAITS_PROVINCE, provincial=result(90, 5)),
            Stage.AT_CENTRE,
            None,
            id="8'",
        ),
        pytest.param("recognition.refused", {}, a_round(Stage.AWAITS_PROVINCE), Stage.CLOSED, Closing.REFUSED, id="11"),
        pytest.param(
            "recognition.refused", {}, a_round(Stage.RETURNED), Stage.CLOSED, Closing.REFUSED, id="3, refused"
        ),
        pytest.param("dossier.withdrawn", {}, a_round(), Stage.CLOSED, Closing.WITHDRAWN, id="12"),
    ],
)
def test_each_row_of_the_table_moves_the_round_and_is_announced(
    kind: str, changes: Mapping[str, Any], before: Round, stage: Stage, closing: Closing | None
) -> None:
    decision = decided(kind, product(round=before), changes)

    assert (after(decision).stage, after(decision).closing) == (stage, closing)
    (moved,) = [each for each in decision.announced if each.type == "vn.ocop.round.moved.v1"]
    assert (moved.data["from_stage"], moved.data["to_stage"], moved.data["why"]) == (before.stage, stage, kind)
    assert {each.sequence for each in decision.announced} == {8}


def test_a_recognition_gives_a_certificate_of_thirty_six_months() -> None:
    decision = decided("recognition.decided", product(round=a_round(Stage.AWAITS_PROVINCE)))

    assert kinds(decision) == ["round.moved", "certificate.issued"]
    certificate = decision.announced[1].data["certificate"]
    assert (certificate["issued_on"], certificate["last_day"]) == ("2026-11-20", "2029-11-20")
    assert (certificate["stars"], certificate["authority"], certificate["average"]["shown"]) == (4, "province", "85")
    assert decision.fields["certificate"] == {"key": "01/2026/01"}


def test_the_minister_recognises_five_stars_and_the_former_certificate_ends_the_day_before() -> None:
    known = product(held(4), round=a_round(Stage.AWAITS_CENTRE, registration=AGAIN, central=result(91, 5)))

    decision = decided("recognition.decided", known, {"stars": 5}, role=Role.CENTRE)

    assert kinds(decision) == ["round.moved", "certificate.issued", "certificate.superseded"]
    assert decision.announced[2].data["ended_on"] == "2026-11-19"


@pytest.mark.parametrize("stars", [3, 4])
def test_an_upgrade_at_or_below_the_present_stars_leaves_the_certificate(stars: int) -> None:
    known = product(held(4), round=a_round(Stage.AWAITS_PROVINCE, registration=UPGRADE))

    decision = decided("recognition.decided", known, {"stars": stars}, number=None)

    assert kinds(decision) == ["round.moved"]
    assert after(decision).closing is Closing.NOT_ABOVE_PRESENT_STARS
    assert decision.fields["outcome"] == "not-above-present-stars"
    assert decision.version
    assert decision.version.state.certificates == known.certificates


@pytest.mark.parametrize(
    ("changes", "known", "role", "number", "expected"),
    [
        pytest.param({"stars": 5}, 95, Role.PROVINCE, "1", [("/stars", "stars-of-another-authority")], id="a province"),
        pytest.param({"stars": 4}, 75, Role.PROVINCE, "1", [("/stars", "stars-above-result")], id="above the result"),
        pytest.param(
            {"decision": {"number": "1", "date": "2026-11-29"}},
            85,
            Role.PROVINCE,
            "1",
            [("/decision/date", "date-in-future")],
            id="tomorrow",
        ),
        pytest.param(
            {"decision": {"number": "1", "date": "2026-11-09"}},
            85,
            Role.PROVINCE,
            "1",
            [("/decision/date", "date-too-early")],
            id="before the council",
        ),
        pytest.param(
            {"decision": {"number": "1", "date": "9999-12-31"}, "stars": 4},
            75,
            Role.PROVINCE,
            None,
            [
                ("/stars", "stars-above-result"),
                ("/decision/date", "date-in-future"),
                ("/certificate_number", "certificate-number-taken"),
            ],
            id="every reason",
        ),
    ],
)
def test_a_recognition_is_held_against_the_council_and_the_authority(
    changes: Mapping[str, Any], known: int, role: Role, number: str | None, expected: list[tuple[str, str]]
) -> None:
    stars = next(stars for stars, points in ((5, 90), (4, 80), (3, 50)) if known >= points)
    round_ = a_round(Stage.AWAITS_PROVINCE, provincial=result(known, stars))

    assert faults(decided("recognition.decided", product(round=round_), changes, role=role, number=number)) == expected


def test_a_recognition_comes_behind_the_certificate_in_force() -> None:
    """One from paper may have been imported while the round was open."""
    paper = certificate(date(2026, 11, 20), date(2029, 11, 20))
    known = product(HeldCertificate(certificate=paper), round=a_round(Stage.AWAITS_PROVINCE))

    assert faults(decided("recognition.decided", known)) == [("/decision/date", "date-too-early")]


def test_the_centre_gives_five_stars_alone() -> None:
    known = product(round=a_round(Stage.AWAITS_CENTRE, central=result(91, 5)))

    decision = decided("recognition.decided", known, {"stars": 4}, role=Role.CENTRE)

    assert faults(decision) == [("/stars", "stars-of-another-authority")]


def test_above_the_central_result_a_province_may_not_recognise() -> None:
    round_ = a_round(Stage.BACK_AT_PROVINCE, provincial=result(92, 5), central=result(75, 3))

    assert faults(decided("recognition.decided", product(round=round_))) == [("/stars", "stars-above-result")]


@pytest.mark.parametrize(
    ("points", "stars", "refer_on", "expected"),
    [
        pytest.param(90, 4, "average", [], id="90 points with an unmet minimum"),
        pytest.param(90, 4, "stars", [("/product_code", "result-not-referable")], id="the same by stars"),
        pytest.param(90, 5, "stars", [], id="5 stars"),
        pytest.param(89, 4, "average", [("/product_code", "result-not-referable")], id="89 points"),
    ],
)
def test_what_goes_to_the_ministry(points: int, stars: int, refer_on: Any, expected: list[tuple[str, str]]) -> None:
    known = product(round=a_round(Stage.AWAITS_PROVINCE, provincial=result(points, stars)))

    decision = decided("result.approved", known, practice=Practice(refer_on=refer_on))

    assert kinds(decision) == ["filing.rejected"] if expected else ["round.moved", "product.referred"]
    assert not expected or faults(decision) == expected


def test_89_999_is_not_90() -> None:
    average = result().average.model_copy(update={"numerator": 89_999, "denominator": 1_000, "shown": "89.99"})
    known = product(round=a_round(Stage.AWAITS_PROVINCE, provincial=result().model_copy(update={"average": average})))

    assert faults(decided("result.approved", known)) == [("/product_code", "result-not-referable")]


@pytest.mark.parametrize(
    ("stars", "setting", "goes"),
    [
        pytest.param(5, "direct", True, id="5 stars, directly"),
        pytest.param(5, "council", False, id="5 stars, by the council"),
        pytest.param(4, "direct", False, id="4 stars"),
    ],
)
def test_a_product_of_five_stars_may_go_to_the_centre_without_a_council(
    stars: int, setting: Any, *, goes: bool
) -> None:
    known = product(held(stars), round=a_round(Stage.AT_PROVINCE, registration=AGAIN))

    decision = decided("result.approved", known, practice=Practice(five_star_re_evaluation=setting))

    assert (decision.version is not None) is goes
    assert goes or faults(decision) == [("/product_code", "round-elsewhere")]


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("commune.assessed", {"report": None}, [("/report", "content-missing")]),
        ("commune.assessed", {"report": REPORT | {"local_labour": " "}}, [("/report/local_labour", "empty")]),
        ("commune.assessed", RETURNED_BY_COMMUNE | {"reasons": []}, [("/reasons", "content-missing")]),
        ("commune.assessed", RETURNED_BY_COMMUNE | {"reasons": ["", " "]}, [("/reasons", "content-missing")]),
        (
            "commune.assessed",
            {"report": None, "letter": LETTER | {"date": "2026-11-29"}},
            [("/report", "content-missing"), ("/letter/date", "date-in-future")],
        ),
        ("commune.assessed", {"letter": LETTER | {"date": "2026-09-30"}}, [("/letter/date", "date-too-early")]),
        ("commune.assessed", {"outcome": "lost"}, [("/outcome", "not-allowed")]),
        ("dossier.returned", {"reasons": []}, [("/reasons", "empty")]),
        ("dossier.returned", {"reasons": [" "]}, [("/reasons", "content-missing")]),
        ("recognition.refused", {"reasons": None}, [("/reasons", "wrong-type")]),
    ],
)
def test_what_is_missing_or_cannot_be_is_named(
    kind: str, changes: Mapping[str, Any], expected: list[tuple[str, str]]
) -> None:
    stage = Stage.AT_PROVINCE if kind == "dossier.returned" else Stage.AT_COMMUNE

    assert faults(decided(kind, product(round=a_round(stage)), changes)) == expected


@pytest.mark.parametrize("filed_by", ["integration.other", None])
def test_a_dossier_is_withdrawn_by_who_filed_it_alone(filed_by: str | None) -> None:
    known = product(round=a_round(filed_by=filed_by))

    assert faults(decided("dossier.withdrawn", known)) == [("", "not-the-filer")]


_COMES_AT = {
    "commune.assessed": {Stage.AT_COMMUNE},
    "dossier.returned": {Stage.AT_PROVINCE},
    "result.approved": {Stage.AWAITS_PROVINCE},
    "recognition.decided": {Stage.AWAITS_PROVINCE, Stage.BACK_AT_PROVINCE},
    "recognition.refused": set(Stage) - {Stage.AT_CENTRE, Stage.AWAITS_CENTRE, Stage.CLOSED},
    "dossier.withdrawn": set(Stage) - {Stage.CLOSED},
}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", FILED)
def test_at_any_other_stage_it_is_answered_and_moves_nothing(kind: str, stage: Stage) -> None:
    known = product(round=a_round(stage, provincial=result(91, 4), central=None))

    decision = decided(kind, known)

    if stage in _COMES_AT[kind]:
        assert after(decision).number == 1
    else:
        code = "round-closed" if stage is Stage.CLOSED else "round-elsewhere"
        assert faults(decision) == [("/product_code", code)]


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_the_ministry_refuses_what_is_at_the_centre_and_nothing_else(stage: Stage) -> None:
    decision = decided("recognition.refused", product(round=a_round(stage)), role=Role.CENTRE)

    if stage in {Stage.AT_CENTRE, Stage.AWAITS_CENTRE}:
        assert after(decision).closing is Closing.REFUSED
    else:
        assert faults(decision) == [("/product_code", "round-elsewhere")]


def test_where_the_round_is_stands_in_the_answer() -> None:
    (rejected,) = decided("commune.assessed", product(round=a_round(Stage.AT_PROVINCE))).announced

    message = rejected.data["faults"][0]["message"]
    assert message["vi"].startswith(f"Lượt đánh giá 1 của sản phẩm mã {CODE} đang ở cấp tỉnh, chờ Hội đồng cấp tỉnh.")
    assert message["en"].startswith(f"Round 1 of the product {CODE} is at the province, whose council is to rate it.")


@pytest.mark.parametrize(
    ("kind", "known", "changes", "code", "waits"),
    [
        pytest.param("commune.assessed", None, {}, "product-unknown", True, id="the product is not there yet"),
        pytest.param("commune.assessed", product(), {}, "round-unknown", True, id="nor a round"),
        pytest.param("commune.assessed", product(round=a_round()), {"round": 2}, "round-unknown", True, id="nor this"),
        pytest.param(
            "recognition.decided",
            product(round=a_round(Stage.AT_PROVINCE)),
            {},
            "round-elsewhere",
            True,
            id="no result",
        ),
        pytest.param(
            "commune.assessed", product(round=a_round(Stage.RETURNED)), {}, "round-elsewhere", True, id="not corrected"
        ),
        pytest.param(
            "commune.assessed", product(round=a_round(Stage.AT_PROVINCE)), {}, "round-elsewhere", False, id="it is past"
        ),
        pytest.param(
            "recognition.refused", product(round=a_round(Stage.CLOSED)), {}, "round-closed", False, id="it has ended"
        ),
        pytest.param(
            "commune.assessed",
            product(round=a_round(number=2)),
            {"round": 1},
            "round-closed",
            False,
            id="an earlier round is meant",
        ),
        pytest.param(
            "recognition.decided",
            product(round=a_round(Stage.AT_PROVINCE)),
            {"stars": 5},
            "round-elsewhere",
            False,
            id="something else is wrong",
        ),
    ],
)
def test_what_may_fit_a_little_later_is_waited_for(
    kind: str, known: KnownProduct | None, changes: Mapping[str, Any], code: str, *, waits: bool
) -> None:
    decision = decided(kind, known, changes)

    assert faults(decision)[0][1] == code
    assert (decision.provisional is not None) is waits


def test_what_is_out_of_scope_learns_nothing_of_the_round() -> None:
    decision = decided("commune.assessed", product(round=a_round()), {"product_code": "25-07900-1-2026"})

    assert faults(decision) == [("/product_code", "out-of-scope")]


def test_a_re_evaluation_s_office_is_told_its_last_day() -> None:
    decision = decided("commune.assessed", product(round=a_round(registration=AGAIN)))

    assert decision.announced[0].data["due_on"] == "2027-01-04"  # 45 days from 20 November (Art. 7.6g)
    assert after(decision).sent_on == date(2026, 11, 20)


def test_a_dossier_that_the_province_returns_to_itself_says_so() -> None:
    decision = decided("dossier.returned", product(round=a_round(Stage.AT_PROVINCE)), {"back_to": "province"})

    (moved,) = decision.announced
    assert (moved.data["back_to"], moved.data["reasons"]) == ("province", ["Thiếu phiếu kiểm nghiệm."])
    assert moved.data["letter"] == LETTER
