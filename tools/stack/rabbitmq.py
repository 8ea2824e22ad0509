"""A private RabbitMQ node from the system's package (3.10 and later), with everything it writes in one folder."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aio_pika
from aio_pika.exceptions import AMQPError
from yarl import URL

from ops.access.broker import MAX_MESSAGE_BYTES, with_passwords
from ops.access.published import as_text
from tools.stack.errors import StackError
from tools.stack.ports import listens
from tools.stack.processes import Process, Processes

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

#: The node's data belongs to its name, so the name is the same at every start, whatever the ports are.
_NODE = "ocop@127.0.0.1"

_SETTINGS = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
load_definitions = definitions.json
max_message_size = {max_message_bytes}
log.console = true
log.file = false
"""

#: milliseconds after which the broker dead-letters again what had nowhere to go, as to a stream that starts later than
#: its queue; three minutes unless it is told
_DEAD_LETTER_AGAIN = "-rabbit dead_letter_worker_publisher_confirm_timeout 5000"

#: Dead letters of a queue that are on their way at a time; 32 unless it is told. Before RabbitMQ 4 a stream lacks some,
#: where a node starts: the first find no stream and go later than those behind them, which are sent once more to its
#: leader, under the numbers of others, and those it takes for repeats then (rabbitmq-server 12236).
_DEAD_LETTERS_AT_ONCE = "-rabbit dead_letter_worker_consumer_prefetch 1"

#: No busy waiting: the services need these cores. Nodes find each other on 127.0.0.1 only, by an epmd that we start.
_ERLANG = (
    "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false +sbwt none +sbwtdcpu none +sbwtdio none "
    f"{_DEAD_LETTER_AGAIN} {_DEAD_LETTERS_AT_ONCE}"
)


@dataclass(frozen=True)
class Ports:
    """The ports of one node, all of 127.0.0.1."""

    amqp: int
    epmd: int
    distribution: int


async def start_rabbitmq(
    processes: Processes,
    folder: Path,
    ports: Ports,
    management_port: int,
    *,
    definitions: dict[str, Any],
    passwords: Mapping[str, str],
    more_settings: str = "",
    plugins: Sequence[str] = (),
) -> Process:
    """Start the node, its data, settings, log and cookie in the folder, and the epmd that it needs, if none is there.

    The node loads the definitions before it takes its first connection, and adds them to what it knows at a later
    start; `passwords` are those of their users and of the administrator. `more_settings` are lines for `rabbitmq.conf`.
    `plugins` are further ones, beside the management interface; `rabbitmq_prometheus` listens on all addresses unless
    `prometheus.tcp.ip` is set. Raise StackError without RabbitMQ.
    """
    _write_settings(
        folder,
        _SETTINGS.format(amqp=ports.amqp, management=management_port, max_message_bytes=MAX_MESSAGE_BYTES)
        + more_settings,
        with_passwords(definitions, passwords),
        plugins,
    )
    environment = _environment(folder, ports)
    if not await listens(ports.epmd):  # it outlives a node
        await _start_epmd(processes, folder, ports, environment)
    # Asked to end even where we were killed: RabbitMQ 3.10 saves the names of new quorum queues every few seconds, and
    # one whose name was not saved never finds a leader again.
    return await processes.start(
        "rabbitmq", [str(SERVER)], environment, working_folder=folder, at_our_death=signal.SIGTERM
    )


async def _start_epmd(processes: Processes, folder: Path, ports: Ports, environment: Mapping[str, str]) -> None:
    command = ["epmd", "-port", str(ports.epmd), "-address", "127.0.0.1"]
    epmd = await processes.start("epmd", command, environment, working_folder=folder)
    await epmd.until_ready(lambda: listens(ports.epmd))


def rabbitmq_url(amqp_port: int) -> str:
    """Return the URL of a node that was started on this port, without a user."""
    return f"amqp://127.0.0.1:{amqp_port}/%2F?heartbeat=10"


async def rabbitmq_answers(url: str) -> bool:
    """Return whether the node lets the user of this URL in."""
    parsed = URL(url)
    if not await listens(parsed.port or 0):
        return False
    connection = aio_pika.Connection(parsed)
    try:
        await connection.connect()
    except (OSError, AMQPError):
        return False
    else:
        return True
    finally:
        await connection.close()


def _write_settings(folder: Path, settings: str, loaded: dict[str, Any], plugins: Sequence[str]) -> None:
    if not SERVER.exists():
        raise StackError(f"RabbitMQ is not installed: {SERVER} is missing. `make rabbitmq` installs it.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "definitions.json").write_text(as_text(loaded), encoding="utf-8")
    (folder / "rabbitmq.conf").write_text(settings, encoding="utf-8")
    (folder / "enabled_plugins").write_text(f"[{','.join(('rabbitmq_management', *plugins))}].\n", encoding="ascii")


def _environment(folder: Path, ports: Ports) -> dict[str, str]:
    """Return the node's whole environment: a system broker's settings, and this user's, must not reach it."""
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(folder),  # the Erlang cookie
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(ports.epmd),
        "RABBITMQ_NODENAME": _NODE,
        "RABBITMQ_USE_LONGNAME": "true",  # or an address could not stand for a host that no resolver needs to know
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_LOG": "-color",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(folder / "conf.d" / "*.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        # Makes the start script become the Erlang machine, where it would wait beside it: one process to signal.
        "RABBITMQ_ALLOW_INPUT": "true",
        "RABBITMQ_SERVER_START_ARGS": "-noinput +Bi",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG,
    }
