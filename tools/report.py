"""What became of dossiers: a table for people, and a mail as it arrived."""

from collections.abc import Iterable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from rich.table import Table
from rich.text import Text

from ops.report import DossierAnswer, held_back, in_short, stars_of
from ops.tables import right, table, uncut
from shared.contracts.alert import AlertDelivered, AlertFailed
from shared.contracts.rating import AssessmentRejected, ProductRated
from tools.portal import FollowedDossier


def dossiers_table(filings: Iterable[FollowedDossier]) -> Table:
    """Return one row a dossier: the points, the stars, what holds it back, the way on, and the alert."""
    points = map(right, ("Set", "A", "B", "C", "Total"))
    further = ("What holds it back", "Fewest steps to the next star", "Alert")
    title = "What became of each dossier"
    return table("Product", *points, uncut("Stars"), *further, rows=map(_row, filings), title=title, lines=True)


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


def _row(filing: FollowedDossier) -> Sequence[str | Text]:
    answer = filing.answer
    return _product(filing), *_score(answer), held_back(answer), _way_on(answer), _alert(filing)


def _product(filing: FollowedDossier) -> Text:
    name = filing.answer.product_name if filing.answer else None
    return Text.assemble(name or "(not readable)", "\n", (filing.name, "dim"))


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
