"""How somebody checks a certificate of the catalogue: the token that stands on the paper, too, or a page's address."""

import base64
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from shared.certificate_qr import qr_of, side_millimetres

#: pixels a module in the picture; a browser draws it as large as it is told
_MODULE_PIXELS = 4
_PIXELS_A_MILLIMETRE = 96 / 25.4


@dataclass(frozen=True)
class QrPicture:
    """A QR code as a PNG in a URL of the scheme `data`, and how many of a page's pixels (1/96 inch) its side has."""

    url: str
    side: int


@dataclass(frozen=True)
class Verification:
    """Where certificates are checked: at a page of the office's, where it has one.

    The page gets the token behind `#`, which no browser sends to a server (decision 20).
    """

    page: str | None = None

    def link(self, token: str | None) -> str | None:
        """Return the address at which a certificate is checked, None where there is none."""
        return f"{self.page}#{token}" if self.page and token else None

    def picture(self, token: str | None) -> QrPicture | None:
        """Return the QR code of a certificate, None where it has no token."""
        return _picture(self.link(token) or token) if token else None


@lru_cache(maxsize=20_000)
def _picture(text: str) -> QrPicture:
    """Return the code of a text. It is drawn once: that takes 20 ms."""
    code, drawn = qr_of(text), BytesIO()
    code.save(drawn, kind="png", scale=_MODULE_PIXELS)
    url = f"data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}"
    return QrPicture(url, round(side_millimetres(code) * _PIXELS_A_MILLIMETRE))
