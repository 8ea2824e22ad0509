"""The pages: what each shows of what is on record. They read, and change nothing."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol

from ops.commands import json_line
from ops.database_reader import Reader
from ops.find.asking import Asked
from ops.find.commands import notes
from ops.find.printing import products_table
from ops.find.reading import Page, read_page
from ops.history.records import is_product_code
from ops.history.show import told_life
from ops.history.whole import ProductLife, life_on_record
from ops.language import gettext as _
from ops.named import one_line
from ops.reports.output import as_csv, as_json, only
from ops.reports.report import Report, spoken
from ops.spreadsheet import write_csv
from ops.web.address import Address, MissingError, WrongError
from ops.web.fields import GROUP, PLACE, STAGE, STARS, TEXT, filters
from ops.web.offered import OFFERED, Offered
from ops.web.rendering import page
from ops.web.shown import shown_life, shown_report, shown_table
from services.registry.gazetteer import meant
from services.registry.search_keys import wanted
from shared.clock import system_clock
from shared.legal_date import legal_date

HTML = "text/html"


@dataclass(frozen=True)
class Answer:
    """What a browser gets: text is UTF-8. `file`: under which name it is kept, if it is one to keep.

    `policy`: what it may load, if not what all pages may (Content Security Policy).
    """

    body: bytes
    content_type: str = HTML
    status: HTTPStatus = HTTPStatus.OK
    file: str = ""
    policy: str = ""


class Source(Protocol):
    """What is on record. Each raises CommandError where it cannot be read."""

    async def report(self, offered: Offered, address: Address) -> Report:
        """Return a report as it is asked for. Raise WrongError, MissingError; SettingsError: of a programme's file."""

    async def products(self, asked: Asked) -> Page:
        """Return the products that are asked for."""

    async def product(self, code: str) -> ProductLife | None:
        """Return a product's life, None where none is on record."""


@dataclass(frozen=True)
class OnRecord:
    """A `Source` that reads the services' database."""

    reader: Reader

    async def report(self, offered: Offered, address: Address) -> Report:
        """Return a report, made now."""
        return await offered.make(self.reader, address)

    async def products(self, asked: Asked) -> Page:
        """Return the products that are asked for, as `ocop find` does."""
        return await read_page(self.reader, asked)

    async def product(self, code: str) -> ProductLife | None:
        """Return a product's life, as `ocop product show` does."""
        return await life_on_record(self.reader, code)


async def start(_source: Source, address: Address) -> Answer:
    """Return the page from which the others are reached."""
    return _html("start", address, title=_("OCOP: reports and products"), fields=[TEXT])


async def report(source: Source, address: Address, name: str) -> Answer:
    """Return a report as a page. Raise WrongError; MissingError: there is none of this name."""
    offered = _offered(name)
    made = await _made(source, offered, address)
    shown = {"title": spoken(made.title), "day": made.day, "tables": shown_report(made)}
    said = [spoken(note) for note in made.notes]
    return _html("report", address, **shown, notes=said, offered=offered, fields=offered.fields(), files=[*_FILES])


async def report_file(source: Source, address: Address, name: str, form: str) -> Answer:
    """Return a report as a file to keep. Raise as `report` does."""
    made = await _made(source, _offered(name), address)
    content_type, write = _FILES[form]
    return Answer(write(made), content_type, file=f"{made.name}-{made.day}.{form}")


async def drawn_report(source: Source, address: Address, name: str) -> Answer:
    """Return a report as a page with charts, which stands by itself. Raise as `report` does."""
    offered = _offered(name)
    if not offered.is_drawn:
        raise MissingError(_("there is no such page"))
    from ops.reports.town.page import page as drawn  # noqa: PLC0415  # loads what draws charts, which few ask for
    from ops.reports.town.page import policy  # noqa: PLC0415

    written = drawn(await _made(source, offered, address), address.language)
    return Answer(written.encode(), policy=f"{policy()}; frame-ancestors 'none'")


async def products(source: Source, address: Address) -> Answer:
    """Return the list of products that are asked for, fifty at a time. Raise WrongError."""
    text = address.one(TEXT.name)
    found = await source.products(_asked(address, text))
    shown = products_table(found.products, reveal=False)
    values: dict[str, Any] = {
        "table": shown_table(shown, _("Products, in the order of their codes"), id="products"),
        "notes": [*notes(replace(found, is_last=True), text)],
        "fields": [TEXT, *PLACE, STARS, STAGE, GROUP],
        "next_after": "" if found.is_last else found.products[-1].code,
    }
    return _html("products", address, title=_("Products"), **values)


async def product(source: Source, address: Address, code: str) -> Answer:
    """Return a product's life. Raise MissingError: none of this code is on record."""
    found = await source.product(code) if is_product_code(code) else None
    if found is None:
        raise MissingError(_("no product of this code is on record: {code}").format(code=one_line(code)))
    parts = shown_life(told_life(found, legal_date(system_clock()), reveal=False))
    return _html("product", address, title=_title(found, code), parts=[*parts])


def said(address: Address, status: HTTPStatus, title: str, message: str) -> Answer:
    """Return a page that says why there is no other."""
    return replace(_html("said", address, title=title, message=message), status=status)


async def _made(source: Source, offered: Offered, address: Address) -> Report:
    made = await source.report(offered, address)
    try:
        return only(made, address.several("section"))
    except ValueError as error:
        raise WrongError(str(error)) from None


def _offered(name: str) -> Offered:
    if name not in OFFERED:
        said = _("there is no report {name}: {names}")
        raise MissingError(said.format(name=one_line(name), names=", ".join(OFFERED)))
    return OFFERED[name]


def _asked(address: Address, text: str) -> Asked:
    try:
        asked = replace(filters(address).meant(), after=_code(address.one("after")))
    except ValueError as error:
        raise WrongError(str(error)) from None
    if not text:
        return asked
    if not (wanted(text).words or wanted(text).exact):
        raise WrongError(_("say a word, a number or a code"))
    named = () if asked.place else tuple(meant(text))
    return replace(asked, text=wanted(text), named=named)


def _code(after: str) -> str:
    if after and not is_product_code(after):
        raise WrongError(_("{given} is no product's code: it is like 01-09574-1-2026").format(given=one_line(after)))
    return after


def _title(found: ProductLife, code: str) -> str:
    if found.known:
        return f"{one_line(found.known.name)} {found.known.code}"
    return code


def _html(template: str, address: Address, **values: Any) -> Answer:
    return Answer(page(template, address, values).encode())


def _as_json(made: Report) -> bytes:
    return f"{json_line(as_json(made))}\n".encode()


def _as_csv(made: Report) -> bytes:
    written = io.StringIO(newline="")
    write_csv(*as_csv(made), to=written)
    return written.getvalue().encode()


def _as_xlsx(made: Report) -> bytes:
    from ops.reports.workbook import write_workbook_to  # noqa: PLC0415  # it takes long to load, and few ask for it

    written = io.BytesIO()
    write_workbook_to(written, made)
    return written.getvalue()


_FILES: Mapping[str, tuple[str, Callable[[Report], bytes]]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx),
    "csv": ("text/csv", _as_csv),
    "json": ("application/json", _as_json),
}
