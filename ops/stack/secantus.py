"""SecantusDB: WiredTiger behind MongoDB's wire protocol, from the `local` extra."""

import os
import sys
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from ops.stack.ports import listens
from ops.stack.processes import Process, Processes


async def start_secantus(processes: Processes, folder: Path, port: int) -> Process:
    """Start it on a port of 127.0.0.1, with its data in the folder, every commit on disk before it is answered."""
    settings = _empty_settings(folder)
    argv = [sys.executable, "-m", "secantus", "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--storage-path", str(folder / "data"), "--sync-on-commit", "--log-level", "WARNING"]
    return await processes.start("secantus", argv, dict(os.environ), working_folder=folder)


def _empty_settings(folder: Path) -> Path:
    """Make a file to name at the start, so that no settings of this user or machine are looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "secantusd.toml"
    settings.touch()
    return settings


def secantus_url(port: int) -> str:
    """Give the URL of a database that was started on this port."""
    return f"mongodb://127.0.0.1:{port}/?directConnection=true"


async def secantus_answers(port: int) -> bool:
    """Tell whether the database answers a ping."""
    if not await listens(port):
        return False
    # Polled: a second, streaming monitor would still be connecting when this short-lived client closes.
    async with AsyncMongoClient[dict[str, object]](secantus_url(port), serverMonitoringMode="poll") as client:
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        return True
