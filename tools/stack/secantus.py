"""SecantusDB: WiredTiger behind MongoDB's wire protocol, from the `local` extra, with users and rights."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from ops.access import database
from ops.access.broker import ADMIN
from ops.access.former import drop_former
from tools.stack.ports import listens
from tools.stack.processes import Process, Processes


async def start_secantus(
    processes: Processes, folder: Path, admin_url: str, *, roles: database.Roles, passwords: Mapping[str, str]
) -> Process:
    """Start it as `launch_secantus` does, and make the roles and their users once it is ready."""
    server = await launch_secantus(processes, folder, admin_url, admin_password=passwords[ADMIN])
    await server.until_ready(lambda: secantus_answers(admin_url))
    await apply_roles(admin_url, roles, passwords)
    return server


async def launch_secantus(processes: Processes, folder: Path, admin_url: str, *, admin_password: str) -> Process:
    """Start it on the port of the URL, with its data in the folder, every commit on disk before it is answered.

    The first time it runs for a moment without authentication, since that is how it learns of an administrator.
    """
    port = urlsplit(admin_url).port or 0
    with_an_admin = folder / "has-an-admin"
    if not with_an_admin.exists():
        first = await _start(processes, folder, port)
        await first.until_ready(lambda: secantus_answers(secantus_url(port)))
        async with _client(secantus_url(port)) as client:
            await database.create_admin(client, ADMIN, admin_password)
        await first.stop()
        with_an_admin.touch()
    return await _start(processes, folder, port, "--auth")


async def apply_roles(admin_url: str, roles: database.Roles, passwords: Mapping[str, str]) -> None:
    """Make the roles and their users, or bring them up to date."""
    async with _client(admin_url) as client:
        await database.apply(client, roles, passwords)
        await drop_former(client)


async def _start(processes: Processes, folder: Path, port: int, *options: str) -> Process:
    settings = _empty_settings(folder)
    argv = [sys.executable, "-m", "secantus", "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--storage-path", str(folder / "data"), "--sync-on-commit", "--log-level", "WARNING", *options]
    return await processes.start("secantus", argv, dict(os.environ), working_folder=folder)


def _empty_settings(folder: Path) -> Path:
    """Make a file to name at the start, so that no settings of this user or machine are looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "secantusd.toml"
    settings.touch()
    return settings


def secantus_url(port: int) -> str:
    """Return the URL of a database that was started on this port, without a user.

    Without the driver's retryable writes: SecantusDB keeps a record of each for half an hour and goes through all of
    them at every write, so that it grows slower with every write (docs/decisions/0005-secantusdb-locally.md).
    """
    return f"mongodb://127.0.0.1:{port}/?directConnection=true&retryWrites=false"


async def secantus_answers(url: str) -> bool:
    """Return whether the database answers a ping to the user of this URL."""
    if not await listens(urlsplit(url).port or 0):
        return False
    async with _client(url) as client:
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        return True


def _client(url: str) -> AsyncMongoClient[dict[str, Any]]:
    # Polled: a second, streaming monitor would still be connecting when this short-lived client closes.
    return AsyncMongoClient(url, serverMonitoringMode="poll")
