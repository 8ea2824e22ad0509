"""Checks the channels by which producers are reached, as notifications itself finds them: nothing is sent."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from ops.doctor.check import Check, not_checked, ok, warning, wrong
from ops.doctor.ready import place_of
from ops.named import one_line
from ops.operator_settings import SERVICES_SETTING, OperatorSettings

#: seconds; notifications gives a mail server less
_SECONDS = 6
_MOST_BYTES = 10_000
_RUNBOOK = "docs/operations.md#ocopalertsfailing; ocop alerts waiting lists what waits for it"


async def check_channels(settings: OperatorSettings) -> list[Check]:
    """Ask whichever of the services has channels how they are."""
    answers = await asyncio.gather(*(asyncio.to_thread(_asked, url) for url in settings.service_urls))
    found = checks_of(each for answer in answers for each in answer)
    if not found:
        return [not_checked("channels", "notifications does not say", f"is it running, and in {SERVICES_SETTING}?")]
    return list(dict.fromkeys(found))  # what its instances find alike is said once


def checks_of(channels: Iterable[Mapping[str, Any]]) -> list[Check]:
    """Judge what notifications says of its channels; but for mail, one that is not set up is no fault."""
    return [check_channel(said) for said in channels if said.get("place") or said.get("channel") == "email"]


def check_channel(said: Mapping[str, Any]) -> Check:
    """Judge what notifications says of one channel."""
    name = f"channel {one_line(said.get('channel'))}"
    place, fault = one_line(said.get("place")), one_line(said.get("fault"))
    if not place:
        return warning(name, "not set up: its producers' alerts go to the log, and they hear nothing", "OCOP_SMTP_URL")
    if fault:
        return wrong(name, f"{place} takes nothing over: {fault}", _RUNBOOK)
    return ok(name, " ".join(part for part in (place, one_line(said.get("found"))) if part))


def _asked(url: str) -> Iterable[Mapping[str, Any]]:
    """Return what a service says of its channels; nothing where it has none, or does not answer: others say so."""
    if place_of(url) is None:
        return ()
    try:
        with urlopen(f"{url.rstrip('/')}/channels", timeout=_SECONDS) as answer:  # noqa: S310  # the scheme is checked
            said = json.loads(answer.read(_MOST_BYTES))
    except (URLError, OSError, HTTPException, ValueError):
        return ()
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else ()
