"""Decide: whether the text of a dossier can be read, or was broken on its way from one encoding to another."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.registry import names
from services.registry.decoded_twice import decoded_twice
from services.registry.faults import fault
from services.registry.lost_letters import has_lost_letters
from services.registry.old_encodings import in_old_encoding
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.masking import mask_text

Path = tuple[str | int, ...]

_REPLACEMENT = "\ufffd"
#: characters of the longest text that a dossier may have.
_LONGEST_TEXT = 4000
#: broken texts; whoever has more of them has to convert the whole file, and each takes up to a millisecond.
_MOST_FAULTS = 50
#: characters; what a text would read as is not repeated where it is longer.
_LONGEST_READING = 300


def text_faults(filed: dict[str, Any]) -> list[Fault]:
    """Return the fault of each text that is broken, among the fields that a dossier has; of the first of very many."""
    found = ((path, _broken(text, path)) for path, text in _doubtful_texts(filed, ()))
    return list(islice((_fault(path, *sentences) for path, sentences in found if sentences), _MOST_FAULTS))


def _doubtful_texts(value: dict[str, Any] | list[Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Yield every text that is not plain ASCII, in the fields that a dossier has."""
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str):
            if _is_doubtful(inner) and names.plain((*path, step)) in names.FIELDS:
                yield (*path, step), inner
        elif isinstance(inner, dict | list):
            yield from _doubtful_texts(inner, (*path, step))


def _is_doubtful(text: str) -> bool:
    return (not text.isascii() or "?" in text) and len(text) <= _LONGEST_TEXT


def _broken(text: str, path: Path) -> tuple[str, str] | None:
    """Return what is wrong with a text, in Vietnamese and English; None where nothing is."""
    if _REPLACEMENT in text:
        return _LOST
    if (twice := decoded_twice(text)) is not None:
        return _converted(_TWICE, twice.reading, path)
    if (old := in_old_encoding(text)) is not None:
        names_of = " / ".join(old.encodings)
        return _converted((_OLD[0].format(names_of), _OLD[1].format(names_of)), old.reading, path)
    return _LOST if has_lost_letters(text) else None


def _converted(sentences: tuple[str, str], reading: str | None, path: Path) -> tuple[str, str]:
    """Add what a text would read as, unless it may name a person or say how to reach one."""
    vi, en = sentences
    if reading is None or _REPLACEMENT in reading or len(reading) > _LONGEST_READING or path[0] == "producer":
        return vi, en
    if mask_text(reading) != reading:
        return vi, en
    return f"{vi} Chữ này có lẽ là “{reading}”.", f"{en} It would read “{reading}”."


def _fault(path: Path, vi: str, en: str) -> Fault:
    vi_name, en_name = names.field(path)
    return fault(path, DossierFault.BROKEN_CHARACTERS, f"Mục “{vi_name}” {vi}", f"The {en_name} {en}")


_LOST = (
    "có chữ bị mất khi chuyển mã. Hãy gõ lại bằng tiếng Việt Unicode.",
    "has letters that were lost in a conversion. Type it again, in Unicode.",
)
_TWICE = (
    "bị sai mã: chữ UTF-8 đã được đọc bằng bảng mã khác. Hãy chuyển sang Unicode (UTF-8) rồi nộp lại.",
    "was decoded twice: UTF-8 was read in another encoding. Convert it to Unicode (UTF-8) and file again.",
)
_OLD = (
    "viết bằng bảng mã cũ ({}). Hãy chuyển sang Unicode rồi nộp lại.",
    "is in an old encoding ({}). Convert it to Unicode and file again.",
)
