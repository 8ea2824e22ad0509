"""A dossier goes in; a rating and an alert come out, and nothing is done twice."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest

from services.registry.identity import KnownProduct
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.handling.records import history_document
from shared.storage import Collection, StoredDocument
from tests.integration.dossiers import COMMUNES, new_dossier
from tests.integration.portal import Portal
from tests.integration.recognition import recognise
from tests.integration.running import APPS, System, running_service
from tools.stack import LocalStack


async def test_a_dossier_becomes_a_rating_and_a_mail(system: System, portal: Portal) -> None:
    dossier = new_dossier(commune_code=next(COMMUNES))

    story = await portal.file(dossier)
    submitted = await portal.event(story, "product.submitted")
    rated = await portal.event(story, "product.rated")
    delivered = await portal.event(story, "alert.delivered")

    code = submitted.data["product_code"]
    assert code.startswith(f"01-{dossier['product']['commune_code']}-1-")
    assert submitted.subject == rated.subject == delivered.subject == code
    assert (submitted.causation_id, rated.causation_id) == (story, submitted.id)
    assert rated.data["total"] == 3
    assert rated.data["stars"] == 1
    assert delivered.data["channel"] == "email"
    (mail,) = system.mails(delivered.data["alert_id"])
    assert mail["To"] == "banhte@example.vn"
    assert dossier["product"]["name"] in str(mail["Subject"])


async def test_a_structured_message_is_read_too(portal: Portal) -> None:
    story = str(uuid4())

    await portal.file_structured(new_dossier(), id=story, time="2026-11-23T08:00:00+07:00")

    assert (await portal.event(story, "product.rated")).correlation_id == story


async def test_a_dossier_delivered_ten_times_at_once_changes_nothing(system: System, portal: Portal) -> None:
    story = await portal.file(new_dossier(), times=10)

    for name in ("product.submitted", "product.rated", "alert.delivered"):
        events = await portal.events(story, name, count=10)
        assert len({event.id for event in events}) == 1
        assert all(event == events[0] for event in events)
    for collection in ("products", "ratings"):
        assert len(await system.recorded(collection, {"event.correlation_id": story})) == 1
    alerts = await system.recorded("alerts", {"event.correlation_id": story})
    assert [each["outcome"] for each in alerts] == ["sending", "delivered"]
    delivered = await portal.event(story, "alert.delivered")
    assert len(system.mails(delivered.data["alert_id"])) == 1


async def test_serial_numbers_are_gapless_with_two_registries_at_work(
    stack: LocalStack, system: System, portal: Portal
) -> None:
    commune = next(COMMUNES)
    async with running_service(stack, APPS["registry"]):
        stories = await asyncio.gather(*(portal.file(new_dossier(commune_code=commune)) for _ in range(40)))
        submitted = await asyncio.gather(*(portal.event(story, "product.submitted") for story in stories))

    serials = sorted(int(event.data["product_code"].split("-")[2]) for event in submitted)
    assert serials == list(range(1, 41))
    assert len(await system.recorded("products", {"registered.place": f"01-{commune}"})) == 40


async def test_a_second_first_registration_is_rejected_and_told_the_code(portal: Portal) -> None:
    dossier = new_dossier()
    submitted = await portal.event(await portal.file(dossier), "product.submitted")

    rejected = await portal.event(await portal.file(dossier), "dossier.rejected")

    (fault,) = rejected.data["faults"]
    assert fault["code"] == "product-already-registered"
    assert submitted.data["product_code"] in fault["message"]["vi"]


async def test_a_product_under_two_spellings_that_read_the_same_has_one_code(system: System, portal: Portal) -> None:
    name = f"Nước mắm Hòa Phú {uuid4().hex}"
    first = new_dossier(name=name)
    code = (await portal.event(await portal.file(first), "product.submitted")).data["product_code"]
    first["product"]["name"] = name.replace("Hòa", "Hoà")

    rejected = await portal.event(await portal.file(first), "dossier.rejected")

    (fault,) = rejected.data["faults"]
    assert (fault["pointer"], fault["code"]) == ("/product/name", "product-already-registered")
    assert code in fault["message"]["vi"]
    assert len(await system.recorded("products", {"registered.code": code})) == 1


async def test_a_product_that_was_registered_under_a_former_key_is_found(system: System, portal: Portal) -> None:
    name = f"nước mắm hòa phú {uuid4().hex}"
    first = new_dossier(name=name)
    code = (await portal.event(await portal.file(first), "product.submitted")).data["product_code"]
    (registered,) = await system.recorded("products", {"registered.code": code})
    former = [key for key in registered["registered"]["keys"] if key.endswith(f"/{name}")]
    assert former
    await system.documents["products"].update_one({"registered.code": code}, {"$set": {"registered.keys": former}})
    first["product"]["name"] = name.replace("hòa", "hoà").upper()

    rejected = await portal.event(await portal.file(first), "dossier.rejected")

    assert [fault["code"] for fault in rejected.data["faults"]] == ["product-already-registered"]
    assert code in rejected.data["faults"][0]["message"]["vi"]


async def test_a_product_that_is_filed_again_and_again_costs_no_look_for_its_commune_s_last_serial(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a commune of many products that look is dear, where the database sorts them."""
    commune, looks, pages = next(COMMUNES), [], Collection.pages
    known = new_dossier(commune_code=commune)
    await portal.event(await portal.file(known), "product.submitted")

    def noted(self: Collection, query: dict[str, Any], **options: Any) -> AsyncIterator[list[StoredDocument]]:
        looks.append(query.get("registered.code", {}).get("$gt"))
        return pages(self, query, **options)

    monkeypatch.setattr(Collection, "pages", noted)
    for story in [await portal.file(known) for _ in range(5)]:
        await portal.event(story, "dossier.rejected")
    submitted = await portal.event(await portal.file(new_dossier(commune_code=commune)), "product.submitted")

    assert submitted.data["product_code"].split("-")[2] == "2"
    assert f"01-{commune}-" not in looks


