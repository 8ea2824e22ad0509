"""What a run has shown, as Markdown."""

import os
import platform
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version

from tests.faults.run import Result
from tools.stack.rabbitmq import SERVER

#: Violations that are listed for one promise; the rest are counted.
MAX_LISTED = 50


def report(result: Result) -> str:
    """Return the whole report."""
    parts = (_head, _checks, _violations, _numbers, _stories)
    return "\n".join(line for part in parts for line in part(result)) + "\n"


def _head(result: Result) -> Iterator[str]:
    plan = result.plan
    yield f"# Fault run, seed {plan.seed}"
    yield ""
    yield f"**{'Every promise was kept' if not result.violations else f'{len(result.violations)} violations'}.**"
    yield ""
    yield f"- Begun: {result.started:%Y-%m-%d %H:%M} UTC; {result.seconds:.0f} s under faults, then"
    yield f"  {result.settling_seconds:.0f} s until nothing waited"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield f"- Machine: {machine}; Python {platform.python_version()}"
    yield f"- Versions: RabbitMQ {_rabbitmq_version()}, {plan.nodes} node(s); " + ", ".join(
        f"{name} {version(name)}" for name in ("secantusdb", "faststream", "aio-pika", "motor")
    )
    yield f"- Messages: {plan.messages} wanted, {result.confirmed} confirmed by the broker, {result.sent} sent"
    yield "  (a message whose confirm was lost is sent again)"
    yield f"- Faults: {result.faults.total()}"
    yield ""


def _checks(result: Result) -> Iterator[str]:
    yield "| Promise | Looked at | Violations |"
    yield "| --- | ---: | ---: |"
    for check in result.checks:
        yield f"| {check.promise} | {check.count} | {len(check.violations)} |"
    yield f"| no process ends by itself or leaves too late | {result.processes} | {len(result.misconduct)} |"
    yield ""


def _violations(result: Result) -> Iterator[str]:
    for violation in result.violations[:MAX_LISTED]:
        yield f"- {violation}"
    if len(result.violations) > MAX_LISTED:
        yield f"- and {len(result.violations) - MAX_LISTED} more"
    if result.violations:
        yield ""


def _numbers(result: Result) -> Iterator[str]:
    world = result.world
    yield from _table("Fault", result.faults)
    years = Counter(f"{record.registered.year}" for record in world.products if record.registered)
    yield from _table("Product codes of the year", years)
    yield from _table("Case", Counter(case.kind for case in result.cases))
    announced = sum(event.times for event in world.heard.values())
    kept = sum(sum(bodies.values()) for bodies in world.kept.values())
    repeats = {
        "events announced": len(world.heard),
        "of them announced again, the same": announced - len(world.heard),
        "messages kept as dead letters or unrouted": sum(len(bodies) for bodies in world.kept.values()),
        "of them kept again, the same": kept - sum(len(bodies) for bodies in world.kept.values()),
        "mails": len(world.mails),
        "of them sent again, the same": world.mails.total() - len(world.mails),
        "alerts that failed because the mail server was away": sum(
            record.outcome == "attempts-used-up" for record in world.alerts
        ),
    }
    yield from _table("Allowed", repeats)


def _stories(result: Result) -> Iterator[str]:
    if result.stories:
        yield "## What happened to the dossiers named above"
        yield ""
        yield from result.stories


def _table(title: str, rows: Counter[str] | dict[str, int]) -> Iterator[str]:
    yield f"| {title} | Times |"
    yield "| --- | ---: |"
    for name, count in rows.items() if not isinstance(rows, Counter) else sorted(rows.items()):
        yield f"| {name} | {count} |"
    yield ""


def _rabbitmq_version() -> str:
    folders = sorted(path.name for path in (SERVER.parents[1] / "lib").glob("rabbitmq_server-*"))
    return folders[-1].partition("-")[2] if folders else "unknown"
