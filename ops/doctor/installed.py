"""Checks Python and the packages by `requirements/*.lock`, where there is such a file: not in the image, made by it."""

import platform
import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ops.doctor.check import Check, listed, ok, warning, wrong

LOCK = Path(__file__).parents[2] / "requirements" / "services.lock"
_OLDEST = (3, 11)
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
#: What is shown of what is installed: it does the work.
_SHOWN = ("aio-pika", "faststream", "motor", "pydantic", "pymongo")


def check_python() -> Check:
    """Check the version of Python."""
    found = f"Python {platform.python_version()}"
    if sys.version_info[:2] < _OLDEST:
        return wrong("python", found, "OCOP needs Python 3.11 or later")
    return ok("python", found)


def check_packages(lock: Path = LOCK) -> Check:
    """Check that what is installed is what is locked; a package that this platform does not need is none of it."""
    shown = ", ".join(f"{name} {_installed(name)}" for name in _SHOWN)
    if not lock.exists():
        return ok("packages", shown)
    if other := differing(dict(_PINNED.findall(lock.read_text("utf-8")))):
        return warning("packages", f"not as locked: {listed(other)}", "install what requirements/ says: make does it")
    return ok("packages", f"as locked: {shown}")


def differing(pinned: Mapping[str, str]) -> list[str]:
    """Return those of the pinned packages that are installed in another version."""
    found = {name: _installed(name) for name in pinned}
    return [
        f"{name} {found[name]} (locked: {pinned[name]})" for name in pinned if found[name] not in {None, pinned[name]}
    ]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