async def test_an_upgrade_keeps_the_code(system: System, portal: Portal) -> None:
    dossier = new_dossier()
    first = await portal.event(await portal.file(dossier), "product.submitted")
    code = first.data["product_code"]
    change_report = dossier["documents"][0] | {"type": "change-report"}
    upgrade = dossier | {
        "registration": "upgrade",
        "product_code": code,
        "documents": [*dossier["documents"], change_report],
    }

    await recognise(system.documents["products"], code)
    again = await portal.event(await portal.file(upgrade), "product.submitted")

    assert (again.data["product_code"], again.data["round"]) == (code, 2)
    assert again.id != first.id


async def test_a_dossier_that_is_turned_back_twice_unchanged_sends_one_mail(system: System, portal: Portal) -> None:
    faulty = new_dossier() | {"samples": 4}
    await portal.event(await portal.file(faulty), "alert.delivered")

    again = await portal.event(await portal.file(faulty), "dossier.rejected")
    await portal.event(await portal.file(faulty | {"samples": 3}), "alert.delivered")  # and by then that of `again`

    assert (again.data["repeated"], again.data["sealed_recipient"]) == (True, None)
    assert await system.recorded("alerts", {"event.correlation_id": again.correlation_id}) == []


async def test_every_fault_is_named_and_the_producer_is_told(system: System, portal: Portal) -> None:
    dossier = new_dossier(province_code="15") | {"samples": 3}

    story = await portal.file(dossier)
    rejected = await portal.event(story, "dossier.rejected")
    delivered = await portal.event(story, "alert.delivered")

    assert {fault["code"] for fault in rejected.data["faults"]} == {"commune-outside-province", "samples-wrong"}
    assert len(system.mails(delivered.data["alert_id"])) == 1
    assert await system.recorded("ratings", {"event.correlation_id": story}) == []


async def turned_back(system: System, portal: Portal, dossier: dict[str, Any]) -> Event:
    """File a dossier with answers that no sheet knows, and wait until it may be corrected."""
    unknown = [{"criterion": "99", "option": 1}, {"criterion": "1.1", "option": 7}]
    story = await portal.file(dossier | {"self_assessment": {"answers": unknown}})
    await system.until_recorded("products", {"event.correlation_id": story, "outcome": "awaits-correction"})
    return await portal.event(story, "assessment.rejected")


async def test_answers_that_the_sheet_does_not_know_can_be_corrected(system: System, portal: Portal) -> None:
    dossier = new_dossier()
    rejected = await turned_back(system, portal, dossier)
    assert {fault["code"] for fault in rejected.data["faults"]} == {"unknown-criterion", "unknown-option"}

    submitted = await portal.event(await portal.file(dossier), "product.submitted")

    assert submitted.data["product_code"] == rejected.data["product_code"]
    again = await portal.event(await portal.file(dossier), "dossier.rejected")
    assert again.data["faults"][0]["code"] == "product-already-registered"


