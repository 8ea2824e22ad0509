"""`ocop certificate`: each command is loaded when it is used, since to draw a code needs no database."""

from ops.on_use import Listed, application

app = application(
    Listed(
        "verify",
        "ops.certificates.verify:verify",
        "Check a certificate's token: its signature by the published keys, and what the register says by now.",
    ),
    Listed(
        "show",
        "ops.certificates.show:show",
        "Show what the register has of a certificate, or of all that a product has had: the newest first.",
    ),
    Listed(
        "qr",
        "ops.certificates.qr:qr",
        "Draw the QR code of a certificate's token, to be printed.",
    ),
    Listed(
        "keys",
        "ops.certificates.keys:keys",
        "Write the public keys by which everybody checks certificates, as a JWK Set.",
    ),
)


@app.callback()
def certificate() -> None:
    """Certificates that anyone can check: their signed tokens, QR codes and public keys."""
