"""A broker of one node or three, any of which can be killed and brought back with its data."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from yarl import URL

from ops.access.broker import ADMIN, MAX_MESSAGE_BYTES, definitions, with_passwords
from ops.access.credentials import Credentials
from ops.access.published import as_text
from shared.contracts.catalogue import EVENTS
from shared.integrations import Integration
from shared.messaging.topology import DELAYS, QUORUM, STREAM
from shared.system import EARLY, SYSTEM
from tests.faults.server import Server
from tools.stack import Process, Processes, StackError
from tools.stack.ports import free_ports, listens
from tools.stack.rabbitmq import SERVER, Ports, _environment, rabbitmq_answers, rabbitmq_url

#: A queue of ours that gets every event of the services, past all scopes and rights.
HEARD = "faults.heard"

CTL = SERVER.with_name("rabbitmqctl")

#: seconds; a node that was killed under load reads much before it takes clients
READY_SECONDS = 180

_SETTINGS = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
default_user = admin
default_pass = {password}
max_message_size = {max_message_bytes}
log.console = true
log.file = false
cluster_formation.peer_discovery_backend = classic_config
"""


@dataclass(frozen=True)
class Node:
    """One RabbitMQ node; the ports and the folder stay the same from start to start."""

    name: str
    folder: Path
    ports: Ports

    @property
    def environment(self) -> dict[str, str]:
        """The node's whole environment, the same for its server and for the command line."""
        own = _environment(self.folder, self.ports)
        return own | {"RABBITMQ_NODENAME": self.name, "HOME": str(self.folder.parent)}  # one cookie for all nodes


class Broker:
    """RabbitMQ on ports of 127.0.0.1 that do not change, with the definitions of OCOP."""

    def __init__(self, processes: Processes, folder: Path, *, nodes: int = 1) -> None:
        self._processes = processes
        self._folder = folder
        self._credentials: dict[str, Credentials] = {}
        self._epmd_port, *ports = free_ports(1 + 2 * nodes)
        self.nodes = [
            Node(f"ocop{n}@127.0.0.1", folder / f"broker-{n}", Ports(ports.pop(), self._epmd_port, ports.pop()))
            for n in range(1, nodes + 1)
        ]
        self.servers = [Server(node.folder.name, partial(self._start_node, node)) for node in self.nodes]

    @property
    def ports(self) -> list[int]:
        """The AMQP port of each node."""
        return [node.ports.amqp for node in self.nodes]

    @property
    def url(self) -> str:
        """The URL of the first node, without a user."""
        return rabbitmq_url(self.ports[0])

    async def start(
        self,
        credentials: dict[str, Credentials],
        integrations: Mapping[str, Integration],
        *,
        delay_milliseconds: int,
    ) -> None:
        """Start the nodes, one after the other, each joining the earlier ones, and load the definitions."""
        self._credentials = credentials
        await self._start_epmd()
        for node, server in zip(self.nodes, self.servers, strict=True):
            self._write_settings(node)
            await server.start()
        loaded = self._folder / "definitions.json"
        passwords = {user: each.amqp_password for user, each in credentials.items()}
        content = _overheard(_patient(definitions(integrations, delay_milliseconds=delay_milliseconds)))
        loaded.write_text(as_text(with_passwords(content, passwords)), "utf-8")
        await self.ctl("import_definitions", str(loaded))
        await self._require_replicas()
        await asyncio.gather(*(_until_saved(node) for node in self.nodes))

    async def _start_node(self, node: Node, name: str) -> Process:
        process = await self._processes.start(name, [str(SERVER)], node.environment, working_folder=node.folder)
        url = str(URL(self._credentials[ADMIN].amqp_url).with_port(node.ports.amqp))
        await process.until_ready(lambda: rabbitmq_answers(url), seconds=READY_SECONDS)
        return process

    async def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl on the first node and return what it prints. Raise StackError with its complaint."""
        command = await asyncio.create_subprocess_exec(
            *(str(CTL), "--quiet", "--longnames", "--node", self.nodes[0].name, *arguments),
            env=self.nodes[0].environment | {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ""},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        output, complaint = await command.communicate()
        if command.returncode:
            raise StackError(f"rabbitmqctl {arguments[0]}: {complaint.decode()}")
        return output.decode()

    async def depths(self) -> dict[str, int]:
        """Count the messages of each queue, those in flight included."""
        rows = (await self.ctl("list_queues", "name", "messages", "--no-table-headers")).splitlines()
        return {name: int(count) for name, count in (row.split("\t") for row in rows)}

    async def _require_replicas(self) -> None:
        """Make sure that each queue and the journal have a replica on every node. Raise StackError."""
        rows = (await self.ctl("list_queues", "name", "members", "--no-table-headers")).splitlines()
        lacking = [row for row in rows if row.count("@") != len(self.nodes)]
        if lacking:
            raise StackError(f"not replicated to all of {len(self.nodes)} nodes: {'; '.join(lacking)}")

    async def _start_epmd(self) -> None:
        self._folder.mkdir(parents=True)
        argv = ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        epmd = await self._processes.start("epmd", argv, self.nodes[0].environment, working_folder=self._folder)
        await epmd.until_ready(lambda: listens(self._epmd_port))

    def _write_settings(self, node: Node) -> None:
        node.folder.mkdir(parents=True)
        others = [f"cluster_formation.classic_config.nodes.{n} = {one.name}\n" for n, one in enumerate(self.nodes, 1)]
        password = self._credentials[ADMIN].amqp_password
        settings = _SETTINGS.format(
            amqp=node.ports.amqp, password=password, max_message_bytes=MAX_MESSAGE_BYTES
        ) + "".join(others)
        (node.folder / "rabbitmq.conf").write_text(settings, "ascii")
        (node.folder / "enabled_plugins").write_text("[].\n", "ascii")


def _patient(content: dict[str, Any]) -> dict[str, Any]:
    """Return definitions in which what came too early waits as long as in production: longer than a run's outages."""
    for policy in content["policies"]:
        service, _, delay = policy["name"].rpartition(".retry.")
        if service.startswith("registry") and delay in EARLY:
            policy["definition"]["message-ttl"] = DELAYS[delay]
    return content


def _overheard(content: dict[str, Any]) -> dict[str, Any]:
    """Return definitions with the queue that gets every event of the services."""
    (vhost,) = content["vhosts"]
    queue = {"name": HEARD, "vhost": vhost["name"], "durable": True, "auto_delete": False, "arguments": QUORUM}
    binding = {
        "source": EVENTS,
        "vhost": vhost["name"],
        "destination": HEARD,
        "destination_type": "queue",
        "routing_key": "#",
        "arguments": {},
    }
    return content | {"queues": [*content["queues"], queue], "bindings": [*content["bindings"], binding]}


#: The name under which a node keeps the state of its streams.
_STREAMS = b"rabbit_stream_coordinator"


async def _until_saved(node: Node) -> None:
    """Wait until a node has the names of its quorum queues on disk: Ra's directory, `names.dets`.

    RabbitMQ 3.10 saves them every few seconds. A queue whose name was not saved before a kill never finds a leader
    again.
    """
    wanted = [_STREAMS, HEARD.encode(), *(queue.name.encode() for queue in SYSTEM.queues if queue.arguments != STREAM)]
    async with asyncio.timeout(60):
        while not all(name in _saved(node) for name in wanted):  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.2)


def _saved(node: Node) -> bytes:
    return b"".join(path.read_bytes() for path in (node.folder / "data").rglob("names.dets"))
