"""YAML 1.2, core schema: what plain words and numbers are, and what is no YAML of ours."""

import math

import pytest
import yaml

from shared.yaml12 import has_alias, load_yaml


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        pytest.param("012", 12, id="leading zero, octal in YAML 1.1"),
        pytest.param("010", 10, id="another"),
        pytest.param("-007", -7, id="negative"),
        pytest.param("0o14", 12, id="octal of YAML 1.2"),
        pytest.param("0x1F", 31, id="hexadecimal"),
        pytest.param("0b11", "0b11", id="binary, a number in YAML 1.1 only"),
        pytest.param("1_000", "1_000", id="underscore, a number in YAML 1.1 only"),
        pytest.param("1:30", "1:30", id="base 60, a number in YAML 1.1 only"),
        pytest.param("1:30.5", "1:30.5", id="base 60 with a fraction"),
        pytest.param("+12", 12, id="plus"),
        pytest.param("09574", 9574, id="a leading zero is no sign of text"),
        pytest.param('"09574"', "09574", id="quoted"),
        pytest.param("01Y8001234", "01Y8001234", id="a letter in it"),
        pytest.param("1e3", 1000.0, id="exponent without a sign, text in YAML 1.1"),
        pytest.param("5.0", 5.0, id="decimal"),
        pytest.param(".5", 0.5, id="no digit before the point"),
        pytest.param("-.inf", -math.inf, id="infinity"),
        pytest.param("yes", "yes", id="yes"),
        pytest.param("No", "No", id="no, also Norway"),
        pytest.param("on", "on", id="on"),
        pytest.param("OFF", "OFF", id="off"),
        pytest.param("y", "y", id="y"),
        pytest.param("True", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param("~", None, id="tilde"),
        pytest.param("Null", None, id="null"),
        pytest.param("", None, id="nothing"),
        pytest.param("nil", "nil", id="a word that begins like null"),
        pytest.param("2026-11-24", "2026-11-24", id="day"),
        pytest.param("2026-11-24T08:30:00Z", "2026-11-24T08:30:00Z", id="instant"),
        pytest.param("=", "=", id="equals sign"),
        pytest.param("!!str 012", "012", id="number that is said to be text"),
        pytest.param('!!int "012"', 12, id="text that is said to be a number"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says(scalar: str, value: object) -> None:
    assert load_yaml(f"field: {scalar}\n") == {"field": value}


def test_no_number_is_read_as_such() -> None:
    assert math.isnan(load_yaml(".nan"))


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert load_yaml("<<: {a: 1}\nb: 2\n") == {"<<": {"a": 1}, "b": 2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", "'a' stands twice.*line 1", id="a key twice"),
        pytest.param("x:\n  - {a: 1, a: 1}\n", "'a' stands twice.*line 2", id="a key twice, further in"),
        pytest.param("12: a\n012: b\n", "12 stands twice", id="a number twice, written differently"),
        pytest.param("a: !!binary aGFsbG8=\n", "could not determine a constructor", id="a type of YAML 1.1"),
        pytest.param("a: !!python/name:os.system\n", "could not determine a constructor", id="a type of Python"),
        pytest.param("a: !!int '1_000'\n", "is no int of YAML 1.2", id="no number after all"),
        pytest.param(f"a: {'9' * 5000}\n", "is no int of YAML 1.2", id="more digits than are read"),
        pytest.param("? [1]\n: 2\n", "unhashable key", id="a list for a key"),
        pytest.param("a: [1\n", "line 2", id="cut short"),
    ],
)
def test_what_is_no_yaml_of_ours_is_named(text: str, words: str) -> None:
    with pytest.raises(yaml.YAMLError, match=rf"(?s){words}"):
        load_yaml(text)


@pytest.mark.parametrize(("text", "expected"), [("a: &x 1\nb: *x\n", True), ("a: '*x'\nb: &y 1\n", False)])
def test_an_alias_is_seen(text: str, expected: bool) -> None:
    assert has_alias(text) is expected
