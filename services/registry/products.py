"""Record: the collection `products`, the register (sổ đăng ký). One document a dossier, accepted or not."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry import migration, succession
from services.registry.certificates import number_key
from services.registry.facts import facts_of
from services.registry.identity import KnownProduct, ProducerNumbers, is_former, place_of
from services.registry.imports import ExaminedImport, ImportState
from services.registry.intake import ExaminedDossier
from services.registry.recognition import certificate_in
from services.registry.registration import RegisterState
from services.registry.renewal import RoundDay
from services.registry.round_deadlines import ROUND_DEADLINES, WAITS_AT, RoundDeadlines, begun, is_waiting
from services.registry.round_filings import RoundState
from services.registry.search_keys import by_stage, in_province, keys_of, words_of
from services.registry.succession import Succession, SuccessionState
from services.registry.telling import Told, is_telling
from services.registry.units import PROVINCES
from shared.clock import Clock
from shared.contracts.certificates import Certificate, RecognitionDecided
from shared.contracts.dossier import Dossier
from shared.contracts.event import Event
from shared.contracts.product import parts_of
from shared.errors import ConflictError, SettingsError, TryLaterError
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.now import View
from shared.handling.numbering import Numbering
from shared.handling.outcome import Decision
from shared.handling.records import VERSIONS, Histories, RecordListener, Records
from shared.legal_date import legal_date
from shared.storage import Database, Index, StoredDocument

#: `registered` stands in the document of a product's first registration, so each of its fields is unique there. Keys of
#: products registered under former ones stand in documents of their own (`migration`). Operators look for what was
#: rejected by its product; that is unique so that what was accepted needs no place there. Which query needs which:
#: docs/decisions/0033-indexes.md.
INDEXES = (
    Index(("filing",), unique=True),
    Index(("registered.code",), unique=True),
    Index(("registered.follows",), unique=True),
    Index(("registered.keys",), unique=True),
    Index(("former.code",), unique=True),
    Index(("certificate.key",), unique=True),
    Index(("-certificate.released",), sparse=True),  # descending: another one than the former
    Index(("rejected.of", "rejected.key"), unique=True),
    VERSIONS,
)
#: What documents of now had in earlier versions; what falls due is looked through for its place, all else goes by keys.
FORMER_LISTED = (Index(("place.province", "place.commune")), Index(("stage",)))
#: Likewise of the records.
FORMER_INDEXES = (
    Index(("registered.place", "registered.year", "-registered.serial")),
    Index(("certificate.released",)),
)


def _shown(version: Version[KnownProduct]) -> dict[str, Any]:
    product = version.state
    province, commune = product.place
    open_round, in_force = product.open_round, product.in_force
    return {
        "place": {"province": province, "commune": commune},
        "stage": open_round.stage if open_round else None,
        "stars": in_force.certificate.stars if in_force else None,
        "keys": keys_of(product),
        "words": words_of(product),
        "facts": facts_of(product).text,
    }


def _series(place: str, year: int) -> str:
    return f"{place}/{year}"


def _numbered(code: str) -> tuple[str, int]:
    """Return the series of a product's code, that of its commune and year, and its serial (Annex I)."""
    place, year, serial = parts_of(code)
    return _series(place, year), serial


#: What is so now of a product, for lists and search: where its place is, too, where its round, the stars in force, what
#: it is found by, and what is counted of it, which reports read of many.
VIEW: View[Any] = View(
    KnownProduct,
    _shown,
    indexes=(Index(("keys", "_id")),),
    brief="facts",
    shows=lambda of: not is_telling(of),
    others={ROUND_DEADLINES: RoundDeadlines}.get,
    numbered=lambda of: None if is_telling(of) or of == ROUND_DEADLINES else _numbered(of),
    shape=5,
)

_CODE = "registered.code"
#: The document that says by which key the register hashes persons' numbers; all others are records of events.
KEY_NOTE = "producer-key"
_ANOTHER_KEY = (
    "OCOP_PRODUCER_KEY: the register was kept under another key, and would know no producer by a personal number. Set "
    "the key that it was kept under; it is in the backup of the secrets (docs/operations.md, backup and restore)"
)


