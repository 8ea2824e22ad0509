"""Reads the services' records as the operator's user of the database."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ops.database_reader import Reader
from ops.named import one_line
from ops.operator_settings import MONGO_SETTING, AccessError, operator_settings, or_exit
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.dossier import ProductCode
from shared.contracts.text import Contract
from shared.errors import OutageError, SettingsError, TooManyError
from shared.storage import Document
from shared.system import SYSTEM

#: records that are read of one product or dossier; no product has nearly as many
_MOST = 1_000

_PRODUCT_CODE: TypeAdapter[str] = TypeAdapter(ProductCode)


class Records:
    """The records of the three services."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def of(self, service: str, asked: str) -> list[Document]:
        """Return what a service has recorded of a product (by its code) or of a dossier (by its id), the oldest first.

        By a dossier's id the whole collection is gone through: the services never ask so, and keep no index for it.

        Raises:
            AccessError: the database is away or refuses, or has too many records to go through.
        """
        field = "product_code" if is_product_code(asked) else "event.correlation_id"
        try:
            return await self._reader.find(
                service, SYSTEM.collections[service], {field: asked}, order="recorded_at", limit=_MOST
            )
        except TooManyError as error:
            raise AccessError(f"{error}; rating show and alert show find a product's code at once") from None
        except OutageError as error:
            raise AccessError(f"{error}; `ocop doctor` says more") from None


def is_product_code(asked: str) -> bool:
    """Tell a product's code from a dossier's id."""
    try:
        _PRODUCT_CODE.validate_python(asked)
    except ValidationError:
        return False
    return True


@asynccontextmanager
async def opened(reader: Reader) -> AsyncIterator[Records]:
    """Return the records for the length of a block."""
    try:
        yield Records(reader)
    finally:
        reader.close()


def reader_of(folder: Path | None) -> Reader:
    """Return a reader of the database of a stack's folder, or of the settings. Raises Exit (1), having said why."""
    return or_exit(lambda: _reader(folder))


@contextmanager
def understood(document: Document) -> Iterator[None]:
    """Read a record in this block. Raises AccessError where it has not what this version of the services writes."""
    try:
        yield
    except (ValidationError, LookupError, TypeError, AttributeError):  # their words repeat what is recorded
        event = document.get("event")
        id = event.get("id") if isinstance(event, dict) else document.get("_id")
        raise AccessError(
            f"the record of {one_line(id)} is of another version: use the ocop that belongs to the services"
        ) from None


def dossier_id(document: Document) -> str:
    """Return the id of the dossier that a record belongs to."""
    return str(document["event"]["correlation_id"])


def announced(document: Document) -> Contract | None:
    """Return what a record's service announced, None where it only noted something."""
    events = document["announced"]
    return BY_TYPE[events[0]["type"]].model.model_validate(events[0]["data"]) if events else None


def _reader(folder: Path | None) -> Reader:
    settings = operator_settings(folder)
    if settings.mongo_url is None:
        raise AccessError(f"{MONGO_SETTING} is not set: set it to the operator's URL of the database")
    try:
        return Reader(settings.mongo_url, ca_file=settings.tls_ca_file)
    except SettingsError as error:
        raise AccessError(str(error)) from None
