"""Shows what became of dossiers: a table for people, and a mail as it arrived."""

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from rich.table import Table

from ops.stories import Answer, Story
from services.evaluation.scoring import BANDS
from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.dossier import DossierRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Fault

#: How many faults or steps a cell shows before it says how many more there are.
SHOWN = 3


def table(stories: list[Story]) -> Table:
    """Return one row a dossier: the points, the stars, what holds it back, the way on, and the alert."""
    rows = Table(title="What became of each dossier", show_lines=True)
    rows.add_column("Product", min_width=18, max_width=30, overflow="fold")
    for name in ("Set", "A", "B", "C", "Total"):
        rows.add_column(name, justify="right", no_wrap=True)
    rows.add_column("Stars", no_wrap=True)
    rows.add_column("What holds it back", min_width=24)
    rows.add_column("Fewest steps to the next star", min_width=24)
    rows.add_column("Alert", no_wrap=True)
    for story in stories:
        rows.add_row(
            _product(story), *_score(story.answer), held_back(story.answer), _way_on(story.answer), _told(story)
        )
    return rows


def mail_of(alert_id: str, folder: Path) -> EmailMessage | None:
    """Find the mail of an alert among those that arrived."""
    for file in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if str(mail["Message-ID"]).startswith(f"<{alert_id}@"):
            return mail
    return None


def as_read(mail: EmailMessage) -> str:
    """Return a mail as a phone shows it: who from, who to, the subject, the text."""
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    return f"From: {mail['From']}\nTo: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}"


def _product(story: Story) -> str:
    name = story.answer.product_name if story.answer else None
    return f"{name or '(not readable)'}\n[dim]{story.name}[/dim]"


def _score(answer: Answer | None) -> tuple[str, str, str, str, str, str]:
    match answer:
        case ProductRated():
            a, b, c = (str(part.points) for part in answer.parts)
            return str(answer.product_set), a, b, c, str(answer.total), stars_of(answer.stars)
        case AssessmentRejected():
            return str(answer.product_set), "", "", "", "", "rejected"
        case _:
            return "", "", "", "", "", "rejected"


def stars_of(stars: int | None) -> str:
    """Return stars as one reads them; none are given where the sheet stops the evaluation."""
    return "stopped" if stars is None else "★" * stars + "☆" * (5 - stars)


def held_back(answer: Answer | None) -> str:
    """Say what stands before the next star, or what is wrong, and that only in short."""
    match answer:
        case ProductRated(stops=[stop, *_]):
            return f"{stop.criterion}: {stop.reason.en}"
        case ProductRated(stars=int(stars)) if stars < 5:
            return _before_the_next_star(answer, stars + 1)
        case DossierRejected() | AssessmentRejected():
            return faults_in_short(answer.faults)
        case _:
            return ""


def faults_in_short(faults: Iterable[Fault]) -> str:
    """Name the first faults, a line each."""
    return _some([f"{fault.code} {fault.pointer}" for fault in faults], "\n")


def _before_the_next_star(rated: ProductRated, star: int) -> str:
    missing = BANDS[star] - rated.total
    points = [f"{missing} point{'s' if missing > 1 else ''} to {star}★"] if missing > 0 else []
    unmet = [minimum.criterion for minimum in rated.unmet_minimums if minimum.star <= star]
    return "\n".join(points + ([f"minimums of {star}★: {_some(unmet, ', ')}"] if unmet else []))


def _way_on(answer: Answer | None) -> str:
    if not isinstance(answer, ProductRated) or answer.advice is None:
        return ""
    advice = answer.advice
    steps = [f"{step.criterion}: +{step.points}" for step in advice.steps]
    return f"{_some(steps, ', ')} → {advice.total_after} points, {advice.stars_after}★"


def _some(items: list[str], separator: str) -> str:
    more = len(items) - SHOWN
    return separator.join(items[:SHOWN]) + (f"{separator}and {more} more" if more > 0 else "")


def _told(story: Story) -> str:
    match story.told:
        case AlertFailed() as failed:
            return f"{failed.channel} failed"
        case AlertDelivered() as delivered:
            return f"{delivered.channel} ✓"
        case None:
            return ""
