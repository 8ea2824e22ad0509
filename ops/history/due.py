"""`ocop due`: what falls due of products, soonest first."""

import re
import sys
from collections.abc import Container, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated

import typer
from rich.console import Console

from ops.commands import JsonOption, StackFolder, run, wide_console, write_line, wrong_usage
from ops.history.falling_due import FallingDue, in_order, of_product, of_rounds
from ops.history.register import opened_register
from ops.language import Message, both_are_shown
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.tables import FittingTable, right, table, uncut
from services.registry.time_limits import load_time_limits
from services.registry.units import COMMUNES, PROVINCES
from services.registry.validity import begins
from shared.clock import system_clock
from shared.legal_date import legal_date

_DAYS = re.compile(r"([0-9]{1,5})d?", re.ASCII)
_PROVINCE, _COMMUNE = re.compile(r"[0-9]{2}", re.ASCII), re.compile(r"[0-9]{5}", re.ASCII)


def due(
    *,
    within: Annotated[str, typer.Option(metavar="DAYS", help="so many days ahead, such as 60d")] = "60d",
    commune: Annotated[
        str | None, typer.Option(metavar="CODE", help="of this commune only: five digits, 09574")
    ] = None,
    province: Annotated[str | None, typer.Option(metavar="CODE", help="of this province only: two digits, 01")] = None,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """List what falls due, soonest first: of certificates, of offices that have a round, of half-yearly rounds.

    Days are those of Vietnam. What is overdue has fewer than 0 days left: the registry settles it with its next sweep.
    Half-yearly rounds, which concern no single product, stand there unless a place is asked for.

    With --json a line each: day, days_left, kind, what (vi, en), about (the certificate or the round), last_day,
    product_code, product_name, province_code, commune_code.

    Example: ocop due --within 60d --commune 09574
    """
    days = _days(within)
    place = {"province": _code(province, _PROVINCE, PROVINCES), "commune": _code(commune, _COMMUNE, COMMUNES)}
    settings = or_exit(lambda: operator_settings(folder))
    asked = {name: code for name, code in place.items() if code}
    run(write_due(settings, legal_date(system_clock()), days=days, place=asked, as_json=as_json))


async def write_due(
    settings: OperatorSettings, today: date, *, days: int, place: Mapping[str, str], as_json: bool
) -> int:
    """Write what falls due from today on within so many days. Return the exit code. Raise AccessError."""
    last, limits = today + timedelta(days=days), load_time_limits()
    with opened_register(settings) as register:
        products = await register.falling_due(begins(last), place)
        rounds = None if place else await register.round_deadlines()
    found = [each for product in products for each in of_product(product, limits)]
    found += of_rounds(rounds) if rounds else ()
    listed = sorted((each for each in found if each.day <= last), key=in_order)
    if as_json:
        for each in listed:
            write_line(each.as_json(today))
    elif listed:
        print_due(wide_console(), listed, today)
    else:
        sys.stderr.write("ocop: " + _("nothing falls due until {day}").format(day=last) + "\n")
    return 0


def print_due(console: Console, listed: Sequence[FallingDue], today: date) -> None:
    """Print a row for each."""
    console.print(due_table(listed, today, title=None))


def due_table(listed: Sequence[FallingDue], today: date, *, title: str | None) -> FittingTable:
    """Return a row for each, with the days that are left from today."""
    columns = (uncut(_("Day")), right(_("Days left")), uncut(_("Product")), _("Name"), _("What"), uncut(_("About")))
    return table(*columns, rows=(_row(each, today) for each in listed), title=title)


def _row(each: FallingDue, today: date) -> Sequence[str]:
    code, name = (each.product.code, one_line(each.product.name)) if each.product else ("", "")
    what = f"{each.what.vi}\n{each.what.en}" if both_are_shown() else each.what.vi
    about = each.about.spoken if isinstance(each.about, Message) else each.about
    return (str(each.day), str((each.day - today).days), code, name, what, about)


def _days(within: str) -> int:
    found = _DAYS.fullmatch(within)
    if not found or int(found[1]) > _MOST_DAYS:
        said = _("{given} is no number of days up to {most:,}: write 60d")
        raise wrong_usage(said.format(given=one_line(within), most=_MOST_DAYS))
    return int(found[1])


#: days; what falls due later is of no certificate of today
_MOST_DAYS = 3_660


def _code(code: str | None, form: re.Pattern[str], known: Container[int]) -> str | None:
    if code is None:
        return None
    if not form.fullmatch(code):
        raise wrong_usage(_("{given} is no code of a province (01) or commune (09574)").format(given=one_line(code)))
    if int(code) not in known:
        said = _("no province or commune is called {name}: `ocop places` lists them")
        raise wrong_usage(said.format(name=code))
    return code
