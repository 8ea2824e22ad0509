"""`ocop certificate show`: what the register has of a certificate, or of all that a product has had."""

import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from ops.certificates.held import certificates_table, held_as_json
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.history.due import due_table
from ops.history.falling_due import FallingDue, of_product
from ops.history.records import is_product_code
from ops.history.register import Register, opened_register
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from services.registry.identity import KnownProduct
from services.registry.rounds import HeldCertificate
from services.registry.time_limits import load_time_limits
from shared.clock import system_clock
from shared.legal_date import legal_date

_Held = tuple[KnownProduct, HeldCertificate]


def show(
    *,
    asked: Annotated[
        str,
        typer.Argument(metavar="NUMBER|CODE", help="a certificate's number, or a product's code", show_default=False),
    ],
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Show what the register has of a certificate, or of all that a product has had: the newest first.

    Offices begin their numbers anew each year, so that there may be several of one number: all of them are shown. By a
    number that was mistyped and corrected, the product's certificates are. Then what falls due of the product next.
    Exit code 1 where there is none.

    With --json a line a certificate: product_code, former_code, product_name, number, stars, authority, decision,
    issued_on, last_day, legal_document, average, status (in-force, extended, expired, superseded, revoked), round,
    until, ended_on, ground, revocation, filed_on_paper, due (as in ocop due, of one that is in force).

    Example: ocop certificate show 123/2026/GCN-OCOP
    """
    settings = or_exit(lambda: operator_settings(folder))
    run(write_certificates(settings, asked, legal_date(system_clock()), as_json=as_json))


async def write_certificates(settings: OperatorSettings, asked: str, today: date, *, as_json: bool) -> int:
    """Write certificates. Return the exit code: 1 where there are none. Raise AccessError."""
    with opened_register(settings) as register:
        found = [*reversed(await _found(register, asked))]
    if as_json:
        for product, held in found:
            due = [each.as_json(today) for each in _due_of(product, held)]
            write_line(held_as_json(product, held) | {"due": due})
    elif found:
        print_certificates(wide_console(), found, today)
    else:
        absent = _("the register has no certificate of {asked}").format(asked=one_line(asked))
        sys.stderr.write(f"ocop: {absent}\n")
    return 0 if found else 1


def print_certificates(console: Console, found: Sequence[_Held], today: date) -> None:
    """Print a row a certificate, and what falls due of those in force."""
    console.print(certificates_table(found))
    due = [each for product, held in found for each in _due_of(product, held)]
    if due:
        console.print(due_table(due, today, title=_("Falls due next")))


def _due_of(product: KnownProduct, held: HeldCertificate) -> list[FallingDue]:
    number = one_line(held.certificate.number)
    due = of_product(product, load_time_limits()) if held.is_in_force else []
    return [each for each in due if each.about == number]


async def _found(register: Register, asked: str) -> list[_Held]:
    if is_product_code(asked):
        product = await register.product(asked)
        return [(product, each) for each in product.certificates] if product else []
    return [held for product in await register.with_certificate(asked) for held in by_number(product, asked)]


def by_number(product: KnownProduct, number: str) -> list[_Held]:
    """Return a product's certificates of a number; where it was corrected, all that it has had."""
    numbered = [each for each in product.certificates if each.certificate.number == number]
    return [(product, each) for each in numbered or product.certificates]
