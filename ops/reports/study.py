"""What classes would do for products, one by one and together: who is lifted by which topics."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ops.reports.choice import Choice, best_choice, bits_of, smallest_that_lifts
from ops.reports.mastery import Distance, Mastery
from ops.reports.topics import Topics
from services.evaluation.assessed import RatedAnswers
from services.evaluation.rulebook import Rulebook
from services.evaluation.scoring import BANDS


@dataclass(frozen=True)
class Liftable:
    """A product that the topics together would lift, and what stands between it and its next star."""

    rated: RatedAnswers
    distance: Distance


@dataclass(frozen=True)
class Seat:
    """Who should sit in a class: a product, and the stars that it reaches by this class and those beside it."""

    topic: int
    rated: RatedAnswers
    stars_after: int
    beside: tuple[int, ...]


class Study:
    """What the topics would do for products.

    Args:
        rulebook: the sheets in force; what was rated by others is passed over, and counted in `passed_over`.
        topics: the topics, and what they lift.
        products: the newest rated self-assessment of each.
    """

    def __init__(self, rulebook: Rulebook, topics: Topics, products: Iterable[RatedAnswers]) -> None:
        self.topics = topics
        self.masteries = {sheet.code: Mastery(sheet, topics.of(sheet), self.size) for sheet in rulebook.sheets.values()}
        rated = list(products)
        self.products = [each for each in rated if each.score_sheet in self.masteries]
        self.passed_over = len(rated) - len(self.products)

    @property
    def size(self) -> int:
        """How many topics there are."""
        return len(self.topics.topics)

    @cached_property
    def liftable(self) -> list[Liftable]:
        """The products that all topics together lift."""
        below = (each for each in self.products if each.stars != max(BANDS))
        found = (Liftable(each, self._distance(each)) for each in below)
        return [each for each in found if each.distance.is_closed_by(bits_of(range(self.size)))]

    @cached_property
    def choices(self) -> list[Choice]:
        """The best choice of one topic, of two, and so on to all."""
        standing = Counter(each.distance for each in self.liftable)
        return [best_choice(standing, self.size, size) for size in range(1, self.size + 1)]

    def stars_reached(self, topic: int) -> Counter[int]:
        """Return how many products a topic alone lifts, by the stars that they reach."""
        bits = bits_of([topic])
        lifted = (each for each in self.liftable if each.distance.is_closed_by(bits))
        return Counter(self._stars_with(each.rated, bits) for each in lifted)

    def seats(self, chosen: Sequence[int]) -> list[Seat]:
        """Return who should sit in which of these classes: each product in the fewest that lift it.

        By class, in their order; first those that reach the most stars, then the most points.
        """
        found = [seat for each in self.liftable for seat in self._seats_of(each, chosen)]
        place = {topic: number for number, topic in enumerate(chosen)}
        order = (each for each in found)
        return sorted(
            order, key=lambda each: (place[each.topic], -each.stars_after, -each.rated.total, each.rated.code)
        )

    def _seats_of(self, product: Liftable, chosen: Sequence[int]) -> Iterable[Seat]:
        together = smallest_that_lifts(product.distance, chosen)
        if not together:
            return ()
        stars = self._stars_with(product.rated, bits_of(together))
        return [Seat(each, product.rated, stars, tuple(n for n in together if n != each)) for each in together]

    def _distance(self, rated: RatedAnswers) -> Distance:
        return self.masteries[rated.score_sheet].distance(rated, (rated.stars or 0) + 1)

    def _stars_with(self, rated: RatedAnswers, bits: int) -> int:
        return self.masteries[rated.score_sheet].stars_with(rated, bits) or 0
