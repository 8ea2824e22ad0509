"""`ocop product|rating|alert show`: look a product or a dossier up, and show what is on record. 1 where nothing is."""

import asyncio
import sys
from collections.abc import Iterable
from typing import Any

from ops.commands import wide_console, write_line
from ops.database_reader import Reader
from ops.records.alert import alert_fields, alerts_table
from ops.records.printing import print_product, print_ratings
from ops.records.product import product_of
from ops.records.rating import rating_of
from ops.records.reading import is_product_code, opened


async def show_registered(reader: Reader, asked: str, *, reveal: bool, as_json: bool) -> int:
    """Show a product and its dossiers. Return the exit code. Raises AccessError."""
    async with opened(reader) as records:
        registered, rated = await asyncio.gather(records.of("registry", asked), records.of("evaluation", asked))
    found = product_of(registered, rated)
    if found is None:
        return _nothing("product", asked)
    if as_json:
        _write([found.as_json(reveal=reveal)])
    else:
        print_product(wide_console(), found, reveal=reveal)
    return 0


async def show_ratings(reader: Reader, asked: str, *, as_json: bool) -> int:
    """Show the ratings of a product or dossier. Return the exit code. Raises AccessError."""
    async with opened(reader) as records:
        found = [rating_of(document) for document in await records.of("evaluation", asked)]
    if not found:
        return _nothing("rating", asked)
    if as_json:
        _write(each.as_json() for each in found)
    else:
        print_ratings(wide_console(), found)
    return 0


async def show_alerts(reader: Reader, asked: str, *, as_json: bool) -> int:
    """Show the alerts of a product or dossier. Return the exit code. Raises AccessError."""
    async with opened(reader) as records:
        found = await records.of("notifications", asked)
    if not found:
        return _nothing("alert", asked)
    if as_json:
        _write(map(alert_fields, found))
    else:
        wide_console().print(alerts_table(found))
    return 0


def _write(found: Iterable[dict[str, Any]]) -> None:
    for fields in found:
        write_line(fields)


def _nothing(what: str, asked: str) -> int:
    """Say that nothing is on record, and where to look. Return the exit code."""
    if is_product_code(asked):
        further = f"ocop journal --product {asked} says what has happened to it"
    else:
        further = f"ocop journal --correlation {asked} says how far it came; a code is like 01-09574-1-2026"
    sys.stderr.write(f"ocop: no {what} of {asked} is on record; {further}\n")
    return 1
