"""The catalogue as one page that stands by itself: no script, and nothing that a browser fetches by itself."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from ops.language import Language, speaking
from ops.language import gettext as _
from ops.reports.catalogue.entries import Entry
from ops.reports.catalogue.verification import Verification
from services.evaluation.rulebook.criteria import Sentence
from services.registry.gazetteer import FoundPlace
from shared.faults import names

_BEST = 5
_TEMPLATES = Environment(
    loader=PackageLoader("ops.reports.catalogue", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = "catalogue.css.jinja"


@dataclass(frozen=True)
class Page:
    """What the page is about and how it speaks: of which place (None: the country), on which day, in what language."""

    day: date
    place: FoundPlace | None = None
    language: Language = Language.VI
    verification: Verification = Verification()  # noqa: RUF009  # it is frozen

    def render(self, entries: Iterable[Entry]) -> str:
        """Return the page of these entries, which are in the order of their groups."""
        listed, style = list(entries), _TEMPLATES.get_template(_STYLE).render()
        with speaking(self.language):
            return _TEMPLATES.get_template("catalogue.html.jinja").render(
                page=self,
                words=_words(),
                title=self._title(),
                summary=_("In force on {day}: {number} products").format(day=self._day(self.day), number=len(listed)),
                groups=list(self._groups(listed)),
                style=style,
                style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
            )

    def _title(self) -> str:
        title = _("Certified OCOP products")
        if self.place is None:
            return title
        where = self.place.name if self.place.is_province else f"{self.place.name}, {self.place.province}"
        return f"{title} · {where}"

    def _groups(self, entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        for code, of_group in groupby(entries, key=lambda each: each.sheet.group.code if each.sheet else ""):
            shown = [self._shown(each) for each in of_group]
            yield {"id": f"group-{code or 'other'}", "name": shown[0]["group"], "entries": shown}

    def _shown(self, entry: Entry) -> dict[str, Any]:
        sheet = entry.sheet
        return {
            "entry": entry,
            "group": self._said(sheet.group) if sheet else _("Not on record"),
            "set": self._said(sheet.name) if sheet else None,
            "stars": _("{stars} stars of {best}").format(stars=entry.stars, best=_BEST),
            "drawn": "★" * entry.stars + "☆" * (_BEST - entry.stars),
            "producer": entry.producer or self._kind(entry),
            "valid": self._valid(entry),
            "qr": self.verification.picture(entry.token),
            "check": self.verification.link(entry.token),
        }

    def _valid(self, entry: Entry) -> str:
        said = _("{first} to {last}")
        if entry.is_extended:
            said = _("from {first}; extended until its re-evaluation's result, at the latest until {last}")
        return said.format(first=self._day(entry.issued_on), last=self._day(entry.valid_until))

    def _kind(self, entry: Entry) -> str | None:
        if entry.producer_kind is None:
            return None
        vi, en = names.VALUES[entry.producer_kind]
        said = vi if self.language is Language.VI else en
        return said[:1].upper() + said[1:]

    def _said(self, sentence: Sentence) -> str:
        return sentence.vi if self.language is Language.VI else sentence.en

    def _day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}" if self.language is Language.VI else str(day)


def _words() -> dict[str, str]:
    """Return what the page says, in the language that is spoken."""
    return {
        "skip": _("To the products"),
        "groups": _("Product groups"),
        "none": _("No product of this place has a certificate in force."),
        "set": _("Product set"),
        "producer": _("Producer"),
        "made_in": _("Made in"),
        "certificate": _("Certificate"),
        "valid": _("Valid"),
        "code": _("Product code"),
        "photographs": _("Photographs"),
        "photograph": _("Photograph"),
        "shops": _("Where to buy"),
        "shop": _("Shop"),
        "check": _("Check this certificate"),
        "qr": _("QR code to check the certificate of"),
        "about_qr": _(
            "The QR codes are those of the certificates: each is signed, and can be checked by the published keys of "
            "the office that issued it."
        ),
        "about_names": _("Producers who are, or may be, natural persons are not named."),
        "about_links": _("Photographs and shops are other people's pages, named by the producers."),
    }
