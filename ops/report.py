"""What an answer says, in a few words."""

from collections.abc import Iterable

from ops.language import both_are_shown, ngettext
from ops.language import gettext as _
from services.evaluation.scoring import BANDS
from shared.contracts.dossier import DossierRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Fault

DossierAnswer = ProductRated | AssessmentRejected | DossierRejected

#: How many faults or steps a cell shows before it says how many more there are.
SHOWN = 3


def stars_of(stars: int | None) -> str:
    """Return stars as one reads them; none are given where the sheet stops the evaluation."""
    return _("stopped") if stars is None else "★" * stars + "☆" * (5 - stars)


def held_back(answer: DossierAnswer | None) -> str:
    """Return what stands before the next star, or what is wrong, in short."""
    match answer:
        case ProductRated(stops=[stop, *_]):
            return f"{stop.criterion}: {stop.reason.en if both_are_shown() else stop.reason.vi}"
        case ProductRated(stars=int(stars)) if stars < 5:
            return _before_the_next_star(answer, stars + 1)
        case DossierRejected() | AssessmentRejected():
            return faults_in_short(answer.faults)
        case _:
            return ""


def faults_in_short(faults: Iterable[Fault]) -> str:
    """Name the first faults, a line each."""
    return in_short([f"{fault.code} {fault.pointer}" for fault in faults], "\n")


def in_short(items: list[str], separator: str) -> str:
    """Name the first items, and say how many more there are."""
    more = len(items) - SHOWN
    rest = [_("and {number} more").format(number=more)] if more > 0 else []
    return separator.join([*items[:SHOWN], *rest])


def _before_the_next_star(rated: ProductRated, star: int) -> str:
    missing = BANDS[star] - rated.total
    to_it = ngettext("{number} point to {star}★", "{number} points to {star}★", missing)
    points = [to_it.format(number=missing, star=star)] if missing > 0 else []
    unmet = [minimum.criterion for minimum in rated.unmet_minimums if minimum.star <= star]
    minimums = _("minimums of {star}★: {criteria}").format(star=star, criteria=in_short(unmet, ", "))
    return "\n".join([*points, minimums] if unmet else points)
