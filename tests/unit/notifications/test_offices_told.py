"""Which offices are told of what: row by row as the law has it (Decision 26/2026/QĐ-TTg)."""

from pathlib import Path

import pytest

from services.notifications.office_file import alerts_of_offices, load_offices
from services.notifications.offices_told import OfficeLevel, office_levels_told, seen_by
from services.notifications.told import AlertedEvent
from shared.contracts.catalogue import DEADLINE_DUE
from shared.contracts.certificates import Ground, RenewalMilestone
from shared.contracts.event import Event
from shared.contracts.rounds import Closing, DeadlineDue, Stage
from shared.scopes import Role, Scope
from tests.unit.notifications.examples import NOON, rejected_assessment, rejected_dossier, three_stars
from tests.unit.notifications.lives import (
    awaiting,
    closed,
    corrected,
    council_result,
    eliminated,
    expired,
    expiring,
    extended,
    five_stars_by_the_centre,
    forwarded,
    four_stars_by_the_centre,
    issued,
    issued_by_the_minister,
    late_filing_possible,
    moved,
    referred,
    refused,
    renewal_due,
    returned_by_commune,
    returned_by_province,
    revoked,
    superseded,
)
from tests.unit.notifications.offices import (
    assessment_due,
    by_the_minister,
    declined,
    re_evaluation_due,
    round_due,
    undelivered,
)


@pytest.mark.parametrize(
    ("event", "levels"),
    [
        # the round, stage by stage
        pytest.param(three_stars(), "", id="1: received and rated"),
        pytest.param(rejected_dossier(None), "", id="1: rejected"),
        pytest.param(rejected_assessment(), "", id="1: answers turned back"),
        pytest.param(forwarded(), "", id="2: forwarded"),
        pytest.param(returned_by_commune(), "", id="2': returned by the commune"),
        pytest.param(returned_by_province(), "commune", id="3: returned by the province"),
        pytest.param(
            moved(Stage.AT_PROVINCE, Stage.RETURNED, why="assessment.rejected"), "", id="answers turned back later"
        ),
        pytest.param(council_result(), "commune", id="7: result of a provincial council"),
        pytest.param(eliminated(), "commune", id="7: no stars from a provincial council"),
        pytest.param(awaiting(Stage.AWAITS_PROVINCE), "", id="7: waits for recognition"),
        pytest.param(issued(), "commune", id="8: recognised by the province"),
        pytest.param(referred(), "centre", id="8': referred"),
        pytest.param(five_stars_by_the_centre(), "province", id="9: five stars by the central council"),
        pytest.param(four_stars_by_the_centre(), "province", id="9: fewer by the central council"),
        pytest.param(issued_by_the_minister(), "province", id="10: recognised by the minister"),
        pytest.param(refused(), "", id="11: refused"),
        pytest.param(corrected(), "", id="11': corrected"),
        pytest.param(revoked(Ground.REDO), "province", id="11'': redo asked for"),
        pytest.param(closed(Closing.WITHDRAWN), "", id="12: withdrawn"),
        pytest.param(issued(round=None), "", id="0: imported"),
        # certificates
        *(
            pytest.param(revoked(ground), "commune province", id=f"revoked on ground {ground}")
            for ground in Ground
            if ground is not Ground.REDO
        ),
        pytest.param(by_the_minister(revoked()), "commune province centre", id="revoked by the minister"),
        pytest.param(superseded(), "", id="superseded"),
        # what falls due
        pytest.param(renewal_due(RenewalMilestone.OPENS_IN_30_DAYS, 90), "", id="T-210"),
        pytest.param(renewal_due(RenewalMilestone.OPEN, 60), "commune", id="T-180"),
        pytest.param(renewal_due(RenewalMilestone.OPEN, 31), "commune", id="T-180, said as late as T-151"),
        pytest.param(renewal_due(RenewalMilestone.OPEN, 30), "", id="T-150"),
        pytest.param(renewal_due(RenewalMilestone.OPEN, 10), "", id="T-130"),
        pytest.param(renewal_due(RenewalMilestone.LAST_DAY_TOMORROW, 1), "commune", id="T-121"),
        pytest.param(renewal_due(RenewalMilestone.CLOSED, -1), "commune province", id="T-119"),
        pytest.param(late_filing_possible(), "commune province", id="T-119, Art. 12.3"),
        pytest.param(expiring(), "", id="T-30"),
        pytest.param(expired(), "commune province", id="T+1: expired"),
        pytest.param(extended(), "commune province", id="T+1: extended"),
        pytest.param(expired(after_extension=True), "commune province", id="T+181"),
        pytest.param(assessment_due(), "commune province", id="the commune's 15 days, before"),
        pytest.param(assessment_due("after"), "commune province", id="the commune's 15 days, after"),
        pytest.param(re_evaluation_due("province"), "province", id="45 days at the province"),
        pytest.param(re_evaluation_due("centre"), "centre", id="45 days at the ministry"),
        pytest.param(round_due("commune-requests"), "commune province", id="30 April and 30 October"),
        pytest.param(round_due("province-round"), "province", id="30 June and 30 December"),
        pytest.param(round_due("province-requests"), "province", id="30 July and 30 January"),
        pytest.param(round_due("centre-round"), "centre", id="30 September and 30 March"),
        # alerts themselves
        pytest.param(undelivered(), "commune", id="nobody can be reached"),
        pytest.param(declined(), "commune", id="declines every channel, Art. 7.3g"),
        pytest.param(undelivered().model_copy(update={"audience": "office"}), "", id="an office that was not reached"),
    ],
)
def test_offices_are_told_what_others_decide_and_their_own_last_days(event: AlertedEvent, levels: str) -> None:
    assert office_levels_told(event) == frozenset[OfficeLevel](levels.split())  # type: ignore[arg-type]


TAN_CUONG = Scope(Role.COMMUNE, frozenset({"19-05500"}))


def test_a_commune_reads_of_its_own_products_that_wait_alone() -> None:
    seen = seen_by(TAN_CUONG, round_due())
    assert isinstance(seen, DeadlineDue)
    assert (seen.waiting, seen.waiting_count) == (("19-05500-3-2026",), 1)
    assert seen_by(Scope(Role.PROVINCE, frozenset({"19"})), round_due()) == round_due()


def test_what_is_about_one_product_is_read_as_it_is() -> None:
    assert seen_by(TAN_CUONG, assessment_due()) == assessment_due()


def test_of_the_communes_of_a_province_those_are_alerted_where_something_waits(tmp_path: Path) -> None:
    file = tmp_path / "offices.yaml"
    file.write_text(
        """
tan-cuong: {scope: {commune: ["19-05500"]}, title: UBND xã Tân Cương, contact: {email: a@example.vn}}
dai-tu: {scope: {commune: ["19-05700"]}, title: UBND xã Đại Từ, contact: {email: b@example.vn}}
thai-nguyen: {scope: {province: "19"}, title: Sở NN và MT Thái Nguyên, contact: {email: c@example.vn}}
""",
        "utf-8",
    )
    event = Event("e-1", "/ocop/registry", DEADLINE_DUE.type, {}, place="19")
    alerts = {alert.to: alert for alert in alerts_of_offices(load_offices(file), event, round_due(), NOON)}
    assert set(alerts) == {"tan-cuong", "thai-nguyen"}
    assert "còn 1 sản phẩm" in alerts["tan-cuong"].short
    assert "còn 12 sản phẩm" in alerts["thai-nguyen"].short
