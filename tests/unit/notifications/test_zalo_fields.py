"""What is put into the parameters of a Zalo template."""

from dataclasses import replace

import pytest

from services.notifications.channels.zalo_fields import FIELDS, fields_of, value
from services.notifications.delivery import Delivery
from services.notifications.told import BY_TYPE
from shared.contracts.dossier import Language
from tests.unit.notifications.examples import NOON, alert_of, three_stars
from tests.unit.notifications.lives import CERTIFICATE, council_result, issued

RATED = Delivery("delivery", "0912345678", (alert_of(three_stars()),))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("recipient_name", "Hợp tác xã Chè Hảo Đạt"),
        ("product_name", "Chè đinh Hảo Đạt"),
        ("product_code", "19-05500-3-2026"),
        ("stars", "3"),
        ("total", "82"),
        ("day", f"{NOON:%d/%m/%Y}"),
        ("count", "1"),
        ("last_day", "-"),
    ],
)
def test_a_field_is_said_as_zalo_takes_it(field: str, text: str) -> None:
    assert value(field, RATED) == text


@pytest.mark.parametrize(("language", "average"), [("vi", "89,85"), ("en", "89.85")])
def test_a_council_s_average_is_said_as_its_reader_writes_numbers(language: Language, average: str) -> None:
    delivery = replace(RATED, alerts=(alert_of(council_result(language)),))

    assert value("total", delivery) == average


def test_the_short_form_is_a_field() -> None:
    assert value("short", RATED) == RATED.short


def test_a_certificate_has_its_days_and_its_number() -> None:
    certificate, delivery = CERTIFICATE, replace(RATED, alerts=(alert_of(issued()),))

    said = [value(name, delivery) for name in ("certificate_number", "last_day", "stars")]

    assert said == [certificate.number, f"{certificate.last_day:%d/%m/%Y}", str(certificate.stars)]


def test_a_name_is_cut_to_the_letters_that_zalo_allows_composed() -> None:
    decomposed = replace(RATED, alerts=(alert_of(three_stars(product_name="Chè đinh Hảo Đạt")),))

    assert value("product_name", decomposed, 16) == "Chè đinh Hảo Đạt"
    assert value("product_name", decomposed, 10) == "Chè đinh…"


def test_nothing_is_said_as_a_dash_since_zalo_takes_no_empty_value() -> None:
    nameless = replace(RATED, alerts=(replace(RATED.first, recipient_name=None),))

    assert value("recipient_name", nameless) == "-"


def test_every_field_is_of_some_kind_of_alert() -> None:
    known = {field for kind in BY_TYPE.values() for field in fields_of(kind.model)}

    assert known == set(FIELDS)


def test_a_digest_has_what_is_of_no_single_alert() -> None:
    assert fields_of(None) == ("recipient_name", "day", "subject", "short", "count")
