"""Record: the collection `products`, the register (sổ đăng ký). One document a dossier, accepted or not."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from services.registry import former_keys
from services.registry.correction import AWAITS_CORRECTION
from services.registry.identity import KnownProduct
from services.registry.personal_numbers import ProducerNumbers
from services.registry.registration import ExaminedDossier, RegisterState, place_of
from shared.clock import Clock
from shared.contracts.dossier import Dossier
from shared.contracts.event import Event
from shared.errors import ConflictError, SettingsError, TryLaterError
from shared.handling.outcome import Decision
from shared.handling.records import Records
from shared.legal_date import legal_date
from shared.storage import Database, Index, StoredDocument

#: `registered` stands in the document of a product's first registration, so each of its fields is unique there. Keys of
#: products registered under former ones stand in documents of their own (`former_keys`).
#: `corrects` names the record that a first registration was turned back: each may be corrected once.
INDEXES = (
    Index(("filing",), unique=True),
    Index(("registered.code",), unique=True),
    Index(("registered.keys",), unique=True),
    Index(("corrects",), unique=True),
    Index(("registered.place", "registered.year", "-registered.serial")),
    Index(("turned_back", "outcome")),
)
#: The document that says by which key the register hashes persons' numbers; all others are records of events.
KEY_NOTE = "producer-key"
_ANOTHER_KEY = (
    "OCOP_PRODUCER_KEY: the register was kept under another key, and would know no producer by a personal number. Set "
    "the key that it was kept under; it is in the backup of the secrets (docs/operations.md, backup and restore)"
)


class Products(Records):
    """The register of products."""

    def __init__(self, database: Database, *, numbers: ProducerNumbers, clock: Clock) -> None:
        super().__init__(database.collection("products"), clock=clock)
        self._numbers = numbers
        self._last_serials: dict[tuple[str, int], int] = {}

    async def prepare(self) -> None:
        """Create the indexes that keep codes and products unique, and see that the key of numbers is the one as ever.

        What was registered under former keys gets today's.

        Raises:
            OutageError: the database is away.
            SettingsError: the register was kept under another key.
        """
        await self.collection.ensure_indexes(*INDEXES)
        await self._hold_to_one_key()
        await former_keys.bring_up_to_date(self.collection, self._numbers, self._clock)

    async def recorded_in_clear(self, filed: ExaminedDossier) -> bool:
        """Return whether the first version registered this product under a person's number in clear.

        Its unique indexes do not say so, since this version records another key. Raise OutageError.
        """
        keys = filed.identity.keys_in_clear if filed.identity else ()
        found = await asyncio.gather(*(self.collection.find_by("registered.keys", key) for key in keys))
        return any(found)

    async def without(self, codes: Collection[str]) -> frozenset[str]:
        """Return those of the product codes that the register has given to no product. Raise OutageError."""
        found = await asyncio.gather(*(self.collection.find_by("registered.code", code) for code in codes))
        return frozenset(code for code, document in zip(codes, found, strict=True) if document is None)

    async def state_of_new(self, dossier: Dossier, now: datetime) -> RegisterState:
        """Read what a dossier needs that is taken for new, event id and product: its commune's last number.

        Most first registrations are new. Where one is not, the unique indexes say so when the decision is written.

        Raises:
            OutageError: the database is away.
        """
        commune = place_of(dossier), legal_date(now).year
        remembered = self._last_serials.get(commune)
        return RegisterState(last_serial=await self._last_serial(*commune) if remembered is None else remembered)

    async def state_of(self, filed: ExaminedDossier, now: datetime) -> RegisterState:
        """Read what bears on a dossier. Raise OutageError.

        What is read may be old a moment later: the unique indexes say so when the decision is written.
        """
        event, dossier, first = filed.event, filed.examination.dossier, filed.new
        filing = self.collection.find_by("filing", event.identity)
        if dossier is None or filed.identity is None:
            return RegisterState(same_id=_is_other(await filing, event))
        code = dossier.product_code or event.refiled_as
        by_keys = (self.collection.find_by("registered.keys", key) for key in filed.identity.known_keys)
        (other, *same_product), by_code = await asyncio.gather(
            asyncio.gather(filing, *by_keys),
            self.collection.find_by("registered.code", code) if code else _nothing(),
        )
        state = RegisterState(
            same_id=_is_other(other, event),
            by_key=await self._known(
                await former_keys.product_of(self.collection, next(filter(None, same_product), None))
            ),
            by_code=await self._known(by_code),
        )
        if first is None or state.same_id or state.by_key:
            return state
        # It is new after all, so the remembered serial was wrong. At last: another registry may give the next one.
        return replace(state, last_serial=await self._last_serial(place_of(first), legal_date(now).year))

    async def record(self, decision: Decision) -> None:
        """Write a decision once, and remember the serial number that it gave. Raise ConflictError; OutageError."""
        await super().record(decision)
        if registered := decision.fields.get("registered"):
            commune = registered["place"], registered["year"]
            self._last_serials[commune] = max(registered["serial"], self._last_serials.get(commune, 0))

    async def _hold_to_one_key(self) -> None:
        """Record the key's fingerprint at the first start, and compare it at every other.

        Under another key every producer known by a personal number would be unknown, and her products registered twice.
        """
        note = {"_id": KEY_NOTE, "fingerprint": self._numbers.fingerprint, "announced": []}
        with suppress(ConflictError):
            await self.collection.insert(note | {"recorded_at": self._clock()})
        noted = await self.collection.find_by("_id", KEY_NOTE)
        if noted is None or noted["fingerprint"] != note["fingerprint"]:
            raise SettingsError(_ANOTHER_KEY)

    async def _last_serial(self, place: str, year: int) -> int:
        """Return the last number that a commune has given, from the register."""
        last = await self.collection.find_one(
            {"registered.place": place, "registered.year": year}, order="-registered.serial"
        )
        return int(last["registered"]["serial"]) if last else 0

    async def _known(self, document: StoredDocument | None) -> KnownProduct | None:
        if document is None:
            return None
        registered = document["registered"]
        if "keys" not in registered:  # kept by `reserve`
            raise TryLaterError(f"{registered['code']} is kept for a product whose dossier is lost")
        product_set, to_correct = registered["product_set"], await self._turned_back(document)
        # from a dossier to what turned it back to its correction: clocks of several registries give no order
        while to_correct and (correction := await self.collection.find_one({"corrects": to_correct})):
            product_set, to_correct = correction["product_set"], await self._turned_back(correction)
        return KnownProduct(
            code=registered["code"],
            producer_numbers=frozenset(registered["producer_numbers"]),
            product_set=product_set,
            to_correct=to_correct,
        )

    async def _turned_back(self, accepted: StoredDocument) -> str | None:
        """Return the key of the record that evaluation turned an accepted first registration back."""
        submitted = accepted["announced"][0]["id"]
        note = await self.collection.find_one({"turned_back": submitted, "outcome": AWAITS_CORRECTION})
        return note["_id"] if note else None


def _is_other(filed: StoredDocument | None, event: Event) -> bool:
    return filed is not None and filed["_id"] != event.key


async def _nothing() -> None:
    """Return nothing, in the place of a look-up that is not needed."""
