"""Writes pages: templates of HTML, in which every value is escaped."""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ops.language import gettext as _
from ops.language import spoken_language
from ops.reports.report import spoken
from ops.web.address import Address
from ops.web.offered import OFFERED
from ops.web.shown import ShownFacts, ShownTable


def page(template: str, address: Address, values: Mapping[str, Any]) -> str:
    """Return a page in the language that is spoken. `address`: its own, from which it links to others."""
    written = _ENVIRONMENT.get_template(f"{template}.jinja")
    shared = {"address": address, "language": spoken_language(), "offers": [*OFFERED.values()]}
    return written.render(shared | {"pages": [*_pages()], **values})


def _pages() -> Iterator[tuple[str, str]]:
    """Yield where the pages are that each of them links to, and what they are called."""
    yield "/", _("Start")
    yield "/products", _("Products")
    for each in OFFERED.values():
        yield each.path, each.title.spoken


def _is_table(part: object) -> bool:
    return isinstance(part, ShownTable)


def _is_facts(part: object) -> bool:
    return isinstance(part, ShownFacts)


_ENVIRONMENT = Environment(
    loader=PackageLoader("ops.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.globals["_"] = _
_ENVIRONMENT.filters["spoken"] = spoken
_ENVIRONMENT.tests |= {"shown_table": _is_table, "shown_facts": _is_facts}
