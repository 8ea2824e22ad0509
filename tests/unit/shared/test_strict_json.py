"""Strict JSON: the same answer wherever it is read, and in reasonable time whatever it is."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.strict_json import MAX_LEVELS, StrictJSONFormat, read_compact, read_strictly
from tests.fuzz.decoders import deeper

FORMAT = StrictJSONFormat()
#: Values as they are written, of which readers of JSON think differently, and a few that all read alike.
WORDS = r"""
0 -0 -0.0 1.0 1.10 1e5 1E5 1e16 1e-7 1e999 -1e999 01 +1 .5 5. 0.1 123456789.12345678901 9007199254740993
18446744073709551616 -9223372036854775809 NaN Infinity -Infinity nan null true True { ] // "NaN" "Infinity" "" ":" "\":"
"a\u0061" "\/" "\n" "\x" "\ud800" "\ud83d\ude00" "ắ"
"""
CHARACTERS = ("", '"\t"', '"\0"', '"\x7f"', '"\u2028"', '"\ud800"', '"\ufeff"')
TOKENS = (*WORDS.split(), *CHARACTERS, "1" * 4301, "[" * 62 + "]" * 62, "[" * 190 + "]" * 190)
NAMES = ("a", "b", "", "ắ", "\\u0061", "a\\n", '\\"', "\ud800")
WRITTEN = st.recursive(
    st.sampled_from(TOKENS) | st.integers().map(str) | st.floats().map(json.dumps) | st.text().map(json.dumps),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda values: f"[{','.join(values)}]")
        | st.lists(st.tuples(st.sampled_from(NAMES), inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"
        )
    ),
    max_leaves=8,
).map(lambda text: text.encode("utf-8", "surrogatepass"))
AT_THE_LIMIT = "[" * MAX_LEVELS + "]" * MAX_LEVELS


@pytest.mark.parametrize("frames", [0, 300, 800])
def test_the_limit_of_levels_is_the_same_however_deep_the_program_is(frames: int) -> None:
    assert deeper(frames, lambda: FORMAT.loads(AT_THE_LIMIT))
    for levels in (MAX_LEVELS + 1, 190, 950, 1_000, 100_000):
        for text in ("[" * levels + "]" * levels, b"[" * levels + b"]" * levels):
            with pytest.raises(ValueError, match="nested in over 64 levels"):
                deeper(frames, partial(FORMAT.loads, text))


def test_brackets_in_strings_open_nothing() -> None:
    written = {"a": "[" * 1_000, '{"\\[[[[': '\\"[[[' * 100}

    assert FORMAT.loads(json.dumps(written)) == written


def is_nested_too_deep(text: str) -> bool:
    """Count level by level, sign by sign."""
    level, deepest, in_string, escaped = 0, 0, False, False
    for sign in text:
        if escaped:
            escaped = False
        elif in_string:
            in_string, escaped = sign != '"', sign == "\\"
        else:
            in_string = sign == '"'
            level += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, level)
    return deepest > MAX_LEVELS


@given(st.text(st.sampled_from('[[[{{{]}""\\ắ'), min_size=MAX_LEVELS, max_size=4 * MAX_LEVELS))
def test_levels_are_those_of_the_brackets_outside_of_strings(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        FORMAT.loads(f"{'[' * 50}{text}\n")
    assert ("nested in over" in str(refused.value)) == is_nested_too_deep(f"{'[' * 50}{text}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' + '\\"[' * 300_000, id="string without an end"),
        pytest.param('"\\' * 300_000 + "[" * 100, id="quotes and backslashes"),
        pytest.param("{" + ",".join(f'"{n}":0' for n in range(100_000)) + ',"99999":1}', id="last of many names twice"),
        pytest.param("9" * 1_000_000, id="endless number"),
        pytest.param("[" * 1_000_000, id="only brackets"),
    ],
)
def test_what_could_cost_minutes_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        FORMAT.loads(text)


def said(read: Callable[[bytes], Any], text: bytes) -> object:
    """Return what a reader says: the value with its types, or why it is none."""
    try:
        return repr(read(text))
    except ValueError as error:
        return type(error), str(error)


@given(
    WRITTEN | st.builds(lambda text, at, byte: text[:at] + byte + text[at:], WRITTEN, st.integers(0, 40), st.binary())
)
def test_both_readers_say_the_same(text: bytes) -> None:
    assert said(FORMAT.loads, text) == said(read_strictly, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"a":1,"b":[2,"\xe1\xba\xaf\\"\\n"],"c":{"a":-1.5,"d":null}}', id="as the services write"),
        pytest.param(b'{"a":[' + b"{}," * 100 + b"{}]}", id="many brackets"),
        pytest.param(b'{"a":123456789012345678901234567890}', id="large number"),
    ],
)
def test_what_is_written_compactly_is_read_fast(text: bytes) -> None:
    assert repr(read_compact(text)) == repr(read_strictly(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"a":1,"a":1}', id="a name twice"),
        pytest.param(b'{"a":{"b":1,"c":2,"b":1}}', id="a name twice, further in"),
        pytest.param(b'{"a":1,"\\u0061":1}', id="a name twice, written otherwise"),
        pytest.param(b'{"a":1e999}', id="beyond all numbers"),
        pytest.param(b'{"a":NaN}', id="no number"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":"\\ud800"}', id="half of a surrogate pair"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="half of a surrogate pair, in UTF-8"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param(b'{"a":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"a":"\t"}', id="a control character"),
        pytest.param(b'{"a":1}{', id="more behind it"),
        pytest.param(b'{"a" :1}', id="a space"),
        pytest.param(b"[" * 250 + b"]" * 250, id="deeper than the library goes"),
    ],
)
def test_what_is_odd_the_strict_reader_decides(text: bytes) -> None:
    assert read_compact(text) is None
