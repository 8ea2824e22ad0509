"""Ways to break a valid message, each with a name. Pure: the same random source gives the same message."""

import gzip
import json
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from shared.contracts.catalogue import INTAKE
from tests.fuzz import hostile
from tests.fuzz.wire import Wire
from tests.integration.raw_publisher import long_text

Mutate = Callable[[Random, Wire], Wire]
Place = tuple[Any, Any]

#: bytes; the largest message that is sent
MAX_BODY_BYTES = 1024 * 1024

#: What Python's own reader and writer can only sometimes follow.
_DEEP = (b"[" * 60, b'{"a":' * 60)
#: Stands in a tree for raw JSON that Python's writer would not write.
_RAW = "\ue000raw\ue000"


@dataclass(frozen=True)
class Mutated:
    """A message, the valid one that it was made of, and the names of what was done to it."""

    message: Wire
    valid: Wire
    names: tuple[str, ...]


MUTATIONS: dict[str, Mutate] = {}
#: Alone, these leave a message that means the same.
HARMLESS = ("nothing", "other-order-and-spacing", "unknown-field", "unknown-headers", "harmless-properties")
#: After these alone, no message may be accepted.
ALWAYS_REFUSED = ("number-that-is-none", "name-twice", "nested-deeply", "lying-content-encoding", "really-compressed")


def stream(seed: int, valid: Sequence[Wire]) -> Iterator[Mutated]:
    """Give mutated messages without end, always the same for one seed: every second one a dossier."""
    random = Random(seed)
    dossiers = [message for message in valid if message.exchange == INTAKE]
    while True:
        yield mutated(random, random.choice(random.choice((dossiers, valid))))


def mutated(random: Random, valid: Wire) -> Mutated:
    """Do one to three things to a message."""
    names = tuple(random.choice(tuple(MUTATIONS)) for _ in range(random.choice((1, 1, 1, 2, 2, 3))))
    message = valid
    for name in names:
        message = MUTATIONS[name](random, message)
        message = message.changed(body=message.body[:MAX_BODY_BYTES])
    return Mutated(message, valid, names)


def _mutation(mutate: Mutate) -> Mutate:
    MUTATIONS[mutate.__name__.strip("_").replace("_", "-")] = mutate
    return mutate


def _in_tree(change: Callable[[Random, Any], Any]) -> Mutate:
    """Make a mutation of one that changes the JSON in a body; a body that is none stays as it is."""

    def mutate(random: Random, message: Wire) -> Wire:
        if any(deep in message.body for deep in _DEEP):
            return message
        try:
            tree = json.loads(message.body)
            changed = change(random, tree) if isinstance(tree, dict) else tree
            text = changed if isinstance(changed, str) else json.dumps(changed)
        except (ValueError, RecursionError):  # no JSON, or none that Python converts
            return message
        return message.changed(body=text.encode("utf-8", "surrogatepass"))

    mutate.__name__ = change.__name__
    return _mutation(mutate)


def places_in(tree: Any) -> list[Place]:
    """Give every place of a JSON value, as the object or list that holds it and the name or position there."""
    found: list[Place] = []
    waiting = [tree]
    while waiting:
        container = waiting.pop()
        steps = container.keys() if isinstance(container, dict) else range(len(container))
        found += ((container, step) for step in steps)
        waiting += (container[step] for step in steps if isinstance(container[step], dict | list) and container[step])
    return found


def _a_place(random: Random, tree: Any, kind: type = object) -> Place:
    """Give a place that holds a value of this kind, any place where there is none."""
    places = places_in(tree)
    return random.choice([(c, s) for c, s in places if isinstance(c[s], kind)] or places or [({"": ""}, "")])


def _with_raw(tree: Any, token: str) -> str:
    return json.dumps(tree).replace(json.dumps(_RAW), token, 1)


# Nothing that matters


@_mutation
def _nothing(_: Random, message: Wire) -> Wire:
    return message


@_in_tree
def _other_order_and_spacing(random: Random, tree: Any) -> Any:
    return json.dumps(
        dict(reversed(tree.items())), indent=random.choice((None, 1, 4)), ensure_ascii=random.random() < 0.5
    )


@_mutation
def _unknown_headers(random: Random, message: Wire) -> Wire:
    for name in (b"x-portal", b"ce-partitionkey", b"tracestate", "x-tên".encode()):
        message = message.with_header(name, random.choice((long_text("a"), b"I\0\0\0\x05", b"t\x01", b"V")))
    return message


@_mutation
def _harmless_properties(random: Random, message: Wire) -> Wire:
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


@_in_tree
def _unknown_field(random: Random, tree: Any) -> Any:
    inner = tree["data"] if isinstance(tree.get("data"), dict) else tree
    inner["fieldoftomorrow"] = random.choice(([], {}, {"a": [1, None]}, 10**30, "x", -0.0, [[[]]]))
    return tree


