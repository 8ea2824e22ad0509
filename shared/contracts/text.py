"""Text and number types every contract is built from, and what counts as nothing where people fill in a form."""

import re
import unicodedata
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo

#: Marks in a row, such as accents: more than any language puts on a letter (Unicode Standard Annex #15, section 13).
MOST_MARKS = 30
_MARK = f"[{''.join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))}]"
_A_MARK = re.compile(_MARK)
_TOO_MANY_MARKS = re.compile(f"{_MARK}{{{MOST_MARKS + 1}}}")


def nfc(value: object) -> object:
    """Return text in Unicode normal form C; anything but a string passes unchanged.

    Two spellings of one Vietnamese name (precomposed, or letters with combining marks) look the same and are not equal,
    so text is normalised where it enters.

    Raises:
        ValueError: over `MOST_MARKS` marks in a row, which only hostile text has; sorting thousands takes minutes.
    """
    if not isinstance(value, str) or value.isascii():
        return value
    one_in_each_run = value[MOST_MARKS :: MOST_MARKS + 1]  # so few to look at, in the place of all
    if _A_MARK.search(one_in_each_run) and _TOO_MANY_MARKS.search(value):
        raise ValueError(f"over {MOST_MARKS} combining marks in a row")
    return unicodedata.normalize("NFC", value)


#: Every character but the control characters: no NUL, no escape sequences that could rewrite an operator's terminal,
#: and none that turns the direction of writing, so that a line shows something else than it says.
ONE_LINE = r"^[^\x00-\x1f\x7f\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
#: The same, with tabs and line breaks.
MANY_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\u202a-\u202e\u2066-\u2069]*$"


# The last annotation works first: text is normalised, then trimmed, then measured.
_NFC = BeforeValidator(nfc)


def _line(max_length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=max_length, pattern=ONE_LINE)


#: A name or title: one line, 1 to 300 characters, trimmed.
Name = Annotated[str, _line(300), _NFC]
#: A short code or number: one line, 1 to 64 characters, trimmed.
Code = Annotated[str, _line(64), _NFC]
#: An e-mail address: one line, 1 to 254 characters, trimmed (RFC 5321, section 4.5.3.1.3).
Email = Annotated[str, _line(254), _NFC]
#: Running text: up to 4,000 characters, lines allowed.
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=MANY_LINES), _NFC]
#: What a service of ours wrote: any text that UTF-8 can carry (pydantic's plain `str` takes half a surrogate pair).
Text = Annotated[str, StringConstraints(max_length=10_000)]


def whole(value: object) -> object:
    """Return a number without a fraction as the whole number that it is; anything else passes unchanged.

    JSON has numbers and no integers, and `5.0` is an integer by JSON Schema 2020-12 (core, section 4.2.3).
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


#: Validates a whole number: true and text are none, 5.0 is.
WHOLE = BeforeValidator(whole)
#: A whole number that every language and MongoDB's 32-bit integer can hold.
Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1), WHOLE]


class Contract(BaseModel):
    """Base of every message body: immutable, and open to fields that a later version adds.

    Contracts only grow, so a reader of today ignores what a writer of tomorrow adds. What breaks them may be personal,
    and is in no error's text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Bilingual(Contract):
    """A sentence for people, in both languages of the product."""

    vi: Text
    en: Text


class Fault(Contract):
    """One thing that is wrong with a message, for programs and for people."""

    #: JSON pointer (RFC 6901) into the data, empty for the message as a whole
    pointer: Text
    #: stable; docs/contract.md lists all of them
    code: Text
    message: Bilingual
    #: the product that is meant, where the register has it under a code: of `product-already-registered`
    product_code: Text | None = None


#: Unicode's general categories without a form of their own: control and format characters, spaces and separators, what
#: is not assigned or for private use, and marks, which need a letter to stand on.
UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co"})
_FORMLESS = UNSEEN_CATEGORIES | {"Zs", "Zl", "Zp", "Mn", "Mc", "Me"}
#: Letters and symbols that show nothing all the same: Default_Ignorable_Code_Point of the Unicode Character Database
#: (DerivedCoreProperties.txt) as far as the categories above have not got it, and those whose names say blank or null.
UNSEEN_CHARACTERS = frozenset(
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u2800"  # Braille pattern blank
    "\ufffc"  # object replacement character, without the object
    "\U0001d159"  # musical symbol null notehead
    "\U00013441\U00013442"  # Egyptian hieroglyph full blank, half blank
)
#: Characters that are seen, and stand in nearly every text: of ASCII, Latin letters, those of Vietnamese.
_VISIBLE = re.compile("[!-~\u00c0-\u024f\u1ea0-\u1ef9]")
#: Text that nobody can see, as a pattern of JSON Schema: what `is_blank` says of characters up to U+FFFF, but for marks
#: and what is not assigned.
BLANK = (
    r"^[\s\x00-\x20\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc]*$"
)


def is_blank(text: str) -> bool:
    """Return whether text has no character with a visible form: nobody can read it, so it says nothing."""
    if _VISIBLE.search(text):
        return False
    return all(character in UNSEEN_CHARACTERS or unicodedata.category(character) in _FORMLESS for character in text)


def without_blanks(model: type[BaseModel], filed: Any) -> Any:
    """Return data as it was filed without the optional fields that were left empty: they count as not given.

    Empty is null, text that nobody can see, a list and an object with nothing in it. Where a field must be there, or in
    a list, text that nobody can see becomes the empty text; all else stays for the contract to judge.

    Args:
        model: the contract of the data.
        filed: a JSON value; it is not changed.
    """
    if not isinstance(filed, dict):
        return _seen(filed)
    required, inner = _fields(model)
    return {
        name: _without_blanks_in(inner[name], value) if name in inner else value
        for name, value in filed.items()
        if name not in inner or name in required or not _is_empty(value)
    }


@cache
def _fields(model: type[BaseModel]) -> tuple[frozenset[str], dict[str, type[BaseModel] | None]]:
    """Return the fields that must be there, and of each field the model that it holds, or its list."""
    fields = model.model_fields
    required = frozenset(name for name, field in fields.items() if field.is_required())
    return required, {name: _model_in(field) for name, field in fields.items()}


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    annotations = (field.annotation, *get_args(field.annotation))
    return next((each for each in annotations if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _without_blanks_in(model: type[BaseModel] | None, value: Any) -> Any:
    if isinstance(value, list):
        return [without_blanks(model, each) if model else _seen(each) for each in value]
    return without_blanks(model, value) if model else _seen(value)


def _is_empty(value: Any) -> bool:
    match value:
        case str():
            return is_blank(value)
        case _:
            return value is None or value in ([], {})


def _seen(value: Any) -> Any:
    return "" if isinstance(value, str) and is_blank(value) else value
