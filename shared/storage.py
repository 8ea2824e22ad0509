"""MongoDB: one client, one collection a service, and writes that travel together (group commit).

The only module of the services that knows the driver. Motor was asked for and is past its vendor's end of life;
PyMongo's asynchronous client takes its place by changing this file, and one line of the operators' reader
(docs/decisions/0004-motor.md).
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from shared.errors import ConflictError, OutageError, SettingsError
from shared.group_commit import GroupCommit

StoredDocument = dict[str, Any]

#: documents in one bulk write, values in one look-up
MAX_BATCH = 200
#: seconds; how long a call may take before the database counts as away
TIMEOUT_SECONDS = 10
#: seconds; how long the client may take to close
CLOSE_SECONDS = 2

_DUPLICATE_KEY = 11000
#: Bad value, bad field names, failed validation, too large, key too long (MongoDB's error_codes.yml).
_ABOUT_THE_DOCUMENT = frozenset({2, 52, 55, 56, 57, 121, 10334, 17280, 17419, 17420})


@dataclass(frozen=True)
class Index:
    """An index over dotted fields (`-` before a field: descending). A unique one passes over documents without them."""

    fields: tuple[str, ...]
    unique: bool = False


def database_of(service: str) -> str:
    """Return the name of the database that belongs to a service alone."""
    return f"ocop_{service}"


def now_database_of(name: str) -> str:
    """Return the name of the database with what is derived from the records in a database: rights go by database."""
    return f"{name}_now"


class Database:
    """The MongoDB database of one service: the one that the URL names, or else `database_of` the service.

    `collection(name)` gives the one collection that the service owns, `derived(name)` one with what is derived from it;
    `place` says where they are, without a password.
    `ca_file` is a PEM file with the authority that the server's certificate is held to where the URL asks for TLS.
    """

    def __init__(self, url: str, *, service: str, ca_file: Path | None = None) -> None:
        self._client = open_client(url, f"ocop-{service}", setting="OCOP_MONGO_URL", ca_file=ca_file)
        self._name = self._client.get_default_database(database_of(service)).name
        self.place = f"MongoDB at {urlsplit(url).netloc.rpartition('@')[2]}"

    def collection(self, name: str) -> "Collection":
        """Return a collection whose writes are acknowledged by the majority and journaled."""
        return self._collection(self._name, name)

    def derived(self, name: str) -> "Collection":
        """Return a collection of what is derived, in a database of its own."""
        return self._collection(now_database_of(self._name), name)

    def _collection(self, database_name: str, name: str) -> "Collection":
        database = self._client.get_database(
            database_name,
            write_concern=WriteConcern(w="majority", j=True, wtimeout=TIMEOUT_SECONDS * 1000),
            read_concern=ReadConcern("majority"),
        )
        return Collection(database[name])

    async def ping(self) -> None:
        """Ask the server for a sign of life. Raise OutageError."""
        try:
            await self._client.admin.command("ping")
        except PyMongoError as error:
            reason = "it refuses our user" if isinstance(error, OperationFailure) else type(error).__name__
            raise OutageError(f"{self.place} does not answer: {reason}") from error

    async def close(self) -> None:
        """Close the client's connections. What a server that does not answer keeps open is left behind."""
        closed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def close() -> None:
            self._client.close()  # says good-bye to the server, and waits for its answer
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(closed.set)

        threading.Thread(target=close, daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await closed.wait()


class Collection:
    """One collection. What concurrent handlers write and look up travels together, and each gets its own result."""

    def __init__(self, collection: "AsyncIOMotorCollection[StoredDocument]") -> None:
        self._collection = collection
        self._insert: GroupCommit[StoredDocument, None] = GroupCommit(
            self._write, operation="insert", max_items=MAX_BATCH
        )
        self._look_ups: dict[str, GroupCommit[str, StoredDocument | None]] = {}

    async def ensure_indexes(self, *indexes: Index) -> None:
        """Create the indexes that are missing. Raise OutageError."""
        models = [
            IndexModel([in_order_of(field) for field in index.fields], unique=index.unique, sparse=index.unique)
            for index in indexes
        ]
        try:
            await self._collection.create_indexes(models)
        except PyMongoError as error:
            raise as_outage(error) from error

    async def find_one(self, query: Mapping[str, Any], *, order: str = "") -> StoredDocument | None:
        """Return a matching document, the first in the order of fields (`-` before one: the last). Raise OutageError.

        Fields are separated by spaces; those behind the first are for what is the same in it.
        """
        try:
            return await self._collection.find_one(query, sort=[*map(in_order_of, order.split())] or None)
        except PyMongoError as error:
            raise as_outage(error) from error

    async def find_by(self, field: str, value: str) -> StoredDocument | None:
        """Return the document that has this value in a field with a unique index, or among the field's values.

        Raises:
            OutageError: the server is away.
        """
        look_up = self._look_ups.get(field)
        if look_up is None:
            look_up = self._look_ups[field] = GroupCommit(
                partial(self._find, field), operation="find", max_items=MAX_BATCH
            )
        return await look_up(value)

    async def find_last(self, field: str, value: str, *, order: str, only: str) -> StoredDocument | None:
        """Return of the document that has this value in a field, the last in an order, one part alone.

        What concurrent handlers look for travels together; it brings that part of all documents that have the value.

        Raises:
            OutageError: the server is away.
        """
        name = f"{field} {order} {only}"
        look_up = self._look_ups.get(name)
        if look_up is None:
            find = partial(self._find, field, order=order, only=only)
            look_up = self._look_ups[name] = GroupCommit(find, operation="find", max_items=MAX_BATCH)
        return await look_up(value)

    async def find_all(self, field: str, value: str, *, order: str) -> list[StoredDocument]:
        """Return all documents that have this value in a field: meant for few. Raise OutageError."""
        try:
            return await self._collection.find({field: value}, sort=[in_order_of(order)]).to_list(None)
        except PyMongoError as error:
            raise as_outage(error) from error

    async def find_after(self, field: str, value: str) -> list[StoredDocument]:
        """Return the next documents, 200 at most, by a unique field whose values are text. Raise OutageError."""
        try:
            found = self._collection.find({field: {"$gt": value}}, sort=[in_order_of(field)], limit=MAX_BATCH)
            return await found.to_list(None)
        except PyMongoError as error:
            raise as_outage(error) from error

    async def pages(
        self, query: Mapping[str, Any], *, order: str, only: Sequence[str] = ()
    ) -> AsyncIterator[list[StoredDocument]]:
        """Yield all matching documents in the order of a field, 200 at a time, or these parts of them.

        Raises:
            OutageError: the server is away.
        """
        found = self._collection.find(
            query, dict.fromkeys(only, 1) or None, sort=[in_order_of(order)], batch_size=MAX_BATCH
        )
        try:
            while page := await found.to_list(MAX_BATCH):
                yield page
        except PyMongoError as error:
            raise as_outage(error) from error
        finally:
            await found.close()

    async def replace_below(self, documents: Sequence[tuple[StoredDocument, int]]) -> None:
        """Write derived documents, each unless its `version` there is the number beside it, or higher.

        Raises:
            OutageError: the server is away; what was written stays.
        """
        try:
            await self._collection.bulk_write([_replacement(*each) for each in documents], ordered=False)
        except BulkWriteError as error:
            failed = _errors_by_position(error, len(documents)).values()
            if outage := next((each for each in failed if not isinstance(each, ConflictError)), None):
                raise outage from error
        except PyMongoError as error:
            raise as_outage(error) from error

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove derived documents. Raise OutageError."""
        try:
            await self._collection.delete_many({"_id": {"$in": list(keys)}})
        except PyMongoError as error:
            raise as_outage(error) from error

    async def insert(self, document: StoredDocument) -> None:
        """Insert a document durably.

        Raises:
            ConflictError: a unique index has the document's key already.
            OutageError: the server is away, or it is unknown whether the document was written: read before trusting.
        """
        await self._insert(document)

    async def _find(
        self, field: str, values: Sequence[str], *, order: str | None = None, only: str | None = None
    ) -> list[StoredDocument | Exception | None]:
        options = {"sort": [in_order_of(order)]} if order else {}
        try:
            found = await self._collection.find(
                {field: {"$in": list(values)}}, {only: 1} if only else None, **options
            ).to_list(None)
        except PyMongoError as error:
            raise as_outage(error) from error
        except Exception as error:  # noqa: BLE001  # a value that cannot be encoded; the others must not suffer
            if len(values) == 1:
                return [error]
            return [result for one in values for result in await self._find(field, [one], order=order, only=only)]
        by_value = {value: document for document in found for value in _values(document, field)}
        return [by_value.get(value) for value in values]

    async def _write(self, documents: Sequence[StoredDocument]) -> list[Exception | None]:
        try:
            await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            errors = _errors_by_position(error, len(documents))
            return [errors.get(position) for position in range(len(documents))]
        except PyMongoError as error:
            raise as_outage(error) from error
        except Exception as error:  # noqa: BLE001  # a document that cannot be encoded; the others must not suffer
            if len(documents) == 1:
                return [error]
            return [result for one in documents for result in await self._write([one])]
        return [None] * len(documents)


def open_client(url: str, name: str, *, setting: str, ca_file: Path | None) -> "AsyncIOMotorClient[StoredDocument]":
    """Return a client under this name. Raise SettingsError, which names the setting, where the URL is none.

    It connects when it is first used, and reads times with their zone.
    """
    try:
        return AsyncIOMotorClient(
            url,
            appname=name,
            tz_aware=True,
            serverSelectionTimeoutMS=2000,
            connectTimeoutMS=2000,
            socketTimeoutMS=TIMEOUT_SECONDS * 1000,
            **tls_options(url, ca_file),
        )
    except OSError as error:
        raise SettingsError(f"{setting}, OCOP_TLS_CA_FILE: no certificates to read: {error.strerror}") from None
    except (PyMongoError, ValueError):  # their words may repeat a part of the password
        raise SettingsError(f"{setting}: MongoDB's driver cannot read it") from None


def _replacement(document: StoredDocument, below: int) -> "InsertOne[StoredDocument] | ReplaceOne[StoredDocument]":
    """Return how a derived document is written: a first version by inserting it, which is faster."""
    if document["version"] == below == 1:
        return InsertOne(document)
    return ReplaceOne({"_id": document["_id"], "version": {"$lt": below}}, document, upsert=True)


def _values(document: StoredDocument, field: str) -> list[Any]:
    """Return what a document has in a dotted field: one value, or those of a list."""
    value: Any = document
    for name in field.split("."):
        value = value[name]
    return value if isinstance(value, list) else [value]


def tls_options(url: str, ca_file: Path | None) -> dict[str, Any]:
    """Return the options by which a client accepts this authority's servers only, where the URL asks for TLS."""
    return {"tlsCAFile": str(ca_file)} if ca_file and parse_uri(url)["options"].get("tls") else {}


def in_order_of(name: str) -> tuple[str, int]:
    """Return the driver's way to sort by a field (`-` before it: the last first)."""
    return (name.removeprefix("-"), DESCENDING if name.startswith("-") else ASCENDING)


def _errors_by_position(error: BulkWriteError, count: int) -> dict[int, Exception]:
    if error.details.get("writeConcernErrors"):  # written, but perhaps not by the majority
        return dict.fromkeys(range(count), OutageError("a write was not acknowledged by the majority"))
    return {write["index"]: _write_error(write) for write in error.details.get("writeErrors", ())}


def _write_error(write: Mapping[str, Any]) -> Exception:
    code = write.get("code")
    if code == _DUPLICATE_KEY:
        return ConflictError("a document with this key exists")
    if code in _ABOUT_THE_DOCUMENT:
        return ValueError(f"MongoDB refused a document: error {code}")
    return OutageError(f"MongoDB did not write: error {code}")


def as_outage(error: PyMongoError) -> OutageError:
    """Take a server that refuses us (a changed password, a full disk) for one that is away."""
    return OutageError(f"MongoDB is away: {type(error).__name__} {getattr(error, 'code', None) or ''}".rstrip())
