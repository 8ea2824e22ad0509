"""The `ocop` command."""

from typing import Annotated

import typer

from ops.access.commands import app as access
from ops.dead_letters.commands import app as dead
from ops.doctor.commands import doctor
from ops.dossiers.commands import score, submit
from ops.journal.commands import journal
from ops.journal.refile import refile
from ops.queues.commands import queues
from ops.records.commands import alert, product, rating
from ops.sheets.commands import app as sheets
from ops.trace.commands import trace
from ops.watch.commands import watch
from shared.version import VERSION

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(access, name="access")
app.add_typer(dead, name="dead")
app.add_typer(sheets, name="sheets")
app.add_typer(product, name="product")
app.add_typer(rating, name="rating")
app.add_typer(alert, name="alert")
app.command()(score)
app.command()(submit)
app.command()(doctor)
app.command()(queues)
app.command()(watch)
app.command()(trace)
app.command()(journal)
app.command()(refile)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ocop {VERSION}")
        raise typer.Exit


@app.callback()
def ocop(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show which OCOP this is")
    ] = False,
) -> None:
    """Operate OCOP: look at its queues and stories, settle dead letters, and run it on this machine."""


if __name__ == "__main__":
    app(prog_name="ocop")
