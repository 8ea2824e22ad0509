"""Checks the certificates of servers that are reached over TLS."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from yarl import URL

from ops.broker_access import Access
from ops.doctor.check import Check, not_checked, ok, warning, wrong
from ops.operator_settings import OperatorSettings
from shared.storage import encrypted_places

#: days before its end on which a certificate is told of
_SOON_DAYS = 30
_SECONDS = 5


async def check_certificates(access: Access, settings: OperatorSettings, now: datetime) -> list[Check]:
    """Check every server that is reached over TLS; no check where none is."""
    return [await _check(name, host, port, settings.tls_ca_file, now) for name, host, port in _places(access, settings)]


def judged(name: str, ends: datetime, now: datetime) -> Check:
    """Judge a certificate that is trusted, by its end."""
    days = (ends - now).days
    if days < _SOON_DAYS:
        return warning(name, f"the certificate ends on {ends:%Y-%m-%d}, in {days} days", "have it renewed")
    return ok(name, f"the certificate is trusted, until {ends:%Y-%m-%d}")


def _places(access: Access, settings: OperatorSettings) -> Iterator[tuple[str, str, int]]:
    broker, management = URL(access.url), URL(access.management_url)
    if broker.scheme == "amqps":
        yield "TLS of the broker", broker.host or "", broker.port or 5671
    if management.scheme == "https":
        yield "TLS of the management interface", management.host or "", management.port or 443
    for host, port in _of_database(settings):
        yield f"TLS of the database {host}:{port}", host, port


def _of_database(settings: OperatorSettings) -> tuple[tuple[str, int], ...]:
    try:
        return encrypted_places(settings.mongo_url) if settings.mongo_url else ()
    except Exception:  # noqa: BLE001  # the check of the database says what is wrong with the URL
        return ()


async def _check(name: str, host: str, port: int, ca_file: Path | None, now: datetime) -> Check:
    try:
        trusted = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # of which ssl.SSLError is one
        return wrong(name, f"{ca_file} cannot be read: {error.strerror or error}", "mend OCOP_TLS_CA_FILE: a PEM file")
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=trusted)
    except ssl.SSLCertVerificationError as error:
        return wrong(
            name, f"not trusted: {error.verify_message}", "renew it, or name its authority in OCOP_TLS_CA_FILE"
        )
    except (OSError, TimeoutError) as error:
        return not_checked(name, f"{host}:{port} does not answer: {type(error).__name__}")
    certificate = writer.get_extra_info("peercert")
    writer.close()
    return judged(name, datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC), now)
