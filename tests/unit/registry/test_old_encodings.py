"""The names of all communes in the encodings from before Unicode: recognised, and read right where they are read."""

import unicodedata
from importlib.resources import files
from typing import Any

import pytest

from services.registry.old_encodings import in_old_encoding
from services.registry.spelling import without_tone
from services.registry.units import COMMUNES
from shared.yaml12 import load_yaml

NAMES = sorted({commune.name for commune in COMMUNES.values()})
TABLES = load_yaml(files("services.registry").joinpath("old_encodings.yaml").read_text("utf-8"))


def in_windows_1252(bytes_: bytes) -> str:
    each = (bytes([byte]) for byte in bytes_)
    return "".join(byte.decode("cp1252", "ignore") or byte.decode("latin-1") for byte in each)


def in_windows_1258(letter: str) -> bytes:
    try:
        return letter.encode("cp1258")
    except UnicodeEncodeError:
        return "".join(without_tone(letter)).encode("cp1258")


def forms(table: dict[str, Any]) -> dict[str, str]:
    """Return letter → what it looks like, of an encoding of one byte a letter or of pairs."""
    if "from_80" in table:
        return dict(zip("".join(table["from_80"].split()), in_windows_1252(bytes(range(0x80, 0x100))), strict=True))
    flat = table["pairs"].split()
    small = dict(zip(flat[1::2], flat[::2], strict=True))
    return small | {letter.upper(): form.upper() for letter, form in small.items()}


def written_in(key: str, name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    if "codec" in TABLES[key]:
        return in_windows_1252(b"".join(map(in_windows_1258, name)))
    table = forms(TABLES[key])
    return "".join(table.get(letter, letter) for letter in name)


@pytest.mark.parametrize(
    ("key", "recognised", "read_right"),
    [
        pytest.param("tcvn3", 0.999, 0.999),
        pytest.param("vni", 1, 1),
        pytest.param("windows1258", 0.999, 1),
        pytest.param("viscii", 0.8, 1, id="viscii, whose letters are often those of another language"),
        pytest.param("vps", 0.8, 0.99, id="vps, likewise"),
    ],
)
def test_names_of_communes_in_an_old_encoding(key: str, recognised: float, read_right: float) -> None:
    written = {name: old for name in NAMES if (old := written_in(key, name)) != name}
    found = {name: text for name, old in written.items() if (text := in_old_encoding(old)) is not None}
    readings = {name: text.reading for name, text in found.items() if text.reading is not None}
    right = [name for name, reading in readings.items() if reading.casefold() == name.casefold()]

    assert len(found) >= recognised * len(written)
    assert len(right) >= read_right * len(readings)
    assert len(readings) > 0.9 * len(found)
