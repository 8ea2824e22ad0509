"""Nothing that matters: alone, these leave a message that means the same."""

import json
from random import Random
from typing import Any

from tests.fuzz.mutating import Mutations
from tests.fuzz.wire import Wire
from tests.integration.raw_publisher import long_text

HARMLESS = Mutations()


@HARMLESS.of_message
def nothing(_: Random, message: Wire) -> Wire:
    return message


@HARMLESS.of_tree
def other_order_and_spacing(random: Random, tree: Any) -> Any:
    return json.dumps(
        dict(reversed(tree.items())), indent=random.choice((None, 1, 4)), ensure_ascii=random.random() < 0.5
    )


@HARMLESS.of_message
def unknown_headers(random: Random, message: Wire) -> Wire:
    for name in (b"x-portal", b"ce-partitionkey", b"tracestate", "x-tên".encode()):
        message = message.with_header(name, random.choice((long_text("a"), b"I\0\0\0\x05", b"t\x01", b"V")))
    return message


@HARMLESS.of_message
def harmless_properties(random: Random, message: Wire) -> Wire:
    others: dict[str, bytes | int] = {
        "content_encoding": b"utf-8",
        "priority": 3,
        "reply_to": b"me",
        "app_id": "cổng".encode(),
        "timestamp": 1,
    }
    for name in random.sample(sorted(others), 3):
        message = message.with_property(name, others[name])
    return message


@HARMLESS.of_tree
def unknown_field(random: Random, tree: Any) -> Any:
    inner = tree["data"] if isinstance(tree.get("data"), dict) else tree
    inner["fieldoftomorrow"] = random.choice(([], {}, {"a": [1, None]}, 10**30, "x", -0.0, [[[]]]))
    return tree
