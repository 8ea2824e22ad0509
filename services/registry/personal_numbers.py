"""Decide: how the register knows producers by their numbers, and what of a dossier goes on where one is a person's.

A person's number distinguishes producers and is disclosed nowhere: the register keeps a keyed hash of it, and what is
announced shows its last three digits (docs/decisions/0014-personal-numbers.md).
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.dossier import Dossier, Producer
from shared.contracts.filing import FormerProducer
from shared.masking import CITIZENS_NUMBER
from shared.personal_number import DIGITS, hidden, hide_found, hide_in, in_ascii_digits, personal_number

#: What is hashed of a number begins with this, so that the key can have other uses.
_NUMBER, _FINGERPRINT = b"producer-number\n", b"fingerprint\n"
#: How the register distinguishes a hash from a number in clear, which has letters and digits only.
_HASHED = "hmac:"
_NUMBERS = frozenset({"tax_code", "registration_number"})
#: Of a fixed form, or a way to reach the producer, which a mask would close.
_NO_TEXT = frozenset({"sha256", "product_code", "phone", "email"})
#: Without this no text has what looks like a citizen's number; it looks faster than the pattern for that does. In JSON
#: a line's end and the like are escaped.
_SUSPECT = re.compile(r"0(?:(?:\\[nrt]|[\W_]){0,8}[0-9]){11}")


@dataclass(frozen=True)
class ProducerNumbers:
    """How the register knows producers: by their numbers, and by a hash of those that are persons'.

    HMAC-SHA-256 (RFC 2104) under a key that all registries share: 12 digits alone could be found out of a plain hash by
    trying them all.
    """

    key: bytes = field(repr=False)

    def of(self, producer: Producer | FormerProducer) -> tuple[str, ...]:
        """Return what a producer is known by and recorded under, the tax code first."""
        return tuple(dict.fromkeys(map(self.recorded, _given(producer))))

    def known(self, producer: Producer) -> tuple[str, ...]:
        """Return whatever the register may know a producer by, records of the first version among it."""
        return (*self.of(producer), *numbers_in_clear(producer))

    @property
    def fingerprint(self) -> str:
        """What identifies this key, and discloses nothing of it."""
        return self._hash(_FINGERPRINT)

    def recorded(self, number: str) -> str:
        """Return what a number is recorded as; one that has been recorded stays as it is, unless it was in clear."""
        if number.startswith(_HASHED):
            return number
        personal = personal_number(number)
        return f"{_HASHED}{self._hash(_NUMBER + personal.encode())}" if personal else plain(number)

    def _hash(self, message: bytes) -> str:
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()


def numbers_in_clear(producer: Producer) -> tuple[str, ...]:
    """Return a producer's personal numbers as the first version of the register recorded them: in clear."""
    forms = ((plain(number), personal_number(number)) for number in _given(producer) if personal_number(number))
    return tuple(dict.fromkeys(form for both in forms for form in both if form))


def plain(number: str) -> str:
    """Return a number without spaces, dots, dashes and case."""
    compatible = unicodedata.normalize("NFKC", number).casefold()
    return "".join(character for character in compatible if character.isalnum())


def without_personal_numbers(dossier: Dossier) -> Dossier:
    """Return a dossier in which persons' numbers are hidden but for the last three digits, in all its texts."""
    own = own_numbers(dossier.producer.tax_code, dossier.producer.registration_number)
    if not own and not _SUSPECT.search(in_ascii_digits(dossier.model_dump_json())):
        return dossier
    return Dossier.model_validate(_hidden(dossier.model_dump(mode="json"), own))


def own_numbers(*numbers: str | None) -> frozenset[str]:
    """Return the persons' numbers that are in these fields for numbers."""
    return frozenset(found for found in map(personal_number, filter(None, numbers)) if found)


def hide(text: str, own: Collection[str]) -> str:
    """Hide persons' numbers in a text: a producer's own, however written, and what looks like one."""
    return text if len(text) < DIGITS else hide_found(CITIZENS_NUMBER, hide_in(text, own))


def _given(producer: Producer | FormerProducer) -> list[str]:
    return [number for number in (producer.tax_code, producer.registration_number) if number and plain(number)]


def _hidden(value: Any, own: Collection[str], *, name: str = "") -> Any:
    match value:
        case str() if name in _NUMBERS:
            number = personal_number(value)
            return hidden(number) if number else hide(value, own)
        case str() if name not in _NO_TEXT:
            return hide(value, own)
        case list():
            return [_hidden(entry, own, name=name) for entry in value]
        case dict():
            return {field: _hidden(entry, own, name=field) for field, entry in value.items()}
        case _:
            return value
