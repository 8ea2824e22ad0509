"""What `pip install .` installs: everything that the code reads beside it, and the command."""

import importlib
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS: dict[str, Any] = PROJECT["tool"]["setuptools"]


def test_every_file_beside_the_code_comes_along() -> None:
    folders = [ROOT / each.removesuffix("*").replace(".", "/") for each in SETUPTOOLS["packages"]["find"]["include"]]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and file.parent.name[0] != "_"]
    patterns = ("*.py", ".npmrc", *SETUPTOOLS["package-data"]["*"])

    assert {"definitions.json", "registry.html", "01-banh-te-hung-van.json"} <= {file.name for file in files}
    assert [file for file in files if not any(file.match(pattern) for pattern in patterns)] == []


def test_the_command_is_there() -> None:
    module, _, name = PROJECT["project"]["scripts"]["ocop"].partition(":")

    assert callable(getattr(importlib.import_module(module), name))
