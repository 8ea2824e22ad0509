"""`ocop places`: provinces and communes by code or name, in force and former."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from ops.commands import JsonOption, wide_console, write_line, wrong_usage
from ops.language import gettext as _
from ops.language import in_english
from ops.named import one_line, printable
from ops.spreadsheet import CsvOption, write_csv
from ops.tables import table, uncut
from services.registry.former_units import FormerUnit
from services.registry.gazetteer import FoundPlace, provinces_meant
from services.registry.gazetteer import places as found_places

#: places that a table has
_IN_A_TABLE = 50
#: What a row for a spreadsheet has, in its order.
_COLUMNS = ("code", "name", "province_code", "province", "formerly")


def places(
    *,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", show_default=False, help="a code, or words of a name; without, all")
    ] = "",
    province: Annotated[
        str | None, typer.Option(metavar="CODE|NAME", help="in this province; a former one is where it lies now")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="places at most: 50, with --json and --csv all", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Find provinces and communes by code or name: those in force, and what former ones became.

    Words are found with the marks that are typed, or any where a word has none. A unit of before July 2025, also by
    its district, finds those that it became; where its land went to several, each says so. It asks no server.

    With --json a line each: code, name, province_code, province, formerly (code, name, district, province_code,
    province, until, became, of each former unit by which it was found). With --csv formerly is a text. Exit code 1:
    nothing was found.

    Example: ocop places "Đường Lâm"
    """
    found = found_places(text, _code_of(province))
    listed = found[: limit or (len(found) if as_json or as_csv else _IN_A_TABLE)]
    if as_csv:
        write_csv(_COLUMNS, map(_as_row, listed))
    elif as_json:
        for each in listed:
            write_line(_as_json(each))
    elif listed:
        wide_console().print(places_table(listed))
    if len(listed) < len(found):
        more = _("there are {number:,} more: say more, or add --limit")
        sys.stderr.write(f"ocop: {more.format(number=len(found) - len(listed))}\n")
    if not found:
        none = _("no province or commune has the code or name {text}")
        sys.stderr.write(f"ocop: {none.format(text=printable(text))}\n")
        raise typer.Exit(1)


def places_table(found: Sequence[FoundPlace]) -> Table:
    """Return a row a place, with the former units by which it was found."""
    rows = ((each.code, each.name, f"{each.province_code} {each.province}", _in_words(each.formerly)) for each in found)
    return table(uncut(_("Code")), _("Name in force"), _("Province"), _("Found as"), rows=rows)


def only_place(found: Sequence[FoundPlace], asked: str) -> FoundPlace:
    """Return the place that was found. Raise ValueError: what was asked for is none, or may be any of several."""
    match found:
        case [place]:
            return place
        case []:
            said = _("no province or commune is called {name}: `ocop places` lists them")
            raise ValueError(said.format(name=one_line(asked)))
        case _:
            listed = ", ".join(f"{each.code} {each.name} ({each.province})" for each in found)
            said = _("{name} may be any of these, give the code: {places}")
            raise ValueError(said.format(name=one_line(asked), places=listed))


def _in_words(formerly: Sequence[FormerUnit]) -> str:
    return "\n".join(map(_former_in_words, formerly))


def _former_in_words(former: FormerUnit) -> str:
    said = _("a part of {unit}, until {day}") if former.is_split else _("{unit}, until {day}")
    named = (former.name, former.district, former.province_name)
    where = ", ".join(dict.fromkeys(filter(None, named)))  # a province is its own
    return said.format(unit=f"{former.code} {where}", day=former.until)


def _as_row(place: FoundPlace) -> dict[str, Any]:
    return _as_json(place) | {"formerly": in_english(lambda: _in_words(place.formerly))}


def _as_json(place: FoundPlace) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "province_code": place.province_code,
        "province": place.province,
        "formerly": [_former_as_json(each) for each in place.formerly],
    }


def _former_as_json(former: FormerUnit) -> dict[str, Any]:
    return {
        "code": former.code,
        "name": former.name,
        "district": former.district or None,
        "province_code": former.province,
        "province": former.province_name,
        "until": str(former.until),
        "became": list(former.became),
    }


def _code_of(province: str | None) -> str | None:
    if province is None:
        return None
    found = provinces_meant(province)
    if len(found) != 1:
        said = _("no province is called {name}: `ocop places` lists them first")
        raise wrong_usage(said.format(name=printable(province)))
    return found[0].code
