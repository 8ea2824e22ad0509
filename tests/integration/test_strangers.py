"""Properties and headers that the client library stumbles over: answered or kept, and nobody behind them waits."""

import gzip
import json
import struct
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.fuzz.wire import Wire
from tests.integration.dossiers import new_dossier
from tests.integration.portal import TYPE, Portal
from tests.integration.raw_publisher import RawPublisher, RefusedError, long_text, table
from tests.integration.running import System


def naming(id: str) -> dict[bytes, bytes]:
    return {
        b"ce-specversion": long_text("1.0"),
        b"ce-id": long_text(id),
        b"ce-source": long_text("/raw"),
        b"ce-type": long_text("vn.ocop.dossier.filed.v1"),
    }


def nested(levels: int) -> bytes:
    value = long_text("x")
    for _ in range(levels):
        value = b"F" + table({b"a": value})
    return value


ODD_PROPERTIES = [
    pytest.param({}, {"timestamp": 1_764_000_000 * 10**6}, id="microseconds"),
    pytest.param({}, {"timestamp": 1_764_000_000 * 10**9}, id="nanoseconds"),
    pytest.param({}, {"timestamp": 2**64 - 1}, id="the end of time"),
    pytest.param({}, {"message_id": "hồ-sơ".encode("utf-16")}, id="message id in UTF-16"),
    pytest.param({b"x-producer": long_text(b"H\xe0 N\xf4i")}, {}, id="header in Latin-1"),
    pytest.param({b"price": b"d" + struct.pack(">d", 1e300)}, {}, id="large number"),
    pytest.param({b"when": b"T" + struct.pack(">Q", 2**63)}, {}, id="time in a header"),
    pytest.param({b"deep": nested(200)}, {}, id="deep table"),
    pytest.param({b"x-big": long_text("a" * 130_000)}, {}, id="headers that fill a frame"),
    pytest.param({b"CC": b"A" + struct.pack(">I", 12) + long_text("nowhere")}, {}, id="CC"),
]


@pytest.mark.parametrize(("headers", "properties"), ODD_PROPERTIES)
async def test_a_good_dossier_is_answered_whatever_its_properties(
    system: System, portal: Portal, headers: dict[bytes, bytes], properties: dict[str, Any]
) -> None:
    story = str(uuid4())

    async with RawPublisher(system.amqp_url) as publisher:
        await publisher.publish(json.dumps(new_dossier()).encode(), naming(story) | headers, **properties)

    await portal.event(story, "product.rated")


@pytest.mark.parametrize(("headers", "properties"), ODD_PROPERTIES)
async def test_garbage_is_answered_and_kept_whatever_its_properties(
    system: System, portal: Portal, headers: dict[bytes, bytes], properties: dict[str, Any]
) -> None:
    story, body = str(uuid4()), b"garbage \xff\x00"

    async with RawPublisher(system.amqp_url) as publisher:
        await publisher.publish(body, naming(story) | headers, **properties)

    await portal.event(story, "dossier.rejected")
    dead = await portal.dead_letter("registry.life")
    assert (dead.body, dead.headers["ce-id"]) == (body, story)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({b"h\xe0 n\xf4i": long_text("x")}, id="name in Latin-1"),
        pytest.param({b"deep": nested(10_000)}, id="bottomless table"),
    ],
)
async def test_headers_that_cannot_be_read_cost_only_themselves(
    system: System, portal: Portal, headers: dict[bytes, bytes]
) -> None:
    body = str(uuid4()).encode()

    async with RawPublisher(system.amqp_url) as publisher:
        await publisher.publish(body, naming(str(uuid4())) | headers)

    assert (await portal.dead_letter("registry.life")).body == body
    await portal.event(await portal.file(new_dossier()), "product.rated")


@pytest.mark.parametrize("delivery_mode", [0, 7, 255])
async def test_a_delivery_mode_that_does_not_exist_is_refused_by_the_broker_or_answered(
    system: System, portal: Portal, delivery_mode: int
) -> None:
    story = str(uuid4())
    filed = Wire(
        *("ocop.intake", "dossier.filed.v1", json.dumps(new_dossier()).encode(), naming(story)),
        {"content_type": b"application/json", "delivery_mode": delivery_mode},
    )

    try:
        async with RawPublisher(system.amqp_url) as publisher:
            await publisher.publish_to(filed.exchange, filed.routing_key, filed.header_frame, filed.body)
    except RefusedError as refused:
        if "delivery_mode_unknown" not in str(refused):  # RabbitMQ 3; RabbitMQ 4 takes it
            raise
    else:
        await portal.event(story, "product.rated")


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["really packed", "not packed at all"])
async def test_what_says_that_it_is_packed_is_answered_and_kept_as_it_is(
    system: System, portal: Portal, pack: Callable[[bytes], bytes]
) -> None:
    story, body = str(uuid4()), pack(json.dumps(new_dossier()).encode())
    packed = Wire(
        *("ocop.intake", "dossier.filed.v1", body, naming(story)),
        {"content_type": b"application/json", "content_encoding": b"gzip", "delivery_mode": 2},
    )

    async with RawPublisher(system.amqp_url) as publisher:
        await publisher.publish_to(packed.exchange, packed.routing_key, packed.header_frame, packed.body)

    rejected = await portal.event(story, "dossier.rejected")
    dead = await portal.dead_letter("registry.life")
    assert [fault["code"] for fault in rejected.data["faults"]] == ["unreadable-content-encoding"]
    assert (dead.body, dead.content_encoding) == (body, "gzip")


async def test_half_a_letter_in_a_structured_message_is_answered(portal: Portal) -> None:
    story = str(uuid4())
    body = json.dumps({"specversion": "1.0", "id": story, "source": "s", "type": "t", "\ud800": "v", "data": {}})

    await portal.send(body.encode(), content_type="application/cloudevents+json")

    await portal.event(story, "dossier.rejected")
    await portal.dead_letter("registry.life")


@pytest.mark.parametrize(
    "correlation", ["\x1b[2J", "a" * 300, "a\u2028b"], ids=["terminal escapes", "too long", "a line's end"]
)
@pytest.mark.usefixtures("system")
async def test_a_story_s_name_that_cannot_be_one_reaches_no_log(portal: Portal, correlation: str) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/x", "ce-type": TYPE}

    with capture_logs(processors=[merge_contextvars]) as lines:
        await portal.send(json.dumps(new_dossier()).encode(), headers=headers | {"ce-correlationid": correlation})
        await portal.event(story, "product.rated")

    assert story in [line.get("event_id") for line in lines]
    assert correlation not in [line.get("correlation_id") for line in lines]
