"""A programme's targets: what is reached is what the events say; what is on its way goes by the law's days."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.reports.programme import Programme, load_programme, programme_file
from ops.reports.scene import Scene
from ops.reports.standing import Standing, standing
from ops.reports.targets import targets, verdict
from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import load_time_limits
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage
from shared.errors import SettingsError
from tests.unit.ops.reports.told import Told, drawn

SON_TAY = Path("programmes/son-tay-2025.yaml")
LIMITS = load_time_limits()
FIRST, AGAIN, UPGRADE = RegistrationKind.FIRST, RegistrationKind.RE_EVALUATION, RegistrationKind.UPGRADE
TODAY, ENDS = date(2027, 3, 1), date(2027, 12, 31)
PLAN: dict[str, Any] = {
    "name": {"vi": "Kế hoạch", "en": "Plan"},
    "source": "KH 1",
    "places": ["09574"],
    "begins": date(2026, 1, 1),
    "ends": ENDS,
    "targets": [{"name": "new", "counts": "new", "at_least": 3}],
}


def programme(*targets: dict[str, Any], **changes: Any) -> Programme:
    return Programme.model_validate(PLAN | ({"targets": list(targets)} if targets else {}) | changes)


def judged(counts: str, facts: Sequence[Facts], *, at_least: int = 3, today: date = TODAY, **more: Any) -> Standing:
    plan = programme({"name": "it", "counts": counts, "at_least": at_least} | more)
    return standing(plan.targets[0], Scene(plan, facts, today, LIMITS))


def certificate(
    issued_on: date, stars: int = 4, registration: RegistrationKind = FIRST, *, ends_on: date | None = None
) -> CertificateFacts:
    last = issued_on.replace(year=issued_on.year + 3)
    status = CertificateStatus.EXPIRED if ends_on else CertificateStatus.IN_FORCE
    return CertificateFacts(issued_on, last, ends_on or last, stars, status, registration)


def of(number: int, *certificates: CertificateFacts, round_: RoundFacts | None = None, producer: str = "") -> Facts:
    code = f"01-09574-{number}-2026"
    kind = ProducerKind.COOPERATIVE
    renewing = round_ is not None and round_.registration is AGAIN
    return Facts(code, 6, producer or code, kind, certificates, round_, renewing)


def at(stage: Stage, registration: RegistrationKind = FIRST, stars: int | None = None) -> RoundFacts:
    return RoundFacts(registration, stage, date(2027, 2, 1), date(2027, 2, 15), None, stars)


def test_the_plan_of_son_tay_reads_as_the_town_published_it() -> None:
    plan = load_programme(SON_TAY)

    wanted = {each.name: (each.at_least, each.at_most) for each in plan.targets}
    assert wanted == {
        "rated": (120, None),
        "new": (90, None),
        "re-evaluated": (30, None),
        "four-stars": (35, 40),
        "five-stars": (1, None),
    }
    assert [each.name for each in plan.where] == ["Phường Sơn Tây", "Phường Tùng Thiện", "Xã Đoài Phương"]


def test_what_is_reached_is_what_the_events_of_drawn_lives_say() -> None:
    lives = drawn(27, products=40, steps=30)
    begins, last = date(2026, 1, 1), date(2031, 6, 30)
    facts = [each.facts for each in lives]

    def reached(counts: str, **more: Any) -> int:
        plan = programme(
            {"name": "it", "counts": counts, "at_least": 1} | more, begins=begins, ends=last, places=["01", "25"]
        )
        return standing(plan.targets[0], Scene(plan, facts, date(2060, 1, 1), LIMITS)).reached

    told = [each.told for each in lives]
    assert reached("rated") == sum(bool(_within(each, begins, last)) for each in told) > 5
    assert reached("new") == sum(0 in _within(each, begins, last) for each in told) > 5
    again = [[each.certificates[place][1] for place in _within(each, begins, last) if place] for each in told]
    assert reached("re-evaluated") == sum(bool({*kinds} - {"upgrade"}) for kinds in again) > 0
    assert reached("rated", groups=["II"]) == 0


def _within(told: Told, begins: date, last: date) -> list[int]:
    days = [date.fromisoformat(each["issued_on"]) for each, _ in told.certificates]
    return [place for place, day in enumerate(days) if begins <= day <= last]


def test_stars_and_producers_are_those_in_force_on_the_last_day() -> None:
    facts = [
        of(1, certificate(date(2026, 5, 1)), producer="a"),
        of(2, certificate(date(2026, 6, 1), stars=3), producer="a"),
        of(3, certificate(date(2023, 6, 1), ends_on=date(2026, 6, 1)), producer="b"),
    ]

    assert judged("stars", facts, stars=[4]).reached == 1
    assert judged("producers", facts).reached == 1
    assert judged("producers", facts, today=date(2026, 5, 20)).reached == 2


def test_what_is_on_its_way_is_in_time_or_too_late_by_the_laws_days() -> None:
    facts = [of(1, round_=at(Stage.AT_PROVINCE)), of(2, round_=at(Stage.AT_COMMUNE)), of(3, round_=at(Stage.RETURNED))]

    early, late = judged("new", facts), judged("new", facts, today=date(2027, 11, 1))
    assert (early.in_time.total(), early.too_late.total(), early.out_of_reach) == (3, 0, 0)
    # at the province until 29 December; a commune that has it still is behind 29 October
    assert ([each.stage for each in late.in_time], late.too_late.total()) == ([Stage.AT_PROVINCE], 2)
    assert late.out_of_reach == 2
    assert verdict(late) == "cannot be reached any more"


@pytest.mark.parametrize("counts", ["rated", "new"])
def test_what_is_recognised_before_the_period_begins_is_not_on_its_way_to_what_the_period_gives(counts: str) -> None:
    at_province = [of(1, round_=at(Stage.AT_PROVINCE))]  # its round is over on 29 June 2027
    plans = [
        programme({"name": "it", "counts": counts, "at_least": 3}, begins=begins)
        for begins in (date(2027, 6, 29), date(2027, 6, 30))
    ]

    within, before = (standing(each.targets[0], Scene(each, at_province, TODAY, LIMITS)) for each in plans)
    assert (within.in_time.total(), within.forecast) == (1, 1)
    assert (before.in_time.total(), before.too_late.total(), before.forecast) == (0, 0, 0)


def test_what_is_recognised_before_the_period_begins_may_be_in_force_at_its_end() -> None:
    plan = programme({"name": "it", "counts": "producers", "at_least": 3}, begins=date(2027, 7, 1))
    scene = Scene(plan, [of(1, round_=at(Stage.AT_PROVINCE))], TODAY, LIMITS)

    assert standing(plan.targets[0], scene).in_time.total() == 1


def test_as_long_as_something_new_can_be_filed_nothing_is_out_of_reach() -> None:
    last = judged("new", []).file_until

    assert last == date(2027, 10, 10)
    assert judged("new", [], today=last).out_of_reach == 0
    assert judged("new", [], today=last + timedelta(days=1)).out_of_reach == 3


def test_a_re_evaluation_needs_a_certificate_whose_window_is_open_in_time() -> None:
    ends_in_autumn = certificate(date(2024, 9, 1))  # its window: March to May 2027
    ends_next_year = certificate(date(2025, 11, 1))
    lapsed = certificate(date(2023, 9, 1), ends_on=date(2026, 9, 1))

    found = judged("re-evaluated", [of(1, ends_in_autumn), of(2, ends_next_year), of(3, lapsed)], at_least=5)
    assert found.renewable == 2
    assert judged("re-evaluated", [of(2, ends_next_year)]).renewable == 0
    assert found.out_of_reach == 3


def test_five_stars_go_by_the_central_round() -> None:
    facts = [of(1, round_=at(Stage.AWAITS_PROVINCE, stars=5))]

    assert judged("stars", facts, stars=[5]).in_time.total() == 1
    # no province's request after 29 July 2027 is decided before 29 March 2028
    assert judged("stars", facts, stars=[5], today=date(2027, 8, 1)).too_late.total() == 1
    assert judged("stars", [], stars=[5]).file_until == date(2027, 4, 7)


def test_stars_that_a_council_gave_otherwise_are_not_on_their_way() -> None:
    facts = [of(1, round_=at(Stage.AWAITS_PROVINCE, stars=3)), of(2, round_=at(Stage.AT_COMMUNE))]

    assert [each.stage for each in judged("stars", facts, stars=[4]).in_time] == [Stage.AT_COMMUNE]


def test_the_forecast_takes_of_what_is_on_its_way_as_large_a_part_as_ended_well() -> None:
    on_its_way = [of(number, round_=at(Stage.AT_PROVINCE)) for number in range(9)]
    ended = [
        of(100 + number, round_=replace_closing(Closing.RECOGNISED if number < 4 else Closing.REFUSED))
        for number in range(6)
    ]

    few, enough = judged("new", [*on_its_way, *ended[:4]]), judged("new", [*on_its_way, *ended])
    assert (few.forecast, enough.forecast) == (9, 6)


def replace_closing(closing: Closing) -> RoundFacts:
    return RoundFacts(FIRST, Stage.CLOSED, date(2027, 1, 1), None, closing)


def test_stars_of_rounds_without_a_result_are_expected_as_often_as_they_are_in_force() -> None:
    held = [of(number, certificate(date(2026, 2, 1), stars=4 if number < 2 else 3)) for number in range(4)]
    way = [of(10 + number, round_=at(Stage.AT_COMMUNE)) for number in range(5)]

    assert judged("stars", [*held, *way], stars=[4]).forecast == 2 + 2


def test_what_runs_out_before_the_end_is_not_forecast_unless_it_is_being_renewed() -> None:
    runs_out = certificate(date(2024, 6, 1))
    facts = [
        of(1, runs_out),
        of(2, runs_out, round_=at(Stage.AT_PROVINCE, AGAIN)),
        of(3, certificate(date(2026, 6, 1))),
    ]

    found = judged("stars", facts, stars=[4])
    assert (found.reached, found.ending, found.forecast) == (3, 1, 2)
    assert [judged("stars", [each], stars=[4]).ending for each in facts] == [1, 0, 0]


def test_a_programme_that_is_over_is_counted_on_its_last_day() -> None:
    later = of(2, certificate(date(2028, 2, 1)))
    facts = [of(1, certificate(date(2026, 5, 1))), later, of(3, round_=at(Stage.AT_PROVINCE))]

    found = judged("new", facts, today=date(2028, 6, 1))
    assert (found.reached, found.forecast, found.out_of_reach) == (1, 1, 2)
    assert judged("new", [later], today=date(2028, 6, 1)).reached == 0


def test_the_report_says_how_the_forecast_was_made() -> None:
    report = targets(Scene(programme(), [of(1, round_=at(Stage.AT_COMMUNE))], TODAY, LIMITS))

    (forecast,) = (each for each in report.notes if each.startswith("Forecast"))
    assert "only 0 rounds have ended here" in forecast
    rows = {each.name: [dict(row) for row in each.named()] for each in report.sections}
    assert rows["stages"] == [{"target": "new", "stage": Stage.AT_COMMUNE, "in_time": 1, "too_late": 0}]
    assert (rows["targets"][0]["reached"], rows["targets"][0]["forecast"]) == (0, 1)
    assert rows["programme"][0]["places"] == "09574 Phường Sơn Tây"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": date(2025, 1, 1)}, "it ends before it begins"),
        ({"places": ["Sơn Tây xa xôi"]}, "no province or commune"),
        ({"places": ["Tân Phú"]}, "may be any of these"),
        ({"targets": [{"name": "a", "counts": "stars", "at_least": 1}]}, "stars belong to"),
        ({"targets": [{"name": "a", "counts": "new", "at_least": 2, "at_most": 1}]}, "at_most is less"),
        ({"targets": [{"name": "a", "counts": "new", "at_least": 2, "atmost": 1}]}, "targets.0.atmost"),
        ({"places": [9574]}, r"plan\.yaml: places\.0: write a code in quotation marks"),
        ({"begins": "31/12/2025"}, r"plan\.yaml: begins: must be a day of this century, such as"),
        ({"ends": "9999-12-31"}, r"plan\.yaml: ends: must be a day of this century"),
        ({"ends": 20261231}, r"plan\.yaml: ends: must be a day of this century"),
        ({"source": "", "begins": "0"}, r"plan\.yaml: source: [^\n]*\n.*plan\.yaml: begins: "),
    ],
)
def test_a_file_that_is_no_programme_is_refused_with_what_is_wrong(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(json.dumps(PLAN | changes, default=str), "utf-8")

    with pytest.raises(SettingsError, match=said):
        load_programme(file)


def test_without_a_file_the_only_programme_of_the_folder_is_meant(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has no programme"):
        programme_file(None, tmp_path)
    (tmp_path / "a.yaml").touch()
    assert programme_file(None, tmp_path) == tmp_path / "a.yaml"
    (tmp_path / "b.yaml").touch()
    with pytest.raises(SettingsError, match=r"several programmes.*a\.yaml, .*b\.yaml"):
        programme_file(None, tmp_path)
