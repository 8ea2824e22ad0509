"""`ocop report serve`: the reports, the list of products and each product's life in a browser."""

from typing import Annotated

import typer

from ops.commands import StackFolder, run
from ops.operator_settings import operator_settings, or_exit

#: Where the pages are unless somebody says otherwise.
HOST, PORT = "127.0.0.1", 8090


def serve(
    *,
    host: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="where to listen; others can reach what is not 127.0.0.1 or localhost"),
    ] = HOST,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="the port; 0: any that is free")] = PORT,
    folder: StackFolder = None,
) -> None:
    """Show the reports, the list of products and each product's life in a browser, until Ctrl-C.

    Read-only, with the operator's rights, for colleagues without a terminal. It prints the address of the first page.
    What the commands ask by options, pages ask by the same names: /reports/renewals?province=01&within=60. Producers
    are not named. It asks for no password: elsewhere than on this machine, it belongs behind the office's proxy.

    Example: ocop report serve --port 8090
    """
    from ops.web.listening import serve_pages  # noqa: PLC0415  # it takes long to load, and few ask for it

    settings = or_exit(lambda: operator_settings(folder))
    run(serve_pages(settings, host, port))
