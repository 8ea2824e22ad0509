"""What falls due for a product is said on its day, once: Decision 26/2026, Art. 7.2, 7.6, 12.3."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.registry.certificates import issued
from services.registry.falls_due import extends
from services.registry.rounds import CertificateStatus, HeldCertificate, Round
from services.registry.time_limits import load_time_limits
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing, Stage
from tests.unit.registry.lives import CODE, Life, certificate, product, round_of

ISSUED, LAST = date(2028, 2, 29), date(2031, 2, 28)
OLD_ISSUED, OLD_LAST = date(2026, 5, 21), date(2029, 5, 21)
RE_EVALUATION, UPGRADE = RegistrationKind.RE_EVALUATION, RegistrationKind.UPGRADE


def held(issued_on: date = ISSUED, last_day: date = LAST, **changed: object) -> HeldCertificate:
    return HeldCertificate(certificate=certificate(issued_on, last_day)).model_copy(update=changed)


def life(*, round_: Round | None = None, **changed: object) -> Life:
    return Life(product(held(**changed), round_=round_))  # type: ignore[arg-type]


def before(days: int, last: date = LAST) -> date:
    return last - timedelta(days=days)


def test_a_certificate_that_nobody_renews_is_told_of_eight_times() -> None:
    assert life().until(date(2040, 1, 1)).said == [
        (date(2030, 8, 2), "window-opens-in-30-days, 90 days left"),
        (date(2030, 9, 1), "window-open, 60 days left"),
        (date(2030, 10, 1), "window-open, 30 days left"),
        (date(2030, 10, 21), "window-open, 10 days left"),
        (date(2030, 10, 30), "last-day-tomorrow, 1 days left"),
        (date(2030, 11, 1), "window-closed, -1 days left"),
        (date(2031, 1, 29), "expiring"),
        (date(2031, 3, 1), "expired"),
    ]


def test_under_the_transition_rule_it_may_still_be_filed_when_the_window_has_closed() -> None:
    """Art. 12.3: certificates from before 22 May 2026, up to T+180."""
    late = Life(product(held(OLD_ISSUED, OLD_LAST))).until(before(119, OLD_LAST)).announced[-1].data

    assert (late["milestone"], late["last_day_to_file"], late["days_left"]) == (
        "late-filing-possible",
        "2029-11-17",
        299,
    )


def test_a_day_begins_at_midnight_in_vietnam() -> None:
    due = {each.milestone: each.at for each in life().product.due}

    assert due[f"certificate/1/{LAST}/T+1"] == datetime(2031, 2, 28, 17, tzinfo=UTC)


def test_events_of_timers_carry_sequence_place_and_whom_they_are_for() -> None:
    known = product(held()).model_copy(update={"sealed_recipient": "a.b.c.d.e"})
    (first,) = Life(known).until(before(210)).announced

    assert (first.subject, first.place, first.sequence) == (CODE, "01-09574", 2)
    assert first.data["sealed_recipient"] == "a.b.c.d.e"


def test_while_a_re_evaluation_is_filed_nobody_is_reminded_to_file_it() -> None:
    told = life().until(before(160))
    told.change(round=round_of(RE_EVALUATION, before(155)))

    assert [what for _, what in told.until(before(1)).said[2:] if "window" in what or "tomorrow" in what] == []


def test_what_was_not_said_while_it_was_filed_is_not_said_when_it_is_withdrawn() -> None:
    told = life().until(before(160))
    filed = round_of(RE_EVALUATION, before(155))
    told.change(round=filed)
    told.until(before(140))
    told.change(round=filed.model_copy(update={"stage": Stage.CLOSED, "closing": Closing.WITHDRAWN}))

    assert told.until(before(121)).said[2:] == [
        (before(130), "window-open, 10 days left"),
        (before(121), "last-day-tomorrow, 1 days left"),
    ]


def test_a_re_evaluation_on_paper_counts_as_filed() -> None:
    told = life(filed_on_paper=before(170)).until(date(2040, 1, 1))

    assert [what for _, what in told.said] == [
        "window-opens-in-30-days, 90 days left",
        "window-open, 60 days left",
        "expiring",
        "extended",
        "expired after extension",
    ]
    assert told.said[-1][0] == LAST + timedelta(days=181)


@pytest.mark.parametrize(
    ("back_on", "said"),
    [
        (before(185), ["window-opens-in-30-days, 65 days left"]),
        (before(180), ["window-open, 60 days left"]),
        (before(125), ["window-open, 5 days left"]),
        (before(100), ["window-closed, -20 days left"]),
        (before(10), ["expiring"]),
        (LAST + timedelta(days=40), ["expired"]),
    ],
)
def test_after_a_downtime_only_the_newest_is_said_late(back_on: date, said: list[str]) -> None:
    told = life().down_until(back_on)

    assert [what for _, what in told.said] == said
    assert told.down_until(back_on).said == told.said


def test_a_downtime_beyond_the_whole_extension_says_that_it_has_ended() -> None:
    told = life(filed_on_paper=before(170)).down_until(LAST + timedelta(days=200))

    assert [what for _, what in told.said] == ["expired after extension"]
    assert told.announced[0].data["expired_on"] == str(LAST + timedelta(days=181))


@pytest.mark.parametrize(
    ("round_", "is_extended"),
    [
        (None, False),
        (round_of(RE_EVALUATION, before(120)), True),
        (round_of(RE_EVALUATION, before(120), stage=Stage.RETURNED), True),
        (round_of(RE_EVALUATION, LAST), True),
        (round_of(RE_EVALUATION, LAST + timedelta(days=1)), False),
        (round_of(RE_EVALUATION, before(120), stage=Stage.CLOSED), False),
        (round_of(UPGRADE, before(120)), True),
        (round_of(UPGRADE, before(119)), False),
        (round_of(RegistrationKind.FIRST, before(300)), False),
    ],
)
def test_it_is_extended_where_a_re_evaluation_or_an_early_upgrade_is_open_at_its_end(
    round_: Round | None, is_extended: bool
) -> None:
    """Art. 12.3, and inferred for those who filed in time."""
    assert extends(round_, held(), load_time_limits()) is is_extended
    certified = life(round_=round_).down_until(LAST + timedelta(days=1)).product.certificates[0]
    assert (certified.status is CertificateStatus.EXTENDED) is is_extended
    assert certified.until == (LAST + timedelta(days=180) if is_extended else None)


def test_an_extension_ends_with_the_result_that_it_waits_for() -> None:
    filed = round_of(RE_EVALUATION, before(120))
    told = life(round_=filed).until(LAST + timedelta(days=50))
    told.change(round=filed.model_copy(update={"stage": Stage.CLOSED, "closing": Closing.BELOW_THREE_STARS}))
    told.down_until(LAST + timedelta(days=51))

    assert told.said[-1] == (LAST + timedelta(days=51), "expired after extension")
    assert told.announced[-1].data["expired_on"] == str(LAST + timedelta(days=51))
    assert told.product.certificates[0].ended_on == LAST + timedelta(days=50)


@pytest.mark.parametrize(("filed_on", "status"), [(before(120), "expired"), (before(300), "extended")])
def test_a_re_evaluation_on_paper_ends_with_the_round_that_was_filed_for_it_here(filed_on: date, status: str) -> None:
    ended = round_of(RE_EVALUATION, filed_on, stage=Stage.CLOSED, closing=Closing.REFUSED)
    told = life(round_=ended, filed_on_paper=before(170)).until(LAST + timedelta(days=1))

    assert told.product.certificates[0].status == status


def test_a_certificate_that_takes_its_place_has_milestones_of_its_own() -> None:
    told = life().until(before(150))
    after, _ = issued(told.product, certificate(before(140), before(140) + timedelta(days=1096), number="2"))
    told.change(**{name: getattr(after, name) for name in ("certificates",)})

    said = told.until(LAST + timedelta(days=400)).said
    assert [what for _, what in said[3:]] == []
    assert told.product.certificates[0].ended_on == before(141)
    assert [each.status for each in told.product.certificates] == ["superseded", "in-force"]


@pytest.mark.parametrize(
    ("filed_on", "today", "decided_on", "ended_on"),
    [
        pytest.param(before(100), 10, before(20), before(21), id="an upgrade, decided before T"),
        pytest.param(before(100), 10, LAST, before(1), id="on T"),
        pytest.param(before(100), 10, before(-1), None, id="behind T"),
        pytest.param(before(130), 200, before(-90), before(-89), id="while it was extended"),
        pytest.param(before(130), 200, before(-181), before(-180), id="behind its extension"),
    ],
)
def test_what_was_decided_before_the_end_and_filed_behind_it_leaves_no_day_with_two_certificates(
    filed_on: date, today: int, decided_on: date, ended_on: date | None
) -> None:
    told = life(round_=round_of(UPGRADE, filed_on)).until(LAST + timedelta(days=today))

    after, announced = issued(told.product, certificate(decided_on, decided_on + timedelta(days=1096), number="2"))

    assert [each.kind.name for each in announced] == ["certificate.issued"]  # what was announced as expired stays so
    assert [each.status for each in after.certificates] == ["expired", "in-force"]
    assert after.certificates[0].ended_on == ended_on


@pytest.mark.parametrize(
    ("received_on", "due_on", "said"),
    [
        (date(2026, 8, 17), date(2026, 9, 9), [date(2026, 9, 7), date(2026, 9, 10)]),
        (date(2027, 1, 20), date(2027, 2, 17), [date(2027, 2, 15), date(2027, 2, 18)]),
        (date(2026, 10, 2), date(2026, 10, 23), [date(2026, 10, 21), date(2026, 10, 26)]),
    ],
)
def test_a_commune_is_reminded_two_working_days_before_and_told_on_the_working_day_after(
    received_on: date, due_on: date, said: list[date]
) -> None:
    """Art. 7.2: a Saturday that works and three days off, Tết, a weekend behind the last day."""
    assessed = round_of(RegistrationKind.FIRST, received_on, stage=Stage.AT_COMMUNE, due_on=due_on, number=1)
    told = Life(product(round_=assessed)).until(date(2030, 1, 1))

    assert told.said == [
        (said[0], f"commune-assessment before {due_on}"),
        (said[1], f"commune-assessment after {due_on}"),
    ]
    assert (told.announced[0].data["round"], told.announced[0].data["province_code"]) == (1, "01")


def test_a_commune_that_has_answered_is_not_told() -> None:
    assessed = round_of(RegistrationKind.FIRST, date(2026, 8, 17), stage=Stage.AT_COMMUNE, due_on=date(2026, 9, 9))
    told = Life(product(round_=assessed)).until(date(2026, 9, 8))
    told.change(round=assessed.model_copy(update={"stage": Stage.AT_PROVINCE, "due_on": None}))

    assert len(told.until(date(2030, 1, 1)).said) == 1


def test_the_clock_of_a_corrected_dossier_is_told_anew() -> None:
    assessed = round_of(RegistrationKind.FIRST, date(2026, 8, 17), stage=Stage.AT_COMMUNE, due_on=date(2026, 9, 9))
    told = Life(product(round_=assessed)).until(date(2026, 9, 8))
    told.change(round=assessed.model_copy(update={"due_on": date(2026, 9, 29)}))

    assert [what for _, what in told.until(date(2030, 1, 1)).said] == [
        "commune-assessment before 2026-09-09",
        "commune-assessment before 2026-09-29",
        "commune-assessment after 2026-09-29",
    ]


def test_a_re_evaluation_has_45_days_from_when_it_was_sent_last() -> None:
    """Art. 7.6g: seven days before the last, and the day after it; anew when it is referred."""
    filed = round_of(RE_EVALUATION, before(170), sent_on=date(2030, 10, 1))
    told = life(round_=filed).until(date(2030, 11, 10))
    told.change(round=filed.model_copy(update={"stage": Stage.AT_CENTRE, "sent_on": date(2030, 11, 12)}))
    told.until(date(2031, 1, 10))

    assert [each for each in told.said if "re-evaluation" in each[1]] == [
        (date(2030, 11, 8), "re-evaluation before 2030-11-15"),
        (date(2030, 12, 20), "re-evaluation before 2030-12-27"),
        (date(2030, 12, 28), "re-evaluation after 2030-12-27"),
    ]
    levels = [each.data["level"] for each in told.announced if each.data.get("deadline") == "re-evaluation"]
    assert (levels[0], levels[-1]) == ("province", "centre")


def test_no_other_round_has_45_days() -> None:
    filed = round_of(UPGRADE, before(170), sent_on=date(2030, 10, 1))

    assert not [what for _, what in life(round_=filed).until(LAST).said if "re-evaluation" in what]
