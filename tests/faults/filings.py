"""Dossiers of products that nobody else files, and the messages that file them, made from a seed."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from services.registry.units import COMMUNES as UNITS
from shared.contracts.catalogue import CERTIFICATE_IMPORTED, DOSSIER_FILED, EventType
from tests.faults.messages import After, Message, Sender
from tests.unit.registry.dossiers import acceptable_dossier, document
from tests.unit.registry.lives import imported
from tools.examples import FOLDER

SOURCE = "/portals/faults"
STRUCTURED = "application/cloudevents+json"

#: The province of the sender `hanoi`.
HANOI = 1
#: The communes of Hà Nội. A few at a time, so that many dossiers want the next serial number of the same one at once;
#: then others, because the local database sorts all products of a commune to find the last serial number.
COMMUNES = sorted(f"{code:05}" for code, commune in UNITS.items() if commune.province_code == HANOI)
COMMUNES_AT_A_TIME = 4
CASES_AT_A_TIME = 400
#: All others, by province and commune: one each for a product whose code is to be known beforehand, the first there.
OTHER_PLACES = sorted(
    (f"{commune.province_code:02}", f"{code:05}") for code, commune in UNITS.items() if commune.province_code != HANOI
)

#: An answer that no score sheet knows.
UNKNOWN_ANSWERS = {"answers": [{"criterion": "99.9", "option": 1}]}


class Filings:
    """Dossiers and messages, one after the other; `number` is that of the case for which they are made."""

    def __init__(self, randomness: random.Random) -> None:
        self.number = 0
        self._random = randomness
        self._examples = [acceptable_dossier(), *_first_registrations()]
        self._places_used = 0
        self._imported = Counter[str]()

    def dossier(self, distinction: str = "") -> dict[str, Any]:
        """Return a first registration of a product that nobody else files, with answers that its sheet knows."""
        dossier: dict[str, Any] = json.loads(json.dumps(self._random.choice(self._examples)))
        dossier["producer"]["registration_number"] = f"01Y{self.number:08}"
        dossier["product"] |= {
            "name": f"{dossier['product']['name']} số {self.number}{distinction}",
            "province_code": f"{HANOI:02}",
            "commune_code": self._commune(),
        }
        return dossier

    def first_of_its_commune(self) -> dict[str, Any]:
        """Return such a dossier from a commune that no other case uses."""
        province, commune = OTHER_PLACES[self._places_used % len(OTHER_PLACES)]
        self._places_used += 1
        dossier = self.dossier()
        dossier["product"] |= {"province_code": province, "commune_code": commune}
        return dossier

    def elsewhere(self) -> dict[str, Any]:
        """Return such a dossier, as if from outside of Hà Nội; the registry is not to number it."""
        province, commune = self._random.choice(OTHER_PLACES)
        dossier = self.dossier()
        dossier["product"] |= {"province_code": province, "commune_code": commune}
        return dossier

    @property
    def places_are_left(self) -> bool:
        """Return whether there is a commune that no case has used."""
        return self._places_used < len(OTHER_PLACES)

    def sender(self) -> Sender:
        """Return one of the two, who file for the same communes."""
        return self._random.choice(("portal", "hanoi"))

    def filed(
        self,
        dossier: dict[str, Any],
        suffix: str = "",
        *,
        sender: Sender | None = None,
        signed: bool = True,
        after: After | None = None,
    ) -> Message:
        """Return a dossier in binary mode mostly, sometimes in structured mode; by the sender, or else by any."""
        id, by = self.id + suffix, sender or self.sender()
        if self._random.random() < 0.9:
            return self.binary(json.dumps(dossier).encode(), id=id, sender=by, signed=signed, after=after)
        event = {"specversion": "1.0", "id": id, "source": SOURCE, "type": DOSSIER_FILED.type, "data": dossier}
        body = json.dumps(event).encode()
        return Message(body, {}, id, content_type=STRUCTURED, sender=by, signed=signed, after=after)

    def certificate_of(self, dossier: dict[str, Any]) -> Message:
        """Return what brings in a certificate of a dossier's product, of 2025: nothing falls due of it soon."""
        product, producer = dossier["product"], dossier["producer"]
        commune = product["commune_code"]
        self._imported[commune] += 1
        told = {name: producer[name] for name in ("name", "kind", "registration_number", "contact")}
        described = {
            f"product.{name}": product[name] for name in ("name", "product_set", "province_code", "commune_code")
        }
        paper = {
            "product_code": f"{HANOI:02}-{commune}-{self._imported[commune]}-2025",
            "producer": told,
            "certificate.number": f"{self.number}/GCN",
            "certificate.decision.date": "2025-01-20",
            "certificate.last_day": "2028-01-20",
        }
        body = json.dumps(imported(described | paper)).encode()
        return self.binary(body, id=f"{self.id}-paper", kind=CERTIFICATE_IMPORTED, sender="hanoi", signed=True)

    def binary(self, body: bytes, *, id: str, kind: EventType[Any] = DOSSIER_FILED, **more: Any) -> Message:
        """Return a message in binary mode."""
        attributes = {"specversion": "1.0", "id": id, "source": SOURCE, "type": kind.type}
        headers = {f"ce-{name}": value for name, value in attributes.items()}
        return Message(body, headers, id, routing_key=kind.routing_key, **more)

    @property
    def id(self) -> str:
        """The id of the case's first message."""
        return f"fault-{self.number:06}"

    def noise(self) -> bytes:
        """Return bytes that are no JSON and that no other message has."""
        return b"\xff" + self._random.randbytes(self._random.randrange(16, 2_000))

    def one_of(self, choices: Sequence[Any]) -> Any:
        """Return one of these."""
        return self._random.choice(choices)

    def _commune(self) -> str:
        turn = self.number // CASES_AT_A_TIME * COMMUNES_AT_A_TIME
        return COMMUNES[(turn + self._random.randrange(COMMUNES_AT_A_TIME)) % len(COMMUNES)]


def later(dossier: dict[str, Any], registration: str, code: str) -> dict[str, Any]:
    """Return an upgrade or a re-evaluation of the product of a first registration, with the papers that it needs."""
    given = {each["type"] for each in dossier["documents"]}
    needed = [name for name in ("change-report", "test-report") if name not in given]
    papers = [*dossier["documents"], *(document(name, f"{n:064x}") for n, name in enumerate(needed, 100))]
    return {**dossier, "registration": registration, "product_code": code, "documents": papers}


def _first_registrations() -> list[dict[str, Any]]:
    """Return the example dossiers that nothing turns back."""
    files = sorted(file for file in FOLDER.glob("*.json") if "faulty" not in file.name)
    dossiers = [json.loads(file.read_text("utf-8")) for file in files]
    return [dossier for dossier in dossiers if dossier["registration"] == "first"]
