"""The bytes of the body, whatever they mean."""

from random import Random

from tests.fuzz.mutating import MAX_BODY_BYTES, Mutations
from tests.fuzz.wire import Wire

OF_BYTES = Mutations()


@OF_BYTES.of_message
def flipped_bits(random: Random, message: Wire) -> Wire:
    body = bytearray(message.body)
    for _ in range(random.choice((1, 2, 30)) if body else 0):
        body[random.randrange(len(body))] ^= 1 << random.randrange(8)
    return message.changed(body=bytes(body))


@OF_BYTES.of_message
def cut_off(random: Random, message: Wire) -> Wire:
    return message.changed(body=message.body[: random.randrange(len(message.body) + 1)])


@OF_BYTES.of_message
def slice_moved(random: Random, message: Wire) -> Wire:
    start, end, to = sorted(random.randrange(len(message.body) + 1) for _ in range(3))
    body = message.body
    return message.changed(body=body[:start] + body[end:to] + body[start:end] + body[to:])


@OF_BYTES.of_message
def slice_repeated(random: Random, message: Wire) -> Wire:
    start = random.randrange(len(message.body) + 1)
    piece = message.body[start : start + random.choice((1, 10, 500))]
    return message.changed(body=message.body[:start] + piece * random.choice((2, 20, 200)) + message.body[start:])


@OF_BYTES.of_message
def odd_bytes(random: Random, message: Wire) -> Wire:
    odd = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x00", b"\xef\xbb\xbf", b"\x1a", b"\r\n")
    at = random.choice((0, len(message.body), random.randrange(len(message.body) + 1)))
    return message.changed(body=message.body[:at] + random.choice(odd) + message.body[at:])


@OF_BYTES.of_message
def noise(random: Random, message: Wire) -> Wire:
    return message.changed(body=random.randbytes(random.choice((0, 1, 7, 300, 5_000))))


@OF_BYTES.of_message
def other_charset(random: Random, message: Wire) -> Wire:
    charset = random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1258", "utf-7"))
    text = message.body.decode("utf-8", "replace").encode(charset, "replace")
    return message.changed(body=text).with_property("content_type", f"application/json; charset={charset}".encode())


@OF_BYTES.of_message
def large(random: Random, message: Wire) -> Wire:
    """Grow to 200 KB or to 1 MiB, with spaces, with text or with garbage, or as one endless field."""
    size = random.choice((200_000, 262_144, 262_145, MAX_BODY_BYTES))
    filling = random.choice((b" ", b"\n", b"a", b"[", b"9", "ố".encode(), b"\xff"))
    padding = filling * max(0, (size - len(message.body)) // len(filling))
    return message.changed(body=message.body + padding if random.random() < 0.5 else padding + message.body)
