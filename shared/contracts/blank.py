"""What counts as nothing where people fill in a form: text that nobody can see, and fields left empty."""

import re
import unicodedata
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

#: Unicode's general categories without a form of their own: control and format characters, spaces and separators, what
#: is not assigned or for private use, and marks, which need a letter to stand on.
_NOTHING = frozenset({"Cc", "Cf", "Cn", "Co"})
_FORMLESS = _NOTHING | {"Zs", "Zl", "Zp", "Mn", "Mc", "Me"}
#: Letters and symbols that show nothing all the same: Default_Ignorable_Code_Point of the Unicode Character Database
#: (DerivedCoreProperties.txt) as far as the categories above have not got it, and those whose names say blank or null.
_INVISIBLE = frozenset(
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers
    "\u2800"  # Braille pattern blank
    "\ufffc"  # object replacement character, without the object
    "\U0001d159"  # musical symbol null notehead
    "\U00013441\U00013442"  # Egyptian hieroglyph full blank, half blank
)
#: Marks that are seen on no letter: variation selectors and joiners, which are Default_Ignorable_Code_Point too.
_INVISIBLE_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
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
    return all(character in _INVISIBLE or unicodedata.category(character) in _FORMLESS for character in text)


def is_invisible(character: str) -> bool:
    """Return whether a character within a word is seen by nobody; spaces, and marks on a letter, are seen."""
    category = unicodedata.category(character)
    return category in _NOTHING or character in _INVISIBLE or bool(_INVISIBLE_MARKS.match(character))


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
