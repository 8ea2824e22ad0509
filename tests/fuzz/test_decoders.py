"""Mutated messages at the decoders: a part of what `make fuzz` throws."""

from itertools import islice

from tests.fuzz.at_decoders import throw
from tests.fuzz.corpus import valid_messages
from tests.fuzz.decoders import CODES, outcome
from tests.fuzz.mutations import stream
from tests.fuzz.seed import chosen_seed

#: `make fuzz` throws 100,000
MESSAGES = 300


def test_every_valid_message_is_read() -> None:
    outcomes = {outcome(message) for message in valid_messages()}

    assert not any(code in became.split("/") for became in outcomes for code in CODES)


def test_a_seed_gives_the_same_messages_again() -> None:
    first, again = (list(islice(stream(1, valid_messages()), 60)) for _ in range(2))

    assert first == again


def test_whatever_is_sent_is_refused_with_a_declared_code_or_can_be_handled() -> None:
    summary = throw(MESSAGES, chosen_seed(usual=2026))

    assert summary.failures == []
    assert summary.messages == MESSAGES
