"""Sets the blocks of a document on A4: tagged PDF with its fonts embedded, the same bytes for the same blocks."""

import json
from functools import cache
from pathlib import Path
from typing import Literal

import typst
from pydantic import BaseModel

from services.notifications.wording import Template, rendered
from shared.certificate_qr import qr_of, side_millimetres
from shared.contracts.dossier import Language

_HERE = Path(__file__).parent
#: tagged for who does not see it (ISO 14289-1); it is refused where no font has a letter
_ACCESSIBLE: Literal["ua-1"] = "ua-1"


def typeset(name: str, language: Language, event_data: BaseModel, token: str | None = None) -> bytes:
    """Return what a document of this name says of an event. Texts are data there, and never markup.

    Args:
        name: of its template, which makes an object of JSON a line of each block (templates/sheet.jinja).
        language: that of its words, which screen readers are told.
        event_data: the event.
        token: what the QR code says, where the document has one.
    """
    blocks = str(rendered(Template("producer", language, f"{name}.sheet"), "sheet", {"event": event_data}))
    compiler = typst.Compiler(str(_HERE / "sheet.typ"), font_paths=_fonts(), sys_inputs=_inputs(blocks, token))
    try:
        return _pdf(compiler, _ACCESSIBLE)
    except typst.TypstError:  # a name in letters that none of our fonts has, such as Chinese ones
        return _pdf(compiler, "1.7")


def _pdf(compiler: typst.Compiler, standard: Literal["ua-1", "1.7"]) -> bytes:
    pdf = compiler.compile(format="pdf", pdf_standards=standard)
    if not isinstance(pdf, bytes):
        raise TypeError("one document is one file")
    return pdf


def _inputs(blocks: str, token: str | None) -> dict[str, str]:
    inputs = {"blocks": json.dumps([json.loads(line) for line in blocks.splitlines() if line])}
    if token is not None:
        code = qr_of(token)
        inputs |= {"code": code.svg_inline(light="#fff"), "side": str(side_millimetres(code))}
    return inputs


@cache
def _fonts() -> typst.Fonts:
    """Return our font, and those that come with Typst for letters and symbols that it lacks; none of the system's."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(_HERE / "fonts")])
