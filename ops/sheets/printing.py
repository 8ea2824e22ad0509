"""A score sheet on a terminal, as one would print it: Vietnamese first, English below."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.codes import in_words
from ops.language import both_are_shown
from ops.language import gettext as _
from ops.tables import right, table, uncut
from services.evaluation.rulebook import Criterion, Option, ScoreSheet
from services.evaluation.rulebook.criteria import Sentence
from services.evaluation.rulebook.sheets import LegalDecision, Part

#: Columns of a part's table: code of a criterion or position of an option, text, points, lowest option for a star.
_Row = tuple[str | Text, Text, str, str]

_NOTE, _END = "dim", "red"


def sheets_table(sheets: Iterable[ScoreSheet]) -> Table:
    """Return a row for each sheet."""
    columns = (right(_("Set")), uncut(_("Sheet")), _("Products"), _("Group"), right(_("Criteria")))
    return table(*columns, rows=map(_sheet_row, sheets))


def print_sheet(console: Console, sheet: ScoreSheet, decision: LegalDecision) -> None:
    """Print a whole sheet: what it is for, a table for each part, and where it departs from what is printed."""
    console.print(Text(f"{sheet.code}  {sheet.name.vi}", "bold"))
    if both_are_shown():
        console.print(Text(sheet.name.en, "dim"))
    for line in _head(sheet, decision):
        console.print(Text(line))
    for part in sheet.parts:
        console.print(_part_table(part))
    console.print(Text(_("★: the lowest option allowed for a product of so many stars, and of more.")))
    if sheet.dossier_rejected_when:
        console.print(Text(_("The dossier is turned back: "), _END) + both(sheet.dossier_rejected_when))
    for line in _departures(sheet):
        console.print(Text(line, _NOTE))


def both(sentence: Sentence) -> Text:
    """Return a sentence in Vietnamese, and in English on a line below unless Vietnamese alone was asked for."""
    if not both_are_shown():
        return Text(sentence.vi)
    return Text.assemble(sentence.vi, "\n", (sentence.en, "dim"))


def _head(sheet: ScoreSheet, decision: LegalDecision) -> Iterator[str]:
    products = [f"{sheet.group.code}. {sheet.group.vi}", *([sheet.subgroup.vi] if sheet.subgroup else [])]
    which = _("Product set {number} ({products}), {decision}, Annex II")
    yield which.format(number=sheet.product_set, products=" / ".join(products), decision=decision.legal_document)
    ministries = ", ".join(ministry.vi for ministry in sheet.lead_ministries)
    yield _("Lead ministries: {ministries}. Samples: {samples}").format(ministries=ministries, samples=sheet.samples)


def _sheet_row(sheet: ScoreSheet) -> Sequence[str | Text]:
    group = f"{sheet.group.code}. {sheet.group.vi}"
    return str(sheet.product_set), sheet.code, both(sheet.name), group, str(len(sheet.leaves))


def _part_table(part: Part) -> Table:
    name = f"{part.name.vi} ({part.name.en})" if both_are_shown() else part.name.vi
    title = Text(f"{part.code}. {name}: {part.max_points}", "bold")
    columns = (uncut(""), _("Criterion and options"), right(_("Points")), uncut(_("At least")))
    return table(*columns, rows=_part_rows(part), title=title)


def _part_rows(part: Part) -> Iterator[_Row | tuple[()]]:
    for group in part.criteria:
        for criterion in group.walk():
            yield from _rows(criterion)
        yield ()


def _rows(criterion: Criterion) -> Iterator[_Row]:
    name = both(criterion.name)
    name.stylize("bold", 0, len(criterion.name.vi))
    yield Text(criterion.code, "bold"), name, _("of {points}").format(points=criterion.max_points), ""
    for remark in _remarks(criterion):
        yield "", remark, "", ""
    for position, option in enumerate(criterion.options, 1):
        yield f"  {_place(position, option)}", both(option), str(option.points), "★" * (option.star or 0)


def _remarks(criterion: Criterion) -> Iterator[Text]:
    if criterion.elimination:
        yield Text.assemble((f"{in_words(criterion.elimination.kind)}: ", _END), both(criterion.elimination))
    for note in criterion.notes:
        yield Text.assemble((f"{in_words(note.kind)}: ", _NOTE), both(note))
    if criterion.options_note:
        yield Text(_(criterion.options_note), _NOTE)


def _place(position: int, option: Option) -> str:
    """Return an option's position, which is how a dossier names it, and the case that it belongs to."""
    return f"{position} ({option.case})" if option.case else str(position)


def _departures(sheet: ScoreSheet) -> Iterator[str]:
    for correction in sheet.corrections:
        said = _("{where}: {printed}; used: {used} ({certainty})")
        yield said.format(
            where=_(correction.where),
            printed=_(correction.printed),
            used=_(correction.used),
            certainty=in_words(correction.certainty),
        )
    for doubt in sheet.doubts:
        yield _("{where}: doubtful, kept as printed: {what}").format(where=_(doubt.where), what=_(doubt.what))
