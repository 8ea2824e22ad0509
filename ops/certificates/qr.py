"""`ocop certificate qr`: the code that is printed on a certificate."""

from pathlib import Path
from typing import Annotated

import segno
import typer

from ops.certificates.arguments import Token, token_in
from ops.commands import wrong_usage
from shared.certificate_qr import MODULE_MILLIMETRES, qr_of, side_millimetres
from shared.certificate_token import LONGEST_TOKEN, RefusedTokenError, key_id

#: pixels a module of a PNG, and the dots an inch at which they are as wide
_MODULE_PIXELS, _DOTS = 8, 406
_KINDS = (".svg", ".png")


def qr(
    *,
    token: Token,
    output: Annotated[Path, typer.Option("--output", "-o", help="the picture: .svg or .png")],
) -> None:
    """Draw the QR code of a certificate's token, to be printed.

    Error correction M: 15 % of it may be unreadable. A module is 0.5 mm wide; how large the code is, is said. Whether
    the token is right is not looked at: `ocop certificate verify` does.

    Example: ocop certificate qr token.txt -o certificate.svg
    """
    text = token_in(token)
    _must_be_a_token(text)
    if output.suffix not in _KINDS:
        raise wrong_usage(f"{output} is no name of a picture that can be drawn: {' or '.join(_KINDS)}")
    code = qr_of(text)
    _save(code, output)
    typer.echo(f"{output}: version {code.version}, {side_millimetres(code):g} mm a side with its margin", err=True)


def _must_be_a_token(text: str) -> None:
    try:
        key_id(text)
    except RefusedTokenError as refused:
        raise wrong_usage(f"{refused}: a token is three parts with dots between them, eyJ….….…") from None
    if len(text) > LONGEST_TOKEN:
        raise wrong_usage(f"no certificate's token has over {LONGEST_TOKEN:,} letters")


def _save(code: segno.QRCode, output: Path) -> None:
    try:
        if output.suffix == ".svg":
            code.save(str(output), scale=MODULE_MILLIMETRES, unit="mm", light="#fff")
        else:
            code.save(str(output), scale=_MODULE_PIXELS, dpi=_DOTS)
    except OSError as error:
        typer.echo(f"ocop: cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
