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
from tools.stack.part import Part
from tools.stack.ports import KeptPorts
from tools.stack.processes import Process, Processes
from tools.stack.rabbitmq import Ports, rabbitmq_answers, rabbitmq_url, start_rabbitmq
from tools.stack.secantus import apply_roles, launch_secantus, secantus_answers, secantus_url

#: What a stack keeps in its folder, and the file that says that the folder is a stack's.
_KEPT = ("rabbitmq", "secantus", "secrets", "mail", "logs")
_MINE = "ocop-stack"
#: In its folder: the ports of a stack that keeps them.
_PORTS = "ports.json"


class LocalStack:
    """RabbitMQ, SecantusDB and a mail server on free ports of 127.0.0.1, ready between enter and exit.

    What they keep stays in the folder for the next start, unless that one is to be `fresh`; with `keep_ports` their
    ports too. `processes` starts further children, which are stopped first. `say` hears of the progress, in short
    lines. `definitions` are the broker's, the published ones unless others are given, `rabbitmq_conf` more of its
    settings and `rabbitmq_plugins` more plugins.
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
        keep_ports: bool = False,
    ) -> None:
        self._folder = folder.resolve()
        self._definitions = published_definitions() if definitions is None else definitions
        self._rabbitmq_conf = rabbitmq_conf
        self._rabbitmq_plugins = rabbitmq_plugins
        self._credentials: dict[str, Credentials] = {}
        self._fresh = fresh
        self._say = say
        self.ports = KeptPorts(self._folder / _PORTS if keep_ports else None, say)
        self._at_exit = AsyncExitStack()
        self._servers = Processes(self._folder)
        self.processes = Processes(self._folder)
        self.broker = Part(
            "broker",
            "RabbitMQ",
            self._launch_rabbitmq,
            lambda: rabbitmq_answers(self.amqp_url),
            "The services hold what they have in flight, and nothing that was accepted is lost.",
        )
        self.database = Part(
            "database",
            "SecantusDB",
            self._launch_secantus,
            lambda: secantus_answers(self.mongo_url),
            "The services hold what they have in flight; dossiers wait in their queues.",
        )
        self.mail_server = Part(
            "mail",
            "The mail server",
            lambda: start_mailbox(self._servers, self.mail_folder, self.ports["mail"]),
            lambda: mailbox_answers(self.ports["mail"]),
            "Mails are tried again after 5 s, 1 min, 10 min and so on.",
        )

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
        return f"http://127.0.0.1:{self.ports['management']}"

    @property
    def servers(self) -> tuple[Part, ...]:
        """Broker, database and mail server."""
        return self.broker, self.database, self.mail_server

    def credentials(self, user: str) -> Credentials:
        """Return the URLs with which a user of the definitions logs in. Raise KeyError where there is no such user."""
        return self._credentials[user]

    @property
    def smtp_url(self) -> str:
        """URL of the mail server."""
        return f"smtp://127.0.0.1:{self.ports['mail']}"

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
            # what the next run drops anyway need not be saved, which takes RabbitMQ six seconds
            opened.push_async_callback(self._servers.kill_all if self._fresh else self._servers.stop_all)
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
        (self._folder / _PORTS).unlink(missing_ok=True)
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
        issue(folder, users, amqp=rabbitmq_url(self.ports["broker"]), mongo=secantus_url(self.ports["database"]))
        self._credentials = load(folder)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._say("Stopping everything that was started")
        await self._at_exit.aclose()

    async def _start_all(self) -> None:
        try:
            async with asyncio.TaskGroup() as starting:
                for server in self.servers:
                    starting.create_task(self._start(server))
        except* StackError as failed:
            reason = failed.exceptions[0]
        else:
            return
        raise reason

    async def _start(self, server: Part) -> None:
        await server.start()
        if server is self.database:
            passwords = {user: each.mongo_password or "" for user, each in self._credentials.items()}
            await apply_roles(self.mongo_url, published_roles(), passwords)
        self._say(f"{server.title} is ready")

    async def _launch_rabbitmq(self) -> Process:
        passwords = {user: each.amqp_password for user, each in self._credentials.items()}
        broker = await start_rabbitmq(
            self._servers,
            self._folder / "rabbitmq",
            Ports(*(self.ports[name] for name in ("broker", "epmd", "distribution"))),
            self.ports["management"],
            definitions=self._definitions,
            passwords=passwords,
            more_settings=self._rabbitmq_conf,
            plugins=self._rabbitmq_plugins,
        )
        self._say("RabbitMQ is starting")
        return broker

    async def _launch_secantus(self) -> Process:
        folder, password = self._folder / "secantus", self._credentials[ADMIN].mongo_password or ""
        return await launch_secantus(self._servers, folder, self.mongo_url, admin_password=password)
