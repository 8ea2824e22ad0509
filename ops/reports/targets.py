"""`ocop report targets`: what of a programme is reached, on its way, out of reach, and what is to be expected."""

from collections import Counter
from collections.abc import Iterable, Sequence

from ops.language import Message
from ops.reports.law_days import last_day_to_file
from ops.reports.programme import Programme
from ops.reports.report import Column, Kind, Report, Section, Value
from ops.reports.scene import ENOUGH_ENDED, Scene, Way
from ops.reports.standing import Standing, standing
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage

_NUMBER = Kind.NUMBER
#: How a target stands, in a word.
REACHED, POSSIBLE, OUT_OF_REACH = Message("reached"), Message("can be reached"), Message("cannot be reached any more")
NOTES = (
    Message(
        "Counted: rated, products that got a certificate in the period; new, those whose first it was; re-evaluated, "
        "those that had one before and got another that is no upgrade; stars and producers, what is in force on the "
        "programme's last day, or today."
    ),
    Message(
        "On its way is what has an open round and does not count yet. In time: the law's last days are over before the "
        "programme ends (Decision 26/2026/QĐ-TTg, Art. 5, 7.2, 7.6g): the commune has its working days, the communes' "
        "requests their half-yearly day, then the province's round, for five stars the centre's; a re-evaluation its "
        "days. An office may be faster: that is not counted on."
    ),
    Message(
        "Out of reach is what is missing even if all that is on its way in time, and all that may still be "
        "re-evaluated, ends well; nothing, as long as something new can be filed in time."
    ),
)


def targets(scene: Scene, notes: Iterable[Message] = ()) -> Report:
    """Return how a programme's targets stand."""
    programme = scene.programme
    standings = [standing(each, scene) for each in programme.targets]
    sections = (_programme(programme), _standings(standings), _stages(standings))
    made = (*notes, *NOTES, _forecast(scene), *_days(scene))
    return Report("targets", Message("Targets of a programme"), scene.today, sections, made)


def _programme(programme: Programme) -> Section:
    places = ", ".join(f"{each.code} {each.name}" for each in programme.where)
    row = (programme.name.vi, programme.name.en, places, programme.begins, programme.ends, programme.source)
    columns = (
        Column("name", Message("Name")),
        Column("name_en", Message("In English")),
        Column("places", Message("Place")),
        Column("begins", Message("Begins"), Kind.DAY),
        Column("ends", Message("Ends"), Kind.DAY),
        Column("source", Message("Source")),
    )
    return Section("programme", Message("The programme"), columns, (row,))


def _standings(standings: Sequence[Standing]) -> Section:
    rows = [_row(each) for each in standings]
    columns = (
        Column("target", Message("Target")),
        Column("at_least", Message("At least"), _NUMBER),
        Column("at_most", Message("At most"), _NUMBER),
        Column("reached", Message("Reached"), _NUMBER),
        Column("in_time", Message("On its way, in time"), _NUMBER),
        Column("too_late", Message("On its way, too late"), _NUMBER),
        Column("ending", Message("Ends before then"), _NUMBER),
        Column("forecast", Message("Forecast"), _NUMBER),
        Column("out_of_reach", Message("Out of reach"), _NUMBER),
        Column("file_until", Message("File until"), Kind.DAY),
        Column("verdict", Message("In a word")),
    )
    return Section("targets", Message("Targets"), columns, rows)


def _row(of: Standing) -> Sequence[Value]:
    target = of.target
    numbers = (of.reached, of.in_time.total(), of.too_late.total(), of.ending, of.forecast, of.out_of_reach)
    return (target.name, target.at_least, target.at_most, *numbers, of.file_until, verdict(of))


def verdict(of: Standing) -> Message:
    """Return how a target stands, in a word."""
    if of.reached >= of.target.at_least:
        return REACHED
    return OUT_OF_REACH if of.out_of_reach else POSSIBLE


def _stages(standings: Iterable[Standing]) -> Section:
    rows = [
        (of.target.name, stage, in_time, too_late)
        for of in standings
        for stage in Stage
        if (in_time := _at(of.in_time, stage)) + (too_late := _at(of.too_late, stage))
    ]
    columns = (
        Column("target", Message("Target")),
        Column("stage", Message("Round"), Kind.CODED),
        Column("in_time", Message("In time"), _NUMBER),
        Column("too_late", Message("Too late"), _NUMBER),
    )
    return Section("stages", Message("On its way, by where the round is"), columns, rows)


def _at(ways: Counter[Way], stage: Stage) -> int:
    return sum(number for way, number in ways.items() if way.stage is stage)


def _forecast(scene: Scene) -> Message:
    """Return how the forecast is made, with its numbers."""
    well, ended = scene.recognised
    if ended < ENOUGH_ENDED:
        return Message(
            "Forecast: what is reached, without what ends before then, and all that is on its way in time; only "
            "{ended} rounds have ended here, too few to say how many end well. Stars that no council has given yet are "
            "expected as often as they are in force here. Dossiers that nobody has filed yet are not forecast.",
            ended=ended,
        )
    return Message(
        "Forecast: what is reached, without what ends before then, and of what is on its way in time as large a part "
        "as ended with a recognition here so far, {well} of {ended} rounds, rounded down. Stars that no council has "
        "given yet are expected as often as they are in force here. Dossiers that nobody has filed yet are not "
        "forecast.",
        well=well,
        ended=ended,
    )


def _days(scene: Scene) -> Iterable[Message]:
    """Return until when something can be filed, so that the law has it decided before the programme ends."""
    ends, limits = scene.programme.ends, scene.limits
    days = (
        last_day_to_file(RegistrationKind.FIRST, ends, limits),
        last_day_to_file(RegistrationKind.RE_EVALUATION, ends, limits),
        last_day_to_file(RegistrationKind.FIRST, ends, limits, centrally=True),
    )
    shown = [str(each or "-") for each in days]
    yield Message(
        "The last days to file in time: {new} something new or an upgrade, {again} a re-evaluation, {five} for five "
        "stars.",
        new=shown[0],
        again=shown[1],
        five=shown[2],
    )
