"""All that runs in a fault test: broker, database, mail server, and instances of each service behind proxies."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from yarl import URL

from ops.access.broker import ADMIN, definitions
from ops.access.credentials import Credentials, issue, load
from ops.access.published import published_roles
from shared.integrations import FILE, load_integrations, queue_of, user_of
from shared.messaging.delivery import OPERATOR
from shared.system import SYSTEM
from shared.yaml12 import load_yaml
from tests.faults.broker import Broker
from tests.faults.clock import SteppedClock
from tests.faults.filings import HANOI
from tests.faults.messages import Sender
from tests.faults.proxy import Proxy
from tests.faults.server import Server
from tools.local_settings import AT_ONCE
from tools.stack import Process, Processes, StackError
from tools.stack.leftovers import end_leftovers
from tools.stack.mail import mailbox_answers, start_mailbox
from tools.stack.ports import free_ports
from tools.stack.secantus import secantus_url, start_secantus

_PROJECT = Path(__file__).parents[2]

#: Who files, and of which places.
SENDERS: dict[Sender, dict[str, str]] = {"portal": {"portal": "everywhere"}, "hanoi": {"province": f"{HANOI:02}"}}
USERS: dict[Sender, str] = {sender: user_of(sender) for sender in SENDERS}
INBOXES: dict[Sender, str] = {sender: queue_of(sender) for sender in SENDERS}

#: milliseconds that a retry waits: enough for a server to die meanwhile
DELAY_MILLISECONDS = 500
INSTANCES = 2
TWO_OF_EACH = dict.fromkeys(SYSTEM.names, INSTANCES)
#: seconds that a service may take from its start until it is ready
READY_SECONDS = 120


class Instance:
    """One process of a service, and the proxies through which it reaches broker and database."""

    def __init__(self, service: str, number: int, *, to_broker: Proxy, to_database: Proxy) -> None:
        self.service = service
        self.name = f"{service}-{number}"
        self.http_port = free_ports(1)[0]
        self.to_broker = to_broker
        self.to_database = to_database

    @property
    def ready(self) -> bool:
        """What it says of itself, to know when a run can begin; the accounting does not ask it."""
        try:
            with urlopen(f"http://127.0.0.1:{self.http_port}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


class System:
    """Everything, ready between enter and exit; nothing of it outlives the exit.

    `servers` are the processes that can be struck, by name; `proxies` the connections, by whose and whereto.
    """

    def __init__(
        self,
        folder: Path,
        *,
        nodes: int = 1,
        instances: Mapping[str, int] = TWO_OF_EACH,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder.resolve()
        self.mail_folder = self.folder / "mail"
        self.clocks = {
            f"registry-{number}": SteppedClock(self.folder / "clocks" / f"registry-{number}")
            for number in range(1, instances["registry"] + 1)
        }
        self._integrations = self.folder / "integrations.yaml"
        self._say = say
        self._counts = instances
        self._infrastructure = Processes(self.folder)
        self._services = Processes(self.folder)
        self._mongo_port, self._smtp_port = free_ports(2)
        self.broker = Broker(self._infrastructure, self.folder / "rabbitmq", nodes=nodes)
        self.instances: list[Instance] = []
        self.servers: dict[str, Server] = {}
        self.portal_proxy, self.straight = Proxy(self.broker.ports), Proxy(self.broker.ports)
        self._credentials: dict[str, Credentials] = {}
        self._at_exit = AsyncExitStack()

    @property
    def mongo_url(self) -> str:
        """The administrator's URL of the database."""
        return f"{self._credentials[ADMIN].mongo_url}"

    @property
    def amqp_url(self) -> str:
        """The administrator's URL of the broker's first node."""
        return self._credentials[ADMIN].amqp_url

    @property
    def amqp_url_of_any_node(self) -> str:
        """The administrator's URL of the first node that answers, past the faults of connections."""
        return _through(self.straight, self.amqp_url)

    @property
    def operator_url(self) -> str:
        """The operator's URL of the first node that answers, past the faults of connections."""
        return _through(self.straight, self._credentials[OPERATOR].amqp_url)

    def url_of(self, sender: Sender) -> str:
        """Return the broker's URL for an integration that files dossiers."""
        return _through(self.portal_proxy, self._credentials[USERS[sender]].amqp_url)

    @property
    def proxies(self) -> dict[tuple[str, str], Proxy]:
        """The connections, by their client and their server."""
        to_broker = {(one.name, "broker"): one.to_broker for one in self.instances}
        to_database = {(one.name, "database"): one.to_database for one in self.instances}
        return {("portal", "broker"): self.portal_proxy, **to_broker, **to_database}

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        async with AsyncExitStack() as opened:
            opened.callback(end_leftovers, self.folder)
            opened.push_async_callback(self._infrastructure.stop_all)
            opened.push_async_callback(self._services.stop_all)
            opened.callback(self._thaw_all)  # what is frozen does not hear that it is to end
            self._write_integrations()
            self._issue_passwords()
            await self._start_infrastructure()
            await opened.enter_async_context(self.portal_proxy)
            await opened.enter_async_context(self.straight)
            await self._start_services(opened)
            self._at_exit = opened.pop_all()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self._at_exit.aclose()

    async def start_until_ready(self, name: str) -> None:
        """Start an instance, and wait until it takes messages."""
        server = self.servers[name]
        (instance,) = (one for one in self.instances if one.name == name)
        await server.start()
        await server.process.until_ready(lambda: asyncio.to_thread(lambda: instance.ready), seconds=READY_SECONDS)

    async def stop_services(self) -> None:
        """Stop every instance as an operator would: what is in the broker and the database then stays as it is."""
        instances = {instance.name for instance in self.instances}
        for server in (server for name, server in self.servers.items() if name not in instances):
            server.note_whether_it_ended()
        await asyncio.gather(*(self.servers[name].stop() for name in instances))

    def heal(self) -> None:
        """Let every connection through again."""
        for proxy in self.proxies.values():
            proxy.heal()

    def _thaw_all(self) -> None:
        for server in self.servers.values():
            if server.started and server.process.exit_code is None:
                server.thaw()

    def _write_integrations(self) -> None:
        """Write the file of scopes: each sender is as the published one in all but its scope."""
        published = load_yaml(FILE.read_text("utf-8"))
        some = next(iter(published.values()))
        ours = {sender: some | {"scope": scope} for sender, scope in SENDERS.items()}
        self._integrations.write_text(json.dumps(ours), "utf-8")  # YAML 1.2 is a superset

    def _issue_passwords(self) -> None:
        folder = self.folder / "secrets"
        users = [user["name"] for user in definitions(load_integrations(self._integrations))["users"]]
        issue(folder, users, amqp=self.broker.url, mongo=secantus_url(self._mongo_port))
        self._credentials = load(folder)

    async def _start_infrastructure(self) -> None:
        database, mail = Server("database", self._start_database), Server("mail-server", self._start_mail_server)
        self.servers |= {server.name: server for server in (*self.broker.servers, database, mail)}
        async with asyncio.TaskGroup() as starting:
            integrations = load_integrations(self._integrations)
            start = self.broker.start(self._credentials, integrations, delay_milliseconds=DELAY_MILLISECONDS)
            starting.create_task(start)
            starting.create_task(database.start())
            starting.create_task(mail.start())
        self._say("broker, database and mail server are ready")

    async def _start_services(self, opened: AsyncExitStack) -> None:
        for service in SYSTEM.names:
            for number in range(1, self._counts[service] + 1):
                first = (number - 1) % len(self.broker.ports)
                rotated = self.broker.ports[first:] + self.broker.ports[:first]
                to_broker = await opened.enter_async_context(Proxy(rotated))
                to_database = await opened.enter_async_context(Proxy([self._mongo_port]))
                instance = Instance(service, number, to_broker=to_broker, to_database=to_database)
                self.instances.append(instance)
                self.servers[instance.name] = Server(instance.name, partial(self._start_instance, instance))
        await asyncio.gather(*(self.start_until_ready(instance.name) for instance in self.instances))
        unused = [f"{client} to {server}" for (client, server), proxy in self.proxies.items() if not proxy.used]
        if unused != ["portal to broker"]:
            raise StackError(f"faults would miss connections that go past their proxies: {', '.join(unused)}")
        self._say("ready: " + ", ".join(f"{count} x {service}" for service, count in self._counts.items()))

    async def _start_database(self, _name: str) -> Process:
        folder, roles = self.folder / "secantus", published_roles()
        passwords = {user: each.mongo_password or "" for user, each in self._credentials.items()}
        return await start_secantus(self._infrastructure, folder, self.mongo_url, roles=roles, passwords=passwords)

    async def _start_mail_server(self, _name: str) -> Process:
        process = await start_mailbox(self._infrastructure, self.mail_folder, self._smtp_port)
        await process.until_ready(lambda: mailbox_answers(self._smtp_port))
        return process

    async def _start_instance(self, instance: Instance, name: str) -> Process:
        own = self._credentials[instance.service]
        environment = {
            **os.environ,
            **AT_ONCE,
            "OCOP_GIVE_UP_HOURS": "0",  # with the broker's last delay: nothing is left that waits for a clock
            **own.settings,
            "OCOP_AMQP_URL": _through(instance.to_broker, own.amqp_url),
            "OCOP_MONGO_URL": _through(instance.to_database, f"{own.mongo_url}"),
            "OCOP_SMTP_URL": f"smtp://127.0.0.1:{self._smtp_port}",
            "OCOP_HTTP_PORT": str(instance.http_port),
            "OCOP_INTEGRATIONS": str(self._integrations),
            "PYTHONUNBUFFERED": "1",
        }
        argv = [sys.executable, "-m", f"services.{instance.service}"]
        if clock := self.clocks.get(instance.name):
            argv = [sys.executable, "-m", "tests.faults.registry_process", str(clock.file)]
        return await self._services.start(name, argv, environment, working_folder=_PROJECT)


def _through(proxy: Proxy, url: str) -> str:
    return str(URL(url).with_port(proxy.port))
