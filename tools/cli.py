"""The `ocop` command of a clone: the operator's, and what developers run beside it."""

import signal

if __name__ == "__main__":  # before what takes most of a second to load: Ctrl-C ends it at once and quietly meanwhile
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from ops.cli import COMMANDS, command
from ops.commands import IN_CLONE
from ops.on_use import Listed
from tools.extra import CAN_RUN_STACK

DEVELOPERS_COMMANDS = (
    Listed(
        "demo",
        "tools.commands:demo",
        "File every dossier of examples/dossiers on a stack of its own, show what comes of it, and stop everything.",
        hidden=not CAN_RUN_STACK,
    ),
    Listed(
        "up",
        "tools.commands:up",
        "Start the stack and stay up, showing the services' logs, until Ctrl-C.",
        hidden=not CAN_RUN_STACK,
    ),
    Listed(
        "stack",
        "tools.stack.commands:app",
        "Outages of the stack that `ocop up` runs, to try what they do.",
        hidden=not CAN_RUN_STACK,
    ),
    Listed(
        "contracts",
        "tools.contracts.commands:app",
        "What is published of the events: schemas, examples, AsyncAPI documents.",
        hidden=not IN_CLONE,
    ),
)

app = command(*COMMANDS, *DEVELOPERS_COMMANDS)

if __name__ == "__main__":
    app(prog_name="ocop")
