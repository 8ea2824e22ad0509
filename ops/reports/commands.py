"""`ocop report`: the reports on the programme. One file each has the command and the function that makes it."""

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Reports on the programme, as tables, JSON, CSV and workbooks: what there is, and what runs out.",
)


@app.callback()
def report() -> None:
    """Make a report on the programme, from what the services have on record."""
