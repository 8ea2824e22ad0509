"""Decide: what of a dossier goes on where a number in it is a person's: its last three digits.

A person's number distinguishes producers and is disclosed nowhere (docs/decisions/0014-personal-numbers.md).
"""

import re
from collections.abc import Collection
from typing import Any

from shared.contracts.dossier import Dossier
from shared.personal_number import hidden, hide, in_ascii_digits, own_numbers, personal_number

_NUMBERS = frozenset({"tax_code", "registration_number"})
#: Of a fixed form, or a way to reach the producer, which a mask would close.
_NO_TEXT = frozenset({"sha256", "product_code", "phone", "email"})
#: Without this no text has what looks like a citizen's number; it looks faster than the pattern for that does. In JSON
#: a line's end and the like are escaped.
_SUSPECT = re.compile(r"0(?:(?:\\[nrt]|[\W_]){0,8}[0-9]){11}")


def without_personal_numbers(dossier: Dossier) -> Dossier:
    """Return a dossier in which persons' numbers are hidden but for the last three digits, in all its texts."""
    own = own_numbers(dossier.producer.tax_code, dossier.producer.registration_number)
    if not own and not _SUSPECT.search(in_ascii_digits(dossier.model_dump_json())):
        return dossier
    return Dossier.model_validate(_hidden(dossier.model_dump(mode="json"), own))


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
