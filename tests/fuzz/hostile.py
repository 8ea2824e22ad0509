"""Values that have made other systems stumble, each with the reason beside it."""

import struct

from tests.integration.raw_publisher import long_text, table

#: Text for any field that holds text.
TEXTS: tuple[str, ...] = (
    "",  # nothing
    "   ",  # nothing but spaces
    "\x00",  # ends a string in C
    "tên\x00.pdf",
    "\ud800",  # half a surrogate pair: no UTF-8 can carry it
    "Bánh\udfff tẻ",
    "\ufeff",  # byte order mark
    "\ufffe\uffff",  # no characters
    "Ba\u0301nh te\u0309",  # NFD: looks the same, is not equal
    "e" + "\u0301\u0323" * 2_000,  # marks that normalising has to sort
    "\u1100\u1161\u11a8" * 100,  # composes to a third of its length
    "\ufdfa" * 64,  # one character, eighteen in compatibility form
    "\u202egnp.exe",  # turns the direction of writing
    "\u2066\u202e\u2069",
    "\u200b",  # no width: looks empty
    "Bánh\u200b tẻ\u2060",
    "\ue000\U000f0000",  # private use
    "👨‍👩‍👧‍👦🇻🇳",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><h1>",
    "{{ 7 * 7 }}{% for x in ().__class__.__bases__ %}",  # Jinja
    "{0.__class__.__init__.__globals__}%s%n",  # format strings
    "Bánh tẻ\r\nBcc: ai-do@example.com\r\n\r\nXin chào",  # a header of a mail
    "Bánh tẻ\nX-Header: 1",
    "=?utf-8?B?QmNjOiB4QHkueg==?=",  # an encoded word
    "a@example.vn\r\nRCPT TO:<b@example.vn>",
    '"a\r\n b"@example.vn',
    "a@b@c.vn",
    "@",
    "\x1b[2J\x1b]0;rm -rf\x07",  # rewrites a terminal
    "\x9b31m",
    "\u2028\u2029",
    "a" * 5_000,
    "a" * 40 + "!",  # for patterns that try every way to split it
    "https://" + "a:" * 900,
    "0" * 64,
    "9" * 4_400,  # more digits than Python converts
    "1e999",
    "NaN",
    "null",
    "true",
    "../../../etc/passwd",
    "' OR 1=1 --",
    '{"$gt": ""}',
    "$where",
    "a.b",  # a path in MongoDB
    "__proto__",
    "٠١-٠٩٥٧٤-١-٢٠٢٦",  # digits that are not ASCII
    "①②③",
    "İı",  # change their length in lower case
    "ß" * 300,
    "\u0345" * 50,
)

#: Raw JSON in the place of a value.
TOKENS: tuple[str, ...] = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1" + "0" * 5_000,  # more digits than Python converts
)
#: Raw JSON in the place of a value that may stand there.
ODD_TOKENS: tuple[str, ...] = (
    "-0",
    "0.0",
    "5.0",
    "1e308",
    "1e-999",
    "9223372036854775808",  # one more than 64 bits hold
    "-9223372036854775809",
    "1" + "0" * 4_200,
    "2147483648",
    "null",
    "true",
    "[]",
    "{}",
    '""',
    '"\\ud83d"',
    '"\\u0000"',
    "[[[[]]]]",
    '{"$ne": null}',
    '{"a.b": {"$where": 1}}',
    '{"": ""}',
    '{"\\u0000": 1}',
    '{"\\ud800": 1}',
)


def nested(levels: int) -> bytes:
    """Return a header's value: tables within one another."""
    value = long_text("x")
    for _ in range(levels):
        value = b"F" + table({b"a": value})
    return value


#: Encoded values for a header: every type of AMQP 0-9-1 and RabbitMQ, and what breaks readers of them.
HEADER_VALUES: tuple[bytes, ...] = (
    long_text(""),
    long_text(b"H\xe0 N\xf4i"),  # Latin-1
    long_text(b"\xff\xfe\x00"),
    long_text("\x1b[2J\r\n"),
    long_text("ố" * 200),
    long_text("x" * 3_000),
    long_text("2026-11-24T25:61:00Z"),
    long_text("0001-01-01T00:00:00+14:00"),  # before the first year in UTC
    long_text("9999-12-31T23:59:59-14:00"),
    long_text("2026-11-24"),
    long_text("1.0"),
    b"t\x01",
    b"b\xff",
    b"B\xff",
    b"s\xff\xfe",
    b"u\xff\xfe",
    b"I" + struct.pack(">i", -(2**31)),
    b"i" + struct.pack(">I", 2**32 - 1),
    b"l" + struct.pack(">q", -(2**63)),
    b"L" + struct.pack(">q", 2**63 - 1),
    b"f" + struct.pack(">f", float("nan")),
    b"d" + struct.pack(">d", float("inf")),
    b"d" + struct.pack(">d", 1e300),
    b"D\xff" + struct.pack(">i", -1),
    b"T" + struct.pack(">Q", 2**63),
    b"T" + struct.pack(">Q", 1_764_000_000),
    b"T" + struct.pack(">Q", 0),
    b"V",
    b"x" + struct.pack(">I", 4) + b"\x00\xff\x00\xff",
    b"A" + struct.pack(">I", 0),
    b"A" + struct.pack(">I", 5_000) + b"V" * 5_000,
    b"F" + table({}),
    b"F" + table({b"ce-id": long_text("x")}),
    nested(100),
    nested(300),
)

#: Names of headers beside those of the event.
HEADER_NAMES: tuple[bytes, ...] = (
    b"",
    b"ce-",
    b"CE-ID",
    b"ce-data",
    b"ce-data_base64",
    b"ce-\xff",
    "ce-tên".encode(),
    b"ce-datacontenttype",
    b"ce-subject",
    b"ce-correlationid",
    b"ce-causationid",
    b"ce-traceparent",
    b"ce-time",
    b"x-ocop-attempt",
    b"x-ocop-reason",
    b"x-ocop-filed-by",
    b"x-ocop-headers-unreadable",
    b"x-death",
    b"x-delivery-count",
    b"x-first-death-queue",
    b"BCC",
    b"x" * 255,
)

CONTENT_TYPES: tuple[bytes, ...] = (
    b"",
    b"application/json; charset=utf-16",
    b"application/json ; charset=utf-8",
    b"APPLICATION/JSON",
    b"text/json",
    b"application/vnd.ocop+json",
    b"text/plain",
    b"application/octet-stream",
    b"application/xml",
    b"application/cloudevents",
    b"application/cloudevents-batch+json",
    b"application/cloudevents+avro",
    b"Application/CloudEvents+JSON; charset=utf-8",
    b"application/json\r\nx: y",
    b"\xff\xfe",
    b"a" * 255,
    b"application/json;" + b"a" * 230,
)

CONTENT_ENCODINGS: tuple[bytes, ...] = (b"gzip", b"deflate", b"br", b"base64", b"GZIP ", b"utf-16", b"\xff", b"x" * 255)
