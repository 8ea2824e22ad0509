"""Reports that are counted in columns say what a plain count says, product by product, of any register."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.reports import renewals as of_renewals
from ops.reports.products import Products
from ops.reports.renewals import listed, renewals
from ops.reports.report import Report
from ops.reports.statistics import statistics
from services.evaluation.rulebook import load_rulebook
from services.registry.facts import CertificateFacts, Facts
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import load_time_limits
from services.registry.validity import Filing, judged, window
from shared.contracts.dossier import RegistrationKind
from shared.handling.columns import in_columns, packed, unpacked
from tests.unit.ops.reports.registers import registers

TODAY, LIMITS = date(2026, 11, 29), load_time_limits()
GROUPS = {each.product_set: each.group.code for each in load_rulebook().sheets.values()}


def rows(report: Report, section: str) -> list[dict[str, Any]]:
    (found,) = (each for each in report.sections if each.name == section)
    return [dict(each) for each in found.named()]


def measured(facts: Iterable[Facts]) -> dict[str, int]:
    those = list(facts)
    stars = Counter(each.stars for each in those)
    by_stars = {f"stars_{each}": stars[each] for each in (3, 4, 5)}
    open_rounds = sum(each.open_round is not None for each in those)
    return {"products": len(those), "certified": len(those) - stars[0], **by_stars, "open_rounds": open_rounds}


def of_each(facts: Sequence[Facts], key: Callable[[Facts], Any]) -> dict[Any, list[Facts]]:
    return {value: [each for each in facts if key(each) == value] for value in {key(each) for each in facts}}


def producers(facts: Iterable[Facts]) -> int:
    return len({each.producer for each in facts} - {""})


def measures(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in measured([])}


@given(facts=registers)
def test_packed_products_are_the_products(facts: list[Facts]) -> None:
    found = Products([(each,) for each in unpacked(packed(in_columns(each.text for each in facts)))])

    assert list(found) == facts
    assert [found[place] for place in range(len(facts))] == found[:] == facts


@given(facts=registers)
def test_statistics_of_places_sets_and_groups(facts: list[Facts]) -> None:
    report = statistics(facts, TODAY)

    communes = of_each(facts, lambda each: each.place)
    assert [(row["province_code"], row["commune_code"], measures(row)) for row in rows(report, "communes")] == [
        (*place, measured(those)) for place, those in sorted(communes.items())
    ]
    for section, name, key in (
        ("sets", "product_set", lambda each: str(each.product_set) if each.product_set else None),
        ("groups", "group", lambda each: GROUPS.get(each.product_set)),
    ):
        found = {row[name]: measures(row) for row in rows(report, section)}
        by_key = of_each(facts, key)
        assert found.keys() >= by_key.keys()
        assert all(numbers == measured(by_key.get(value, ())) for value, numbers in found.items())
    if len({each.place[0] for each in facts}) > 1:
        provinces = of_each(facts, lambda each: each.place[0])
        assert {row["province_code"]: measures(row) for row in rows(report, "provinces")} == {
            code: measured(those) for code, those in provinces.items()
        }


@given(facts=registers)
def test_statistics_of_stars_producers_states_rounds_and_months(facts: list[Facts]) -> None:
    report, everyone = statistics(facts, TODAY), producers(facts)

    for row in rows(report, "stars"):
        those = [each for each in facts if each.stars == row["stars"]]
        assert (row["products"], row["producers"]) == (len(those), producers(those))
        assert row["share"] == Fraction(len(those), len(facts) or 1)
    kinds = {None if row["kind"] == "Not on record" else row["kind"]: row for row in rows(report, "producers")}
    assert kinds.keys() == {each.kind for each in facts}
    for kind, row in kinds.items():
        those = [each for each in facts if each.kind == kind]
        assert measures(row) == measured(those)
        assert (row["producers"], row["share"]) == (producers(those), Fraction(producers(those), everyone or 1))
    states = Counter(each.newest.status if each.newest else "None yet" for each in facts)
    assert [(row["status"], row["products"]) for row in rows(report, "certificates")] == states.most_common()
    open_rounds = Counter((each.open_round.stage, each.open_round.registration) for each in facts if each.open_round)
    for row in rows(report, "rounds"):
        for kind in RegistrationKind:
            assert row[kind.replace("-", "_")] == open_rounds[row["stage"], kind]
    issued = [each for of in facts for each in of.certificates]
    assert {row["month"]: row["certificates"] for row in rows(report, "months")} == Counter(
        f"{each.issued_on:%Y-%m}" for each in issued
    )
    for row in rows(report, "months"):
        those_issued = [each for each in issued if f"{each.issued_on:%Y-%m}" == row["month"]]
        assert [row[f"stars_{star}"] for star in (3, 4, 5)] == [
            sum(each.stars == star for each in those_issued) for star in (3, 4, 5)
        ]
        assert row["not_on_record"] == sum(each.registration is None for each in those_issued)


def filing(each: Facts) -> Filing | None:
    """Return what could be filed today to renew the certificate in force of a product, None where nothing could."""
    newest = each.newest
    if newest is None or not newest.is_in_force or each.renewing:
        return None
    return judged(TODAY, window(newest.issued_on, newest.last_day, LIMITS))


def closes_soon(each: Facts) -> bool:
    return (
        filing(each) is Filing.IN_TIME
        and each.newest is not None
        and (each.newest.last_day - timedelta(days=120) - TODAY).days <= 30
    )


@given(facts=registers, most=st.integers(1, 4))
def test_renewals(facts: list[Facts], most: int) -> None:
    in_force = [each for each in facts if each.stars]
    gone = [each for each in facts if each.newest and each.newest.status is CertificateStatus.EXPIRED]
    soon = sorted((each for each in facts if closes_soon(each)), key=lambda each: (_newest(each).last_day, each.code))
    newest_first = sorted(gone, key=lambda each: (_newest(each).ends_on, each.code), reverse=True)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(of_renewals, "MOST_LISTED", most)
        assert listed(facts, TODAY, LIMITS, 30) == [each.code for each in (*soon[:most], *newest_first[:most])]
        report = renewals(facts, {}, TODAY, LIMITS, days=30)

    assert [row["product_code"] for row in rows(report, "closing")] == [each.code for each in soon[:most]]
    assert [row["product_code"] for row in rows(report, "lapsed")] == [each.code for each in newest_first[:most]]
    quarters = of_each(
        in_force, lambda each: f"{_newest(each).last_day.year}-Q{(_newest(each).last_day.month + 2) // 3}"
    )
    assert [
        (row["quarter"], row["certificates"], row["stars_4"], row["renewing"]) for row in rows(report, "quarters")
    ] == [
        (quarter, len(those), sum(each.stars == 4 for each in those), sum(each.renewing for each in those))
        for quarter, those in sorted(quarters.items())
    ]
    assert [tuple(row.values()) for row in rows(report, "communes")] == [
        (
            place[1],
            report_name,
            *(sum(condition(each) for each in those) for condition in CONDITIONS),
        )
        for place, those in sorted(of_each([*in_force, *gone], lambda each: each.place).items())
        for report_name in {row["commune"] for row in rows(report, "communes") if row["commune_code"] == place[1]}
    ]


def _newest(each: Facts) -> CertificateFacts:
    assert each.newest
    return each.newest


#: What is counted of a commune, in the order of the columns.
CONDITIONS: tuple[Callable[[Facts], bool], ...] = (
    lambda each: each.stars > 0,
    lambda each: each.stars > 0 and _newest(each).last_day <= TODAY + timedelta(days=365),
    lambda each: filing(each) is Filing.IN_TIME,
    closes_soon,
    lambda each: filing(each) is Filing.LATE,
    lambda each: each.stars == 0,
)
