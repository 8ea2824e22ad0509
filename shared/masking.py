"""Masks personal data before anybody reads it: telephone numbers, e-mail addresses, citizens' numbers, names.

`mask_text` finds them in any text by how they look, in microseconds and in time that grows with the text's length.
What only looks similar stays: product codes, UUIDs, digests, times, numbers. A name in running text looks like
other words, and stays. `mask_data` therefore shows no running text of a message at all: codes, numbers, the form.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from shared.personal_number import CITIZEN, FOREIGN, IDENTIFIERS, NUMBER_END, personal_number

#: How deep masked data may be nested; below that nothing of it is shown.
MAX_DEPTH = 100

EMAIL = "[e-mail]"
PHONE = "[phone]"
NUMBER = "[personal number]"
NAME = "[name]"
#: In the place of running text, with the number of its characters.
PROSE = "[text of {}]"
TOO_DEEP = "[nested too deeply]"

#: What may stand between two digits of a telephone number; in mobile numbers only before groups of two or more, or
#: every row of small numbers would look like one.
_GAP = r"[ ().\-]{0,3}"
_DIGIT = rf"(?:{_GAP}(?=\d\d))?\d"
#: It begins within no longer number, identifier or fraction.
_START = r"(?<![0-9A-Fa-f_])(?<!\d[A-Za-z])(?<!\d\.)"

#: What looks like one of the others and is not: it is passed over as a whole.
_LOOKALIKES = (
    *IDENTIFIERS,
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?![\d@])",  # date and time
    r"\b\d{2}[-.]\d{2}[-.](?:19|20)\d{2}(?![-.]?\d|@)",  # date as written in Vietnam
)
_LOCAL = r"""(?:"[^"\s]{1,64}"|[^\s@<>()\[\]{}"'`,;:=/\\|][^\s@<>()\[\]{}"`,;:=/\\|]{0,63})"""
_LABEL = r"""[^\s@<>()\[\]{}"'`,;:=/\\|.&?#!]"""
_ADDRESS = rf"{_LOCAL}(?:@|%40)(?:(?:{_LABEL}{{1,63}}\.){{1,10}}(?!\d){_LABEL}{{2,63}}|\[[^\]\s]{{2,64}}\])"
#: With a country's code (that of Vietnam without a plus sign too), or with the prefix 0: 10 or 11 digits.
_TELEPHONES = (
    rf"(?<!\d[eE])(?:\(\+|\+|\b00(?=84)){_GAP}[1-9](?:{_GAP}\d){{7,14}}(?!\d)",
    rf"{_START}\(?84{_GAP}(?:0{_GAP})?(?:[35789](?:{_DIGIT}){{8}}|2(?:{_GAP}\d){{9}}){NUMBER_END}",
    rf"{_START}\(?0{_GAP}(?:2(?:{_GAP}\d){{9}}|1[2689](?:{_DIGIT}){{8}}|[2-9](?:{_DIGIT}){{8}}){NUMBER_END}",
)
_PERSONAL = re.compile(
    rf"(?P<kept>\(?(?:{'|'.join(_LOOKALIKES)}))|(?P<email>{_ADDRESS})|(?P<number>{CITIZEN})"
    rf"|(?P<phone>{'|'.join(_TELEPHONES)})"
)
#: Without one of these no text has anything personal; this looks faster than the whole pattern does.
_SUSPECT = re.compile(r"@|%40|\d(?:[\W_]{0,8}\d){7}")

_MASKS = {"email": EMAIL, "number": NUMBER, "phone": PHONE}
#: What a code, an identifier or an address consists of, and running text in Vietnamese does not: ASCII without spaces.
_CODE = re.compile(r"[\x21-\x7e]*")
_PERSONAL_FIELDS = {"phone": PHONE, "email": EMAIL}
#: The fields of our contracts whose text may be a person's number, however it is written.
_NUMBER_FIELDS = frozenset({"tax_code", "registration_number"})
#: The objects of our contracts whose `name` is a producer's.
_PRODUCERS = frozenset({"producer", "recipient"})


def mask_text(text: str) -> str:
    """Put a mask in the place of each e-mail address, telephone number and citizen's number."""
    plain = _plain(text) if FOREIGN.search(text) else text
    if not _SUSPECT.search(plain):
        return text
    masked, end = [], 0
    for found in _PERSONAL.finditer(plain):
        if mask := _MASKS.get(found.lastgroup or ""):
            masked += [text[end : found.start()], mask]
            end = found.end()
    return "".join((*masked, text[end:]))


def mask_data(value: Any) -> Any:
    """Mask a JSON value: the fields `phone` and `email`, the name of a producer, and every running text in it."""
    return _masked(value, within="", depth=0)


def _masked(value: Any, *, within: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        return TOO_DEEP
    match value:
        case str():
            return _masked_text(value)
        case Mapping():
            return _masked_object(value, within=within, depth=depth)
        case list() | tuple():
            return [_masked(entry, within=within, depth=depth + 1) for entry in value]
        case _:
            return value


def _masked_object(fields: Mapping[str, Any], *, within: str, depth: int) -> dict[str, Any]:
    is_producer = within in _PRODUCERS or "contact" in fields
    masked = {}
    for name, value in fields.items():
        field = str(name).casefold()
        mask = _PERSONAL_FIELDS.get(field) or (NAME if is_producer and field == "name" else None)
        if field in _NUMBER_FIELDS and isinstance(value, str) and personal_number(value):
            mask = NUMBER
        hidden = mask if mask and value is not None else _masked(value, within=field, depth=depth + 1)
        masked[_masked_text(str(name))] = hidden
    return masked


def _masked_text(text: str) -> str:
    return mask_text(text) if _CODE.fullmatch(text) else PROSE.format(len(text))


def _plain(text: str) -> str:
    """Return digits, spaces, dashes and @ of other scripts as ASCII has them, each in its place."""
    return "".join(character if character.isascii() else _ascii(character) for character in text)


def _ascii(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return {"Zs": " ", "Pd": "-"}.get(category) or {"＠": "@", "．": ".", "。": ".", "＋": "+"}.get(
        character, character
    )
