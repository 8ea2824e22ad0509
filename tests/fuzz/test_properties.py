"""Properties of the decoders for input that nobody thought of: hypothesis makes it and shrinks what fails."""

import copy
import json
import struct
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import decode, encode

from services.notifications.channels.mail import message as mail_message
from services.notifications.delivery import Delivery
from services.notifications.plan import compose
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.dossier import DossierRejected, Recipient
from shared.contracts.event import BrokenContractError, Event, contents
from shared.contracts.text import Bilingual, Fault
from shared.messaging.amqp_properties import MAX_HEADERS_BYTES, copied, read_leniently
from tests.fuzz.corpus import NOW, binary, filed_dossiers, filed_event, valid_events
from tests.fuzz.decoders import SENDER, TO, bears_no_control, outcome
from tests.fuzz.hostile import CONTENT_ENCODINGS, CONTENT_TYPES, HEADER_NAMES, HEADER_VALUES, TEXTS
from tests.fuzz.mutating import places_in
from tests.integration.raw_publisher import long_text

read_leniently()

TEXT = st.one_of(st.text(st.characters(), max_size=60), st.sampled_from(TEXTS))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)


def long_text_of(text: str) -> bytes:
    return long_text(text.encode("utf-8", "replace"))


EVENTS = tuple({event.type: event for event in valid_events()}.values())
#: A table whose length is right and whose content is any bytes, or names and values of every type.
TABLES = st.one_of(
    st.binary(max_size=80),
    st.lists(st.tuples(st.sampled_from(HEADER_NAMES), st.sampled_from(HEADER_VALUES)), max_size=6).map(
        lambda entries: b"".join(bytes([len(name)]) + name + value for name, value in entries)
    ),
).map(lambda content: struct.pack(">I", len(content)) + content)


@settings(max_examples=3 * settings().max_examples)
@given(TABLES)
def test_any_table_of_headers_can_be_read_and_copied(table: bytes) -> None:
    headers: Any = decode.METHODS["table"](table)[1]

    assert len(encode.field_table(copied(headers))) <= MAX_HEADERS_BYTES + 4


@settings(max_examples=2 * settings().max_examples)
@given(
    st.dictionaries(st.sampled_from(HEADER_NAMES), st.sampled_from(HEADER_VALUES) | TEXT.map(long_text_of), max_size=4),
    st.sampled_from((b"application/json", b"application/cloudevents+json", *CONTENT_TYPES)),
    st.sampled_from((b"", b"utf-8", *CONTENT_ENCODINGS)),
    st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_message_has_one_of_the_declared_outcomes(
    headers: dict[bytes, bytes], content_type: bytes, encoding: bytes, body: bytes
) -> None:
    valid = binary(filed_event(filed_dossiers()[0], "ho-so"))
    message = valid.changed(headers=valid.headers | headers, body=body).with_property("content_type", content_type)

    assert outcome(message.with_property("content_encoding", encoding))


@settings(max_examples=3 * settings().max_examples)
@given(st.sampled_from(EVENTS), st.integers(0, 10_000), TEXT | JSON)
def test_data_with_any_value_anywhere_breaks_its_contract_or_can_be_passed_on(
    event: Event, place: int, value: Any
) -> None:
    data = copy.deepcopy(event.data)
    places = places_in(data)
    container, step = places[place % len(places)]
    container[step] = value

    with suppress(BrokenContractError):
        read = contents(replace(event, data=data), BY_TYPE[event.type].model)
        json.dumps(read.model_dump(mode="json"), ensure_ascii=False).encode()


@settings(max_examples=2 * settings().max_examples)
@given(st.text(), st.text(), st.text(), st.sampled_from(("vi", "en")))
def test_no_name_can_write_into_the_mail(product: str, producer: str, said: str, language: Any) -> None:
    rejected = DossierRejected(
        dossier_id="ho-so-1",
        product_name=f"<b>{product}\r\nBcc: x",
        faults=(Fault(pointer="", code="missing", message=Bilingual(vi=f"<i>{said}", en=f"<i>{said}")),),
    )

    recipient = Recipient.model_validate({"name": f"<script>{producer}\n", "contact": {"language": language}})
    alert = compose(rejected, recipient, alert_id="a", about="b", time=NOW)

    assert not any(tag in alert.html for tag in ("<b>", "<script>", "<i>"))
    assert "\n" not in alert.subject
    assert bears_no_control(alert.subject + alert.text + alert.html)
    mail = mail_message(Delivery(alert.id, "a@example.vn", (alert,)), SENDER, TO)
    assert mail.keys() == [
        "Message-ID",
        "Date",
        "From",
        "To",
        "Subject",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    ]
    assert mail.as_bytes()
