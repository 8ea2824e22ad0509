"""A person's number (số định danh cá nhân), as it may be written, and as little of it as anybody is shown.

It has 12 digits. Since 1 July 2025 it is the tax code of households (Circular 86/2024/TT-BTC) and, as one has one
number for both (Circular 02/2023/TT-BKHĐT), their registration number: for many producers the only one that they have.
"""

import re
import unicodedata
from collections.abc import Callable, Collection

#: digits of the number, and those of them that are shown: the last
DIGITS, DIGITS_SHOWN = 12, 3
#: characters of a number field, as its contract has it; longer text is no number
MAX_LENGTH = 64
#: stands in the place of a digit that is not shown
HIDDEN_DIGIT = "*"

#: What may stand between two digits: space, dot, dash, what nobody sees; no letter.
_GAP = r"[\W_]{0,8}"
#: A group of ten digits or more is a number by itself, such as an enterprise's tax code with a date beside it.
_DIGIT_OF_A_GROUP = r"(?!\d{10})\d"
#: In one piece, perhaps with the three digits of a branch right behind it; or in groups, and no letter right behind it.
_PERSONAL_NUMBER = re.compile(
    rf"(?<!\d)(?:\d{{{DIGITS}}}(?=(?:\d{{3}})?(?!\d))"
    rf"|{_DIGIT_OF_A_GROUP}(?:{_GAP}{_DIGIT_OF_A_GROUP}){{{DIGITS - 1}}}(?![^\W_]))"
)

#: Twelve digits in all, in whatever groups, that no letter parts.
_ALL_DIGITS = re.compile(rf"\D*(\d(?:[\W_]*\d){{{DIGITS - 1}}})\D*")

#: As many digits, wherever they begin: what stands between two such beginnings may belong to either.
_ANY_DIGITS = re.compile(rf"(?=([0-9](?:{_GAP}[0-9]){{{DIGITS - 1}}}))")
#: Letters and signs beyond Latin, among which may be digits, spaces and an @ of other scripts.
FOREIGN = re.compile(r"[^\x00-\x9f\u00a1-\u02ff\u0300-\u036f\u1e00-\u1eff]")
#: Province or country of birth (001 to 096), century and sex (0 to 3: born 1900 to 2099), year, six digits by chance.
_ISSUED = re.compile(r"0(?!00)(?:[0-8]\d|9[0-6])[0-3]\d{8}")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")

#: No number ends within a longer one, or an identifier.
NUMBER_END = r"(?![0-9A-Fa-f_]|[A-Za-z]\d)"
#: A citizen's number (căn cước): province of birth, century and sex, year, six digits. What any text is searched for.
_IN_ONE_PIECE = r"0\d{2}[0-3]\d{8}"
#: The number with an abbreviation before or behind it in letters that hexadecimal digits have: CCCD, card.
_CARD = rf"[A-Fa-f]{{0,4}}{_IN_ONE_PIECE}[A-Fa-f]{{0,4}}"
#: What looks like one, and is not: identifiers and product codes, which are passed over as a whole.
IDENTIFIERS = (
    r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b",  # UUID, also in a Message-ID
    rf"\b(?!{_CARD}\b)[0-9a-fA-F]{{16,}}\b(?!@)",  # digests, identifiers of traces
    r"\b\d{2}-\d{5}-[1-9]\d{0,8}-\d{4}\b(?!@)",  # product code
)
#: In groups the number has three digits or more in each, or one alone, or a telephone number and a year beside it would
#: look like one. Between groups stand spaces, dashes, slashes, what nobody sees; nothing that parts a list.
_NEXT = r"""(?:(?:_|[^\w,;:()\[\]{}"'<>|=@&?*+]){1,8}(?=\d{3}|\d(?!\d)))?"""
CITIZEN = (
    rf"(?<!\d)(?<!\d\.)(?:{_IN_ONE_PIECE}(?!\d)"
    rf"|(?<![A-Fa-f_])(?<!\d[A-Za-z])0(?:{_NEXT}\d){{2}}{_NEXT}[0-3](?:{_NEXT}\d){{8}}{NUMBER_END})"
)
#: The same alone, for texts that are shown but for this.
CITIZENS_NUMBER = re.compile(rf"(?:{'|'.join(IDENTIFIERS)})|({CITIZEN})")


def personal_number(text: str) -> str | None:
    """Return the 12 digits of the person's number that is in a field for numbers, None where there is none.

    Separators, words beside it, the digits of a branch and other scripts' digits do not hide it; where the text has no
    other digits, nor does any grouping. Tax codes of 10 and 13 digits and the older numbers of households, which have a
    letter in them (01Y8001234), are none.
    """
    if len(text) > MAX_LENGTH:
        return None
    compatible = unicodedata.normalize("NFKC", text)
    found = _PERSONAL_NUMBER.search(compatible) or _ALL_DIGITS.fullmatch(compatible)
    return _digits(found[0]) if found else None


def own_numbers(*fields: str | None) -> frozenset[str]:
    """Return the persons' numbers that are in these fields for numbers."""
    return frozenset(found for found in map(personal_number, filter(None, fields)) if found)


def is_issued(number: str) -> bool:
    """Return whether 12 digits are such as are given to persons (Decree 137/2015, Art. 13)."""
    return bool(_ISSUED.fullmatch(number))


def hidden(number: str) -> str:
    """Return a number with all its digits hidden but the last three: `*********345`."""
    return HIDDEN_DIGIT * (len(number) - DIGITS_SHOWN) + number[-DIGITS_SHOWN:]


def hide(text: str, own: Collection[str]) -> str:
    """Hide persons' numbers in a text: a producer's own, however written, and what looks like one."""
    return text if len(text) < DIGITS else hide_found(CITIZENS_NUMBER, hide_in(text, own))


def hide_in(text: str, numbers: Collection[str]) -> str:
    """Hide these numbers wherever their digits stand in a text, however they are written there."""
    return _hide(_ANY_DIGITS, text, lambda digits: digits in numbers) if numbers else text


def hide_found(pattern: re.Pattern[str], text: str) -> str:
    """Hide what a pattern, which knows ASCII's digits only, finds in a text with the digits of any script."""
    return _hide(pattern, text, lambda _: True)


def in_ascii_digits(text: str) -> str:
    """Return text with the digits of every script as ASCII's, each in its place."""
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text) if FOREIGN.search(text) else text


def _hide(pattern: re.Pattern[str], text: str, is_meant: Callable[[str], bool]) -> str:
    shown, end = [], 0
    for found in pattern.finditer(in_ascii_digits(text)):
        start, stop = found.span(pattern.groups)
        if start >= end and is_meant(digits := _digits(found[pattern.groups])):
            shown += [text[end:start], hidden(digits)]
            end = stop
    return "".join((*shown, text[end:]))


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, in_ascii_digits(text)))
