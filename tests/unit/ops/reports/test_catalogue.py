"""What the public may see of certified products: those in force on a day, and nobody by name."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import pytest

from ops.reports.catalogue.entries import Link
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate
from shared.contracts.dossier import Photograph, ProducerKind, RegistrationKind, SalesLink
from shared.contracts.rounds import Stage
from tests.unit.ops.reports.catalogued import CAKES, TEA, TODAY, TOKEN, cakes, listed, tea
from tests.unit.registry.products import a_round, held, product

LAST_DAY = date(2029, 6, 1)


def with_certificate(certificate: HeldCertificate, **changed: Any) -> KnownProduct:
    return product(certificate, **changed)


def in_force(certificate: HeldCertificate, day: date, **changed: Any) -> bool:
    return bool(listed(with_certificate(certificate, **changed), day=day))


def test_of_a_product_is_said_what_the_public_may_see() -> None:
    (entry,) = listed(tea())

    assert (entry.code, entry.name, entry.stars) == (TEA, "Chè đinh Hảo Đạt", 4)
    assert entry.producer == "Hợp tác xã chè Hảo Đạt"
    assert entry.sheet
    assert (entry.sheet.group.code, entry.sheet.product_set) == ("I", 11)
    assert (entry.place.commune, entry.place.province) == ("Phường Tích Lương", "Thái Nguyên")
    assert (entry.certificate_number, entry.token) == ("4-sao/2026", TOKEN)
    assert (entry.issued_on, entry.valid_until, entry.is_extended) == (date(2026, 6, 1), LAST_DAY, False)
    assert entry.photographs == (
        Link("https://hinhanh.example.vn/hop.jpg?rong=800&cao=600", "Hộp 100 g"),
        Link("https://hinhanh.example.vn/doi-che.jpg"),
    )
    assert entry.sales_links == (Link("https://cuahang.example.vn/che-dinh", "Gian hàng Hảo Đạt"),)


@pytest.mark.parametrize(
    ("status", "day", "is_there"),
    [
        pytest.param("in-force", date(2026, 5, 31), False, id="the day before its first"),
        pytest.param("in-force", date(2026, 6, 1), True, id="its first day"),
        pytest.param("in-force", LAST_DAY, True, id="its last day"),
        pytest.param("in-force", LAST_DAY + timedelta(days=1), False, id="ended, and not announced yet"),
        pytest.param("expired", TODAY, False, id="expired"),
        pytest.param("superseded", TODAY, False, id="superseded"),
        pytest.param("revoked", TODAY, False, id="revoked"),
    ],
)
def test_a_certificate_is_there_on_the_days_on_which_it_is_in_force(status: str, day: date, is_there: bool) -> None:
    assert in_force(held(3, last_day=LAST_DAY, status=CertificateStatus(status)), day) is is_there


def test_one_that_is_extended_is_there_until_the_last_day_of_that() -> None:
    extended = held(3, last_day=TODAY, status=CertificateStatus.EXTENDED, until=TODAY + timedelta(days=180))
    (entry,) = listed(with_certificate(extended), day=TODAY + timedelta(days=180))

    assert (entry.is_extended, entry.valid_until) == (True, TODAY + timedelta(days=180))
    assert not in_force(extended, TODAY + timedelta(days=181))


def test_one_whose_re_evaluation_is_open_is_there_the_day_after_its_last_before_that_is_announced() -> None:
    renewing = a_round(Stage.AT_PROVINCE, registration=RegistrationKind.RE_EVALUATION, filed_on=date(2026, 6, 15))
    last_day = date(2026, 11, 28)
    (entry,) = listed(with_certificate(held(3, issued_on=date(2023, 11, 28), last_day=last_day), round=renewing))

    assert entry.is_extended
    assert entry.valid_until > TODAY


@pytest.mark.parametrize("kind", list(ProducerKind))
def test_an_organisation_is_named_and_who_may_be_a_person_is_not(kind: ProducerKind) -> None:
    (entry,) = listed(tea(producer_kind=kind))
    organisations = {"cooperative", "enterprise", "association", "operating-centre"}

    assert entry.producer == ("Hợp tác xã chè Hảo Đạt" if kind in organisations else None)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"producer_numbers": ("4600999991", "hmac:5f0e")}, id="known by a person's number"),
        pytest.param({"producer_kind": None}, id="kind not on record"),
        pytest.param({"producer_name": ""}, id="name not on record"),
    ],
)
def test_whom_the_register_cannot_tell_from_a_person_is_not_named(changed: dict[str, Any]) -> None:
    assert listed(tea(**changed))[0].producer is None


def test_how_to_reach_somebody_is_masked_wherever_it_was_written() -> None:
    (entry,) = listed(
        tea(
            name="Chè đinh, gọi 0912 345 678",
            producer_name="HTX Hảo Đạt 0912345678",
            photographs=(Photograph(url="https://a.example.vn/1", caption="Hỏi banche@example.vn"),),
            sales_links=(SalesLink(url="https://a.example.vn/2", shop="CCCD 001085012345"),),
        )
    )
    shown = f"{entry}"

    assert [each for each in ("0912", "banche", "001085012345") if each in shown] == []


def test_an_address_that_is_named_twice_is_shown_once() -> None:
    twice = (SalesLink(url="https://a.example.vn/", shop="Một"), SalesLink(url="https://a.example.vn/", shop="Hai"))

    assert listed(tea(sales_links=twice))[0].sales_links == (Link("https://a.example.vn/", "Một"),)


def test_a_product_without_a_name_on_record_is_called_by_its_code() -> None:
    assert listed(cakes(name=""))[0].name == CAKES


def test_they_stand_by_group_stars_place_and_name() -> None:
    crafts = tea(code="01-00577-1-2026", product_set=21, name="Bát đĩa")
    unknown = cakes(code="01-09574-9-2026", product_set=0)
    five = tea(code="19-05500-9-2026", stars=5)

    in_order: Collection[str] = [each.code for each in listed(unknown, crafts, cakes(), tea(), five)]
    assert in_order == [five.code, TEA, CAKES, crafts.code, unknown.code]


def test_the_newest_certificate_is_the_one_that_is_shown() -> None:
    before = held(3, status=CertificateStatus.SUPERSEDED, ended_on=date(2026, 10, 31))
    (entry,) = listed(product(before, held(4, issued_on=date(2026, 11, 1)), code=TEA))

    assert (entry.stars, entry.issued_on) == (4, date(2026, 11, 1))