class Products(Records):
    """The register of products."""

    def __init__(
        self,
        database: Database,
        *,
        numbers: ProducerNumbers,
        clock: Clock,
        on_record: RecordListener = lambda _: None,
        numbering: Numbering | None = None,
    ) -> None:
        super().__init__(database.collection("products"), clock=clock, on_record=on_record)
        self._numbers = numbers
        self._histories = Histories(self.collection, KnownProduct)
        self._tellings = Histories(self.collection, Told)
        self._now = database.derived("products")
        self._numbering = numbering or Numbering()

    async def prepare(self) -> None:
        """Create the indexes that keep codes and products unique, and see that the register can be worked with.

        Raises:
            OutageError: the database is away.
            SettingsError: the register was kept under another key, or before products had histories.
        """
        await self.collection.ensure_indexes(*INDEXES)
        await self._hold_to_one_key()
        await migration.require_done(self.collection, self._clock)

    async def migrate(self, progress: Callable[[int], None]) -> None:
        """Bring a register up to date that an earlier version kept; safe to repeat. Raise as `prepare`."""
        await self.collection.ensure_indexes(*INDEXES)
        await self._hold_to_one_key()
        await migration.migrate(self.collection, self._numbers, self._clock, progress=progress)

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
        return RegisterState(last_serial=await self._known_serial(place_of(dossier), legal_date(now).year))

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
        other, *same_product = await asyncio.gather(filing, *by_keys)
        state = RegisterState(
            same_id=_is_other(other, event),
            by_key=await self._known(next(filter(None, same_product), None)),
            by_code=await self._newest(code) if code else None,
        )
        if first is None or state.same_id or state.by_key:
            return state
        # It is new after all, so the remembered serial was wrong. At last: another registry may give the next one.
        return replace(state, last_serial=await self._last_serial(place_of(first), legal_date(now).year))

    async def told(self, history: str) -> Version[Told] | None:
        """Return what a producer was told last of a product's dossiers, None where nothing. Raise OutageError.

        The newest alone is read: a program may file a dossier that it changes each time very often.
        """
        newest = await self.collection.find_one({"history.of": history}, order="-history.version", only=("history",))
        return self._tellings.version_in(newest) if newest else None

    async def state_of_round(self, filing: Filing[Any]) -> RoundState:
        """Read what bears on what an office files about a round. Raise OutageError."""
        content, code = filing.content, filing.product_code
        if content is None or code is None:
            return RoundState()
        product, number = await self._newest(code), None
        if product and isinstance(content, RecognitionDecided):  # of its certificate, the number alone is looked up
            dated = certificate_in(content, filing.scope, ends_on=content.decision.date, result=None)
            number = await self.number(code, dated)
        return RoundState(product, number)

    async def state_of_succession(self, filing: Succession) -> SuccessionState:
        """Read what bears on a succession. Raise OutageError."""
        if filing.content is None:
            return SuccessionState()
        code = filing.content.product_code
        product, registered = await asyncio.gather(self._newest(code), self.collection.find_by("registered.code", code))
        if product is None or registered is None:
            return SuccessionState()
        names = tuple(dict.fromkeys(key.partition("/")[2] for key in registered["registered"]["keys"]))
        keys = succession.new_keys(filing, product.state, names)
        taken = await asyncio.gather(*(self.collection.find_by("registered.keys", key) for key in keys))
        codes = (each["registered"].get("key_of") or each["registered"]["code"] for each in taken if each)
        return SuccessionState(product, names, taken=next((each for each in codes if each != code), None))

    async def state_of_new_import(self, filing: ExaminedImport) -> ImportState:
        """Read what a certificate needs that is taken for new, product and number: its commune's last number.

        Where one is not, the unique indexes say so when the decision is written. Raise OutageError.
        """
        content, certificate = filing.content, filing.certificate
        if content is None or certificate is None:
            return ImportState()
        last = await self._known_serial(*filing.series)
        return ImportState(number_key=number_key(content.product_code, certificate), last_serial=last)

    async def state_of_import(self, filing: ExaminedImport) -> ImportState:
        """Read what bears on a certificate that is brought in. Raise OutageError."""
        content, certificate = filing.content, filing.certificate
        if content is None or certificate is None:
            return ImportState()
        by_keys = (self.collection.find_by("registered.keys", key) for key in filing.known_keys)
        code = content.product_code
        registered = await asyncio.gather(*by_keys)
        by_code, by_key, number = await asyncio.gather(
            self._newest(code), self._known(next(filter(None, registered), None)), self.number(code, certificate)
        )
        if by_code or by_key:  # it has its serial; at the commune's many others nobody need look
            return ImportState(by_code, by_key, number)
        return ImportState(number_key=number, last_serial=await self._last_serial(*filing.series))

    async def number(self, product_code: str, certificate: Certificate) -> str | None:
        """Return what a certificate's number is to be recorded under, None where another has it. Raise OutageError.

        One that was mistyped is free again: what has it next is recorded under it with a count.
        """
        key = number_key(product_code, certificate)
        released = len(await self.collection.find_all("certificate.released", key, order="recorded_at"))
        current = f"{key}#{released}" if released else key
        return None if await self.collection.find_by("certificate.key", current) else current

    async def begin_round_deadlines(self) -> None:
        """Begin the history of half-yearly rounds' deadlines, unless there is one. Raise OutageError."""
        if await self.collection.find_by("_id", ROUND_DEADLINES) is None:
            with suppress(ConflictError):
                await self.record(begun(self._clock()))

    async def waiting(self, day: RoundDay) -> list[KnownProduct]:
        """Return the products that wait for what is to be done by then, as their histories say. Raise OutageError."""
        stages = [by_stage(each) for each in sorted(WAITS_AT[day.of])]
        query = {"keys": {"$in": [in_province(each, f"{code:02}") for each in stages for code in PROVINCES]}}
        found: list[KnownProduct] = []
        async for page in self._now.pages(query, order="_id", only=("_id",)):
            versions = await asyncio.gather(*(self.product(each["_id"]) for each in page))
            found += [each.state for each in versions if each and is_waiting(each.state, day)]
        return found

    async def record(self, decision: Decision) -> None:
        """Write a decision once, and remember the serial number that it gave. Raise ConflictError; OutageError."""
        await super().record(decision)
        registered = decision.fields.get("registered", {})
        if "serial" in registered:
            self._numbering.note(_series(registered["place"], registered["year"]), registered["serial"])

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

    async def _known_serial(self, place: str, year: int) -> int:
        """Return the last serial of a commune, as far as this registry knows, or else by the register."""
        known = self._numbering.last(_series(place, year))
        return await self._last_serial(place, year) if known is None else known

    async def _last_serial(self, place: str, year: int) -> int:
        """Return the last serial of a commune, by the register: 0 where there is none. Raise OutageError."""
        of_commune, last = {_CODE: {"$gt": f"{place}-", "$lt": f"{place}."}}, 0  # "." comes next to "-"
        async for page in self.collection.pages(of_commune, order=_CODE, only=(_CODE,)):
            codes = (parts_of(each["registered"]["code"]) for each in page)
            last = max(last, *(serial for _, given_in, serial in codes if given_in == year), 0)
        return last

    async def product(self, code: str) -> Version[KnownProduct] | None:
        """Return a product as the last event left it, None where the register has none. Raise OutageError.

        It is found by its code from before July 2025 too.
        """
        known = await self._histories.newest(code)
        if known or not is_former(code) or (former := await self.collection.find_by("former.code", code)) is None:
            return known
        return await self._histories.newest(former["former"]["of"])

    async def _known(self, registered: StoredDocument | None) -> Version[KnownProduct] | None:
        """Return the product of a record that was found by a key, whichever record has the key."""
        if registered is None:
            return None
        entry = registered["registered"]
        return await self._newest(entry.get("key_of") or entry["code"])

    async def _newest(self, code: str) -> Version[KnownProduct] | None:
        known = await self.product(code)
        if known and known.state.lost:  # kept by `reserve`
            raise TryLaterError(f"{code} is kept for a product whose dossier is lost")
        return known


def _is_other(filed: StoredDocument | None, event: Event) -> bool:
    return filed is not None and filed["_id"] != event.key
