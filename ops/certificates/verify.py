"""`ocop certificate verify`: is this a certificate, and does it still hold."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.certificates.arguments import Token, read_file, token_in
from ops.certificates.keys import installed_keys
from ops.certificates.printing import print_judgement, print_refusal
from ops.certificates.register import newest_state
from ops.certificates.standing import VALID, State, by_date
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line, wrong_usage
from ops.operator_settings import CERTIFICATE_SETTING, AccessError, operator_settings
from shared.certificate_token import CertificateClaims, Refusal, RefusedTokenError, Verifier, key_id
from shared.clock import system_clock
from shared.legal_date import legal_date


@dataclass(frozen=True)
class Judgement:
    """What was found of a token that is right: what it says, how it stands, and whether the register was asked."""

    claims: CertificateClaims
    state: State
    key: str
    is_looked_up: bool

    @property
    def is_valid(self) -> bool:
        """Return whether the certificate holds today, as far as is known."""
        return self.state.standing in VALID

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "valid": self.is_valid,
            "refusal": None,
            "standing": self.state.standing,
            "day": self.state.day and self.state.day.isoformat(),
            "by": self.state.by,
            "looked_up": self.is_looked_up,
            "key_id": self.key,
            "certificate": self.claims.model_dump(mode="json", by_alias=False),
        }


def verify(
    *,
    token: Token,
    jwks: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="the public keys, a JWK Set", show_default=f"{CERTIFICATE_SETTING}, or the stack's"
        ),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="do not ask the register")] = False,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Check a certificate's token: its signature by the published keys, and what the register says by now.

    Where the register cannot be reached, it is checked by signature and days alone, and that is said: it may have been
    revoked, superseded or extended since. Exit code 0: it is valid; 1: it is not; 2: there are no keys to check it by.

    With --json one line: valid, refusal (why the token is none), standing (in-force, extended; not-yet, past-last-day,
    expired, superseded, revoked, differs, not-on-record), day and by (until when, or what ended it), looked_up, key_id,
    certificate (issuer, issued_at, product_code, number, stars, decision_number, decision_date, authority, issued_on,
    last_day, product_name).

    Example: ocop certificate verify token.txt --jwks jwks.json
    """
    run(write_judgement(token_in(token), _verifier(jwks, folder), folder, offline=offline, as_json=as_json))


async def write_judgement(token: str, verifier: Verifier, folder: Path | None, *, offline: bool, as_json: bool) -> int:
    """Write what a token is worth. Return the exit code."""
    try:
        claims, key = verifier.verify(token), key_id(token)
    except RefusedTokenError as refused:
        return _write_refusal(refused.refusal, as_json=as_json)
    state = None if offline else await _looked_up(folder, claims, key)
    today = legal_date(system_clock())
    judgement = Judgement(claims, by_date(claims, state, today), key, is_looked_up=state is not None)
    if as_json:
        write_line(judgement.as_json())
    else:
        print_judgement(wide_console(), judgement.claims, judgement.state, key=key, is_looked_up=state is not None)
    return 0 if judgement.is_valid else 1


async def _looked_up(folder: Path | None, claims: CertificateClaims, key: str) -> State | None:
    """Return what the register says, None where it cannot be asked, having said why."""
    try:
        return await newest_state(operator_settings(folder), claims, key=key)
    except AccessError as error:
        sys.stderr.write(f"ocop: the register was not asked: {error}\n")
        return None


def _write_refusal(refusal: Refusal, *, as_json: bool) -> int:
    if as_json:
        unknown = dict.fromkeys(("standing", "day", "by", "looked_up", "key_id", "certificate"))
        write_line({"valid": False, "refusal": refusal, **unknown, "looked_up": False})
    else:
        print_refusal(wide_console(), refusal)
    return 1


def _verifier(jwks: Path | None, folder: Path | None) -> Verifier:
    text = read_file(jwks).decode("utf-8", "replace") if jwks else installed_keys(folder)
    try:
        return Verifier.of(text)
    except ValueError as error:
        raise wrong_usage(f"{jwks or CERTIFICATE_SETTING} {error}") from None
