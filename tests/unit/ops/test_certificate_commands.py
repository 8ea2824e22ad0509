"""`ocop certificate`: what people and programs are told of a token, its code, and the keys."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import segno
from rich.console import Console
from typer.testing import CliRunner, Result

from ops import operator_settings
from ops.certificates.printing import print_judgement, print_refusal
from ops.certificates.standing import Standing, State
from ops.cli import app
from shared.certificate_token import CertificateClaims, Refusal
from tests.unit.certificate_keys import CLAIMS, FORMER, JWKS, KEY, SIGNING_KEYS, TOKEN, sign

Ocop = Callable[..., Result]


@pytest.fixture
def ocop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ocop:
    """`ocop certificate` in an empty folder, where the keys of an installation are set and nothing is up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(operator_settings, "LOCAL", tmp_path)
    for name in ("OPERATOR_AMQP_URL", "OPERATOR_MONGO_URL", "MANAGEMENT_URL", "SERVICE_URLS"):
        monkeypatch.delenv(f"OCOP_{name}", raising=False)
    monkeypatch.setenv("OCOP_CERTIFICATE_JWKS", JWKS)

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, ["certificate", *arguments], input=stdin, prog_name="ocop")

    return run


def in_force() -> CertificateClaims:
    """Return a certificate that is in force when the tests run."""
    return CLAIMS.model_copy(update={"issued_on": date(2026, 1, 1), "last_day": date(2126, 1, 1)})


def test_a_valid_token_is_shown_in_both_languages(ocop: Ocop) -> None:
    shown = ocop("verify", sign(in_force()), "--offline")

    assert shown.exit_code == 0
    first, second, *facts = shown.stdout.splitlines()
    assert (first, second) == (
        "Hợp lệ: có hiệu lực đến hết ngày 01/01/2126.",
        "Valid: in force until the end of 2126-01-01.",
    )
    assert any(line.split("  ")[0] == "Sản phẩm / Product" and "Bánh tẻ Hưng Vân" in line for line in facts)
    assert any("01 Hà Nội" in line for line in facts)
    assert "The register was not asked" in shown.stdout


def test_a_program_gets_the_claims_and_how_the_certificate_stands(ocop: Ocop) -> None:
    shown = ocop("verify", sign(in_force()), "--offline", "--json")

    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == {
        "valid": True,
        "refusal": None,
        "standing": "in-force",
        "day": "2126-01-01",
        "by": None,
        "looked_up": False,
        "key_id": KEY["kid"],
        "certificate": in_force().model_dump(mode="json", by_alias=False),
    }


def test_a_token_past_its_last_day_is_not_valid(ocop: Ocop) -> None:
    ended = CLAIMS.model_copy(update={"issued_on": date(2020, 1, 1), "last_day": date(2023, 1, 1)})

    shown = ocop("verify", sign(ended), "--offline", "--json")

    assert shown.exit_code == 1
    assert json.loads(shown.stdout)["standing"] == "past-last-day"


def test_a_token_that_was_changed_is_not_valid(ocop: Ocop) -> None:
    shown = ocop("verify", f"{TOKEN[:-5]}AAAAA")
    read = ocop("verify", f"{TOKEN[:-5]}AAAAQ", "--json")

    assert (shown.exit_code, read.exit_code) == (1, 1)
    assert "chữ ký sai" in shown.stdout
    assert "the signature is wrong" in shown.stdout
    assert json.loads(read.stdout)["refusal"] == "broken-signature"
    assert json.loads(read.stdout)["certificate"] is None


@pytest.mark.parametrize("written", [TOKEN, f"  {TOKEN}\r\n", f"\ufeff{TOKEN[:70]}\n{TOKEN[70:140]}\n{TOKEN[140:]}"])
def test_a_token_may_stand_in_a_file_or_on_standard_input_broken_into_lines(
    ocop: Ocop, tmp_path: Path, written: str
) -> None:
    (tmp_path / "token.txt").write_text(written, "utf-8", newline="")

    by_file = json.loads(ocop("verify", "token.txt", "--offline", "--json").stdout)
    by_input = json.loads(ocop("verify", "-", "--offline", "--json", stdin=written).stdout)

    assert by_file == by_input
    assert by_file["key_id"] == KEY["kid"]


def test_it_is_checked_by_the_keys_of_a_file(ocop: Ocop, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(
        json.dumps({"keys": [{**FORMER, "d": None}]}).replace(', "d": null', ""), "utf-8"
    )

    shown = ocop("verify", TOKEN, "--jwks", "old.json", "--json")

    assert (shown.exit_code, json.loads(shown.stdout)["refusal"]) == (1, "unknown-key")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "nowhere.txt"], "nowhere.txt cannot be read: No such file"),
        (["verify", "."], ". cannot be read: Is a directory"),
        (["verify", "x" * 300], "cannot be read: File name too long"),
        (["verify", "a\0b"], "no file can have such a name"),
        (["verify", TOKEN, "--jwks", "nowhere.json"], "nowhere.json cannot be read"),
        (["verify", TOKEN, "--jwks", "private.json"], "private.json must be public keys"),
        (["verify", TOKEN, "--jwks", "token.txt"], "token.txt must be a JWK Set"),
        (["keys", "token.txt"], "token.txt must be a JWK Set"),
        (["qr", "eyJhbGciOiJub25lIn0", "-o", "a.svg"], "not-a-token"),
        (
            ["qr", f"eyJhbGciOiJub25lIn0.{'A' * 2000}.AA", "-o", "a.svg"],
            "no certificate's token has over 1,370 letters",
        ),
        (["qr", TOKEN, "-o", "a.gif"], "a.gif is no name of a picture"),
    ],
)
def test_what_was_not_meant_so_ends_with_2_and_shows_no_key(
    ocop: Ocop, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "token.txt").write_text(TOKEN, "utf-8")
    (tmp_path / "private.json").write_text(SIGNING_KEYS, "utf-8")

    shown = ocop(*arguments)

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr
    assert KEY["d"] not in shown.stderr


