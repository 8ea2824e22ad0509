"""Decide: how a text is sent as text messages, in which letters and in how many segments."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

#: The letters of GSM 7-bit (3GPP TS 23.038, section 6.2.1), and those of its extension table, which take two places.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
Encoding = Literal["gsm-7", "ucs-2"]
#: How much one segment holds alone, and beside others, which costs a header (3GPP TS 23.040, section 9.2.3.24.1):
#: places of seven bits, and units of two bytes.
_ROOM: dict[Encoding, tuple[int, int]] = {"gsm-7": (160, 153), "ucs-2": (70, 67)}
#: What has no form in ASCII that Unicode knows of, and may stand in a product's name or in a text of ours.
_REPLACED = str.maketrans("đĐ–—‘’“”★×⁄₫", "dD--''\"\"*x/d")


@dataclass(frozen=True)
class Segments:
    """How a text is sent, and in how many segments, which is what is billed."""

    encoding: Encoding
    count: int


def segments(text: str) -> Segments:
    """Return the segments of a text: no letter is divided between two."""
    encoding: Encoding = "gsm-7" if _BASIC.issuperset(set(text) - _EXTENSION) else "ucs-2"
    sizes = [_size(letter, encoding) for letter in text]
    alone, beside_others = _ROOM[encoding]
    return Segments(encoding, 1 if sum(sizes) <= alone else _filled(sizes, beside_others))


def folded(text: str) -> str:
    """Return a text in ASCII: Vietnamese without its marks; what has no form in ASCII is left out."""
    plain = unicodedata.normalize("NFKD", text).translate(_REPLACED)
    return " ".join(plain.encode("ascii", "ignore").decode().split())


def fitted(text: str, max_segments: int) -> str:
    """Return a text, or as many of its words as fit into so many segments, with `...` behind them."""
    if segments(text).count <= max_segments:
        return text
    fitting = bisect_right(range(1, len(text)), max_segments, key=lambda length: segments(f"{text[:length]}...").count)
    words, space, _ = text[: fitting + 1].rpartition(" ")
    return f"{words.rstrip() if space else text[:fitting]}..."


def _size(letter: str, encoding: Encoding) -> int:
    if encoding == "gsm-7":
        return 2 if letter in _EXTENSION else 1
    return len(letter.encode("utf-16-be")) // 2


def _filled(sizes: Iterable[int], room: int) -> int:
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count
