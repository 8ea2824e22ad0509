"""The local stack: one folder, one lock, three servers."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ops.access.broker import ADMIN
from ops.access.credentials import Credentials, issue, load
from ops.access.published import published_definitions, published_roles
from tools.stack.errors import NotOursError, StackError
from tools.stack.leftovers import end_leftovers
from tools.stack.lock import locked
from tools.stack.mail import mailbox_answers, start_mailbox
from tools.stack.ports import free_ports
from tools.stack.processes import Process, Processes
from tools.stack.rabbitmq import rabbitmq_answers, rabbitmq_url, start_rabbitmq
from tools.stack.secantus import secantus_url, start_secantus

#: What a stack keeps in its folder, and the file that says that the folder is a stack's.
_KEPT = ("rabbitmq", "secantus", "secrets", "mail", "logs")
_MINE = "ocop-stack"


class LocalStack:
    """RabbitMQ, SecantusDB and a mail server on free ports of 127.0.0.1, ready between enter and exit.

    What they keep stays in the folder for the next start, unless that one is to be `fresh`. `processes` starts further
    children, which are stopped first. `say` hears of the progress, in short lines. `definitions` are the broker's, the
    published ones unless others are given, `rabbitmq_conf` more of its settings and `rabbitmq_plugins` more plugins.
    Entering raises StackError: another run holds the folder, or a server does not start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        definitions: dict[str, Any] | None = None,
        rabbitmq_conf: str = "",
        rabbitmq_plugins: Sequence[str] = (),
        say: Callable[[str], None] = lambda _line: None,
        fresh: bool = False,
    ) -> None:
        self._folder = folder.resolve()
        self._definitions = published_definitions() if definitions is None else definitions
        self._rabbitmq_conf = rabbitmq_conf
        self._rabbitmq_plugins = rabbitmq_plugins
        self._credentials: dict[str, Credentials] = {}
        self._fresh = fresh
        self._say = say
        self._amqp_port, self._management_port, self._mongo_port, self._smtp_port = free_ports(4)
        self._at_exit = AsyncExitStack()
        self._servers = Processes(self._folder)
        self.processes = Processes(self._folder)

    @property
    def folder(self) -> Path:
        """Where everything of this stack lies, absolute."""
        return self._folder

    @property
    def amqp_url(self) -> str:
        """URL of the broker for its administrator."""
        return self._credentials[ADMIN].amqp_url

    @property
    def mongo_url(self) -> str:
        """URL of the database server for its administrator."""
        return self._credentials[ADMIN].mongo_url or ""

    @property
    def management_url(self) -> str:
        """URL of the broker's management interface, without a user."""
        return f"http://127.0.0.1:{self._management_port}"

    @property
    def servers(self) -> tuple[Process, ...]:
        """The processes of broker, database and mail server that run."""
        return tuple(server for server in self._servers.started if server.exit_code is None)

    def credentials(self, user: str) -> Credentials:
        """Return the URLs with which a user of the definitions logs in. Raise KeyError where there is no such user."""
        return self._credentials[user]

    @property
    def smtp_url(self) -> str:
        """URL of the mail server."""
        return f"smtp://127.0.0.1:{self._smtp_port}"

    @property
    def mail_folder(self) -> Path:
        """Where each mail that arrived is one `.eml` file; the names sort by time."""
        return self._folder / "mail"

    async def __aenter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(f"{self._folder} cannot be made: {error.strerror}; --folder names another") from error
        async with AsyncExitStack() as opened:
            opened.enter_context(locked(self._folder))
            end_leftovers(self._folder)
            self._take_possession()
            opened.callback(end_leftovers, self._folder)  # whatever broke with its parent: Erlang's helpers
            opened.push_async_callback(self._servers.stop_all)
            opened.push_async_callback(self.processes.stop_all)
            self._issue_passwords()
            await self._start_all()
            self._at_exit = opened.pop_all()
        return self

    def discard(self) -> None:
        """Remove what this stack, stopped by now, has kept, and its folder where nothing else lies in it."""
        mine = self._folder / _MINE
        if not mine.exists():
            return
        for name in _KEPT:
            shutil.rmtree(self._folder / name, ignore_errors=True)
        mine.unlink()
        with suppress(OSError):
            self._folder.rmdir()

    def _take_possession(self) -> None:
        """Drop what an earlier run kept, where this one is to be fresh, and never what is not a stack's."""
        mine = self._folder / _MINE
        kept = [self._folder / name for name in _KEPT if (self._folder / name).exists()]
        if kept and not mine.exists():
            raise NotOursError(kept[0])
        mine.touch()
        if self._fresh:
            for folder in kept:
                shutil.rmtree(folder)

    def _issue_passwords(self) -> None:
        folder = self._folder / "secrets"
        users = [user["name"] for user in self._definitions.get("users", ())]
        issue(folder, users, amqp=rabbitmq_url(self._amqp_port), mongo=secantus_url(self._mongo_port))
        self._credentials = load(folder)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._say("Stopping everything that was started")
        await self._at_exit.aclose()

    async def _start_all(self) -> None:
        try:
            async with asyncio.TaskGroup() as starting:
                starting.create_task(self._start_rabbitmq())
                starting.create_task(self._start_secantus())
                starting.create_task(self._start_mailbox())
        except* StackError as failed:
            reason = failed.exceptions[0]
        else:
            return
        raise reason

    async def _start_rabbitmq(self) -> None:
        folder = self._folder / "rabbitmq"
        passwords = {user: each.amqp_password for user, each in self._credentials.items()}
        broker = await start_rabbitmq(
            self._servers,
            folder,
            self._amqp_port,
            self._management_port,
            definitions=self._definitions,
            passwords=passwords,
            more_settings=self._rabbitmq_conf,
            plugins=self._rabbitmq_plugins,
        )
        self._say("RabbitMQ is starting")
        await broker.until_ready(lambda: rabbitmq_answers(self.amqp_url))
        self._say("RabbitMQ is ready")

    async def _start_secantus(self) -> None:
        folder = self._folder / "secantus"
        passwords = {user: each.mongo_password or "" for user, each in self._credentials.items()}
        await start_secantus(self._servers, folder, self.mongo_url, roles=published_roles(), passwords=passwords)
        self._say("SecantusDB is ready")

    async def _start_mailbox(self) -> None:
        mailbox = await start_mailbox(self._servers, self.mail_folder, self._smtp_port)
        await mailbox.until_ready(lambda: mailbox_answers(self._smtp_port))
        self._say("The mail server is ready")
