"""A life told for people while it is played: the day, who files, what follows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.text import Text

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.event import Event
from shared.legal_date import legal_date
from tools.lives.life import Life, Step
from tools.lives.play import Told

_Words = Callable[[Mapping[str, Any]], str]


def _certificate(data: Mapping[str, Any]) -> str:
    certificate = data["certificate"]
    last_day = _day(date.fromisoformat(certificate["last_day"]))
    return f"{certificate['number']}, {certificate['stars']}★, valid to {last_day}"


def _move(data: Mapping[str, Any]) -> str:
    closing = f", {data['closing']}" if data["closing"] else ""
    return f"{data['from_stage']} → {data['to_stage']}{closing}"


#: What is worth telling of an event.
_TOLD: Mapping[str, _Words] = {
    "product.submitted": lambda data: f"{data['product_code']}, round {data['round']}",
    "product.rated": lambda data: f"self-assessment, {data['total']} points, {data['stars']}★",
    "round.moved": _move,
    "council.rescore-requested": lambda data: f"{data['spread']} points apart, {data['allowed']} allowed",
    "council.result": lambda data: f"{data['level']}: {data['average']['shown']} points, {data['stars']}★",
    "certificate.issued": _certificate,
    "certificate.renewal-due": lambda data: f"{data['milestone']}, days left to file: {data['days_left']}",
    "certificate.superseded": lambda data: f"{data['certificate']['number']}, by {data['by_number']}",
    "certificate.revoked": lambda data: f"{data['certificate']['number']}, ground {data['ground']}: {data['reason']}",
}


def told_on(console: Console, life: Life) -> Told:
    """Print a life's title, and return what prints each of its steps."""
    console.print(Text(f"\n{life.title}", "bold"))

    def told(step: Step, events: Sequence[Event]) -> None:
        filed = f"{step.by} files {step.file}" if step.kind else "the day has come"
        console.print(Text.assemble((_day(legal_date(step.at)), "cyan"), "  ", filed), soft_wrap=True)
        if step.says:
            console.print(Text(f"             {step.says}", "italic"), soft_wrap=True)
        for event in events:
            name = BY_TYPE[event.type].name
            words = _TOLD[name](event.data) if name in _TOLD else ""
            console.print(Text(f"             → {name}  {words}".rstrip()), soft_wrap=True)

    return told


def _day(day: date) -> str:
    return f"{day:%d %b %Y}"
