"""Which classes would lift how many products by a star, alone and together, and who should sit in which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from ops.language import Message
from ops.reports.both import InBoth, joined, named
from ops.reports.choice import EXACT_CHOICES
from ops.reports.rated import Named
from ops.reports.report import Column, Kind, Report, Section, Value
from ops.reports.study import Seat, Seats, Study
from ops.reports.support import BY_SELF_ASSESSMENT, who, who_is
from services.evaluation.scoring import BANDS

_NUMBER = Kind.NUMBER


def training(
    study: Study,
    chosen: Sequence[int],
    seats: Seats,
    names: Mapping[str, Named],
    day: date,
    *,
    file: str,
    limit: int,
    notes: Iterable[Message] = (),
    reveal: bool = False,
) -> Report:
    """Return what classes would do.

    Args:
        study: the products and topics.
        chosen: the topics that are held as classes.
        seats: who sits in them.
        names: what the products are called that are listed, by their codes.
        day: today.
        file: where it is written which topic lifts what.
        limit: how many are listed for each class.
        notes: what is to be said besides.
        reveal: whether the producers are named.
    """
    seated = _seats(study, chosen, seats, names, day, limit=limit, reveal=reveal)
    said = (*notes, BY_SELF_ASSESSMENT, *_how(study, file))
    sections = (_alone(study), _together(study), seated)
    return Report("training", Message("Which classes lift most"), day, sections, said)


def _how(study: Study, file: str) -> Iterator[Message]:
    yield Message(
        "A producer who masters a topic answers all its criteria with their best option; the stars are what the score "
        "sheet then gives, by bands, minimums and eliminations. Which topic lifts which criterion, and why: {file}.",
        file=file,
    )
    if study.passed_over:
        yield Message("{number} products rated by sheets of another decision are not in it.", number=study.passed_over)


def _alone(study: Study) -> Section:
    stars = sorted(BANDS)
    rows: list[Sequence[Value]] = []
    for place, topic in enumerate(study.topics.topics):
        reached = study.stars_reached(place)
        rows.append((topic.code, InBoth(topic.name), reached.total(), *(reached[star] for star in stars)))
    columns = (
        Column("topic", Message("Topic"), Kind.ID),
        Column("name", Message("Class")),
        Column("products", Message("Products lifted"), _NUMBER),
        *(Column(f"stars_{star}", Message("to {stars}★", stars=star), _NUMBER) for star in stars),
    )
    note = Message("Each class alone; a product that several would lift counts with each of them.")
    return Section("topics", Message("What each class alone would do"), columns, rows, (note,))


def _together(study: Study) -> Section:
    columns = (
        Column("classes", Message("Classes"), _NUMBER),
        Column("topics", Message("Which")),
        Column("products", Message("Products lifted"), _NUMBER),
        Column("more", Message("More than with one class fewer"), _NUMBER),
        Column("how", Message("Found how")),
    )
    rows: list[Sequence[Value]] = []
    before = 0
    for choice in study.choices:
        names = [study.topics.topics[place].name.text for place in choice.topics]
        how = Message("all choices tried") if choice.is_exact else Message("one by one: a better one is possible")
        rows.append((len(choice.topics), joined(names), choice.lifted, choice.lifted - before, how))
        before = choice.lifted
    note = Message("Up to {number} choices of so many are all tried; beyond, one by one.", number=EXACT_CHOICES)
    return Section("choices", Message("The best choice of so many classes"), columns, rows, (note,))


def _seats(
    study: Study,
    chosen: Sequence[int],
    seats: Seats,
    names: Mapping[str, Named],
    day: date,
    *,
    limit: int,
    reveal: bool,
) -> Section:
    columns = (
        Column("topic", Message("Class")),
        *who(reveal),
        Column("stars", Message("Stars"), Kind.STARS),
        Column("stars_after", Message("Stars after"), Kind.STARS),
        Column("criteria", Message("Criteria to raise")),
        Column("beside", Message("Only with")),
    )
    shown = seats.listed(limit)
    rows = [_seat(study, each, names.get(each.rated.code), day, reveal=reveal) for each in shown]
    notes = [
        joined([study.topics.topics[place].name.text for place in chosen]),
        Message(
            "{number} products, each in the fewest of these classes that lift it.", number=seats.number_of_products
        ),
    ]
    if more := len(seats) - len(shown):
        notes.append(Message("{more} more seats: --limit shows more.", more=more))
    return Section("seats", Message("Who should sit in which class"), columns, rows, notes)


def _seat(study: Study, seat: Seat, name: Named | None, day: date, *, reveal: bool) -> tuple[Value, ...]:
    topics, rated = study.topics.topics, seat.rated
    raised = study.masteries[rated.score_sheet].raised(rated, seat.topic)
    return (
        InBoth(topics[seat.topic].name),
        *who_is(rated.code, name, day, reveal=reveal),
        rated.stars,
        seat.stars_after,
        joined([named(each) for each in raised]),
        joined([topics[place].name.text for place in seat.beside]),
    )
