"""Which products are nearest to their next star, and the steps: help shows there first."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import compress, count
from typing import overload

from ops.language import Message
from ops.reports.both import InBoth, joined
from ops.reports.columns import those
from ops.reports.rated import Assessments, Named
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.evaluation.advice import way_to_next_star
from services.evaluation.assessed import RatedAnswers, answers_in
from services.evaluation.rulebook import ScoreSheet
from shared.contracts.rating import Step
from shared.contracts.text import Bilingual

_NUMBER = Kind.NUMBER
#: Option steps that have a column of their own; the last one is so many or more.
_STEPS = (1, 2, 3, 4, 5, 6)
#: How the reports that read self-assessments were made.
BY_SELF_ASSESSMENT = Message(
    "By the newest rated self-assessment of each product: its producer's own answers, which no council has seen."
)
_HOW = Message(
    "A step raises one criterion by one option. The way told is the shortest, as the rating announced it: to the points"
    " of the next star, its minimums, and no 0 that stops the evaluation."
)


def next_star(rated: RatedAnswers) -> int:
    """Return the star above; 1 where the sheet stops the evaluation."""
    return (rated.stars or 0) + 1


class Ways(Sequence[RatedAnswers]):
    """Products that have a way to their next star, the shortest first: of equal ones the higher star, then more points.

    Very many have one, and few are listed: they are put in order only as far as is asked for.
    """

    def __init__(self, rated: Assessments, stars: Collection[int]) -> None:
        self._rated = rated
        self._steps, steps = rated.option_steps.classed(lambda each: each)
        self._stars = rated.stars.in_bytes(lambda each: (each or 0) + 1)
        #: How many products are how far: option steps, less the next star, and the class of the steps.
        self._counted = {
            (each, -star, of): number
            for (of, star), number in Counter(zip(self._steps, self._stars, strict=True)).items()
            if (each := steps[of]) is not None and (not stars or star in stars)
        }

    def distances(self) -> Counter[tuple[int, int]]:
        """Return how many products are how far from which star: star and option steps."""
        return Counter({(-star, steps): number for (steps, star, _), number in self._counted.items()})

    def __len__(self) -> int:
        """Return how many products there are."""
        return sum(self._counted.values())

    @overload
    def __getitem__(self, place: int, /) -> RatedAnswers: ...

    @overload
    def __getitem__(self, place: slice, /) -> list[RatedAnswers]: ...

    def __getitem__(self, place: int | slice, /) -> RatedAnswers | list[RatedAnswers]:
        """Return one of them, or several: the first ones in little time."""
        wanted = range(len(self))[place]
        if isinstance(wanted, range):
            first = self._first(max(wanted, default=-1) + 1)
            return [self._rated[first[each]] for each in wanted]
        return self[wanted : wanted + 1][0]

    def __iter__(self) -> Iterator[RatedAnswers]:
        """Yield all of them in order."""
        return iter(self[:])

    def _first(self, number: int) -> list[int]:
        """Return the rows of the first so many."""
        found: list[int] = []
        for _, star, steps in sorted(self._counted):
            if len(found) >= number:
                break
            at_star = those(self._stars, -star)
            rows = zip(compress(count(), at_star), compress(self._steps, at_star), strict=False)
            found += self._rated.leading([row for row, of in rows if of == steps], number - len(found))
        return found


def nearest(rated: Sequence[RatedAnswers], stars: Collection[int] = ()) -> Ways:
    """Return the products that have a way to their next star, the shortest first; `stars`: to these alone."""
    return Ways(Assessments.of(rated), stars)


def support(
    ways: Ways,
    sheets: Mapping[str, ScoreSheet],
    named: Mapping[str, Named],
    day: date,
    *,
    limit: int,
    notes: Iterable[Message] = (),
    reveal: bool = False,
) -> Report:
    """Return how near products are to their next star.

    Args:
        ways: those with a way, as `nearest` has them.
        sheets: the score sheets, by their codes.
        named: what the products are called that are listed, by their codes.
        day: today.
        limit: how many are listed.
        notes: what is to be said besides.
        reveal: whether the producers are named.
    """
    sections = (_distances(ways), _products(ways, sheets, named, day, limit=limit, reveal=reveal))
    return Report("support", Message("Where support lifts most"), day, sections, (*notes, BY_SELF_ASSESSMENT, _HOW))


def who(reveal: bool) -> tuple[Column, ...]:  # as the option
    """Return the columns that name a product."""
    producer = (Column("producer_name", Message("Producer")),) if reveal else ()
    product = (Column("product_code", Message("Product"), Kind.ID), Column("product_name", Message("Name")))
    return (*product, *producer, Column("commune", Message("Commune")))


def who_is(code: str, named: Named | None, day: date, *, reveal: bool) -> tuple[Value, ...]:
    """Return the values of those columns; of a product that the register has not written yet there is no name."""
    product, producer = named or (None, None)
    return (code, product, *((producer,) if reveal else ()), commune_name(code[3:8], day))


def _distances(ways: Ways) -> Section:
    columns = [Column(f"steps_{n}", Message("{steps} steps", steps=n), _NUMBER, summed=True) for n in _STEPS[1:-1]]
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for (star, steps), number in ways.distances().items():
        found[star][min(steps, _STEPS[-1])] += number
    rows = [(star, of.total(), *(of[each] for each in _STEPS)) for star, of in sorted(found.items())]
    return Section(
        "distances",
        Message("How far it is to the next star"),
        (
            Column("next_star", Message("Next star"), Kind.STARS),
            Column("products", Message("Products"), _NUMBER, summed=True),
            Column("steps_1", Message("1 step"), _NUMBER, summed=True),
            *columns,
            Column("steps_6_or_more", Message("6 and more"), _NUMBER, summed=True),
        ),
        rows,
    )


def _products(
    ways: Ways,
    sheets: Mapping[str, ScoreSheet],
    named: Mapping[str, Named],
    day: date,
    *,
    limit: int,
    reveal: bool,
) -> Section:
    listed = ways[:limit]
    columns = (
        *who(reveal),
        Column("stars", Message("Stars"), Kind.STARS),
        Column("total", Message("Points"), _NUMBER),
        Column("next_star", Message("Next star"), Kind.STARS),
        Column("option_steps", Message("Steps"), _NUMBER),
        Column("steps", Message("What to raise")),
    )
    rows = [
        (
            *who_is(each.code, named.get(each.code), day, reveal=reveal),
            *(each.stars, each.total, next_star(each), each.option_steps),
            steps_of(each, sheets[each.score_sheet]),
        )
        for each in listed
    ]
    more = len(ways) - len(listed)
    notes = (Message("{more} more products: --limit shows more.", more=more),) if more else ()
    return Section("products", Message("Products by the fewest steps to their next star"), columns, rows, notes)


def steps_of(rated: RatedAnswers, sheet: ScoreSheet) -> InBoth:
    """Return the steps of the advice, as its rating has them."""
    way = way_to_next_star(sheet, answers_in(sheet, rated), rated.stars, rated.total)
    return joined([_step(each) for each in way.steps])


def _step(step: Step) -> Bilingual:
    climb = f"{step.from_option.option} → {step.to_option.option} (+{step.points})"
    name = step.name
    return Bilingual(vi=f"{step.criterion} {name.vi} {climb}", en=f"{step.criterion} {name.en} {climb}")
