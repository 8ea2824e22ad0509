"""Headers and properties."""

import gzip
import zlib
from functools import partial
from random import Random

from tests.fuzz import hostile
from tests.fuzz.mutating import Mutations
from tests.fuzz.wire import Wire
from tests.integration.raw_publisher import long_text

OF_HEADERS = Mutations()


@OF_HEADERS.of_message
def header_left_out(random: Random, message: Wire) -> Wire:
    left_out = random.sample(sorted(message.headers), min(len(message.headers), random.choice((1, 1, 2, 20))))
    return message.changed(headers={name: v for name, v in message.headers.items() if name not in left_out})


@OF_HEADERS.of_message
def odd_header_value(random: Random, message: Wire) -> Wire:
    name = random.choice([*sorted(message.headers), b"ce-id", b"ce-time", b"ce-source"])
    return message.with_header(name, random.choice(hostile.HEADER_VALUES))


@OF_HEADERS.of_message
def hostile_header_text(random: Random, message: Wire) -> Wire:
    name = random.choice([*sorted(message.headers), b"ce-id", b"ce-subject", b"ce-correlationid", b"ce-source"])
    return message.with_header(name, long_text(random.choice(hostile.TEXTS)[:3_000].encode("utf-8", "replace")))


@OF_HEADERS.of_message
def odd_header_names(random: Random, message: Wire) -> Wire:
    for name in random.sample(hostile.HEADER_NAMES, 4):
        message = message.with_header(name, random.choice(hostile.HEADER_VALUES))
    return message


@OF_HEADERS.of_message
def headers_in_capitals(_: Random, message: Wire) -> Wire:
    return message.changed(headers={name.upper(): value for name, value in message.headers.items()})


@OF_HEADERS.of_message
def many_headers(random: Random, message: Wire) -> Wire:
    prefix, count = random.choice((b"x-ocop-", b"x-", b"ce-n")), random.choice((10, 100))
    value = random.choice((long_text(b"\xff" * 900), long_text("a" * 900), b"V", nested_list(40)))
    return message.changed(headers=message.headers | {prefix + str(n).encode(): value for n in range(count)})


@OF_HEADERS.of_message
def other_version_or_type(random: Random, message: Wire) -> Wire:
    values = ("0.3", "2.0", "1", "vn.ocop.dossier.filed.v2", "vn.ocop.product.rated.v1", "VN.OCOP.DOSSIER.FILED.V1", "")
    name = random.choice((b"ce-specversion", b"ce-type"))
    return message.with_header(name, long_text(random.choice(values)))


@OF_HEADERS.of_message
def other_content_type(random: Random, message: Wire) -> Wire:
    return message.with_property("content_type", random.choice((None, *hostile.CONTENT_TYPES)))


@OF_HEADERS.of_message
def mode_not_meant(_: Random, message: Wire) -> Wire:
    other = b"application/json" if message.structured else b"application/cloudevents+json"
    return message.with_property("content_type", other)


@OF_HEADERS.of_message
def lying_content_encoding(random: Random, message: Wire) -> Wire:
    return message.with_property("content_encoding", random.choice(hostile.CONTENT_ENCODINGS))


@OF_HEADERS.of_message
def really_compressed(random: Random, message: Wire) -> Wire:
    named, pack = random.choice(((b"gzip", partial(gzip.compress, mtime=0)), (b"deflate", zlib.compress)))
    packed = pack(message.body if random.random() < 0.9 else b"\0" * 10_000_000)  # a bomb
    return message.changed(body=packed).with_property("content_encoding", random.choice((named, b"identity", None)))


@OF_HEADERS.of_message
def odd_properties(random: Random, message: Wire) -> Wire:
    odd: tuple[tuple[str, bytes | int | None], ...] = (
        ("delivery_mode", 0),
        ("delivery_mode", 7),
        ("delivery_mode", 255),
        ("delivery_mode", None),
        ("priority", 255),
        ("timestamp", 2**64 - 1),
        ("timestamp", 1_764_000_000_000_000),
        ("timestamp", 0),
        ("message_id", None),
        ("message_id", b"\xff" * 255),
        ("message_id", b"\x1b[2J\r\n"),
        ("correlation_id", b"\xff" * 255),
        ("reply_to", b"amq.rabbitmq.reply-to.x"),
        ("message_type", b"\x00" * 255),
        ("app_id", "ố".encode() * 85),
        ("cluster_id", b"x"),
    )
    for name, value in random.sample(odd, 3):
        message = message.with_property(name, value)
    return message


def nested_list(levels: int) -> bytes:
    """Return a header's value: lists within one another."""
    value = long_text("x")
    for _ in range(levels):
        value = b"A" + len(value).to_bytes(4) + value
    return value
