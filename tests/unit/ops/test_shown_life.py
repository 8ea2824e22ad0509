"""A product's life as it is put together from records, and its certificates as they are shown."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from ops.certificates.held import certificates_table, held_as_json
from ops.certificates.show import by_number
from ops.history.life import life_of, life_table
from ops.history.records import Record, read_record
from ops.history.whole import ProductLife
from ops.operator_settings import AccessError
from services.registry.moving import moved
from services.registry.rounds import CertificateStatus, Step
from shared.contracts.certificates import Ground
from shared.contracts.dossier import Dossier
from shared.contracts.product import ProductSubmitted
from tests.unit.registry.dossiers import changed
from tests.unit.registry.products import CODE, a_round, held, letter, product

TODAY = date(2026, 12, 1)
PHONE = "024 3383 0000"


def record(kind: str, data: dict[str, Any], minute: int, *, by: str | None = "integration.commune") -> Record:
    event = {"id": kind, "source": "/x", "correlation_id": "d1", "filed_by": by}
    announced = [{"id": "a", "type": f"vn.ocop.{kind}.v1", "data": data}]
    at = datetime(2026, 12, 1, 6, minute, tzinfo=UTC)
    return read_record("registry", {"event": event, "recorded_at": at, "announced": announced})


def returned(reason: str) -> dict[str, Any]:
    """Return what the registry announces of a dossier that its commune has returned."""
    _, said = moved(
        product(round=a_round()),
        Step.RETURNED_BY_COMMUNE,
        why="commune.assessed",
        reasons=(reason,),
        letter=letter(date(2026, 11, 30)),
    )
    return said.data.model_dump(mode="json")


def opened() -> dict[str, Any]:
    dossier = Dossier(**changed({}))
    data = ProductSubmitted(product_code=CODE, dossier_id="d1", dossier=dossier, round=1, due_on=date(2026, 12, 22))
    return data.model_dump(mode="json")


def test_a_life_is_told_the_newest_first() -> None:
    life = life_of([record("product.submitted", opened(), 1), record("round.moved", returned("Thiếu ảnh."), 2)], [])

    assert [(each.kind, each.by, each.says) for each in life] == [
        (
            "round.moved",
            "integration.commune",
            "round 1, at-commune → returned, by commune.assessed, 12/BC-UBND of 2026-11-30",
        ),
        ("product.submitted", "integration.commune", "round 1, dossier accepted (first), due on 2026-12-22"),
    ]


def test_an_office_s_reasons_are_told_masked() -> None:
    (moment,) = life_of([record("round.moved", returned(f"Gọi số {PHONE}."), 2)], [])
    output = StringIO()
    Console(file=output, width=180).print(life_table([moment]))

    assert moment.reasons == ("Gọi số [phone].",)
    assert PHONE not in output.getvalue() + str(moment.as_json())


def test_what_is_no_part_of_a_life_is_left_out() -> None:
    assert life_of([], [record("product.rated", {"total": 82, "stars": 4}, 1)]) == []


def test_a_record_of_another_version_is_named() -> None:
    with pytest.raises(AccessError, match="is of another version"):
        life_of([record("product.submitted", {"round": 1}, 1)], [])


def test_a_certificate_says_how_it_stands_in_both_languages() -> None:
    revoked = held(
        5,
        status=CertificateStatus.REVOKED,
        ground=Ground.MISUSE_OF_MARK,
        ended_on=date(2026, 11, 30),
        revocation=letter(date(2026, 12, 1), "9/QĐ"),
    )
    output = StringIO()
    Console(file=output, width=180).print(certificates_table([(product(revoked), revoked)]))

    for said in ("5-sao/2026", "bị thu hồi / revoked", "2026-11-30", "Art. 8 d", "9/QĐ, 2026-12-01", "the centre"):
        assert said in output.getvalue()


def test_programs_get_a_certificate_in_one_object() -> None:
    said = held_as_json(product(held(4)), held(4))

    assert (said["product_code"], said["number"], said["stars"], said["last_day"], said["status"]) == (
        CODE,
        "4-sao/2026",
        4,
        "2029-06-01",
        "in-force",
    )


def test_by_a_number_that_was_corrected_all_of_the_product_s_are_shown() -> None:
    known = product(held(3), held(4))

    assert [each.certificate.stars for _, each in by_number(known, "3-sao/2026")] == [3]
    assert [each.certificate.stars for _, each in by_number(known, "3-sao/2O26")] == [3, 4]


def test_a_product_that_was_brought_in_has_a_life_without_a_dossier() -> None:
    said = ProductLife(None, product(held(4)), ()).as_json(TODAY, reveal=False)

    assert (said["product_code"], said["province"], said["commune"]) == (CODE, "Hà Nội", "Phường Sơn Tây")
    assert (said["dossiers"], said["round"], said["certificates"][0]["stars"]) == ([], None, 4)
    assert said["due"][0]["kind"] == "window-opens-in-30-days"
