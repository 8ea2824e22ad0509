"""A rating on a terminal, and the faults of a dossier: the sheet's own Vietnamese first, English below."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.named import one_line, printable
from ops.report import stars_of
from ops.tables import right, table, uncut
from services.evaluation.scoring import BANDS
from shared.contracts.rating import Advice, OptionText, ProductRated
from shared.contracts.text import Bilingual, Fault
from shared.masking import mask_text


def print_rating(console: Console, rated: ProductRated) -> None:
    """Print the points of each part and group, the stars, what stands before the next one, and the way there."""
    console.print(Text(f"{rated.score_sheet}  {rated.product_set_name.vi}  ({rated.legal_document})", "bold"))
    console.print(_points_table(rated))
    console.print(Text(f"{rated.total}/100 points, {_stars_in_words(rated)}", "bold"))
    for stop in rated.stops:
        console.print(Text(f"The sheet stops the evaluation at {stop.criterion} ({stop.kind}):", "red"))
        console.print(both(stop.reason))
    _print_before_the_next_star(console, rated)
    if rated.unanswered:
        console.print(Text(f"Without an answer, counted 0: {', '.join(rated.unanswered)}"))
    if rated.advice:
        console.print(_steps_table(rated.advice))


def faults_table(faults: Iterable[Fault]) -> Table:
    """Return a row for each fault: where, which, and what to do."""
    return table("Where", uncut("Code"), "What is wrong", rows=map(_fault_row, faults))


def both(sentence: Bilingual) -> Text:
    """Return a sentence in Vietnamese, and in English on a line below."""
    return Text.assemble(sentence.vi, "\n", (sentence.en, "dim"))


def _fault_row(fault: Fault) -> Sequence[str | Text]:
    message = Bilingual(
        vi=printable(mask_text(fault.message.vi), keep="\n"), en=printable(mask_text(fault.message.en), keep="\n")
    )
    return one_line(fault.pointer) or "(the whole)", fault.code, both(message)


def _stars_in_words(rated: ProductRated) -> str:
    if rated.stars is None:
        return "no star: the sheet stops the evaluation"
    return f"{rated.stars} sao {stars_of(rated.stars)}"


def _points_table(rated: ProductRated) -> Table:
    return table(uncut(""), "Part and group", right("Points"), right("Of"), rows=_points_rows(rated))


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
        console.print(Text(f"{missing} point{'s' if missing > 1 else ''} missing to {star} sao"))
    unmet = [minimum for minimum in rated.unmet_minimums if minimum.star <= star]
    if unmet:
        rows = ((each.criterion, both(each.name), _option(each.has), _option(each.needs)) for each in unmet)
        title = f"What holds it back from {star} sao"
        console.print(table(uncut(""), "Minimum", "Has", "Needs", rows=rows, title=title))


def _steps_table(advice: Advice) -> Table:
    title = f"Way of fewest steps: {advice.total_after} points, {stars_of(advice.stars_after)}"
    rows = (
        (step.criterion, both(step.name), _option(step.from_option), _option(step.to_option), f"+{step.points}")
        for step in advice.steps
    )
    return table(uncut(""), "Criterion", "From", "To", right("Points"), rows=rows, title=title)


def _option(option: OptionText) -> Text:
    return Text.assemble(f"{option.option}. " if option.option else "", both(option.text))
