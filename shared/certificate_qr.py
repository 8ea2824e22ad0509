"""The QR code of a certificate's token, the same wherever it is drawn: docs/decisions/0020-certificate-tokens.md."""

from typing import Final

import segno

#: millimetres a module, the smallest square of a code: any telephone reads it from a hand's distance
MODULE_MILLIMETRES: Final = 0.5


def qr_of(token: str) -> segno.QRCode:
    """Return the code of a token, with error correction M: 15 % of it may be unreadable."""
    return segno.make_qr(token, error="m", boost_error=False)


def side_millimetres(code: segno.QRCode) -> float:
    """Return how long a side of a code is in print, with its margin."""
    return float(code.symbol_size()[0] * MODULE_MILLIMETRES)