async def test_a_correction_that_is_turned_back_itself_can_be_corrected_again(system: System, portal: Portal) -> None:
    dossier = new_dossier()
    rejections = [await turned_back(system, portal, dossier) for _ in range(3)]

    submitted = await portal.event(await portal.file(dossier), "product.submitted")

    assert {event.data["product_code"] for event in rejections} == {submitted.data["product_code"]}
    again = await portal.event(await portal.file(dossier), "dossier.rejected")
    assert again.data["faults"][0]["code"] == "product-already-registered"


async def test_of_two_corrections_at_once_two_registries_accept_one(
    stack: LocalStack, system: System, portal: Portal
) -> None:
    async with running_service(stack, APPS["registry"]):
        for _ in range(8):
            dossier = new_dossier()
            await turned_back(system, portal, dossier)

            stories = await asyncio.gather(*(portal.file(dossier) for _ in range(2)))
            await asyncio.gather(*(portal.until(answer_to(story)) for story in stories))

            records = await system.recorded("products", {"event.id": {"$in": stories}})
            assert sorted(record["outcome"] for record in records) == ["rejected", "submitted"]
            (refused,) = (record for record in records if record["outcome"] == "rejected")
            (fault,) = refused["announced"][0]["data"]["faults"]
            assert fault["code"] == "product-already-registered"


def answer_to(story: str) -> Callable[[Event], bool]:
    return lambda event: event.causation_id == story


async def test_an_upgrade_of_a_corrected_product_names_the_corrected_product_set(
    system: System, portal: Portal
) -> None:
    dossier = new_dossier(product_set=7)
    await turned_back(system, portal, dossier)
    corrected = dossier | {"product": dossier["product"] | {"product_set": 6}}
    submitted = await portal.event(await portal.file(corrected), "product.submitted")
    change_report = dossier["documents"][0] | {"type": "change-report"}
    upgrade = {
        "registration": "upgrade",
        "product_code": submitted.data["product_code"],
        "documents": [*dossier["documents"], change_report],
    }

    await recognise(system.documents["products"], submitted.data["product_code"])

    rejected = await portal.event(await portal.file(dossier | upgrade), "dossier.rejected")

    assert [fault["code"] for fault in rejected.data["faults"]] == ["product-set-changed"]
    await portal.event(await portal.file(corrected | upgrade), "product.submitted")


async def test_two_dossiers_under_one_event_id_are_both_answered(portal: Portal) -> None:
    first, other = new_dossier(), new_dossier()
    story = await portal.file(first)
    await portal.event(story, "product.submitted")

    await portal.file(other, id=story)

    rejected = await portal.event(story, "dossier.rejected")
    assert [fault["code"] for fault in rejected.data["faults"]] == ["id-used-twice"]
    assert rejected.data["product_name"] == other["product"]["name"]


async def test_a_mended_dossier_may_keep_its_event_id(portal: Portal) -> None:
    dossier = new_dossier()
    story = await portal.file(dossier | {"samples": 4})
    await portal.event(story, "dossier.rejected")

    await portal.file(dossier, id=story)

    assert (await portal.event(story, "product.submitted")).data["dossier"]["samples"] == 5


async def test_a_name_in_decomposed_letters_is_the_same_product(portal: Portal) -> None:
    name = f"Bưởi Diễn {uuid4()}"
    dossier = new_dossier(name=name)
    submitted = await portal.event(await portal.file(dossier), "product.submitted")
    decomposed = json.loads(json.dumps(dossier))
    decomposed["product"]["name"] = unicodedata.normalize("NFD", name)

    rejected = await portal.event(await portal.file(decomposed), "dossier.rejected")

    assert submitted.data["product_code"] in rejected.data["faults"][0]["message"]["en"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="broken JSON"),
        pytest.param(b"\xff\xfe\x00garbage", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="bottomless"),
        pytest.param(b'{"samples": NaN}', id="NaN"),
        pytest.param(b'{"samples": 5, "samples": 5}', id="a name twice"),
        pytest.param(b'"text"', id="no object"),
        pytest.param(b"", id="empty"),
        pytest.param(b"{}" + b" " * 262_144, id="over 256 KiB"),
        pytest.param(b'{"registration": "first"}', id="no dossier"),
    ],
)
async def test_what_is_no_dossier_is_answered_and_kept_byte_for_byte(portal: Portal, body: bytes) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/x", "ce-type": "vn.ocop.dossier.filed.v1"}

    await portal.send(body, headers=headers)

    rejected = await portal.event(story, "dossier.rejected")
    assert rejected.data["faults"]
    dead = await portal.dead_letter("registry.life")
    assert dead.body == body
    assert dead.headers["ce-id"] == story
    assert dead.headers["x-ocop-reason"]


