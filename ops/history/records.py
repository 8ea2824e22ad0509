"""Reads what the services have recorded, as the operator's user of the database."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ops.database_reader import Reader
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import MONGO_SETTING, AccessError, OperatorSettings
from services.registry.identity import is_former
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.dossier import AnyProductCode
from shared.contracts.text import Contract
from shared.errors import OutageError, SettingsError, TooManyError
from shared.handling.records import announced_in
from shared.storage import StoredDocument
from shared.system import SYSTEM

#: records that are read of one product or dossier; no product has nearly as many
_MOST = 1_000

_PRODUCT_CODE: TypeAdapter[str] = TypeAdapter(AnyProductCode)


@dataclass(frozen=True)
class Record:
    """What a service has recorded of one event. The ids are one printable line each, masked.

    `correlation_id` and `document` are as they were sent: not to be shown. `announced`: ids of the service's events.
    """

    service: str
    recorded_at: datetime
    event_id: str
    source: str
    dossier_id: str
    filed_by: str | None
    announced: tuple[str, ...]
    correlation_id: str
    document: StoredDocument

    @property
    def answer(self) -> Contract | None:
        """What the service announced, None where it only noted something. Raise AccessError."""
        with understood(self.document):
            events = self.document["announced"]
            return BY_TYPE[events[0]["type"]].model.model_validate(events[0]["data"]) if events else None


def read_record(service: str, document: StoredDocument) -> Record:
    """Read a record. Raise AccessError where it is of another version."""
    with understood(document):
        event = document["event"]
        correlation_id = str(event["correlation_id"])
        return Record(
            service,
            document["recorded_at"],
            event_id=one_line(event["id"]),
            source=one_line(event.get("source")),
            dossier_id=one_line(correlation_id),
            filed_by=one_line(event.get("filed_by")) or None,
            announced=tuple(one_line(each["id"]) for each in document["announced"]),
            correlation_id=correlation_id,
            document=document,
        )


class RecordReader:
    """The records of the three services."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, service: str, asked: str) -> list[Record]:
        """Return what a service has recorded of a product (by its code) or of a dossier (by its id), the oldest first.

        Of a product what was rejected is among it. By a dossier's id the whole collection is gone through: the services
        never ask so, and keep no index for it.

        Raises:
            AccessError: the database is away or refuses, has too many records to go through, or one is of another
                version.
        """
        if not is_product_code(asked):
            return await self._found(service, {"event.correlation_id": asked})
        code = await self.todays_code(asked)
        queries = [{"product_code": code}, *await self._of_rejections(service, code)]
        found = [record for query in queries for record in await self._found(service, query)]
        return sorted(found, key=lambda record: record.recorded_at)

    async def of_alert(self, id: str) -> list[Record]:
        """Return what is on record of an alert, the oldest first. Raise AccessError, as `of` does."""
        return await self._found("notifications", {"history.of": id})

    async def todays_code(self, code: str) -> str:
        """Return the code that a product has now, which may be asked for by one from before July 2025.

        Raises:
            AccessError: the database is away or refuses.
        """
        if not is_former(code):
            return code
        registry, query = "registry", {"former.code": code}
        try:
            found = await self._reader.find(
                registry, SYSTEM.collections[registry], query, order="recorded_at", limit=1, only=("former",)
            )
        except (TooManyError, OutageError) as error:
            raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
        return str(found[0]["former"]["of"]) if found else code

    async def of_product(self, code: str) -> list[Record]:
        """Return what all services have recorded of a product. Raise AccessError, as `of` does."""
        return [record for service in SYSTEM.collections for record in await self.of(service, code)]

    async def everywhere(self, query: Mapping[str, Any]) -> list[Record]:
        """Return the records of all services that match, the oldest of each first. Raise AccessError, as `of` does."""
        return [record for service in SYSTEM.collections for record in await self._found(service, query)]

    async def _of_rejections(self, service: str, code: str) -> list[Mapping[str, Any]]:
        """Return what finds the records of a product's rejected dossiers, and of the alerts to them."""
        of_registry = {"rejected.of": code}
        if service != "notifications":
            return [of_registry] if service == "registry" else []
        rejected = await self._found("registry", of_registry)
        keys = [event.key for record in rejected for event in announced_in(record.document)]
        told = await self._found(service, {"_id": {"$in": keys}})
        alerts = [record.document["history"]["of"] for record in told if "history" in record.document]
        # The first record of an alert is in its history too; those of what calls for none have no history.
        untold = [record.document["_id"] for record in told if "history" not in record.document]
        return [{"_id": {"$in": untold}}, {"history.of": {"$in": alerts}}]

    async def _found(self, service: str, query: Mapping[str, Any]) -> list[Record]:
        try:
            documents = await self._reader.find(
                service, SYSTEM.collections[service], query, order="recorded_at", limit=_MOST
            )
        except TooManyError as error:
            said = _("{error}; rating show and alerts show find a product's code at once")
            raise AccessError(said.format(error=error)) from None
        except OutageError as error:
            raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
        return [read_record(service, document) for document in documents]


@contextmanager
def opened_reader(settings: OperatorSettings) -> Iterator[Reader]:
    """Return the database for the length of a block. Raise AccessError where its URL is missing or wrong."""
    if settings.mongo_url is None:
        said = _("{setting} is not set: set it to the operator's URL of the database{or_the_stack}")
        raise AccessError(said.format(setting=MONGO_SETTING, or_the_stack=settings.or_the_stack))
    try:
        reader = Reader(settings.mongo_url, ca_file=settings.tls_ca_file)
    except SettingsError as error:
        raise AccessError(str(error)) from None
    with closing(reader):
        yield reader


@contextmanager
def opened_records(settings: OperatorSettings) -> Iterator[RecordReader]:
    """Return the records for the length of a block. Raise AccessError where the database's URL is missing or wrong."""
    with opened_reader(settings) as reader:
        yield RecordReader(reader)


def is_product_code(asked: str) -> bool:
    """Return whether this is a product's code, and not a dossier's id."""
    try:
        _PRODUCT_CODE.validate_python(asked)
    except ValidationError:
        return False
    return True


@contextmanager
def understood(document: StoredDocument) -> Iterator[None]:
    """Read a record in this block. Raise AccessError where it has not what this version of the services writes."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError):  # their words repeat what is recorded
        event = document.get("event")
        id = event.get("id") if isinstance(event, dict) else document.get("_id")
        said = _("the record of {id} is of another version: use the ocop that belongs to the services")
        raise AccessError(said.format(id=one_line(id))) from None