@pytest.mark.parametrize("arguments", [["verify", TOKEN], ["keys"]])
def test_without_any_keys_it_says_where_they_come_from(
    ocop: Ocop, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.delenv("OCOP_CERTIFICATE_JWKS")

    shown = ocop(*arguments)

    assert shown.exit_code == 2
    assert "OCOP_CERTIFICATE_JWKS" in shown.stderr


def test_the_keys_may_be_those_of_the_stack_that_is_up(
    ocop: Ocop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OCOP_CERTIFICATE_JWKS")
    urls = "OCOP_OPERATOR_AMQP_URL=amqp://operator:x@127.0.0.1:1/"
    (tmp_path / "operator.env").write_text(f"{urls}\nOCOP_CERTIFICATE_JWKS='{JWKS}'\n", "ascii")

    assert ocop("verify", sign(in_force()), "--offline").exit_code == 0
    assert json.loads(ocop("keys").stdout) == json.loads(JWKS)


def test_without_a_connection_it_is_checked_all_the_same_and_that_is_said(ocop: Ocop) -> None:
    shown = ocop("verify", sign(in_force()), "--json")

    assert (shown.exit_code, json.loads(shown.stdout)["looked_up"]) == (0, False)
    assert "the register was not asked: OCOP_OPERATOR_MONGO_URL is not set" in shown.stderr


def test_a_register_of_other_keys_is_not_asked(ocop: Ocop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's stack that is up knows nothing of a province's certificate, and must not call it forged."""
    others = json.dumps({"keys": [key for key in json.loads(JWKS)["keys"] if key["kid"] == FORMER["kid"]]})
    monkeypatch.setenv("OCOP_CERTIFICATE_JWKS", others)
    monkeypatch.setenv("OCOP_OPERATOR_MONGO_URL", "mongodb://operator:x@127.0.0.1:1/admin")
    (tmp_path / "province.json").write_text(JWKS, "utf-8")

    shown = ocop("verify", sign(in_force()), "--jwks", "province.json", "--json")

    assert (shown.exit_code, json.loads(shown.stdout)["standing"]) == (0, "in-force")
    assert "none of the keys of the installation that is set has signed it" in shown.stderr


def test_the_keys_are_written_without_their_private_parts(ocop: Ocop, tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text(SIGNING_KEYS, "utf-8")

    printed, written = ocop("keys", "registry.json"), ocop("keys", "registry.json", "registry.json", "-o", "jwks.json")

    assert (printed.exit_code, written.exit_code, written.stdout) == (0, 0, "")
    assert json.loads(printed.stdout) == json.loads((tmp_path / "jwks.json").read_text("utf-8")) == json.loads(JWKS)


def test_a_code_is_drawn_as_large_as_it_is_printed(ocop: Ocop, tmp_path: Path) -> None:
    drawn = ocop("qr", TOKEN, "-o", "certificate.svg")

    assert drawn.exit_code == 0
    assert "version 18, 48.5 mm a side" in drawn.stderr
    svg = (tmp_path / "certificate.svg").read_text("utf-8")
    assert 'width="48.5mm" height="48.5mm"' in svg


def test_a_code_may_be_a_picture(ocop: Ocop, tmp_path: Path) -> None:
    (tmp_path / "token.txt").write_text(f"{TOKEN}\n", "utf-8")

    assert ocop("qr", "token.txt", "-o", "certificate.png").exit_code == 0

    modules = segno.make_qr(TOKEN, error="m", boost_error=False).symbol_size()[0]
    header = (tmp_path / "certificate.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert int.from_bytes(header[16:20], "big") == int(modules) * 8


@pytest.mark.parametrize("command", [["qr", TOKEN, "-o"], ["keys", "-o"]], ids=["qr", "keys"])
def test_what_cannot_be_written_is_said(ocop: Ocop, command: list[str]) -> None:
    shown = ocop(*command, "nowhere/certificate.svg")

    assert shown.exit_code == 1
    assert "cannot write nowhere/certificate.svg: No such file or directory" in shown.stderr


def printed(show: Callable[..., None], *said: Any, **more: Any) -> list[str]:
    console = Console(width=180)
    with console.capture() as captured:
        show(console, *said, **more)
    return captured.get().splitlines()


@pytest.mark.parametrize("standing", Standing)
def test_every_standing_has_its_sentence_in_both_languages(standing: Standing) -> None:
    state = State(standing, date(2029, 8, 5), "88/QĐ-UBND")

    vietnamese, english, *_ = printed(print_judgement, CLAIMS, state, key="k", is_looked_up=True)

    assert ("Hợp lệ:" in vietnamese) == english.startswith("Valid:") == (standing in ("in-force", "extended"))
    assert "{" not in vietnamese + english


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_its_sentence_in_both_languages(refusal: Refusal) -> None:
    vietnamese, english = printed(print_refusal, refusal)

    assert vietnamese.startswith("Không")
    assert english.startswith(("Not valid:", "This is no certificate"))


def test_a_name_rewrites_no_terminal() -> None:
    hostile = CLAIMS.model_copy(update={"product_name": "Bánh\x1b[2J[red]tẻ"})

    lines = printed(print_judgement, hostile, State(Standing.IN_FORCE, CLAIMS.last_day), key="k", is_looked_up=True)

    assert any("Bánh\N{REPLACEMENT CHARACTER}[2J[red]tẻ" in line for line in lines)
