"""What bears on a scorecard or a conclusion: its session and the work on its product; and what speaks against both."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.evaluation.council import faults
from services.evaluation.council.convening import ROLE_OF
from services.evaluation.council.state import FilledCard, Session, Work
from shared.contracts.councils import CouncilConcluded, ScorecardFiled
from shared.contracts.text import Fault
from shared.filings import Filing
from shared.handling.history import Version


@dataclass(frozen=True)
class Sitting:
    """A session, None where there is none yet, what replaced it, and the council work on one product.

    `cards` are the newest of each member, in full where a conclusion needs them.
    """

    session: Session | None = None
    replaced_by: str | None = None
    work: Version[Work] | None = None
    cards: tuple[FilledCard, ...] = ()


#: What is filed about one product of a session.
OfSession = Filing[ScorecardFiled] | Filing[CouncilConcluded]


def files_for(session: Session, filing: OfSession) -> bool:
    """Return whether its sender files for councils of this level."""
    return filing.scope.role is ROLE_OF[session.level]


def sitting_faults(session: Session, sitting: Sitting, filing: OfSession, code: str) -> tuple[Fault, ...]:
    """Return why a session takes nothing on this product from this sender: no event on its way can change it.

    Another level's office learns no more of the session than that it is another's.
    """
    if not files_for(session, filing):
        return (faults.level_of_another(session.level),)
    return tuple(_faults(session, sitting, code))


def _faults(session: Session, sitting: Sitting, code: str) -> Iterator[Fault]:
    work = sitting.work.state if sitting.work else None
    if sitting.replaced_by:
        yield faults.session_replaced(session.id, sitting.replaced_by)
    if work is None or code not in session.visits:
        yield faults.product_not_in_session(code, session.id)
    elif session.id in work.concluded:
        yield faults.council_concluded(code, session.id)
    elif session.visits[code] != work.visit:
        yield faults.product_has_left(code, session.id)
