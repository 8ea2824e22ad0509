"""`ocop rating explain`: how each council's result on a product came about, made again from the records."""

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from ops.commands import JsonOption, StackFolder, run, wide_console, write_line, wrong_usage
from ops.history.records import is_product_code, opened_records, understood
from ops.language import both_are_shown
from ops.language import gettext as _
from ops.named import printable
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.typed import as_typed
from services.evaluation.council.explanation import Explanation, explain
from services.evaluation.rulebook import load_rulebook
from shared.contracts.text import Bilingual
from shared.storage import StoredDocument


class Language(StrEnum):
    """In which language a result is explained."""

    VI = "vi"
    EN = "en"
    BOTH = "both"


def explain_rating(
    *,
    code: Annotated[str, typer.Argument(metavar="CODE", help="a product's code", show_default=False)],
    language: Annotated[
        Language | None, typer.Option("--lang", help="in which language; else both, or Vietnamese to who asked for it")
    ] = None,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Explain how each council's result came about, line by line, and make it again from what is on record.

    Cards, replaced cards, quorum, spread, the average as a fraction, minimums and eliminations, each with the rule of
    the council's regulation as it was then. Members stand there by id and office. Exit code 1 where no council has
    given a result, or where one that was announced is not what comes out now.

    With --json a line a result, the oldest first: product_code, round, session, level, regulation, held_on, average,
    band, stars, agrees, differences (fields), lines (each vi and en).

    Example: ocop rating explain 01-09574-1-2026 --lang en
    """
    if not is_product_code(code):
        raise wrong_usage(_("this is no product's code: one is like 01-09574-1-2026"))
    settings = or_exit(lambda: operator_settings(folder))
    shown = language or (Language.BOTH if both_are_shown() else Language.VI)
    run(write_explanations(settings, code, language=shown, as_json=as_json))


async def write_explanations(settings: OperatorSettings, code: str, *, language: Language, as_json: bool) -> int:
    """Write how each result came about. Return the exit code. Raise AccessError."""
    with opened_records(settings) as records:
        found = explained([each.document for each in await records.of("evaluation", code)])
    for each in found:
        if as_json:
            write_line(explanation_as_json(each))
        else:
            print_explanation(wide_console(), each, language)
    if not found:
        further = as_typed(f"ocop product show {code}")
        none = _("no council's result on {code} is on record; {further} says why")
        sys.stderr.write(f"ocop: {none.format(code=code, further=further)}\n")
    return 0 if found and all(each.agrees for each in found) else 1


def explained(documents: Sequence[StoredDocument]) -> tuple[Explanation, ...]:
    """Return how each result on record came about, the oldest first. Raise AccessError: a record of another version."""
    with understood(documents[-1] if documents else {}):
        return explain(documents, load_rulebook())


def explanation_as_json(each: Explanation) -> dict[str, Any]:
    """Return it as JSON values, without the recipient."""
    said: Mapping[str, Any] = each.announced.model_dump(mode="json")
    names = ("product_code", "round", "session", "level", "regulation", "held_on", "average", "band", "stars")
    lines = [line.model_dump(mode="json") for line in each.lines]
    named = {name: said[name] for name in names}
    return named | {"agrees": each.agrees, "differences": list(each.differences), "lines": lines}


def print_explanation(console: Console, explanation: Explanation, language: Language) -> None:
    """Print a line a rule, the first and the last in bold; red where the result differs."""
    last = len(explanation.lines) - 1
    for place, line in enumerate(explanation.lines):
        style = "bold" if place in {0, last} else ""
        style = "bold red" if place == last and not explanation.agrees else style
        for text in _in(line, language):
            console.print(Text(printable(text), style), soft_wrap=True)
    console.print()


def _in(line: Bilingual, language: Language) -> tuple[str, ...]:
    match language:
        case Language.VI:
            return (line.vi,)
        case Language.EN:
            return (line.en,)
        case Language.BOTH:
            return (line.vi, f"    {line.en}")
