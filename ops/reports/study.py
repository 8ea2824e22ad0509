"""What classes would do for products, one by one and together: who is lifted by which topics."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, compress

from ops.reports.choice import Choice, best_choices
from ops.reports.mastery import Cohort, Mastery
from ops.reports.rated import Assessments
from ops.reports.topics import Topics
from services.evaluation.assessed import RatedAnswers
from services.evaluation.rulebook import Rulebook
from services.evaluation.scoring import BANDS


@dataclass(frozen=True)
class Seat:
    """Who should sit in a class: a product, and the stars that it reaches by this class and those beside it."""

    topic: int
    rated: RatedAnswers
    stars_after: int
    beside: tuple[int, ...]


@dataclass(frozen=True)
class Together:
    """Products, by their rows, that the same topics lift to the same stars, and no fewer of those that are held."""

    topics: tuple[int, ...]
    stars_after: int
    rows: Sequence[int]


@dataclass(frozen=True)
class Seats:
    """Who should sit in which of these classes: each product in the fewest that lift it."""

    products: Assessments
    chosen: Sequence[int]
    lifted: Sequence[Together]

    @property
    def number_of_products(self) -> int:
        """How many products sit anywhere."""
        return sum(len(each.rows) for each in self.lifted)

    def __len__(self) -> int:
        """Return how many seats there are: some products need several classes."""
        return sum(len(each.rows) * len(each.topics) for each in self.lifted)

    def listed(self, limit: int) -> list[Seat]:
        """Return the first so many of each class, in its order: the most stars reached, then the most points."""
        return [seat for topic in self.chosen for seat in self._of_class(topic, limit)]

    def _of_class(self, topic: int, limit: int) -> Iterator[Seat]:
        left = limit
        for stars in sorted(BANDS, reverse=True):
            topics = {
                row: each.topics
                for each in self.lifted
                if each.stars_after == stars and topic in each.topics and left
                for row in each.rows
            }
            for row in self.products.leading([*topics], left):
                left -= 1
                yield Seat(topic, self.products[row], stars, tuple(each for each in topics[row] if each != topic))


class Study:
    """What the topics would do for products.

    Args:
        rulebook: the sheets in force; what was rated by others is passed over, and counted in `passed_over`.
        topics: the topics, and what they lift.
        products: the newest rated self-assessment of each.
    """

    def __init__(self, rulebook: Rulebook, topics: Topics, products: Sequence[RatedAnswers]) -> None:
        self.topics = topics
        self.masteries = {sheet.code: Mastery(sheet, topics.of(sheet), self.size) for sheet in rulebook.sheets.values()}
        rated = Assessments.of(products)
        self.products = rated.by_sheets(self.masteries)
        self.passed_over = len(rated) - len(self.products)

    @property
    def size(self) -> int:
        """How many topics there are."""
        return len(self.topics.topics)

    @cached_property
    def cohorts(self) -> list[tuple[Sequence[int], Cohort]]:
        """The products that may rise, by sheet and stars, with their rows."""
        of, rows = self.products, defaultdict(list)
        for row, key in enumerate(zip(of.sheets, of.stars, of.must_declare_quality, of.eliminated, strict=True)):
            rows[key].append(row)
        return [
            (those, self._cohort(those, sheet, stars, must_declare_quality=must_declare))
            for (sheet, stars, must_declare, eliminated), those in rows.items()
            if not eliminated and stars != max(BANDS)
        ]

    @cached_property
    def choices(self) -> list[Choice]:
        """The best choice of one topic, of two, and so on to all."""
        return best_choices(self._lifted, self.size)

    def stars_reached(self, topic: int) -> Counter[int]:
        """Return how many products a topic alone lifts, by the stars that they reach."""
        found: Counter[int] = Counter()
        for _, cohort in self.cohorts:
            found += Counter({stars: those.bit_count() for stars, those in cohort.reached([topic])})
        return found

    def seats(self, chosen: Sequence[int]) -> Seats:
        """Return who should sit in which of these classes."""
        lifted = [each for rows, cohort in self.cohorts for each in _together(rows, cohort, chosen)]
        return Seats(self.products, chosen, lifted)

    def _lifted(self, chosen: Sequence[int]) -> int:
        return sum(cohort.lifted(chosen).bit_count() for _, cohort in self.cohorts)

    def _cohort(self, rows: Sequence[int], sheet: str, stars: int | None, *, must_declare_quality: bool) -> Cohort:
        answers, totals = (
            map(self.products.answers.__getitem__, rows),
            bytes(map(self.products.totals.__getitem__, rows)),
        )
        return Cohort(self.masteries[sheet], stars, answers, totals, must_declare_quality=must_declare_quality)


def _together(rows: Sequence[int], cohort: Cohort, among: Sequence[int]) -> Iterator[Together]:
    """Yield whom which of these topics lift: the fewest, of equal ones the first."""
    left = cohort.lifted(among)
    for size in range(1, len(among) + 1):
        for chosen in combinations(among, size) if left else ():
            for stars, those in cohort.reached(chosen):
                if here := those & left:
                    yield Together(chosen, stars, list(compress(rows, cohort.each(here))))
            left &= ~cohort.lifted(chosen)
