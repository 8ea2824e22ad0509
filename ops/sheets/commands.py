"""`ocop sheets`: the 26 score sheets, listed, and one as it is printed."""

from typing import Annotated, Any

import typer

from ops.commands import JsonOption, wide_console, write_line
from ops.sheets.printing import print_sheet, sheets_table
from services.evaluation.rulebook import ScoreSheet, load_rulebook, load_sheet

app = typer.Typer(no_args_is_help=True, help="The score sheets: which there are, and one as it is printed.")


@app.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """List the score sheets: a row a product set.

    With --json a line a sheet: product_set, code, name (vi, en), group and subgroup of products, criteria (how many),
    samples, legal_document.

    Example: ocop sheets list
    """
    rulebook = load_rulebook()
    sheets = [rulebook.sheets[number] for number in sorted(rulebook.sheets)]
    if as_json:
        for sheet in sheets:
            write_line(_summary(sheet) | {"legal_document": rulebook.decision.legal_document})
    else:
        wide_console().print(sheets_table(sheets))


@app.command()
def show(
    *,
    product_set: Annotated[
        int, typer.Argument(min=1, max=26, metavar="N", help="the product set, 1 to 26", show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    """Show the score sheet of a product set: parts, groups, criteria, options, points, minimums, eliminations.

    With --json it is one line: the sheet as the rulebook has it, and legal_document.

    Example: ocop sheets show 6
    """
    rulebook = load_sheet(product_set)
    sheet = rulebook.sheets[product_set]
    if as_json:
        write_line(sheet.model_dump(mode="json") | {"legal_document": rulebook.decision.legal_document})
    else:
        print_sheet(wide_console(), sheet, rulebook.decision)


def _summary(sheet: ScoreSheet) -> dict[str, Any]:
    kept = {"product_set", "code", "name", "group", "subgroup", "samples"}
    return sheet.model_dump(mode="json", include=kept) | {"criteria": len(sheet.leaves)}
