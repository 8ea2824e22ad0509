"""Decide: what of a producer goes on: no way to reach her in clear, and of a person's number its last three digits.

Whom an answer is for goes on sealed for notifications alone (`shared/sealing.py`); every integration reads the rest.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import phonenumbers

from shared.contracts.dossier import AnnouncedDossier, AnnouncedProducer, Dossier
from shared.masking import EMAIL, PHONE
from shared.personal_number import hidden, hide, in_ascii_digits, own_numbers, personal_number

#: What may stand between two digits of a telephone number.
_GAP = r"[\W_]{0,3}"
#: digits; a row of fewer may be anything
_FEWEST_DIGITS = 7
_NO_DIGITS = re.compile(r"\D+", re.ASCII)
#: Of a fixed form, in which nobody writes how to reach her.
_NO_TEXT = frozenset({"sha256", "product_code", "registration_number", "tax_code"})
_NUMBER_FIELDS = frozenset({"tax_code", "registration_number"})
#: Of a fixed form, or a way to reach the producer, which a mask would close.
_NEVER_A_NUMBER = frozenset({"sha256", "product_code", "phone", "email"})
#: Without this no text has what looks like a citizen's number; it looks faster than the pattern for that does. In JSON
#: a line's end and the like are escaped.
_SUSPECT = re.compile(r"0(?:(?:\\[nrt]|[\W_]){0,8}[0-9]){11}")


@lru_cache(1)  # of one dossier it is asked several times
def read_phone(phone: str) -> phonenumbers.PhoneNumber | None:
    """Return a telephone number as it is dialled from Vietnam, None where it is none."""
    try:
        return phonenumbers.parse(phone, "VN")
    except phonenumbers.NumberParseException:
        return None


@dataclass(frozen=True)
class OwnContact:
    """A producer's own telephone and mail, to be found in a text however they are written. `digits` are significant."""

    email: str | None
    digits: str | None
    country: str = ""

    @classmethod
    def of(cls, phone: str | None, email: str | None) -> Self:
        """Read what she gives; a telephone number that is none is looked for by its digits."""
        if number := read_phone(phone or ""):
            digits, country = phonenumbers.national_significant_number(number), str(number.country_code)
        else:
            digits, country = _digits(phone or "").removeprefix("0"), ""
        return cls(email or None, digits if len(digits) >= _FEWEST_DIGITS else None, country)

    def is_in(self, text: str) -> bool:
        """Return whether a text may have it. It looks faster than `hidden_in` does."""
        if self.email is not None and self.email.casefold() in text.casefold().replace("%40", "@"):
            return True
        return self.digits is not None and self.digits in _digits(text)

    def hidden_in(self, text: str) -> str:
        """Return a text with a mask in the place of her telephone and mail."""
        if self.email:
            pattern = re.escape(self.email).replace("@", "(?:@|%40)")
            text = re.sub(pattern, lambda found: EMAIL[: len(found[0])], text, flags=re.IGNORECASE)  # no longer than it
        if self.digits is None:
            return text
        plain, shown, end = in_ascii_digits(text), [], 0
        for found in self._written.finditer(plain):
            shown += [text[end : found.start()], PHONE]
            end = found.end()
        return "".join((*shown, text[end:]))

    @property
    def _written(self) -> re.Pattern[str]:
        """The number as people write it: with the prefix 0, or the country's code in its forms, and gaps."""
        digits = _GAP.join(self.digits or "")
        country = rf"(?:\+|00)?{self.country}{_GAP}(?:\(?0\)?{_GAP})?|" if self.country else ""
        return re.compile(rf"(?<!\d)\(?(?:{country}0{_GAP})?{digits}(?!\d)", re.ASCII)


def without_contact(dossier: Dossier) -> AnnouncedDossier:
    """Return a dossier as it is announced: without the producer's contact, and with her own masked in its texts."""
    producer = AnnouncedProducer(**dict(dossier.producer))
    announced = AnnouncedDossier(**(dict(dossier) | {"producer": producer}))
    own = OwnContact.of(dossier.producer.contact.phone, dossier.producer.contact.email)
    if not own.is_in(announced.model_dump_json()):
        return announced
    return AnnouncedDossier.model_validate(_hidden(announced.model_dump(mode="json"), own))


def _digits(text: str) -> str:
    return _NO_DIGITS.sub("", in_ascii_digits(text))


def _hidden(value: Any, own: OwnContact, *, name: str = "") -> Any:
    match value:
        case str() if name not in _NO_TEXT:
            return own.hidden_in(value)
        case list():
            return [_hidden(entry, own, name=name) for entry in value]
        case dict():
            return {field: _hidden(entry, own, name=field) for field, entry in value.items()}
        case _:
            return value


def without_personal_numbers(dossier: Dossier) -> Dossier:
    """Return a dossier in which persons' numbers are hidden but for the last three digits, in all its texts."""
    own = own_numbers(dossier.producer.tax_code, dossier.producer.registration_number)
    if not own and not _SUSPECT.search(in_ascii_digits(dossier.model_dump_json())):
        return dossier
    return Dossier.model_validate(_without_numbers(dossier.model_dump(mode="json"), own))


def _without_numbers(value: Any, own: Collection[str], *, name: str = "") -> Any:
    match value:
        case str() if name in _NUMBER_FIELDS:
            number = personal_number(value)
            return hidden(number) if number else hide(value, own)
        case str() if name not in _NEVER_A_NUMBER:
            return hide(value, own)
        case list():
            return [_without_numbers(entry, own, name=name) for entry in value]
        case dict():
            return {inner: _without_numbers(entry, own, name=inner) for inner, entry in value.items()}
        case _:
            return value


def as_known(dossier: AnnouncedDossier, sealed: str | None) -> dict[str, Any]:
    """Return what the register knows of a product by its newest dossier; `sealed` is whom answers are for."""
    return {
        "product_set": dossier.product.product_set,
        "name": dossier.product.name,
        "producer_name": dossier.producer.name,
        "producer_kind": dossier.producer.kind,
        "must_declare_quality": dossier.product.must_declare_quality,
        "photographs": dossier.product.photographs,
        "sales_links": dossier.product.sales_links,
        "sealed_recipient": sealed,
    }
