"""How a producer can be reached is said to nobody but notifications; searched in a whole run of the examples."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import aio_pika
import phonenumbers
import pytest
from aio_pika.abc import AbstractChannel
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.catalogue import EVENTS, INTAKE, PRODUCER_CONTACT, PRODUCT_RATED
from shared.contracts.event import Event
from shared.contracts.writing import write
from shared.integrations import load_integrations, user_of
from shared.key_sets import public_part
from shared.messaging.routing import key_at
from shared.sealing import SealingKey, new_key
from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.dossiers import new_dossier
from tests.integration.portal import Portal, opened_portal
from tests.integration.running import System
from tests.unit.notifications.examples import cooperative, three_stars
from tools.examples import load_examples
from tools.services import start_services
from tools.stack import LocalStack

#: Of who sees every event of every place.
INBOX, CENTRE = "integration.centre.events", "centre: {scope: centre}\n"
#: Answered after 36 seconds, since its product's registration may be on its way; its producer is the one of another.
LATE = frozenset({"37-faulty-unknown-product"})


@dataclass(frozen=True)
class Run:
    """What a run of the examples has left where others than notifications read, by where, and whom it mailed."""

    contacts: list[dict[str, Any]]
    events: dict[str, str]
    records: dict[str, str]
    mailed: set[str]


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    """Every example filed in its order, each once the one before is answered, on a stack of their own."""
    file = tmp_path_factory.mktemp("centre") / "integrations.yaml"
    file.write_text(CENTRE, "utf-8")
    async with LocalStack(
        tmp_path_factory.mktemp("contacts"), definitions=definitions(load_integrations(file)), fresh=True
    ) as stack:
        await start_services(stack, lambda _line: None)
        examples = {name: each for name, each in load_examples(datetime.now(UTC)).items() if name not in LATE}
        dossiers = [_repeating_its_contact(each) for each in examples.values()]
        async with opened_portal(stack.amqp_url) as portal:
            for dossier in dossiers:
                await portal.event(await portal.file(dossier), "alert.delivered")
            messages = await portal.rest_of(INBOX)
        events = {f"{each.type} {each.message_id}": f"{each.headers}{each.body.decode()}" for each in messages}
        yield Run(list(_contacts(dossiers)), events, await _records(stack), _mailed(stack))


def _repeating_its_contact(dossier: dict[str, Any]) -> dict[str, Any]:
    """Say in the description too how to reach her, as producers do."""
    contact, product = dossier.get("producer", {}).get("contact", {}), dossier.get("product", {})
    if not isinstance(contact.get("phone"), str) or "name" not in product:
        return dossier
    said = f"{product.get('description', '')} Liên hệ: {contact['phone']}, {contact.get('email', '')}"
    return dossier | {"product": product | {"description": said}}


def _contacts(dossiers: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (dossier["producer"]["contact"] for dossier in dossiers if "contact" in dossier.get("producer", {}))


async def _records(stack: LocalStack) -> dict[str, str]:
    found = {}
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        for service, collection in SYSTEM.collections.items():
            async for document in client[database_of(service)][collection].find({}):
                found[f"{collection} {document['_id']}"] = str(document)
    return found


def _mailed(stack: LocalStack) -> set[str]:
    mails = (message_from_bytes(file.read_bytes(), policy=default) for file in stack.mail_folder.glob("*.eml"))
    return {str(mail["To"]) for mail in mails}


#: digits
_SHORTEST = 8


def _found(contacts: list[dict[str, Any]], texts: dict[str, str]) -> list[tuple[str, str]]:
    """Return who can be reached by what: by mail in any case of letters, by telephone however its digits are parted."""
    found = []
    for where, text in texts.items():
        lower, together = text.casefold(), re.sub(r"[\s().+\-]", "", text)
        for contact in contacts:
            if (email := contact.get("email")) and email.casefold() in lower:
                found.append((where, email))
            if (digits := _significant(contact.get("phone"))) and digits in together:
                found.append((where, digits))
    return found


def _significant(phone: object) -> str | None:
    """Return a number's digits; of too few to be a telephone's, none: they stand in many a text by chance."""
    try:
        digits = phonenumbers.national_significant_number(phonenumbers.parse(str(phone), "VN"))
    except phonenumbers.NumberParseException:
        return None
    return digits if len(digits) >= _SHORTEST else None


def test_the_search_would_find_them(run: Run) -> None:
    filed = {f"dossier of {contact}": json.dumps(contact) for contact in run.contacts}

    assert len({where for where, _ in _found(run.contacts, filed)}) > 30
    assert _found([{"phone": "0912 345 678"}], {"text": "Gọi +84 (912) 345-678"}) == [("text", "912345678")]


def test_no_event_that_an_integration_reads_says_how_to_reach_a_producer(run: Run) -> None:
    types = {where.split(" ")[0] for where in run.events}

    assert types >= {f"vn.ocop.{name}.v1" for name in ("product.submitted", "product.rated", "assessment.rejected")}
    assert any("[phone]" in text and "[e-mail]" in text for text in run.events.values())
    assert _found(run.contacts, run.events) == []


def test_no_record_of_any_service_does(run: Run) -> None:
    assert {where.split(" ")[0] for where in run.records} == set(SYSTEM.collections.values())
    assert _found(run.contacts, run.records) == []


def test_the_alerts_reach_the_producers_all_the_same(run: Run) -> None:
    given = {contact["email"] for contact in run.contacts if contact.get("email")}

    assert len(run.mailed) > 20
    assert run.mailed <= given


async def test_an_event_sealed_to_another_key_is_a_dead_letter_that_names_it(portal: Portal) -> None:
    key = new_key()
    sealed = SealingKey.of(json.dumps(public_part(key))).seal(cooperative())
    data = three_stars().model_dump(mode="json") | {"sealed_recipient": sealed}
    id = str(uuid4())
    written = write(Event(id, "/ocop/evaluation", PRODUCT_RATED.type, data, correlation_id=id))

    await portal.send(written.body, headers=written.headers, exchange=EVENTS, routing_key=key_at(PRODUCT_RATED, None))

    dead = await portal.dead_letter("notifications.product-rated")
    assert dead.headers["x-ocop-reason"] == "unknown-key"
    assert key["kid"] in str(dead.headers["x-ocop-detail"])
    assert "OCOP_CONTACT_PRIVATE_KEYS" in str(dead.headers["x-ocop-detail"])


async def test_an_alert_about_an_older_dossier_goes_to_the_contact_that_was_changed_since(
    stack: LocalStack, system: System, portal: Portal
) -> None:
    rated = await portal.event(await portal.file(new_dossier()), "product.rated")
    contact = {"phone": "0912 000 000", "email": "moi@example.vn"}

    id = await _filed_by_portal(stack, {"product_code": rated.subject, "contact": contact})
    changed = await portal.event(id, "contact.changed")
    await system.until_recorded("alerts", {"event.id": changed.id})
    later = replace(rated, id=str(uuid4()), correlation_id=str(uuid4()))
    written = write(later)
    await portal.send(written.body, headers=written.headers, exchange=EVENTS, routing_key=key_at(PRODUCT_RATED, None))
    delivered = await portal.event(str(later.correlation_id), "alert.delivered")

    assert (changed.sequence, rated.sequence) == (2, 1)
    assert [mail["To"] for mail in system.mails(delivered.data["alert_id"])] == ["moi@example.vn"]
    kept = f"{await system.recorded('alerts', {})}{await system.recorded('products', {})}{changed.data}"
    assert [said for said in (*contact.values(), "912000000") if said in kept] == []


async def test_a_contact_of_an_invalid_number_is_rejected(stack: LocalStack, portal: Portal) -> None:
    id = await _filed_by_portal(stack, {"product_code": "01-09574-1-2026", "contact": {"phone": "0912"}})

    rejected = await portal.event(id, "filing.rejected")
    assert [fault["code"] for fault in rejected.data["faults"]] == ["phone-invalid"]


async def _filed_by_portal(stack: LocalStack, data: dict[str, Any]) -> str:
    """Publish a `producer.contact` as the integration that may."""
    event = Event(id=str(uuid4()), source="/portals/test", type=PRODUCER_CONTACT.type, data=data)
    written, user = write(event), user_of("portal")
    async with _channel_of(stack.credentials(user).amqp_url) as channel:
        message = aio_pika.Message(written.body, headers=dict(written.headers), user_id=user, delivery_mode=2)
        message.content_type = written.content_type
        await (await channel.get_exchange(INTAKE, ensure=False)).publish(message, PRODUCER_CONTACT.routing_key)
    return event.id


@asynccontextmanager
async def _channel_of(url: str) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(url) as connection:
        yield await connection.channel(publisher_confirms=True)
