"""What the services have recorded, and what their database says of itself, as an operator's user reads it.

Beside `shared/storage/`, which opens its client, the only module that knows the driver of what services record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import DESCENDING
from pymongo.errors import ExecutionTimeout, PyMongoError

from ops.language import gettext as _
from ops.operator_settings import MONGO_SETTING
from shared.errors import TooManyError
from shared.storage import Index, StoredDocument, as_outage, database_of, in_order_of, now_database_of, open_client

#: seconds; how long a question may keep the server busy, less than until it counts as away
READ_SECONDS = 8.0


@dataclass(frozen=True)
class Server:
    """What a server of MongoDB says of itself.

    `replica_set` is None where it stands alone, or stands before the shards of a cluster (`is_sharded`).
    """

    version: str
    replica_set: str | None
    members: tuple[str, ...]
    takes_writes: bool
    is_sharded: bool = False


class Reader:
    """Reads what the services have recorded, and what their server says of itself, as an operator's user. One use."""

    def __init__(self, url: str, *, ca_file: Path | None = None) -> None:
        self._client = open_client(url, "ocop-operator", setting=MONGO_SETTING, ca_file=ca_file)

    async def server(self) -> Server:
        """Ask the server about itself. Raise OutageError."""
        try:
            hello = await self._client.admin.command("hello")
            built = await self._client.admin.command("buildInfo")
        except PyMongoError as error:
            raise as_outage(error) from error
        return Server(
            version=built["version"],
            replica_set=hello.get("setName"),
            members=tuple(hello.get("hosts", ())),
            takes_writes=bool(hello.get("isWritablePrimary")),
            is_sharded=hello.get("msg") == "isdbgrid",
        )

    async def roles(self) -> frozenset[tuple[str, str]]:
        """Return the roles of this user, each as (database, role). Raise OutageError."""
        try:
            status = await self._client.admin.command("connectionStatus")
        except PyMongoError as error:
            raise as_outage(error) from error
        return frozenset((role["db"], role["role"]) for role in status["authInfo"]["authenticatedUserRoles"])

    async def indexes(self, service: str, collection: str) -> frozenset[Index]:
        """Return the indexes of a service's collection, but for that of `_id`. Raise OutageError."""
        try:
            found = await self._client[database_of(service)][collection].index_information()
        except PyMongoError as error:
            raise as_outage(error) from error
        return frozenset(_index(each) for name, each in found.items() if name != "_id_")

    async def find(
        self,
        service: str,
        collection: str,
        query: Mapping[str, Any],
        *,
        order: str,
        limit: int,
        only: Sequence[str] | Mapping[str, bool] | None = None,
    ) -> list[StoredDocument]:
        """Return so many matching documents in the order of a field; `only` names the fields that are read.

        Raises:
            TooManyError: without an index there are too many to go through in `READ_SECONDS`.
            OutageError: the server is away.
        """
        return await self._find(database_of(service), service, collection, query, order=order, limit=limit, only=only)

    async def find_now(
        self,
        service: str,
        collection: str,
        query: Mapping[str, Any],
        *,
        order: str,
        limit: int,
        only: Sequence[str] | Mapping[str, bool] | None = None,
    ) -> list[StoredDocument]:
        """Return so many of a service's documents of now, which may be behind its records. Raise as `find`."""
        database = now_database_of(database_of(service))
        return await self._find(database, service, collection, query, order=order, limit=limit, only=only)

    async def _find(
        self,
        database: str,
        service: str,
        collection: str,
        query: Mapping[str, Any],
        *,
        order: str,
        limit: int,
        only: Sequence[str] | Mapping[str, bool] | None,
    ) -> list[StoredDocument]:
        milliseconds = round(READ_SECONDS * 1000)
        records = self._client[database][collection]
        try:
            found = records.find(query, only, sort=[in_order_of(order)], limit=limit, max_time_ms=milliseconds)
            documents: list[StoredDocument] = await found.to_list(None)
        except ExecutionTimeout as error:
            said = _("{service} has too many records to go through in {seconds:g} s without an index")
            raise TooManyError(said.format(service=service, seconds=READ_SECONDS)) from error
        except PyMongoError as error:
            raise as_outage(error) from error
        return documents

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()


def _index(information: Mapping[str, Any]) -> Index:
    fields = tuple(f"-{name}" if order == DESCENDING else str(name) for name, order in information["key"])
    unique, sparse = bool(information.get("unique")), bool(information.get("sparse"))
    return Index(fields, unique=unique, sparse=sparse and not unique)
