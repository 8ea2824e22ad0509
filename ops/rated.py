"""A rating on a terminal, and the faults of a dossier: the sheet's own Vietnamese first, English below."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ops.codes import in_words
from ops.language import both_are_shown, ngettext
from ops.language import gettext as _
from ops.named import one_line, printable
from ops.report import stars_of
from ops.tables import FittingTable, right, table, uncut
from services.evaluation.scoring import BANDS
from shared.contracts.rating import Advice, OptionText, ProductRated
from shared.contracts.text import Bilingual, Fault
from shared.masking import mask_text


def print_rating(console: Console, rated: ProductRated) -> None:
    """Print the points of each part and group, the stars, what stands before the next one, and the way there."""
    console.print(Text(f"{rated.score_sheet}  {rated.product_set_name.vi}  ({rated.legal_document})", "bold"))
    console.print(_points_table(rated))
    console.print(
        Text(_("{total}/100 points, {stars}").format(total=rated.total, stars=_stars_in_words(rated)), "bold")
    )
    for stop in rated.stops:
        said = _("The sheet stops the evaluation at {criterion} ({kind}):")
        console.print(Text(said.format(criterion=stop.criterion, kind=in_words(stop.kind)), "red"))
        console.print(both(stop.reason))
    _print_before_the_next_star(console, rated)
    if rated.unanswered:
        console.print(Text(_("Without an answer, counted 0: {criteria}").format(criteria=", ".join(rated.unanswered))))
    if rated.advice:
        console.print(_steps_table(rated.advice))


def faults_table(faults: Iterable[Fault], *, title: str | None = None) -> FittingTable:
    """Return a row for each fault: where, which, and what to do."""
    return table(_("Where"), uncut(_("Code")), _("What is wrong"), rows=map(_fault_row, faults), title=title)


def both(sentence: Bilingual) -> Text:
    """Return a sentence in Vietnamese, and in English on a line below unless Vietnamese alone was asked for."""
    if not both_are_shown():
        return Text(sentence.vi)
    return Text.assemble(sentence.vi, "\n", (sentence.en, "dim"))


def _fault_row(fault: Fault) -> Sequence[str | Text]:
    message = Bilingual(
        vi=printable(mask_text(fault.message.vi), keep="\n"), en=printable(mask_text(fault.message.en), keep="\n")
    )
    return one_line(fault.pointer) or _("(the whole)"), fault.code, both(message)


def _stars_in_words(rated: ProductRated) -> str:
    if rated.stars is None:
        return _("no star: the sheet stops the evaluation")
    return f"{rated.stars} sao {stars_of(rated.stars)}"


def _points_table(rated: ProductRated) -> FittingTable:
    return table(uncut(""), _("Part and group"), right(_("Points")), right(_("Of")), rows=_points_rows(rated))


def _points_rows(rated: ProductRated) -> Iterator[Sequence[str | Text]]:
    groups = list(rated.groups)
    for part in rated.parts:
        yield part.code, Text(part.name.vi, "bold"), Text(str(part.points), "bold"), str(part.max_points)
        left = part.max_points
        while left > 0 and groups:  # the groups of a part stand together and add up to it
            group = groups.pop(0)
            left -= group.max_points
            yield f"  {group.code}", group.name.vi, str(group.points), str(group.max_points)
        yield ()


def _print_before_the_next_star(console: Console, rated: ProductRated) -> None:
    if rated.stars is None or rated.stars == max(BANDS):
        return
    star = rated.stars + 1
    if (missing := BANDS[star] - rated.total) > 0:
        said = ngettext("{number} point missing to {star} sao", "{number} points missing to {star} sao", missing)
        console.print(Text(said.format(number=missing, star=star)))
    unmet = [minimum for minimum in rated.unmet_minimums if minimum.star <= star]
    if unmet:
        rows = ((each.criterion, both(each.name), _option(each.has), _option(each.needs)) for each in unmet)
        title = _("What holds it back from {star} sao").format(star=star)
        console.print(table(uncut(""), _("Minimum"), _("Has"), _("Needs"), rows=rows, title=title))


def _steps_table(advice: Advice) -> FittingTable:
    title = _("Way of fewest steps: {total} points, {stars}")
    rows = (
        (step.criterion, both(step.name), _option(step.from_option), _option(step.to_option), f"+{step.points}")
        for step in advice.steps
    )
    title = title.format(total=advice.total_after, stars=stars_of(advice.stars_after))
    return table(uncut(""), _("Criterion"), _("From"), _("To"), right(_("Points")), rows=rows, title=title)


def _option(option: OptionText) -> Text:
    return Text.assemble(f"{option.option}. " if option.option else "", both(option.text))
