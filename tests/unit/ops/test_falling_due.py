"""What falls due of a product, in days and words."""

from datetime import date
from io import StringIO

import pytest
import typer
from rich.console import Console

from ops.history.due import due, print_due
from ops.history.falling_due import FallingDue, of_product, of_rounds
from services.registry.identity import KnownProduct
from services.registry.round_deadlines import RoundDeadlines
from services.registry.rounds import CertificateStatus, HeldCertificate
from services.registry.time_limits import load_time_limits
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from tests.unit.registry.lives import certificate, product, round_of

HELD = HeldCertificate(certificate=certificate(date(2027, 10, 20), date(2030, 10, 20)))
RENEWING = round_of(RegistrationKind.RE_EVALUATION, date(2030, 6, 1), stage=Stage.AT_COMMUNE, due_on=date(2030, 6, 24))


def falling(known: KnownProduct) -> list[FallingDue]:
    return of_product(known, load_time_limits())


def test_a_certificate_falls_due_at_each_milestone_the_soonest_first() -> None:
    assert [(str(each.day), each.kind) for each in falling(product(HELD))] == [
        ("2030-03-24", "window-opens-in-30-days"),
        ("2030-04-23", "window-open"),
        ("2030-05-23", "window-open"),
        ("2030-06-12", "window-open"),
        ("2030-06-21", "last-day-tomorrow"),
        ("2030-06-23", "window-closed"),
        ("2030-09-20", "expiring"),
        ("2030-10-21", "ended"),
    ]


def test_who_has_filed_is_reminded_no_more_and_the_commune_has_its_day() -> None:
    found = falling(product(HELD, round_=RENEWING))

    assert [each.kind for each in found] == [
        "window-opens-in-30-days",
        "window-open",
        "commune-assessment-before",
        "commune-assessment-after",
        "expiring",
        "ended",
    ]
    assert found[2].what.en == "the commune's assessment: the last day is near (2030-06-24)"
    assert found[2].what.vi == "xã đánh giá hồ sơ: ngày cuối sắp đến (24/06/2030)"


def test_what_is_settled_falls_due_no_more() -> None:
    known = product(HELD).model_copy(update={"announced": ("certificate/1/2030-10-20/T-210",)})

    assert falling(known)[0].kind == "window-open"


def test_what_has_ended_falls_due_no_more() -> None:
    revoked = HELD.model_copy(update={"status": CertificateStatus.REVOKED})

    assert falling(product(revoked)) == []


def test_programs_get_the_days_that_are_left() -> None:
    said = falling(product(HELD))[0].as_json(date(2030, 3, 26))

    assert (said["days_left"], said["product_code"], said["province_code"], said["commune_code"]) == (
        -2,
        "01-09574-1-2026",
        "01",
        "09574",
    )
    assert (said["about"], said["last_day"]) == ("1/GCN", "2030-10-20")


def test_half_yearly_rounds_concern_no_single_product() -> None:
    first = next(of_rounds(RoundDeadlines(said_on=date(2030, 1, 20), of="~")))

    assert (str(first.day), first.kind, str(first.last_day)) == ("2030-03-15", "centre-round", "2030-03-29")
    assert first.as_json(date(2030, 1, 1))["product_code"] is None


def test_people_read_both_languages() -> None:
    output = StringIO()

    print_due(Console(file=output, width=180), falling(product(HELD)), date(2030, 1, 1))

    assert "đang được nộp hồ sơ đánh giá lại" in output.getvalue()
    assert "a re-evaluation can be filed" in output.getvalue()


@pytest.mark.parametrize(
    ("within", "commune", "province"),
    [
        ("two weeks", None, None),
        ("-1d", None, None),
        ("99999d", None, None),
        ("60d", "574", None),
        ("60d", None, "Hà Nội"),
        ("60d", "99999", None),
        ("60d", None, "99"),
    ],
)
def test_what_is_no_number_of_days_and_no_code_is_wrong_usage(
    within: str, commune: str | None, province: str | None
) -> None:
    with pytest.raises(typer.Exit) as ended:
        due(within=within, commune=commune, province=province, as_json=False, folder=None)

    assert ended.value.exit_code == 2
