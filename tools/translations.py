"""The catalogue of what the command says in Vietnamese: `make translations`.

`ops/locale/vi/LC_MESSAGES/ocop.po` is what people write; what is marked in the code and what the help of offices'
commands says is added to it, what is marked no more is taken out. `ocop.mo` beside it is what the command reads.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer.core import TyperCommand, TyperGroup

import ops
from ops.codes import codes
from ops.language import DOMAIN, FOLDER, Language
from ops.on_use import LoadedOnUse
from ops.spoken_help import paragraphs
from services.evaluation.rulebook import load_rulebook
from tools.cli import app

#: The commands that an office uses: all that they say is in the catalogue.
OFFICES = ("score", "submit", "import", "sheets", "find", "places", "product", "rating", "alerts", "due", "report")
PO = FOLDER / Language.VI / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")

_KEYWORDS = {"_": None, "gettext": None, "marked": None, "Message": None, "ngettext": (1, 2)}
#: How the texts are found that are marked: in code, and in the pages' templates.
_METHODS = [("**.py", "python"), ("**.jinja", "jinja2.ext:babel_extract")]
_HEADER = "# What the command says in Vietnamese. The msgid are in the code: `make translations`.\n#"
#: Of the first version: a header that changed with each run would be news without content.
_WRITTEN_ON = datetime(2026, 11, 29, tzinfo=UTC)


def publish(po: Path = PO, mo: Path = MO) -> None:
    """Write both files anew: the translations that are there, and what has none yet."""
    kept = translations(po)
    catalog = _empty()
    for one, many in sorted(marked_texts()):
        translated = kept.get(one)
        catalog.add((one, many) if many else one, translated.string if translated else "")
    with po.open("wb") as file:
        write_po(file, catalog, width=120)
    mo.write_bytes(compiled(catalog))


def translations(po: Path = PO) -> Catalog:
    """Return the translations, as they are written."""
    with po.open("rb") as file:
        return read_po(file, locale=Language.VI, domain=DOMAIN)


def compiled(catalog: Catalog) -> bytes:
    """Return what `gettext` reads of a catalogue."""
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def marked_texts() -> set[tuple[str, str]]:
    """Return what is to be translated: each text, and how it reads for many, empty where that is the same."""
    found = extract_from_dir(Path(ops.__file__).parent, method_map=_METHODS, keywords=_KEYWORDS)
    in_code = (each[2] for each in found)
    said = {(text, "") if isinstance(text, str) else (text[0], text[1]) for text in in_code}
    others = (*codes(), *help_texts(), *filter(_has_letters, remarks_on_sheets()))
    return said | {(text, "") for text in others}


def help_texts() -> Iterator[str]:
    """Yield what the help says of commands of offices, and what lists all commands."""
    return _of(typer.main.get_command(app))


def remarks_on_sheets() -> Iterator[str]:
    """Yield what is noted of the score sheets where they depart from what is printed: not the law's, so in English."""
    for sheet in load_rulebook().sheets.values():
        for correction in sheet.corrections:
            yield from (correction.where, correction.printed, correction.used)
        for doubt in sheet.doubts:
            yield from (doubt.where, doubt.what)
        yield from (each.options_note for each in sheet.leaves if each.options_note)


def _of(command: object) -> Iterator[str]:
    if isinstance(command, LoadedOnUse) and command.name in OFFICES:
        command = command.loaded()
    if isinstance(command, TyperCommand | TyperGroup):
        yield from (each for each in paragraphs(command.help) if not each.startswith("Example:"))
        yield from (help for each in command.params if (help := getattr(each, "help", None)))
    if isinstance(command, TyperGroup):
        for each in command.commands.values():
            yield from _of(each)


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _empty() -> Catalog:
    return Catalog(
        locale=Language.VI,
        domain=DOMAIN,
        header_comment=_HEADER,
        project=DOMAIN,
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=_WRITTEN_ON,
        revision_date=_WRITTEN_ON,
        fuzzy=False,
    )


if __name__ == "__main__":
    publish()
