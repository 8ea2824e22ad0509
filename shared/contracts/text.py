"""Text and number types every contract is built from."""

import re
import unicodedata
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

#: Marks in a row, such as accents: more than any language puts on a letter (Unicode Standard Annex #15, section 13).
MOST_MARKS = 30
_TOO_MANY_MARKS = re.compile(
    f"[{''.join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))}]{{{MOST_MARKS + 1}}}"
)


def nfc(value: object) -> object:
    """Return text in Unicode normal form C; anything but a string passes unchanged.

    Two spellings of one Vietnamese name (precomposed, or letters with combining marks) look the same and are not equal,
    so text is normalised where it enters.

    Raises:
        ValueError: over `MOST_MARKS` marks in a row, which only hostile text has; sorting thousands takes minutes.
    """
    if not isinstance(value, str):
        return value
    if _TOO_MANY_MARKS.search(value):
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
