"""The database of one service: its client, and the collections in it.

Motor was asked for and is past its vendor's end of life; PyMongo's asynchronous client takes its place by changing this
package, and one line of the operators' reader (docs/decisions/0004-motor.md).
"""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from shared.errors import OutageError, SettingsError
from shared.storage.collection import Collection, StoredDocument

#: seconds; how long a call may take before the database counts as away
TIMEOUT_SECONDS = 10
#: seconds; how long the client may take to close
CLOSE_SECONDS = 2


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

    def collection(self, name: str) -> Collection:
        """Return a collection whose writes are acknowledged by the majority and journaled."""
        return self._collection(self._name, name)

    def derived(self, name: str) -> Collection:
        """Return a collection of what is derived, in a database of its own."""
        return self._collection(now_database_of(self._name), name)

    def _collection(self, database_name: str, name: str) -> Collection:
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


def tls_options(url: str, ca_file: Path | None) -> dict[str, Any]:
    """Return the options by which a client accepts this authority's servers only, where the URL asks for TLS."""
    return {"tlsCAFile": str(ca_file)} if ca_file and parse_uri(url)["options"].get("tls") else {}
