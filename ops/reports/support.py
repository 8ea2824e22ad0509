"""Which products are nearest to their next star, and the steps: help shows there first."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from ops.language import Message
from ops.reports.both import InBoth, joined
from ops.reports.rated import Named
from ops.reports.register import commune_name
from ops.reports.report import Column, Kind, Report, Section, Value
from services.evaluation.advice import advise
from services.evaluation.assessed import RatedAnswers, answers_in
from services.evaluation.rulebook import ScoreSheet
from services.evaluation.scoring import BANDS, score
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


def nearest(rated: Iterable[RatedAnswers], stars: Collection[int] = ()) -> list[RatedAnswers]:
    """Return the products that have a way to their next star, the shortest first; `stars`: to these alone.

    Of equal ones the higher star comes first, then the more points.
    """
    ways = (each for each in rated if each.option_steps is not None and (not stars or next_star(each) in stars))
    return sorted(ways, key=lambda each: (each.option_steps, -next_star(each), -each.total, each.code))


def support(
    ways: Sequence[RatedAnswers],
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


def _distances(ways: Sequence[RatedAnswers]) -> Section:
    columns = [Column(f"steps_{n}", Message("{steps} steps", steps=n), _NUMBER, summed=True) for n in _STEPS[1:-1]]
    rows = []
    for star in sorted(BANDS):
        steps = [min(each.option_steps or 0, _STEPS[-1]) for each in ways if next_star(each) == star]
        if steps:
            rows.append((star, len(steps), *map(steps.count, _STEPS)))
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
    ways: Sequence[RatedAnswers],
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
    answers = answers_in(sheet, rated)
    advice = advise(sheet, answers, score(sheet, answers))
    return joined([_step(each) for each in advice.steps] if advice else [])


def _step(step: Step) -> Bilingual:
    climb = f"{step.from_option.option} → {step.to_option.option} (+{step.points})"
    name = step.name
    return Bilingual(vi=f"{step.criterion} {name.vi} {climb}", en=f"{step.criterion} {name.en} {climb}")
