"""`make demo`: every example dossier through a stack of its own, what comes of it, and one product's whole life."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ops.access.broker import definitions
from shared.clock import system_clock
from shared.contracts.rating import ProductRated
from shared.integrations import load_integrations, queue_of, user_of
from shared.logs import configure_logging
from shared.messaging.topology import DELAYS
from shared.system import EARLY
from tools.examples import FOLDER, load_examples
from tools.expected import differences, expected
from tools.lives.life import INTEGRATIONS, load_lives
from tools.lives.play import LifeDiffersError, player
from tools.lives.story import told_on
from tools.portal import FollowedDossier, Portal, opened
from tools.report import as_read, dossiers_table, mail_of
from tools.services import start_services
from tools.stack import LocalStack

#: seconds without any event after which the demo says that something is stuck
PATIENCE_SECONDS = 60

#: seconds until a dossier is answered that names a code which nobody has
_EARLY_SECONDS = sum(DELAYS[delay] for delay in EARLY) // 1000

#: The integration as which the demo files and listens.
PORTAL = "portal"

Say = Callable[[str], None]


async def run_demo(folder: Path, console: Console, examples: Path = FOLDER) -> int:
    """Run the demo in a folder of its own, whose data of an earlier run is dropped.

    Return the exit code: 1 where a dossier has no end, or another than the table in the README of the examples says.

    Raises:
        StackError: the stack could not be started.
    """
    started = time.monotonic()

    def say(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {line}", highlight=False, soft_wrap=True)

    say(f"Starting RabbitMQ, SecantusDB and a mail server in {folder}")
    content = definitions(load_integrations(INTEGRATIONS))
    async with LocalStack(folder, definitions=content, say=say, fresh=True) as stack:
        await start_services(stack, say, OCOP_INTEGRATIONS=str(INTEGRATIONS))
        async with opened(stack.credentials(user_of(PORTAL)).amqp_url, queue_of(PORTAL)) as portal:
            if not await _file_and_follow(portal, examples, console, say, stack.folder / "logs"):
                return 1
            _show(portal.filings, stack.mail_folder, console)
            is_right = _agrees(portal.filings, examples, console, say)
        is_lived = await _tell_a_life(stack, console, say)
    say("Done")
    return 0 if is_right and is_lived else 1


async def _tell_a_life(stack: LocalStack, console: Console, say: Say) -> bool:
    """Play the first of the lives in fast time and tell it. Return whether it went as its file says."""
    life = load_lives()[0]
    say("The services stop, and start again by a clock of their own: a life of examples/lives in fast time")
    await stack.processes.stop_all()
    log_file = stack.folder / "logs" / "life.log"
    with log_file.open("w", encoding="utf-8") as log:
        configure_logging("life", format="json", level="INFO", stream=log)
        try:
            async with player(stack, life.steps[0].at, run_id=uuid4().hex) as on_stage:
                await on_stage.play(life, told_on(console, life))
        except LifeDiffersError as error:
            console.print(Text(f"Not as examples/lives says: {error}", "red"), soft_wrap=True)
            console.print(f"The services' log: {log_file}")
            return False
    return True


async def _file_and_follow(portal: Portal, examples: Path, console: Console, say: Say, logs: Path) -> bool:
    """File the examples and follow them to their ends. Says what is missing and returns False where that stops."""
    dossiers = load_examples(system_clock(), examples)
    await portal.file(dossiers, id_of=lambda name: f"{name}-{uuid4().hex[:8]}")
    waiting = sum(not filing.is_filed for filing in portal.filings)
    say(f"{len(dossiers)} dossiers of examples/dossiers are filed, {waiting} of them when their product is registered")
    say(f"A code that nobody has is answered after {_EARLY_SECONDS} s: its registration may be on its way")
    try:
        await _follow(portal, console)
    except TimeoutError:
        missing = ", ".join(filing.name for filing in portal.filings if filing.alert is None)
        console.print(f"[red]No event for {PATIENCE_SECONDS} s; without an end: {missing}[/red]")
        console.print(f"The services' logs: {logs}")
        return False
    say(f"{len(dossiers)} dossiers are answered, and their producers alerted")
    return True


async def _follow(portal: Portal, console: Console) -> None:
    """Show how far the dossiers are, until each has its end. Raise TimeoutError where nothing happens for too long."""
    filings = portal.filings
    columns = (TextColumn("{task.description:>9}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console, transient=True) as progress:
        answered = progress.add_task("answered", total=len(filings))
        alerted = progress.add_task("alerted", total=len(filings))
        async for _ in portal.follow(patience_seconds=PATIENCE_SECONDS):
            progress.update(answered, completed=sum(filing.answer is not None for filing in filings))
            progress.update(alerted, completed=sum(filing.alert is not None for filing in filings))


def _agrees(filings: Sequence[FollowedDossier], examples: Path, console: Console, say: Say) -> bool:
    """Return whether every outcome is that of the examples' table; print where it is not."""
    found = list(differences(expected(examples), {filing.name: filing.answer for filing in filings}))
    if found:
        console.print("[red]Not as the table of examples/dossiers/README.md says:[/red]")
        for line in found:
            console.print(Text(line, "red"), soft_wrap=True)
    else:
        say(f"All {len(filings)} outcomes are those of the table in examples/dossiers/README.md")
    return not found


def _show(filings: Sequence[FollowedDossier], mail_folder: Path, console: Console) -> None:
    console.print(dossiers_table(filings))
    filing = next((filing for filing in filings if _is_held_back(filing)), filings[0])
    mail = mail_of(filing.alert.alert_id, mail_folder) if filing.alert else None
    if mail is None:
        console.print(f"[red]The mail for {filing.name} is not in {mail_folder}[/red]")
        return
    console.print(Text(f"A mail as it arrived: {filing.name}", "bold"))
    console.print(Panel(Text(as_read(mail)), width=100))


def _is_held_back(filing: FollowedDossier) -> bool:
    """Return whether the alert is one that shows most: points for the next star, and a minimum in the way."""
    rated = filing.answer
    return (
        isinstance(rated, ProductRated)
        and rated.stars is not None
        and rated.stars < rated.band
        and filing.alert is not None
        and filing.alert.language == "vi"
        and filing.alert.channel == "email"
    )
