"""Text and number types every contract is built from."""

import unicodedata
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def nfc(value: object) -> object:
    """Give text in Unicode normal form C; anything but a string passes unchanged.

    Two spellings of one Vietnamese name (precomposed, or letters with combining marks) look the same and are not equal,
    so text is normalised where it enters.
    """
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


#: Every character but the control characters: no NUL, no escape sequences that could rewrite an operator's terminal.
ONE_LINE = r"^[^\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]*$"
#: The same, with tabs and line breaks.
MANY_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f]*$"

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

#: A whole number that every language and MongoDB's 32-bit integer can hold.
Int32 = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]


class Contract(BaseModel):
    """Base of every message body: immutable, and open to fields that a later version adds.

    Contracts only grow, so a reader of today ignores what a writer of tomorrow adds.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Bilingual(Contract):
    """A sentence for people, in both languages of the product."""

    vi: str
    en: str


class Fault(Contract):
    """One thing that is wrong with a message, for programs and for people."""

    #: JSON pointer (RFC 6901) into the data, empty for the message as a whole
    pointer: str
    #: stable; docs/contract.md lists all of them
    code: str
    message: Bilingual
