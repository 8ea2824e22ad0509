"""What an integration may do, and whose answers it gets."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused

from tests.integration.clients.site import Site, written
from tests.integration.dossiers import new_dossier
from tests.integration.operator import operator_of, until_dead
from tests.integration.portal import Portal


async def test_the_management_interface_lets_in_who_was_given_it_and_no_further(site: Site) -> None:
    url = site.stack.credentials("integration.python").amqp_url  # without the tag
    untagged = await site.clients["curl"].with_environment(OCOP_AMQP_URL=url).run("ask", "01-09574-1-2026")
    assert (untagged.code, "Not management user" in untagged.errors) == (1, True)

    taken = await over_http(site, "queues/%2F/integration.python.events/get", ackmode="ack_requeue_true")
    rated = await over_http(site, "exchanges/%2F/ocop.events/publish", routing_key="product.rated.v1.01.09574")
    forged = await over_http(
        site, "exchanges/%2F/ocop.intake/publish", user_id="integration.python", routing_key="product.query.v1"
    )

    assert "access to queue 'integration.python.events' in vhost '/' refused" in taken
    assert "access to exchange 'ocop.events' in vhost '/' refused" in rated
    assert "user_id property set to 'integration.python' but authenticated user was 'integration.curl'" in forged


async def over_http(site: Site, path: str, *, user_id: str = "integration.curl", **said: str) -> str:
    """Return what the management interface says to the integration `curl`."""
    credentials = site.stack.credentials("integration.curl")
    body = {"count": 1, "encoding": "auto", "payload": "", "payload_encoding": "string", **said}
    request = Request(
        f"{site.clients['curl'].environment['OCOP_MANAGEMENT_URL']}/api/{path}",
        data=json.dumps({**body, "properties": {"user_id": user_id}}).encode(),
        headers={
            "Authorization": f"Basic {b64encode(f'{credentials.user}:{credentials.amqp_password}'.encode()).decode()}",
            "Content-Type": "application/json",
        },
    )

    def asked() -> str:
        try:
            with urlopen(request) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            return error.read().decode()

    return await asyncio.to_thread(asked)


async def test_a_question_that_nobody_took_expires_and_is_answered_when_it_is_brought_back(
    site: Site, admin: Portal
) -> None:
    letter = await until_dead(admin, "evaluation.product-query", site.expired)
    operator = operator_of(site.stack)
    (listed,) = (await operator.ocop("dead", "list", "--json")).lines

    async with site.clients["python"].following() as following:
        replayed = await operator.ocop("dead", "replay", site.expired, "--yes")
        state = await following.event(site.expired, "product.state")

    assert letter["x-death"][0]["reason"] == "expired"
    assert (listed["reason"], listed["filed_by"]) == ("expired", "integration.python")
    assert (replayed.code, state["known"]) == (0, False)


async def test_nobody_has_seen_an_answer_to_another(site: Site, admin: Portal, tmp_path: Path) -> None:
    """The integration `other` has heard what all could hear, and has asked nothing."""
    asker = site.clients["python"]
    async with asker.following() as following:
        filed = await asker.run("file", written(tmp_path, new_dossier()))
        rating = await following.event(filed.text.strip(), "product.rated")
    await asker.run("ask", rating["product_code"])

    heard = {message.headers["ce-type"] for message in await admin.rest_of("integration.other.events")}

    assert "vn.ocop.product.rated.v1" in heard
    assert heard.isdisjoint({"vn.ocop.product.state.v1", "vn.ocop.query.rejected.v1"})


async def test_who_does_not_listen_to_ratings_may_not_ask_and_gets_no_answer_by_a_side_door(
    site: Site, admin: Portal
) -> None:
    """The broker holds only the first routing key against the rights; an answer reaches its asker by a binding."""
    user, id = "integration.alert-failures", str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/x", "ce-type": "vn.ocop.product.query.v1"}
    body = b'{"product_code": "01-09574-1-2026"}'
    await admin.empty("ocop.unrouted")
    async with await aio_pika.connect(site.stack.credentials(user).amqp_url) as connection:
        plainly = Portal(await connection.channel())
        with pytest.raises(ChannelAccessRefused):
            await plainly.send(body, headers=headers, routing_key="product.query.v1", user_id=user)
        beside = Portal(await connection.channel())
        copied = headers | {"CC": ["product.query.v1"]}
        await beside.send(body, headers=copied, routing_key="mistyped", user_id=user)

    kept = await admin.next_of("ocop.unrouted")

    assert (kept.headers["ce-causationid"], kept.type) == (id, "vn.ocop.product.state.v1")
    assert await admin.depth(f"{user}.events") == 0


async def test_an_answer_for_a_queue_that_is_gone_is_kept(site: Site, admin: Portal) -> None:
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/x", "ce-type": "vn.ocop.product.query.v1"}
    await admin.channel.queue_delete("integration.other.events", if_unused=False, if_empty=False)
    async with await aio_pika.connect(site.stack.credentials("integration.other").amqp_url) as connection:
        asker = Portal(await connection.channel())
        await asker.channel.get_exchange("ocop.intake", ensure=False)
        await asker.send(b"{}", headers=headers, routing_key="product.query.v1", user_id="integration.other")

    kept = await admin.next_of("ocop.unrouted")

    assert (kept.headers["ce-causationid"], kept.type) == (id, "vn.ocop.query.rejected.v1")
