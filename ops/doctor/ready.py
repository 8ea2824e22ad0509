"""Checks the services: what each says of itself at `/ready`."""

import asyncio
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from ops.doctor.check import Check, not_checked, ok, wrong
from ops.named import one_line
from ops.operator_settings import SERVICES_SETTING, OperatorSettings

#: seconds; a service asks broker and database before it answers
_SECONDS = 5


async def check_services(settings: OperatorSettings) -> list[Check]:
    """Ask every service whose place is known."""
    if not settings.service_urls:
        advice = f"{SERVICES_SETTING}=http://host:port,… names them"
        return [not_checked("services", "where they answer over HTTP is not known", advice)]
    return await asyncio.gather(*(asyncio.to_thread(_ask, url) for url in settings.service_urls))


def _ask(url: str) -> Check:
    parts = urlsplit(url)
    name = f"service {parts.netloc.rpartition('@')[2]}"
    if parts.scheme not in {"http", "https"}:
        return wrong(name, "no URL of a service", f"{SERVICES_SETTING} is http://host:port, separated by commas")
    try:
        with urlopen(f"{url.rstrip('/')}/ready", timeout=_SECONDS):  # noqa: S310  # the scheme is checked above
            return ok(name, "ready")
    except HTTPError as error:
        said = one_line(error.read(300).decode("utf-8", "replace").strip())
        return wrong(name, f"not ready: {said}", "what it waits for is checked above; it goes on by itself")
    except (URLError, OSError) as error:
        return wrong(name, f"does not answer: {getattr(error, 'reason', error)}", "is it running? See its log")
