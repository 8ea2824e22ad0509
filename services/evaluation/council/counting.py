"""Which cards count, whether they are enough, and who presided. Pure; by the council's regulation."""

from collections.abc import Collection
from dataclasses import dataclass

from services.evaluation.council.state import FilledCard, Session
from shared.contracts.councils import CouncilConcluded, Member


@dataclass(frozen=True)
class Count:
    """The cards that count.

    `needed` is how many the regulation asks for; `missing` are members without a card who were present, or, where there
    are too few cards, all whose card does not count. `chair_missing`: neither the chair nor a deputy was there and
    presided, and the regulation asks for that.
    """

    counted: tuple[FilledCard, ...]
    needed: int
    missing: tuple[Member, ...]
    chair_missing: bool

    @property
    def is_complete(self) -> bool:
        """Return whether a result may be made of these cards."""
        return not self.missing and not self.chair_missing and len(self.counted) >= self.needed


def count(session: Session, cards: Collection[FilledCard], concluded: CouncilConcluded) -> Count:
    """Return which of the members' newest cards count.

    Those of whom the conclusion names as present; of written opinions, where it names nobody, those of all who filed.
    """
    filed = {card.member: card for card in cards}
    present = frozenset(filed) if concluded.present is None else frozenset(concluded.present)
    counted = tuple(filed[each.id] for each in session.members if each.id in present and each.id in filed)
    needed = session.regulation.quorum.needed(len(session.members))
    absent = present if len(counted) >= needed else frozenset(each.id for each in session.members)
    counting = {card.member for card in counted}
    return Count(
        counted=counted,
        needed=needed,
        missing=tuple(each for each in session.members if each.id in absent and each.id not in counting),
        chair_missing=session.regulation.presiding.by_chair_or_deputy
        and not (session.presides(concluded.presided_by) and concluded.presided_by in present),
    )
