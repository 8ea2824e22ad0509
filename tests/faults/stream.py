"""What is filed in a fault test: cases made from a seed, each with what must become of it."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.registry.units import COMMUNES as UNITS
from shared.contracts.catalogue import DOSSIER_FILED, EVENTS, INTAKE
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM
from tests.unit.registry.dossiers import acceptable_dossier
from tools.examples import FOLDER

SOURCE = "/portals/faults"
STRUCTURED = "application/cloudevents+json"

#: The communes of Hà Nội. A few at a time, so that many dossiers want the next serial number of the same one at once;
#: then others, because the local database sorts all products of a commune to find the last serial number.
COMMUNES = sorted(f"{code:05}" for code, commune in UNITS.items() if commune.province_code == 1)
COMMUNES_AT_A_TIME = 4
CASES_AT_A_TIME = 400

Kind = Literal[
    "good",
    "unknown answers",
    "breaks a rule",
    "breaks the contract",
    "garbage with an id",
    "garbage",
    "garbage between services",
    "mistyped routing key",
    "same product twice",
    "same id twice",
]

#: How often each kind comes, of a hundred cases.
WEIGHTS: dict[Kind, int] = {
    "good": 58,
    "unknown answers": 8,
    "breaks a rule": 9,
    "breaks the contract": 6,
    "garbage with an id": 4,
    "garbage": 4,
    "garbage between services": 3,
    "mistyped routing key": 2,
    "same product twice": 3,
    "same id twice": 3,
}

_INTAKE_DEAD = SYSTEM["registry"].subscription(DOSSIER_FILED).dead

#: How often a message is sent, and how likely that is.
COPIES = {1: 80, 2: 15, 3: 5}


@dataclass(frozen=True)
class Message:
    """What is published; `id` is that of the CloudEvent, None where nobody can read one."""

    body: bytes
    headers: Mapping[str, str]
    id: str | None = None
    content_type: str = "application/json"
    exchange: str = INTAKE
    routing_key: str = DOSSIER_FILED.routing_key


@dataclass(frozen=True)
class Case:
    """Different messages that are accounted for together, and what must become of them.

    Attributes:
        records: how many of them the registry records, each once.
        accepted: how many of those get a product code; which ones, where some do not, depends on who comes first.
        rated: whether evaluation rates those, or turns them back.
        kept_in: the queue that keeps every message of the case, byte for byte; None where none is kept.
    """

    kind: Kind
    messages: tuple[Message, ...]
    records: int = 0
    accepted: int = 0
    rated: bool = False
    kept_in: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its CloudEvents."""
        return frozenset(message.id for message in self.messages if message.id)


