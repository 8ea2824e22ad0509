"""`make demo`: every example dossier through a stack of its own, and what comes of it."""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ops.access.integrations import queue_of, user_of
from shared.clock import system_clock
from shared.contracts.rating import ProductRated
from tools.examples import load_examples
from tools.report import as_read, mail_of, table
from tools.services import start_services
from tools.stack import LocalStack
from tools.stories import Desk, Story, desk

#: seconds without any event after which the demo says that something is stuck
PATIENCE_SECONDS = 60

#: The integration as which the demo files and listens.
PORTAL = "portal"

Tell = Callable[[str], None]


async def run_demo(folder: Path, console: Console) -> int:
    """Run the demo in a folder of its own, whose data of an earlier run is dropped. Return the exit code.

    Raises:
        StackError: the stack could not be started.
    """
    started = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - started:5.1f} s[/dim]  {line}", highlight=False, soft_wrap=True)

    tell(f"Starting RabbitMQ, SecantusDB and a mail server in {folder}")
    async with LocalStack(folder, tell=tell, fresh=True) as stack:
        await start_services(stack, tell)
        async with desk(stack.credentials(user_of(PORTAL)).amqp_url, queue_of(PORTAL)) as at:
            if not await _file_and_follow(at, console, tell, stack.folder / "logs"):
                return 1
            _show(list(at.stories.values()), stack.mail_folder, console)
    tell("Done")
    return 0


async def _file_and_follow(at: Desk, console: Console, tell: Tell, logs: Path) -> bool:
    """File the examples and follow them to their ends. Tells what is missing and gives False where that stops."""
    examples = load_examples(system_clock())
    await at.file(examples, id_of=lambda name: f"{name}-{uuid4().hex[:8]}")
    tell(f"{len(examples)} dossiers of examples/dossiers are filed")
    columns = (TextColumn("{task.description:>9}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console, transient=True) as progress:
        answered = progress.add_task("answered", total=len(examples))
        told = progress.add_task("told", total=len(examples))
        try:
            async for _ in at.follow(patience_seconds=PATIENCE_SECONDS):
                stories = at.stories.values()
                progress.update(answered, completed=sum(story.answer is not None for story in stories))
                progress.update(told, completed=sum(story.told is not None for story in stories))
        except TimeoutError:
            missing = ", ".join(story.name for story in at.stories.values() if story.told is None)
            console.print(f"[red]No event for {PATIENCE_SECONDS} s; without an end: {missing}[/red]")
            console.print(f"The services' logs: {logs}")
            return False
    tell(f"{len(examples)} dossiers are answered, and their producers told")
    return True


def _show(stories: list[Story], mail_folder: Path, console: Console) -> None:
    console.print(table(stories))
    story = next((story for story in stories if _is_held_back(story)), stories[0])
    mail = mail_of(story.told.alert_id, mail_folder) if story.told else None
    if mail is None:
        console.print(f"[red]The mail for {story.name} is not in {mail_folder}[/red]")
        return
    console.print(Panel(Text(as_read(mail)), title=f"A mail as it arrived: {story.name}", width=100))


def _is_held_back(story: Story) -> bool:
    """Tell whether the alert is one that shows most: points for the next star, and a minimum in the way."""
    rated = story.answer
    return (
        isinstance(rated, ProductRated)
        and rated.stars is not None
        and rated.stars < rated.band
        and rated.recipient.contact.language == "vi"
        and story.told is not None
        and story.told.channel == "email"
    )
