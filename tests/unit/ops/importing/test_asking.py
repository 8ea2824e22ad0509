"""Somebody at the terminal is asked where something was guessed, and where a name may mean several communes."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from rich.console import Console

from ops.importing.asking import Choosing, confirm_columns
from ops.importing.places import Gazetteer, Named
from ops.importing.sheet import opened
from tests.unit.ops.importing.sheets import HEADER, row, xlsx

CO_DONG = Named("Cổ Đông", "Sơn Tây", "Hà Nội")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))


def answer(monkeypatch: pytest.MonkeyPatch, *answers: int) -> None:
    left = [*answers]
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: left.pop(0))


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("answers", "code", "options"),
    [((2,), "09988", "--place 'Cổ Đông, Sơn Tây, Hà Nội=09988'"), ((7, 1), "09616", None), ((0,), None, "")],
)
def test_somebody_chooses_and_is_told_how_not_to_be_asked_again(
    answers: Sequence[int],
    code: str | None,
    options: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(monkeypatch, *answers)
    choosing = Choosing(may_ask=True)

    assert choosing(CO_DONG, Gazetteer().options(CO_DONG)) == code
    assert options in {None, choosing.as_options}
    assert "  2. 09988 Xã Hòa Lạc, Hà Nội (has a part of Xã Cổ Đông, Thị xã Sơn Tây" in capsys.readouterr().err


def test_what_somebody_chose_can_be_given_to_a_shell() -> None:
    choosing = Choosing(may_ask=False)
    choosing.answers["Đạ M'Rông, Đam Rông"] = "24875"

    assert shlex.split(choosing.as_options) == ["--place", "Đạ M'Rông, Đam Rông=24875"]


def test_the_first_value_of_a_column_is_a_product_s(tmp_path: Path) -> None:
    open_sheet = opened(xlsx(tmp_path, HEADER, ["I", "Thị xã Sơn Tây"], row()), {}, None)

    assert [open_sheet.example(position) for position in (0, 1)] == ["01-269-09592-3-2024", "Bánh tẻ"]


def test_where_nobody_is_there_nobody_is_asked() -> None:
    assert Choosing(may_ask=True)(CO_DONG, Gazetteer().options(CO_DONG)) is None


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("is_right", [True, False])
def test_a_guess_that_is_wrong_ends_the_command(
    is_right: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_sheet = opened(xlsx(tmp_path, ("Mã SP (nếu có)", *HEADER[1:]), row()), {}, None)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: is_right)

    if is_right:
        confirm_columns(Console(quiet=True), open_sheet, yes=False)
    else:
        with pytest.raises(typer.Exit, match="1"):
            confirm_columns(Console(quiet=True), open_sheet, yes=False)
