"""A contact that was changed is where alerts go from then on, and no older one takes its place."""

import json
from typing import Any

from services.notifications.handlers import contact_changed
from shared.contracts.catalogue import CERTIFICATE_EXPIRING, CONTACT_CHANGED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.contracts.dossier import Reach
from shared.contracts.event import Event
from shared.handling.outcome import Answered, DeadLetter
from shared.key_sets import public_part
from shared.sealing import SealingKey, new_key
from tests.unit.contact_keys import seal
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import answers_of, mailing, send_alert
from tests.unit.notifications.examples import cooperative, rejected_dossier, three_stars
from tests.unit.notifications.lives import expiring

CODE = three_stars().product_code
FIRST, SECOND = Reach(email="moi@example.vn", language="en"), Reach(email="moi.nua@example.vn")


def changed(contact: Reach, sequence: int, *, seal: Any = seal, code: str = CODE) -> Event:
    data = {"product_code": code, "sealed_contact": seal(contact)}
    return Event(f"c-{sequence}", "/ocop/registry", CONTACT_CHANGED.type, data, sequence=sequence)


def rated(sequence: int | None) -> Event:
    data = three_stars().model_dump(mode="json")
    return Event(f"r-{sequence}", "/ocop/evaluation", PRODUCT_RATED.type, data, sequence=sequence)


async def alerted(bench: Bench, *events: Event) -> list[str | None]:
    """Hand over changed contacts and ratings in this order, and return where the mails went."""
    notifications, mail = await mailing(bench)
    for event in events:
        handle = contact_changed if event.type == CONTACT_CHANGED.type else send_alert
        assert isinstance(await handle(notifications, event), Answered)
    return [alert.email for alert in mail.sent]


async def test_a_rating_of_a_dossier_from_before_goes_to_the_new_contact() -> None:
    assert await alerted(Bench(), changed(FIRST, 2), rated(1)) == ["moi@example.vn"]


async def test_a_later_dossier_brings_its_own_contact() -> None:
    assert await alerted(Bench(), changed(FIRST, 2), rated(3)) == ["lienhe@haodat.example.vn"]


async def test_the_newest_of_several_contacts_counts_whatever_their_order() -> None:
    assert await alerted(Bench(), changed(FIRST, 2), changed(SECOND, 4), rated(1)) == ["moi.nua@example.vn"]
    assert await alerted(Bench(), changed(SECOND, 4), changed(FIRST, 2), rated(1)) == ["moi.nua@example.vn"]


async def test_what_falls_due_goes_to_a_contact_that_was_changed_after_it_and_to_its_own_otherwise() -> None:
    def falls_due(sequence: int) -> Event:
        data = expiring().model_dump(mode="json")
        return Event(f"e-{sequence}", "/ocop/registry", CERTIFICATE_EXPIRING.type, data, sequence=sequence)

    assert await alerted(Bench(), changed(FIRST, 9), falls_due(8)) == ["moi@example.vn"]
    assert await alerted(Bench(), changed(FIRST, 9), falls_due(10)) == ["lienhe@haodat.example.vn"]


async def test_another_product_s_contact_changes_nothing() -> None:
    other = changed(FIRST, 2, code="19-05500-4-2026")

    assert await alerted(Bench(), other, rated(1)) == ["lienhe@haodat.example.vn"]


async def test_an_event_that_counts_no_version_is_older_than_any_change() -> None:
    assert await alerted(Bench(), changed(FIRST, 1), rated(None)) == ["moi@example.vn"]


async def test_the_alert_is_in_the_language_of_the_new_contact() -> None:
    notifications, mail = await mailing(Bench())
    await contact_changed(notifications, changed(FIRST, 2))
    await send_alert(notifications, rated(1))

    (alert,) = mail.sent
    assert alert.text.startswith("Dear Hợp tác xã Chè Hảo Đạt")


async def test_without_a_mail_address_any_more_the_alert_goes_to_the_log() -> None:
    bench = Bench()

    assert await alerted(bench, changed(Reach(phone="0912 000 000"), 2), rated(1)) == []
    assert answers_of(bench)[-1].data["channel"] == "log"


async def test_a_rejected_dossier_of_no_product_goes_to_the_contact_that_it_came_with() -> None:
    data = rejected_dossier(cooperative()).model_dump(mode="json")

    rejected = Event("d-1", "/ocop/registry", DOSSIER_REJECTED.type, data)
    assert await alerted(Bench(), changed(FIRST, 2), rejected) == ["lienhe@haodat.example.vn"]


async def test_what_is_on_record_of_a_contact_is_sealed_and_written_once() -> None:
    bench = Bench()
    await alerted(bench, changed(FIRST, 2), changed(FIRST, 2))

    (record,) = bench.documents("alerts")
    assert record["history"]["of"] == f"contact/{CODE}"
    assert "moi@example.vn" not in str(record)
    assert bench.publisher.announced == []


async def test_a_contact_that_is_sealed_to_an_unknown_key_keeps_the_alert_as_a_dead_letter() -> None:
    notifications, mail = await mailing(Bench())
    other = SealingKey.of(json.dumps(public_part(new_key()))).seal
    await contact_changed(notifications, changed(FIRST, 2, seal=other))

    outcome = await send_alert(notifications, rated(1))

    assert isinstance(outcome, DeadLetter)
    assert (outcome.reason, mail.sent) == ("unknown-key", [])
