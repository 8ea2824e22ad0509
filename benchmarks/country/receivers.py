"""Local receivers for the four channels: a mail server, and one server in the place of webhooks, Zalo and a gateway."""

import asyncio
import json
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.country.products import has_zalo
from services.notifications.told import ALERTED
from services.registry.units import COMMUNES, PROVINCES
from shared.clock import system_clock

_HOST = "localhost"
_DAY = timedelta(days=1)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Receivers:
    """What arrived by each channel: the id of each delivery, and how often it came."""

    arrived: dict[str, Counter[str]] = field(
        default_factory=lambda: {"email": Counter(), "webhook": Counter(), "zalo": Counter(), "sms": Counter()}
    )
    settings: dict[str, str] = field(default_factory=dict)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: D102, N802 - aiosmtpd's name
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        found = _MESSAGE_ID.search(content)
        self.arrived["email"][found[1].decode() if found else ""] += 1
        return "250 OK"

    async def webhook(self, request: web.Request) -> web.Response:
        """Take an event, as a subscriber does."""
        await request.read()
        self.arrived["webhook"][request.headers["webhook-id"]] += 1
        return web.Response(status=204)

    async def zalo(self, request: web.Request) -> web.Response:
        """Take a message by template, as Zalo does, to whom has an account."""
        message = await request.json()
        if not has_zalo(message["phone"]):
            return web.json_response({"error": -118, "message": "no account"})
        self.arrived["zalo"][message["tracking_id"]] += 1
        return web.json_response({"error": 0, "message": "Success"})

    async def tokens(self, _request: web.Request) -> web.Response:
        """Renew the tokens, as Zalo does."""
        return web.json_response({"access_token": "a", "refresh_token": "r", "expires_in": "90000"})

    async def sms(self, request: web.Request) -> web.Response:
        """Take a text message, as a gateway does."""
        self.arrived["sms"][(await request.json())["id"]] += 1
        return web.Response()


@asynccontextmanager
async def receiving(folder: Path) -> AsyncIterator[Receivers]:
    """Run the receivers; `settings` are those by which notifications reaches them."""
    receivers, loop = Receivers(), asyncio.get_running_loop()
    tls = await asyncio.to_thread(_certified, folder)
    mail = await loop.create_server(lambda: SMTP(receivers, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0)
    runner = web.AppRunner(_application(receivers), access_log=None)
    await runner.setup()
    try:
        async with mail:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
            port: int = runner.addresses[0][1]
            receivers.settings = await asyncio.to_thread(_settings, folder, mail.sockets[0].getsockname()[1], port)
            yield receivers
    finally:
        await runner.cleanup()


def _application(receivers: Receivers) -> web.Application:
    application = web.Application()
    application.router.add_post("/webhook", receivers.webhook)
    application.router.add_post("/message/template", receivers.zalo)
    application.router.add_post("/v4/oa/access_token", receivers.tokens)
    application.router.add_post("/sms", receivers.sms)
    return application


def _settings(folder: Path, mail_port: int, port: int) -> dict[str, str]:
    """Write the files of notifications, YAML as JSON, and return the settings that name them."""
    host = f"https://{_HOST}:{port}"
    (folder / "webhook-secret").write_text("whsec_" + "A" * 43 + "=\n", "ascii")
    (folder / "zalo-secret").write_text("secret\n", "ascii")
    files = {
        "OCOP_OFFICES_FILE": dict(_offices()),
        "OCOP_WEBHOOKS_FILE": dict(_subscriptions(host)),
        "OCOP_ZALO_FILE": _zalo(host),
        "OCOP_SMS_FILE": {
            "url": f"{host}/sms",
            "fields": {"to": "{to}", "text": "{text}", "id": "{id}"},
            "allow_private": True,
        },
    }
    for setting, content in files.items():
        (folder / setting).write_text(json.dumps(content), "utf-8")
    return {
        "OCOP_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "OCOP_TLS_CA_FILE": str(folder / "ca.pem"),
        **{setting: str(folder / setting) for setting in files},
    }


def level_of(office: str) -> str:
    """Return the level of an office by its name."""
    return "commune" if office.startswith("xa-") else "province"


def _offices() -> Iterator[tuple[str, object]]:
    """Yield the offices of all provinces and communes, each with an address of its own."""
    for code, name in PROVINCES.items():
        contact = {"email": f"tinh{code}@example.vn"}
        yield f"tinh-{code:02}", {"scope": {"province": f"{code:02}"}, "title": name, "contact": contact}
    for code, unit in COMMUNES.items():
        scope = {"commune": [f"{unit.province_code:02}-{code:05}"]}
        yield f"xa-{code:05}", {"scope": scope, "title": unit.name, "contact": {"email": f"xa{code}@example.vn"}}


def _subscriptions(host: str) -> Iterator[tuple[str, object]]:
    """Yield a subscription of each province to all that happens there."""
    for code in PROVINCES:
        scope = {"province": f"{code:02}"}
        entry = {"url": f"{host}/webhook", "secret_file": "webhook-secret", "scope": scope, "allow_private": True}
        yield f"tinh-{code:02}", entry


def _zalo(host: str) -> object:
    kinds = (*(kind.name for kind in ALERTED), "digest")
    return {
        "app_id": "1",
        "secret_file": "zalo-secret",
        "refresh_token_file": "zalo-secret",
        "templates": {kind: {"id": str(n), "parameters": {"tin": "short"}} for n, kind in enumerate(kinds, 1)},
        "api_url": host,
        "oauth_url": host,
        "allow_private": True,
    }


def _certified(folder: Path) -> ssl.SSLContext:
    """Make a certificate for this machine, which signs itself; `ca.pem` is what clients are to trust."""
    key, now = ec.generate_private_key(ec.SECP256R1()), system_clock()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context
