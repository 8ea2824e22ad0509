"""A score sheet on a terminal, as one would print it: Vietnamese first, English below."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.tables import right, table, uncut
from services.evaluation.rulebook import Criterion, Option, ScoreSheet
from services.evaluation.rulebook.criteria import Sentence
from services.evaluation.rulebook.sheets import LegalDecision, Part

#: Columns of a part's table: code of a criterion or position of an option, text, points, lowest option for a star.
_Row = tuple[str | Text, Text, str, str]

_NOTE, _END = "dim", "red"


def sheets_table(sheets: Iterable[ScoreSheet]) -> Table:
    """Return a row for each sheet."""
    columns = (right("Set"), uncut("Sheet"), "Products", "Group", right("Criteria"))
    return table(*columns, rows=map(_sheet_row, sheets))


def print_sheet(console: Console, sheet: ScoreSheet, decision: LegalDecision) -> None:
    """Print a whole sheet: what it is for, a table for each part, and where it departs from what is printed."""
    console.print(Text(f"{sheet.code}  {sheet.name.vi}", "bold"))
    console.print(Text(sheet.name.en, "dim"))
    for line in _head(sheet, decision):
        console.print(Text(line))
    for part in sheet.parts:
        console.print(_part_table(part))
    console.print(Text("★: the lowest option allowed for a product of so many stars, and of more."))
    if sheet.dossier_rejected_when:
        console.print(Text("The dossier is turned back: ", _END) + both(sheet.dossier_rejected_when))
    for line in _departures(sheet):
        console.print(Text(line, _NOTE))


def both(sentence: Sentence) -> Text:
    """Return a sentence in Vietnamese, and in English on a line below."""
    return Text.assemble(sentence.vi, "\n", (sentence.en, "dim"))


def _head(sheet: ScoreSheet, decision: LegalDecision) -> Iterator[str]:
    products = [f"{sheet.group.code}. {sheet.group.vi}", *([sheet.subgroup.vi] if sheet.subgroup else [])]
    yield f"Product set {sheet.product_set} ({' / '.join(products)}), {decision.legal_document}, Annex II"
    yield f"Lead ministries: {', '.join(ministry.vi for ministry in sheet.lead_ministries)}. Samples: {sheet.samples}"


def _sheet_row(sheet: ScoreSheet) -> Sequence[str | Text]:
    group = f"{sheet.group.code}. {sheet.group.vi}"
    return str(sheet.product_set), sheet.code, both(sheet.name), group, str(len(sheet.leaves))


def _part_table(part: Part) -> Table:
    title = Text(f"{part.code}. {part.name.vi} ({part.name.en}): {part.max_points}", "bold")
    columns = (uncut(""), "Criterion and options", right("Points"), uncut("At least"))
    return table(*columns, rows=_part_rows(part), title=title)


def _part_rows(part: Part) -> Iterator[_Row | tuple[()]]:
    for group in part.criteria:
        for criterion in group.walk():
            yield from _rows(criterion)
        yield ()


def _rows(criterion: Criterion) -> Iterator[_Row]:
    name = both(criterion.name)
    name.stylize("bold", 0, len(criterion.name.vi))
    yield Text(criterion.code, "bold"), name, f"of {criterion.max_points}", ""
    for remark in _remarks(criterion):
        yield "", remark, "", ""
    for position, option in enumerate(criterion.options, 1):
        yield f"  {_place(position, option)}", both(option), str(option.points), "★" * (option.star or 0)


def _remarks(criterion: Criterion) -> Iterator[Text]:
    if criterion.elimination:
        yield Text.assemble((f"{criterion.elimination.kind}: ", _END), both(criterion.elimination))
    for note in criterion.notes:
        yield Text.assemble((f"{note.kind}: ", _NOTE), both(note))
    if criterion.options_note:
        yield Text(criterion.options_note, _NOTE)


def _place(position: int, option: Option) -> str:
    """Return an option's position, which is how a dossier names it, and the case that it belongs to."""
    return f"{position} ({option.case})" if option.case else str(position)


def _departures(sheet: ScoreSheet) -> Iterator[str]:
    for correction in sheet.corrections:
        yield f"{correction.where}: {correction.printed}; used: {correction.used} ({correction.certainty})"
    for doubt in sheet.doubts:
        yield f"{doubt.where}: doubtful, kept as printed: {doubt.what}"