# The bytes of the body


@_mutation
def _flipped_bits(random: Random, message: Wire) -> Wire:
    body = bytearray(message.body)
    for _ in range(random.choice((1, 2, 30)) if body else 0):
        body[random.randrange(len(body))] ^= 1 << random.randrange(8)
    return message.changed(body=bytes(body))


@_mutation
def _cut_off(random: Random, message: Wire) -> Wire:
    return message.changed(body=message.body[: random.randrange(len(message.body) + 1)])


@_mutation
def _slice_moved(random: Random, message: Wire) -> Wire:
    start, end, to = sorted(random.randrange(len(message.body) + 1) for _ in range(3))
    body = message.body
    return message.changed(body=body[:start] + body[end:to] + body[start:end] + body[to:])


@_mutation
def _slice_repeated(random: Random, message: Wire) -> Wire:
    start = random.randrange(len(message.body) + 1)
    piece = message.body[start : start + random.choice((1, 10, 500))]
    return message.changed(body=message.body[:start] + piece * random.choice((2, 20, 200)) + message.body[start:])


@_mutation
def _odd_bytes(random: Random, message: Wire) -> Wire:
    odd = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00", b"\xef\xbb\xbf", b"\x1a", b"\r\n")
    at = random.choice((0, len(message.body), random.randrange(len(message.body) + 1)))
    return message.changed(body=message.body[:at] + random.choice(odd) + message.body[at:])


@_mutation
def _noise(random: Random, message: Wire) -> Wire:
    return message.changed(body=random.randbytes(random.choice((0, 1, 7, 300, 5_000))))


@_mutation
def _other_charset(random: Random, message: Wire) -> Wire:
    charset = random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1258", "utf-7"))
    text = message.body.decode("utf-8", "replace").encode(charset, "replace")
    return message.changed(body=text).with_property("content_type", f"application/json; charset={charset}".encode())


