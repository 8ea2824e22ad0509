"""`ocop certificate keys`: what is published of the keys that sign certificates."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.certificates.arguments import read_file
from ops.commands import StackFolder, wrong_usage
from ops.operator_settings import CERTIFICATE_SETTING, AccessError, operator_settings
from shared.certificate_token import published_keys


def keys(
    *,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help=f"JWK Sets, such as registry/ocop_certificate_keys; without: {CERTIFICATE_SETTING}",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="write it there", show_default="standard output")
    ] = None,
    folder: StackFolder = None,
) -> None:
    """Write the public keys by which everybody checks certificates, as a JWK Set.

    Of private keys only the public part is written. Of several files each key is written once, in their order.

    Example: ocop certificate keys -o jwks.json
    """
    found = {str(file): read_file(file).decode("utf-8", "replace") for file in files or ()}
    written = _published(found or {CERTIFICATE_SETTING: installed_keys(folder)})
    if output is None:
        typer.echo(written)
    else:
        _write(output, written)


def installed_keys(folder: Path | None) -> str:
    """Return the public keys that are set. Raise Exit (code 2) where there are none, having said so."""
    try:
        found = operator_settings(folder).certificate_jwks
    except AccessError:
        found = None
    if not found:
        raise wrong_usage(f"no public keys are known here: name a file of them, or set {CERTIFICATE_SETTING}")
    return found


def _published(jwk_sets: dict[str, str]) -> str:
    by_id: dict[str, dict[str, Any]] = {}
    for name, jwk_set in jwk_sets.items():
        try:
            by_id |= {key["kid"]: key for key in published_keys(jwk_set)["keys"]}
        except ValueError as error:
            raise wrong_usage(f"{name} {error}") from None
    return json.dumps({"keys": [*by_id.values()]}, indent=2)


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(f"{text}\n", "ascii")
    except OSError as error:
        typer.echo(f"ocop: cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
