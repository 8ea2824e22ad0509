"""Dossiers in files: what is found, what is read, and what is said of a file that holds none."""

import io
import json
from pathlib import Path

import pytest
import yaml

from ops.dossiers.files import UnreadableFileError, dossier_files, read_dossier
from shared.contracts.envelope import MAX_MESSAGE_BYTES
from tests.unit.registry.dossiers import acceptable_dossier


def file_of(folder: Path, content: str | bytes, name: str = "dossier.json") -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    dossier = acceptable_dossier()
    as_json = file_of(tmp_path, json.dumps(dossier))
    as_yaml = file_of(tmp_path, yaml.safe_dump(dossier, allow_unicode=True, default_style='"'), "dossier.yaml")

    assert read_dossier(as_json) == read_dossier(as_yaml) == dossier


def test_what_an_editor_puts_before_the_text_is_passed_over(tmp_path: Path) -> None:
    assert read_dossier(file_of(tmp_path, '{"samples": 5}'.encode("utf-8-sig"))) == {"samples": 5}


def test_a_day_in_yaml_stays_the_text_that_it_is(tmp_path: Path) -> None:
    assert read_dossier(file_of(tmp_path, "title: 2026-11-24\n", "d.yml")) == {"title": "2026-11-24"}


def test_a_number_with_a_leading_zero_is_no_octal_one(tmp_path: Path) -> None:
    dossier = read_dossier(file_of(tmp_path, "product: {product_set: 012}\noption: 010\n", "d.yaml"))

    assert dossier == {"product": {"product_set": 12}, "option": 10}


def test_a_code_without_quotes_is_a_number_and_never_another_code(tmp_path: Path) -> None:
    dossier = read_dossier(file_of(tmp_path, "commune_code: 09574\nprovince_code: 01\n", "d.yaml"))

    assert dossier == {"commune_code": 9574, "province_code": 1}  # refused as wrong-type


@pytest.mark.parametrize("text", ['{"samples": 5}', "samples: 5\n"], ids=["JSON", "YAML"])
def test_standard_input_may_be_either(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    assert read_dossier(Path("-")) == {"samples": 5}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        pytest.param("{", "d.json", "cannot be read as JSON: Expecting property name", id="cut short"),
        pytest.param('{"a": 1, "a": 2}', "d.json", "stands twice", id="a name twice"),
        pytest.param("a: 1\na: 2\n", "d.yaml", "is no YAML: 'a' stands twice, line 1, column 1", id="a key twice"),
        pytest.param("a: &x [1]\nb: *x\n", "d.yaml", "has an alias", id="an alias"),
        pytest.param("a: [1\n", "d.yaml", "is no YAML: .*, line 2, column 1", id="no YAML"),
        pytest.param("a: .nan\n", "d.yaml", "cannot be read as JSON", id="no number"),
        pytest.param("a: !!set {b}\n", "d.yaml", "is no YAML: could not", id="what JSON has not"),
        pytest.param("[]", "d.json", "holds no object", id="a list"),
        pytest.param("", "d.yaml", "holds no object", id="nothing"),
        pytest.param(b"\xff", "d.json", "is not written in UTF-8", id="other bytes"),
        pytest.param('{"a": "\\ud800"}', "d.json", "cannot be read as JSON", id="half a character"),
        pytest.param("[" * 1000 + "]" * 1000, "d.json", "nested in over", id="deep"),
        pytest.param(json.dumps({"a": "x" * MAX_MESSAGE_BYTES}), "d.json", "the intake takes 262144", id="too large"),
    ],
)
def test_what_is_no_dossier_is_named(content: str | bytes, name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=words):
        read_dossier(file_of(tmp_path, content, name))


def test_a_folder_stands_for_the_dossiers_in_it(tmp_path: Path) -> None:
    for name in ("b.json", "a.yaml", "c.yml", "README.md"):
        file_of(tmp_path, "{}", name)

    assert [file.name for file in dossier_files([tmp_path])] == ["a.yaml", "b.json", "c.yml"]


def test_a_file_that_is_named_twice_is_one(tmp_path: Path) -> None:
    file = file_of(tmp_path, "{}")

    assert dossier_files([file, tmp_path]) == [file]


def test_a_folder_without_a_dossier_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no file that ends in \.json, \.yaml, \.yml"):
        dossier_files([tmp_path])


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not there"):
        dossier_files([tmp_path / "dossier.json"])