class Stream:
    """Cases without end, always the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"stream {seed}")
        self._dossiers = [acceptable_dossier(), *_first_registrations()]
        self._number = 0
        self._makers: dict[Kind, Callable[[], Case]] = {
            "good": self._good,
            "unknown answers": self._unknown_answers,
            "breaks a rule": self._rule_broken,
            "breaks the contract": self._contract_broken,
            "garbage with an id": self._garbage_with_an_id,
            "garbage": self._garbage,
            "garbage between services": self._garbage_between_services,
            "mistyped routing key": self._mistyped_routing_key,
            "same product twice": self._same_product_twice,
            "same id twice": self._same_id_twice,
        }

    def cases(self) -> Iterator[Case]:
        """Return case after case."""
        while True:
            kind = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            self._number += 1
            yield self._makers[kind]()

    def copies(self) -> int:
        """Say how often the next message is to be sent."""
        return self._random.choices(list(COPIES), list(COPIES.values()))[0]

    def _good(self) -> Case:
        return Case("good", (self._filed(self._dossier()),), records=1, accepted=1, rated=True)

    def _unknown_answers(self) -> Case:
        dossier = self._dossier() | {"self_assessment": {"answers": [{"criterion": "99.9", "option": 1}]}}
        return Case("unknown answers", (self._filed(dossier),), records=1, accepted=1)

    def _rule_broken(self) -> Case:
        return Case("breaks a rule", (self._filed(self._dossier() | {"samples": 3}),), records=1)

    def _contract_broken(self) -> Case:
        message = self._filed(self._dossier() | {"samples": "five"})
        return Case("breaks the contract", (message,), records=1, kept_in=_INTAKE_DEAD)

    def _garbage_with_an_id(self) -> Case:
        message = self._binary(self._noise(), id=self._id())
        return Case("garbage with an id", (message,), records=1, kept_in=_INTAKE_DEAD)

    def _garbage(self) -> Case:
        return Case("garbage", (Message(self._noise(), {}),), kept_in=_INTAKE_DEAD)

    def _mistyped_routing_key(self) -> Case:
        message = Message(self._noise(), {}, routing_key="dosier.filed.v1")
        return Case("mistyped routing key", (message,), kept_in=UNROUTED)

    def _same_product_twice(self) -> Case:
        dossier = self._dossier()
        twice = (self._filed(dossier), self._filed(dossier, "-again"))
        return Case("same product twice", twice, records=2, accepted=1, rated=True)

    def _same_id_twice(self) -> Case:
        twice = (self._filed(self._dossier()), self._filed(self._dossier(" (khác)")))
        return Case("same id twice", twice, records=2, accepted=1, rated=True)

    def _garbage_between_services(self) -> Case:
        routing_key, queue = self._random.choice(
            [
                ("product.submitted.v1.01.09574", "evaluation.product-submitted.dead"),
                ("product.rated.v1.01.09574", "notifications.product-rated.dead"),
                ("dossier.rejected.v1.-.-", "notifications.dossier-rejected.dead"),
            ]
        )
        message = Message(self._noise(), {}, exchange=EVENTS, routing_key=routing_key)
        return Case("garbage between services", (message,), kept_in=queue)

    def _dossier(self, distinction: str = "") -> dict[str, Any]:
        """Return a first registration of a product that nobody else files, with answers that its sheet knows."""
        dossier: dict[str, Any] = json.loads(json.dumps(self._random.choice(self._dossiers)))
        dossier["producer"]["registration_number"] = f"01Y{self._number:08}"
        dossier["product"] |= {
            "name": f"{dossier['product']['name']} số {self._number}{distinction}",
            "province_code": "01",
            "commune_code": self._commune(),
        }
        return dossier

    def _commune(self) -> str:
        turn = self._number // CASES_AT_A_TIME * COMMUNES_AT_A_TIME
        return COMMUNES[(turn + self._random.randrange(COMMUNES_AT_A_TIME)) % len(COMMUNES)]

    def _filed(self, dossier: dict[str, Any], suffix: str = "") -> Message:
        """Return a dossier in binary mode mostly, sometimes in structured mode."""
        id = self._id() + suffix
        if self._random.random() < 0.9:
            return self._binary(json.dumps(dossier).encode(), id=id)
        event = {"specversion": "1.0", "id": id, "source": SOURCE, "type": DOSSIER_FILED.type, "data": dossier}
        return Message(json.dumps(event).encode(), {}, id, content_type=STRUCTURED)

    def _binary(self, body: bytes, *, id: str) -> Message:
        attributes = {"specversion": "1.0", "id": id, "source": SOURCE, "type": DOSSIER_FILED.type}
        return Message(body, {f"ce-{name}": value for name, value in attributes.items()}, id)

    def _id(self) -> str:
        return f"fault-{self._number:06}"

    def _noise(self) -> bytes:
        """Bytes that are no JSON and that no other message has."""
        return b"\xff" + self._random.randbytes(self._random.randrange(16, 2_000))


def _first_registrations() -> list[dict[str, Any]]:
    """Return the example dossiers that nothing turns back."""
    files = sorted(file for file in FOLDER.glob("*.json") if "faulty" not in file.name)
    dossiers = [json.loads(file.read_text("utf-8")) for file in files]
    return [dossier for dossier in dossiers if dossier["registration"] == "first"]