@_mutation
def _large(random: Random, message: Wire) -> Wire:
    """Grow to 200 KB or to 1 MiB, with spaces, with text or with garbage, or as one endless field."""
    size = random.choice((200_000, 262_144, 262_145, MAX_BODY_BYTES))
    filling = random.choice((b" ", b"\n", b"a", b"[", b"9", "ố".encode(), b"\xff"))
    padding = filling * max(0, (size - len(message.body)) // len(filling))
    return message.changed(body=message.body + padding if random.random() < 0.5 else padding + message.body)


# The JSON


@_in_tree
def _hostile_text(random: Random, tree: Any) -> Any:
    for _ in range(random.choice((1, 1, 5))):
        container, step = _a_place(random, tree, str)
        container[step] = random.choice(hostile.TEXTS)
    return tree


@_in_tree
def _hostile_text_within(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree, str)
    container[step] = str(container[step])[:40] + random.choice(hostile.TEXTS)[:200]
    return tree


@_in_tree
def _text_in_nfd(_: Random, tree: Any) -> Any:
    text = json.dumps(tree, ensure_ascii=False)
    return text if len(text) > 60_000 else unicodedata.normalize("NFD", text)  # endless marks would take minutes here


@_in_tree
def _odd_value(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree)
    container[step] = _RAW
    return _with_raw(tree, random.choice(hostile.ODD_TOKENS))


@_in_tree
def _value_elsewhere(random: Random, tree: Any) -> Any:
    (to, at), (source, step) = _a_place(random, tree), _a_place(random, tree)
    to[at] = json.loads(json.dumps(source[step]))
    return tree


@_in_tree
def _field_left_out(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree)
    del container[step]
    return tree


@_in_tree
def _field_renamed(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree)
    if isinstance(container, dict):
        container[random.choice((*hostile.TEXTS, step.upper(), step + " "))] = container.pop(step)
    return tree


@_in_tree
def _odd_names(random: Random, tree: Any) -> Any:
    containers = [container[step] for container, step in places_in(tree) if isinstance(container[step], dict)]
    container = random.choice([tree, *containers])
    for text in random.sample(hostile.TEXTS, 3):
        container[text] = random.choice((1, None, text, {text: text}))
    return tree


@_in_tree
def _long_lists(random: Random, tree: Any) -> Any:
    for container, step in places_in(tree):
        if isinstance(container[step], list):
            entries = container[step] or [random.choice(({}, None, "x", 1))]
            container[step] = (entries * 501)[: random.choice((200, 201, 500, 501, 2_000))]
    return tree


@_in_tree
def _many_names(random: Random, tree: Any) -> Any:
    names = {f"{n:05}": n for n in range(random.choice((100, 100, 5_000, 20_000)))}
    container, step = _a_place(random, tree)
    container[step] = names
    return tree


@_in_tree
def _endless_text(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree, str)
    container[step] = random.choice(("a", "ố", "\u0301\u0323", " ", "\n", "\ud800", "<b>", "'")) * random.choice(
        (9_000, 80_000)
    )
    return tree


@_in_tree
def _number_that_is_none(random: Random, tree: Any) -> Any:
    container, step = _a_place(random, tree)
    container[step] = _RAW
    return _with_raw(tree, random.choice(hostile.TOKENS))


@_in_tree
def _name_twice(random: Random, tree: Any) -> Any:
    containers = [container[step] for container, step in places_in(tree) if isinstance(container[step], dict)]
    container = random.choice([tree, *filter(None, containers)])
    name = random.choice([*container] or [""])
    container |= {name: container.get(name), _RAW: 0}
    return json.dumps(tree).replace(json.dumps(_RAW), json.dumps(name), 1)


@_in_tree
def _nested_deeply(random: Random, tree: Any) -> Any:
    """Nest below the limit of Python's reader and far over it; the fewest levels are over the limit of ours."""
    levels = random.choice((64, 65, 100, 101, 500, 900, 940, 960, 980, 1_000, 5_000, 60_000))
    container, step = _a_place(random, tree)
    container[step] = _RAW
    opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
    inner = random.choice(("1", '"x"')) if random.random() < 0.9 else ""
    return _with_raw(tree, opening * levels + (inner or "null") + closing * levels)


# Headers


@_mutation
def _header_left_out(random: Random, message: Wire) -> Wire:
    left_out = random.sample(sorted(message.headers), min(len(message.headers), random.choice((1, 1, 2, 20))))
    return message.changed(headers={name: v for name, v in message.headers.items() if name not in left_out})


@_mutation
def _odd_header_value(random: Random, message: Wire) -> Wire:
    name = random.choice([*sorted(message.headers), b"ce-id", b"ce-time", b"ce-source"])
    return message.with_header(name, random.choice(hostile.HEADER_VALUES))


@_mutation
def _hostile_header_text(random: Random, message: Wire) -> Wire:
    name = random.choice([*sorted(message.headers), b"ce-id", b"ce-subject", b"ce-correlationid", b"ce-source"])
    return message.with_header(name, long_text(random.choice(hostile.TEXTS)[:3_000].encode("utf-8", "replace")))


@_mutation
def _odd_header_names(random: Random, message: Wire) -> Wire:
    for name in random.sample(hostile.HEADER_NAMES, 4):
        message = message.with_header(name, random.choice(hostile.HEADER_VALUES))
    return message


@_mutation
def _headers_in_capitals(_: Random, message: Wire) -> Wire:
    return message.changed(headers={name.upper(): value for name, value in message.headers.items()})


@_mutation
def _many_headers(random: Random, message: Wire) -> Wire:
    prefix, count = random.choice((b"x-ocop-", b"x-", b"ce-n")), random.choice((10, 100))
    value = random.choice((long_text(b"\xff" * 900), long_text("a" * 900), b"V", nested_list(40)))
    return message.changed(headers=message.headers | {prefix + str(n).encode(): value for n in range(count)})


@_mutation
def _other_version_or_type(random: Random, message: Wire) -> Wire:
    values = ("0.3", "2.0", "1", "vn.ocop.dossier.filed.v2", "vn.ocop.product.rated.v1", "VN.OCOP.DOSSIER.FILED.V1", "")
    name = random.choice((b"ce-specversion", b"ce-type"))
    return message.with_header(name, long_text(random.choice(values)))


# Properties


@_mutation
def _other_content_type(random: Random, message: Wire) -> Wire:
    return message.with_property("content_type", random.choice((None, *hostile.CONTENT_TYPES)))


@_mutation
def _mode_not_meant(_: Random, message: Wire) -> Wire:
    other = b"application/json" if message.structured else b"application/cloudevents+json"
    return message.with_property("content_type", other)


@_mutation
def _lying_content_encoding(random: Random, message: Wire) -> Wire:
    return message.with_property("content_encoding", random.choice(hostile.CONTENT_ENCODINGS))


@_mutation
def _really_compressed(random: Random, message: Wire) -> Wire:
    named, pack = random.choice(((b"gzip", gzip.compress), (b"deflate", zlib.compress)))
    packed = pack(message.body if random.random() < 0.9 else b"\0" * 10_000_000)  # a bomb
    return message.changed(body=packed).with_property("content_encoding", random.choice((named, b"identity", None)))


@_mutation
def _odd_properties(random: Random, message: Wire) -> Wire:
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
    """A header's value: lists within one another."""
    value = long_text("x")
    for _ in range(levels):
        value = b"A" + len(value).to_bytes(4) + value
    return value
