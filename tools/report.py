"""What became of dossiers: a table for people, and a mail as it arrived."""

from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from rich.table import Table

from ops.report import DossierAnswer, held_back, in_short, stars_of
from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.rating import AssessmentRejected, ProductRated
from tools.portal import FollowedDossier


def table(filings: Iterable[FollowedDossier]) -> Table:
    """Return one row a dossier: the points, the stars, what holds it back, the way on, and the alert."""
    rows = Table(title="What became of each dossier", show_lines=True)
    rows.add_column("Product", min_width=18, max_width=30, overflow="fold")
    for name in ("Set", "A", "B", "C", "Total"):
        rows.add_column(name, justify="right", no_wrap=True)
    rows.add_column("Stars", no_wrap=True)
    rows.add_column("What holds it back", min_width=24)
    rows.add_column("Fewest steps to the next star", min_width=24)
    rows.add_column("Alert", no_wrap=True)
    for filing in filings:
        rows.add_row(
            _product(filing), *_score(filing.answer), held_back(filing.answer), _way_on(filing.answer), _alert(filing)
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


def _product(filing: FollowedDossier) -> str:
    name = filing.answer.product_name if filing.answer else None
    return f"{name or '(not readable)'}\n[dim]{filing.name}[/dim]"


def _score(answer: DossierAnswer | None) -> tuple[str, str, str, str, str, str]:
    match answer:
        case ProductRated():
            a, b, c = (str(part.points) for part in answer.parts)
            return str(answer.product_set), a, b, c, str(answer.total), stars_of(answer.stars)
        case AssessmentRejected():
            return str(answer.product_set), "", "", "", "", "rejected"
        case _:
            return "", "", "", "", "", "rejected"


def _way_on(answer: DossierAnswer | None) -> str:
    if not isinstance(answer, ProductRated) or answer.advice is None:
        return ""
    advice = answer.advice
    steps = [f"{step.criterion}: +{step.points}" for step in advice.steps]
    return f"{in_short(steps, ', ')} → {advice.total_after} points, {advice.stars_after}★"


def _alert(filing: FollowedDossier) -> str:
    match filing.alert:
        case AlertFailed() as failed:
            return f"{failed.channel} failed"
        case AlertDelivered() as delivered:
            return f"{delivered.channel} ✓"
        case None:
            return ""
