"""Checks the services: what each says of itself at `/ready`."""

import asyncio
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from yarl import URL

from ops.doctor.check import Check, not_checked, ok, wrong
from ops.named import one_line
from ops.operator_settings import SERVICES_SETTING, OperatorSettings
from ops.typed import reviving

#: seconds; a service asks broker and database before it answers
_SECONDS = 5
_MOST_BYTES = 1000


async def check_services(settings: OperatorSettings) -> list[Check]:
    """Ask every service whose place is known."""
    if not settings.service_urls:
        advice = f"{SERVICES_SETTING}=registry=http://host:port,… names them"
        return [not_checked("services", "where they answer over HTTP is not known", advice)]
    names = settings.service_names
    return await asyncio.gather(*(asyncio.to_thread(_ask, url, names.get(url)) for url in settings.service_urls))


def _ask(url: str, service: str | None) -> Check:
    place = place_of(url)
    if place is None:
        advice = f"{SERVICES_SETTING} is registry=http[s]://host:port, …: without a user, separated by commas"
        return wrong("service", "no URL of a service", advice)
    name = f"service {service or one_line(place)}"
    try:
        with urlopen(f"{url.rstrip('/')}/ready", timeout=_SECONDS) as answer:  # noqa: S310  # the scheme is checked above
            return ok(name, _said(answer))
    except HTTPError as error:
        advice = "once what it waits for is there, it goes on by itself"
        return wrong(name, f"not ready: {_said(error)}", advice)
    except (URLError, OSError, HTTPException) as error:
        why = getattr(error, "reason", None) or type(error).__name__
        advice = reviving(service or URL(url).host or "", otherwise="is it running? See its log")
        return wrong(name, f"does not answer: {why}", advice)


def place_of(url: str) -> str | None:
    """Return host and port of a service's URL; None where it is none or names a user, whose password would show."""
    try:
        read = URL(url)
    except ValueError:
        return None
    is_place = read.scheme in {"http", "https"} and read.host and read.user is None and read.password is None
    return read.authority if is_place else None


def _said(answer: IO[bytes]) -> str:
    """Return what a service says of itself, a line a matter, as one line."""
    lines = answer.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    return "; ".join(one_line(line) for line in lines if line)
