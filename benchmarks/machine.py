"""What the measurements were made on: machine, versions, state of the code."""

import os
import platform
import shutil
import subprocess
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import aio_pika

from benchmarks.arena import PROJECT, Arena
from benchmarks.plan import Plan
from shared.clock import system_clock

_PACKAGES = (
    "faststream",
    "aio-pika",
    "motor",
    "pymongo",
    "pydantic",
    "uvloop",
    "secantusdb",
    "celery",
    "kombu",
    "dramatiq",
    "pika",
)


def described(plan: Plan, folder: Path) -> dict[str, str]:
    """Return what a reader needs to judge the figures, as name → text; broker and database will lie in the folder."""
    return {
        "date": system_clock().strftime("%Y-%m-%d %H:%M UTC"),
        "code": _commit(),
        "machine": f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {_memory_bytes() / 2**30:.0f} GiB",
        "file system": _file_system(folder),
        "system": f"{_distribution()}, Linux {platform.release()}",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "plan": ", ".join(f"{name} {value}" for name, value in asdict(plan).items()),
    }


async def broker_version(arena: Arena) -> str:
    """Return what the broker says it is."""
    async with await aio_pika.connect(arena.amqp_url("")) as connection:
        if connection.transport is None:
            return "unknown"
        properties = connection.transport.connection.server_properties
        return " ".join(str(properties.get(name, "")) for name in ("product", "version"))


def _commit() -> str:
    git = ("git", "-C", str(PROJECT), "describe", "--always", "--dirty")
    try:
        return subprocess.run(git, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    """Return the file system under a folder that may not be there yet, as df says it."""
    df = ("df", "--output=fstype,source", str(_there(folder)))
    try:
        said = subprocess.run(df, capture_output=True, check=True, text=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return " on ".join(said.splitlines()[-1].split())


def free_gib(folder: Path) -> float:
    """Return the GiB that are free where a folder, which may not be there yet, lies."""
    return shutil.disk_usage(_there(folder)).free / 2**30


def _there(folder: Path) -> Path:
    whole = folder.resolve()
    return next(each for each in (whole, *whole.parents) if each.exists())


def _memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _distribution() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
