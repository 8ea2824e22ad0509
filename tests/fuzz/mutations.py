"""Ways to break a valid message, each with a name. Pure: the same random source gives the same message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from shared.contracts.catalogue import INTAKE
from tests.fuzz.kinds.harmless import HARMLESS
from tests.fuzz.kinds.of_bytes import OF_BYTES
from tests.fuzz.kinds.of_headers import OF_HEADERS
from tests.fuzz.kinds.of_json import OF_JSON
from tests.fuzz.mutating import MAX_BODY_BYTES
from tests.fuzz.wire import Wire

MUTATIONS = HARMLESS | OF_BYTES | OF_JSON | OF_HEADERS
#: After these alone, no message may be accepted.
ALWAYS_REFUSED = ("number-that-is-none", "name-twice", "nested-deeply", "lying-content-encoding", "really-compressed")


@dataclass(frozen=True)
class Mutated:
    """A message, the valid one that it was made of, and the names of what was done to it."""

    message: Wire
    valid: Wire
    names: tuple[str, ...]


def stream(seed: int, valid: Sequence[Wire]) -> Iterator[Mutated]:
    """Return mutated messages without end, always the same for one seed: every second one a dossier."""
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
