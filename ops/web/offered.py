"""The reports that are offered: what each is about, what can be asked of it, and how it is made."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ops.database_reader import Reader
from ops.language import Message
from ops.language import gettext as _
from ops.reports.both import InBoth
from ops.reports.lifting import OWN_FILE, Held, Listing, made_support, made_training
from ops.reports.making import made_renewals, made_statistics, made_targets
from ops.reports.programme import FOLDER, load_programme
from ops.reports.report import Report
from ops.reports.topics import Topics, load_topics
from ops.reports.town.commands import ON_A_PAGE, SOON, Wanted, made_town
from ops.web.address import Address, MissingError, WrongError
from ops.web.fields import LIMIT, NEXT, PLACE, WITHIN, Field, Shape, filters, number
from services.evaluation.rulebook import load_rulebook
from services.registry.gazetteer import FoundPlace


@dataclass(frozen=True)
class Offered:
    """A report: `fields` are what can be asked of it, which may be other ones each time.

    `is_drawn`: it is there as a page with charts, too.
    """

    name: str
    title: Message
    about: Message
    fields: Callable[[], Sequence[Field]]
    make: Callable[[Reader, Address], Awaitable[Report]]
    is_drawn: bool = False

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/reports/{self.name}"


def place_of(address: Address) -> FoundPlace | None:
    """Return the place that is asked for, None for the whole country. Raise WrongError."""
    try:
        return filters(address).meant().place
    except ValueError as error:
        raise WrongError(str(error)) from None


def programmes() -> dict[str, Path]:
    """Return the files of programmes in the folder, each by its name without the ending."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}


async def _statistics(reader: Reader, address: Address) -> Report:
    return await made_statistics(reader, place_of(address))


async def _renewals(reader: Reader, address: Address) -> Report:
    return await made_renewals(reader, place_of(address), days=number(address, WITHIN))


async def _targets(reader: Reader, address: Address) -> Report:
    return await made_targets(reader, load_programme(_programme(address)))


def _programme(address: Address) -> Path:
    """Return the file of the programme that is asked for, else of the first. Raise WrongError, MissingError."""
    files = programmes()
    if not files:
        raise MissingError(_("{folder} has no programme: name its file").format(folder=FOLDER))
    return files[next(iter(address.choices("programme", files)), next(iter(files)))]


async def _support(reader: Reader, address: Address) -> Report:
    return await made_support(reader, _listing(address), address.numbers("next", 1, 5))


async def _training(reader: Reader, address: Address) -> Report:
    return await made_training(reader, _listing(address), _held(address))


async def _town(reader: Reader, address: Address) -> Report:
    """Return how a place's programme stands; where no place is asked for, the programme that an office has set."""
    place = place_of(address)
    file = None if place else _programme(address)
    wanted = Wanted(_held(address), file, place, number(address, _SOON), number(address, _ON_A_PAGE))
    return await made_town(reader, wanted.asked())


def _held(address: Address) -> Held:
    topics = _topics()
    codes = [topic.code for topic in topics.topics]
    named = tuple(dict.fromkeys(map(codes.index, address.choices("topic", codes))))
    return Held(topics, OWN_FILE, named, number(address, _classes()))


def _listing(address: Address) -> Listing:
    """Return what is listed: never who the producers are, which is asked for at a terminal."""
    return Listing(place_of(address), number(address, LIMIT))


def _of_targets() -> Sequence[Field]:
    names = [(name, name) for name in programmes()]
    return [Field("programme", Message("Programme"), Shape.SELECT, names, usual=next((name for name, _ in names), ""))]


def _of_training() -> Sequence[Field]:
    return [*PLACE, *_of_classes(), LIMIT]


def _of_town() -> Sequence[Field]:
    return [*_of_targets(), *PLACE, _SOON, *_of_classes(), _ON_A_PAGE]


def _of_classes() -> Sequence[Field]:
    topics = [(topic.code, InBoth(topic.name)) for topic in _topics().topics]
    held = Field("topic", Message("These classes, in place of those that lift most"), Shape.CHECKBOXES, topics)
    return [_classes(), held]


def _classes() -> Field:
    most, label = len(_topics().topics), Message("How many classes are held")
    return Field("classes", label, Shape.NUMBER, least=1, most=most, usual=str(min(Held.number, most)))


_SOON, _ON_A_PAGE = replace(WITHIN, usual=str(SOON)), replace(LIMIT, usual=str(ON_A_PAGE))


@cache
def _topics() -> Topics:
    return load_topics(load_rulebook())


OFFERED = {
    each.name: each
    for each in (
        Offered(
            "statistics",
            Message("Statistics"),
            Message(
                "How many products there are: by commune, product group, stars, kind of producer, state and month."
            ),
            lambda: PLACE,
            _statistics,
        ),
        Offered(
            "renewals",
            Message("Certificates that run out"),
            Message("Which certificates end in which quarter, which have lapsed, and whose window closes soon."),
            lambda: [*PLACE, WITHIN],
            _renewals,
        ),
        Offered(
            "targets",
            Message("Targets of a programme"),
            Message("What is reached, on its way in time or too late, out of reach, and a forecast."),
            _of_targets,
            _targets,
        ),
        Offered(
            "support",
            Message("Where support lifts most"),
            Message("The products with the fewest steps to their next star, and what each has to raise."),
            lambda: [*PLACE, NEXT, LIMIT],
            _support,
        ),
        Offered(
            "training",
            Message("Which classes lift most"),
            Message("Which classes would lift how many products by a star, and who should sit in which."),
            _of_training,
            _training,
        ),
        Offered(
            "town",
            Message("A programme on one page"),
            Message("All of it in short, for a meeting: of a programme, or of a province or commune in its stead."),
            _of_town,
            _town,
            is_drawn=True,
        ),
    )
}
