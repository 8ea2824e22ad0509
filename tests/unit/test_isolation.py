"""A unit test needs nothing but this repository."""

import asyncio
import socket
import subprocess
import sys

import pytest


def test_a_unit_test_that_starts_a_process_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"subprocess\.Popen"):
        subprocess.run([sys.executable, "--version"], check=True)


def test_a_unit_test_that_opens_a_connection_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"socket\.connect"), socket.socket() as unconnected:
        unconnected.connect(("127.0.0.1", 1))


async def test_a_unit_test_with_a_loop_that_opens_a_connection_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"socket\.connect"):
        await asyncio.open_connection("127.0.0.1", 1)
