"""`ocop contracts`: schemas, examples and AsyncAPI documents for those who connect."""

import os

import typer

from ops.commands import IN_CLONE, require
from tools.contracts.published import publish
from tools.contracts.record import ContractBrokenError

app = typer.Typer(no_args_is_help=True, help="What is published of the events: schemas, examples, AsyncAPI documents.")


@app.callback()
def contracts() -> None:
    """Keep the commands below a name of their own, though there is one only."""
    require(IN_CLONE, "ocop contracts")


@app.command("publish")
def publish_contracts() -> None:
    """Write docs/schemas, docs/examples and docs/asyncapi of this clone anew. Published examples stay as they are.

    Example: ocop contracts publish
    """
    try:
        files = publish()
    except ContractBrokenError as error:
        typer.echo(f"ocop: {error}", err=True)
        raise typer.Exit(1) from None
    for file in files:
        typer.echo(os.path.relpath(file))
    if not files:
        typer.echo("Nothing to write: docs/ says what the code says.")
