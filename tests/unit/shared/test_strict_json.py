"""Strict JSON: the same answer wherever it is read, and in reasonable time whatever it is."""

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.strict_json import MAX_LEVELS, StrictJSONFormat
from tests.fuzz.decoders import deeper

FORMAT = StrictJSONFormat()
AT_THE_LIMIT = "[" * MAX_LEVELS + "]" * MAX_LEVELS


@pytest.mark.parametrize("frames", [0, 300, 800])
def test_the_limit_of_levels_is_the_same_however_deep_the_program_is(frames: int) -> None:
    assert deeper(frames, lambda: FORMAT.loads(AT_THE_LIMIT))
    for levels in (MAX_LEVELS + 1, 950, 1_000, 100_000):
        with pytest.raises(ValueError, match="nested in over 64 levels"):
            deeper(frames, partial(FORMAT.loads, "[" * levels + "]" * levels))


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
