"""Unit tests need no server and no other program: one that opens a connection or starts a process fails."""

import gc
import sys
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

#: What Python tells of before it happens (its audit events), and belongs to the integration tests.
FORBIDDEN = frozenset(
    {
        *("socket.bind", "socket.connect", "socket.getaddrinfo"),
        *("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"),
    }
)

#: True for what a unit test runs, but not for what another test has left running in a thread or task of its own.
_in_unit_test: ContextVar[bool] = ContextVar("_in_unit_test", default=False)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN and _in_unit_test.get():
        pytest.fail(f"{event} {arguments} in a unit test: such a test belongs into tests/integration")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def _on_its_own() -> Iterator[None]:
    token = _in_unit_test.set(True)
    yield
    _in_unit_test.reset(token)


def pytest_collection_finish() -> None:
    """Leave what was imported out of every collection of garbage to come: that is a sixth of the suite's time."""
    gc.freeze()
