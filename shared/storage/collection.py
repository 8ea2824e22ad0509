"""A collection of MongoDB, whose writes and look-ups travel together where many happen at the same time (group commit).

    look_up = GroupCommit(send, operation="find", max_items=200)
    document = await look_up("key")

A lone call goes at once. While one batch is on its way the next one gathers, so the busier the sender, the larger the
batches: nobody waits for a clock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic, TypeVar

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError, PyMongoError

from shared.errors import ConflictError, OutageError
from shared.metrics import BATCH_SIZE, DATABASE_SECONDS

StoredDocument = dict[str, Any]
Item = TypeVar("Item")
Result = TypeVar("Result")

#: documents in one bulk write, values in one look-up
MAX_BATCH = 200
_DUPLICATE_KEY = 11000
#: Bad value, bad field names, failed validation, too large, key too long (MongoDB's error_codes.yml).
_ABOUT_THE_DOCUMENT = frozenset({2, 52, 55, 56, 57, 121, 10334, 17280, 17419, 17420})


@dataclass(frozen=True)
class Index:
    """An index over dotted fields (`-` before a field: descending).

    One that is sparse passes over documents that have none of the fields, as a unique one always does.
    """

    fields: tuple[str, ...]
    unique: bool = False
    sparse: bool = False

    @property
    def name(self) -> str:
        """What the database calls it."""
        return "_".join(f"{field}_{order}" for field, order in map(in_order_of, self.fields))

    @property
    def model(self) -> IndexModel:
        """The index as the driver takes it."""
        keys = [*map(in_order_of, self.fields)]
        return IndexModel(keys, name=self.name, unique=self.unique, sparse=self.unique or self.sparse)


class GroupCommit(Generic[Item, Result]):
    """Sends items in batches of at most `max_items`, one batch at a time; `operation` is what the metrics call it.

    `send` gives the result of each item, in their order; an exception among the results is raised to its item's caller
    alone. Where `send` itself raises, all callers of the batch get that.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        operation: str,
        max_items: int,
    ) -> None:
        self._send = send
        self._max_items = max_items
        self._size, self._seconds = BATCH_SIZE.labels(operation), DATABASE_SECONDS.labels(operation)
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Send an item with the others that wait, and return its own result."""
        answered: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answered))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_waiting())
        return await answered

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._max_items], self._waiting[self._max_items :]
            results = await self._results([item for item, _ in batch])
            for (_, answered), result in zip(batch, results, strict=True):
                if answered.done():  # its caller was cancelled
                    continue
                if isinstance(result, Exception):
                    answered.set_exception(result)
                else:
                    answered.set_result(result)

    async def _results(self, items: list[Item]) -> Sequence[Result | Exception]:
        self._size.observe(len(items))
        started = perf_counter()
        try:
            results = await self._send(items)
        except Exception as error:  # noqa: BLE001  # each caller gets it, and the next batch goes its way
            return [error] * len(items)
        finally:
            self._seconds.observe(perf_counter() - started)
        if len(results) != len(items):
            return [RuntimeError(f"{len(results)} results for {len(items)} items")] * len(items)
        return results


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
        try:
            await self._collection.create_indexes([index.model for index in indexes])
        except PyMongoError as error:
            raise as_outage(error) from error

    async def find_one(
        self, query: Mapping[str, Any], *, order: str = "", only: Sequence[str] = ()
    ) -> StoredDocument | None:
        """Return a matching document, the first in the order of fields (`-` before one: the last). Raise OutageError.

        Fields are separated by spaces; those behind the first are for what is the same in it. `only` names its parts
        that are read.
        """
        try:
            return await self._collection.find_one(
                query, dict.fromkeys(only, 1) or None, sort=[*map(in_order_of, order.split())] or None
            )
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

    async def find_after(
        self, field: str, value: str, *, below: str | None = None, limit: int = MAX_BATCH, only: Sequence[str] = ()
    ) -> list[StoredDocument]:
        """Return the next documents by a unique field whose values are text, `below` a value. Raise OutageError."""
        wanted = {field: {"$gt": value, **({"$lt": below} if below else {})}}
        try:
            found = self._collection.find(
                wanted, dict.fromkeys(only, 1) or None, sort=[in_order_of(field)], limit=limit
            )
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

    async def replace_at(self, document: StoredDocument, version: int) -> bool:
        """Write a derived document if its `version` there is this one still, and return whether it was.

        Raises:
            OutageError: the server is away, or it is unknown whether the document was written.
        """
        try:
            there = {"_id": document["_id"], "version": version}
            return (await self._collection.replace_one(there, document)).matched_count == 1
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