async def test_a_dead_letter_that_was_answered_names_the_answer(portal: Portal) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/x", "ce-type": "vn.ocop.dossier.filed.v1"}

    await portal.send(b'{"registration": "first"}', headers=headers)

    rejected = await portal.event(story, "dossier.rejected")
    dead = await portal.dead_letter("registry.life")
    assert dead.headers["x-ocop-detail"] == f"see the answer: ocop trace {rejected.id}"


async def test_what_has_no_id_is_kept(portal: Portal) -> None:
    body = b"\x00\x01 not even a CloudEvent"

    await portal.send(body, headers={"other": 1}, content_type=None)

    dead = await portal.dead_letter("registry.life")
    assert (dead.body, dead.headers["other"]) == (body, 1)


async def test_an_id_may_be_that_of_the_message(portal: Portal) -> None:
    story = str(uuid4())

    await portal.send(b"garbage", content_type="text/plain", message_id=story)

    assert (await portal.event(story, "dossier.rejected")).data["dossier_id"] == story
    assert (await portal.dead_letter("registry.life")).message_id == story


async def test_an_event_of_another_kind_is_kept(portal: Portal) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/x", "ce-type": "vn.ocop.dossier.filed.v9"}

    await portal.send(json.dumps(new_dossier()).encode(), headers=headers)

    rejected = await portal.event(story, "dossier.rejected")
    assert rejected.data["faults"][0]["code"] == "unreadable-wrong-type"
    await portal.dead_letter("registry.life")


async def test_a_mistyped_routing_key_loses_nothing(portal: Portal) -> None:
    await portal.send(b"a dossier, surely", routing_key="dossier.field.v1")

    unrouted = await portal.next_of("ocop.unrouted")
    assert (unrouted.body, unrouted.routing_key) == (b"a dossier, surely", "dossier.field.v1")


async def test_an_event_that_breaks_its_contract_is_a_dead_letter_at_once(portal: Portal) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/x", "ce-type": "vn.ocop.product.submitted.v1"}

    await portal.send(b'{"x":1}', headers=headers, exchange="ocop.events", routing_key="product.submitted.v1.01.09574")

    dead = await portal.dead_letter("evaluation.product-submitted")
    assert (dead.body, dead.headers["x-ocop-reason"]) == (b'{"x":1}', "breaks-contract")


async def test_a_household_is_the_same_under_its_number_in_either_field(system: System, portal: Portal) -> None:
    number = f"001085{uuid4().int % 10**6:06}"
    dossier = new_dossier()
    dossier["producer"]["registration_number"] = number
    again = dossier | {"producer": {**dossier["producer"], "tax_code": f"{number[:6]} {number[6:]}-001"}}
    del again["producer"]["registration_number"]

    submitted = await portal.event(story := await portal.file(dossier), "product.submitted")
    rejected = await portal.event(await portal.file(again), "dossier.rejected")

    assert [fault["code"] for fault in rejected.data["faults"]] == ["product-already-registered"]
    assert submitted.data["dossier"]["producer"]["registration_number"] == f"*********{number[-3:]}"
    (record,) = await system.recorded("products", {"event.id": story})
    assert number not in str(record)


async def test_a_product_registered_under_a_personal_number_in_clear_is_still_found(
    system: System, portal: Portal
) -> None:
    """The first version recorded the number as it was given."""
    number, commune = f"001085{uuid4().int % 10**6:06}", next(COMMUNES)
    dossier = new_dossier(commune_code=commune)
    dossier["producer"]["registration_number"] = number
    code, name = f"01-{commune}-1-2026", dossier["product"]["name"].casefold()
    entry = {"code": code, "place": f"01-{commune}", "year": 2026, "serial": 1}
    known = KnownProduct(code=code, producer_numbers=(number,), product_set=6)
    await system.documents["products"].insert_one(
        {
            "_id": str(uuid4()),
            "history": history_document(Version(code, 1, known)),
            "registered": entry | {"keys": [f"{number}/{name}"]},
            "announced": [{"id": str(uuid4())}],
        }
    )

    first = await portal.event(await portal.file(dossier), "product.submitted")
    await recognise(system.documents["products"], code)
    report = dossier["documents"][0] | {"type": "change-report"}
    upgrade = {"registration": "upgrade", "product_code": code, "documents": [*dossier["documents"], report]}
    upgraded = await portal.event(await portal.file(dossier | upgrade), "product.submitted")

    assert (first.data["product_code"], first.data["round"]) == (code, 1)
    assert (upgraded.data["product_code"], upgraded.data["round"]) == (code, 2)
    assert number not in str(upgraded.data)
