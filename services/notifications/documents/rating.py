"""The score sheet of a rating: what the producer's own answers are worth, criterion by criterion."""

from services.notifications.documents.typesetting import typeset
from shared.contracts.dossier import Language
from shared.contracts.rating import CriterionPoints, PartPoints, ProductRated, UnmetMinimum


class ScoredGroup(PartPoints):
    """A group of criteria with what belongs to it."""

    #: the group itself, where it is its only criterion
    alone: CriterionPoints | None
    criteria: tuple[CriterionPoints, ...]


class RatingSheet(ProductRated):
    """A rating as its sheet reads it."""

    @property
    def scored_groups(self) -> tuple[ScoredGroup, ...]:
        """The groups of the score sheet, each with its criteria: those whose codes begin with its own."""
        return tuple(self._scored(group) for group in self.groups)

    def _scored(self, group: PartPoints) -> ScoredGroup:
        alone = next((each for each in self.criteria if each.code == group.code), None)
        criteria = tuple(each for each in self.criteria if each.code.startswith(f"{group.code}."))
        return ScoredGroup(**dict(group), alone=alone, criteria=criteria)

    @property
    def later_minimums(self) -> tuple[UnmetMinimum, ...]:
        """The minimums that stand before later stars than the next one, of which the way on says nothing."""
        next_star = 0 if self.stars is None else self.stars + 1
        return tuple(unmet for unmet in self.unmet_minimums if unmet.star > next_star)


def rating_pdf(event_data: ProductRated, language: Language) -> bytes:
    """Return the score sheet of a self-assessment, which says that it is no decision; the same for the same event."""
    return typeset("product.rated", language, RatingSheet.model_construct(**dict(event_data)))
