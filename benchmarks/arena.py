"""Where everything is measured: one private broker and database, and a virtual host and a database for each peer."""

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yarl import URL

from ops.access.broker import definitions
from shared.integrations import read_integrations
from tools.stack import LocalStack

PROJECT = Path(__file__).parent.parent

#: Who files for councils, in the form of deploy/integrations.yaml.
SECRETARIAT_FILE = """secretariat: {scope: {province: "25"}, listens_to: [council.result]}\n"""

#: Hears of the progress, in short lines.
Say = Callable[[str], None]


class BenchmarkError(Exception):
    """A benchmark cannot go on; the message says why and where to look."""


@dataclass(frozen=True)
class Arena:
    """The broker and the database under everything that is measured."""

    stack: LocalStack
    say: Say

    def amqp_url(self, vhost: str) -> str:
        """Return the administrator's URL of a virtual host."""
        return str(URL(self.stack.amqp_url).with_path(f"/{vhost}"))

    def environment(self, **added: str) -> dict[str, str]:
        """Return the environment of a process: this one's without the services' settings, with the project's code.

        Processes run in the stack's folder, where no `.env` lies.
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OCOP_")}
        return {**inherited, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", **added}


@asynccontextmanager
async def opened_arena(
    folder: Path, vhosts: tuple[str, ...], say: Say, *, integrations: str = SECRETARIAT_FILE
) -> AsyncIterator[Arena]:
    """Start broker and database in an empty folder, and leave nothing of them.

    Unless others are given, there is one integration, which files for councils and hears of nothing but their results:
    another's queue would only grow. Raise StackError where they do not start.
    """
    content = definitions(read_integrations(integrations.encode()))
    content |= {"vhosts": [*content["vhosts"], *({"name": name} for name in vhosts)]}
    stack = LocalStack(folder, definitions=content, fresh=True)
    try:
        async with stack:
            yield Arena(stack, say)
    finally:
        stack.discard()


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter."""
    return [sys.executable, *arguments]


#: A document or a message, as JSON has it.
Json = dict[str, Any]
