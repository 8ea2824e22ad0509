"""What the stack of `make up` takes from the environment and from `.env`, and what it has of its own."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from ops.operator_settings import INTEGRATIONS_SETTING
from shared.integrations import FILE

_PROJECT = Path(__file__).parents[1]
#: Three services on one machine: each has a port of its own.
_ITS_PLACE = frozenset({"OCOP_HTTP_HOST", "OCOP_HTTP_PORT"})

#: Who tries things out waits neither for other alerts nor for the morning, unless that is set.
AT_ONCE = {"OCOP_DIGEST_SECONDS": "0", "OCOP_QUIET_HOURS": "none"}
SMTP_SETTING = "OCOP_SMTP_URL"
LOG_FORMAT_SETTING = "OCOP_LOG_FORMAT"


def settings_said(folder: Path = _PROJECT) -> dict[str, str]:
    """Return what `.env` says and, before it, the environment: as a service reads them, what is empty not at all."""
    sources = (dotenv_values(folder / ".env"), os.environ)
    return {name: value for source in sources for name, value in source.items() if value}


def integrations_of(said: Mapping[str, str]) -> Path:
    """Return the file of integrations, as the services find it, which run in the project's folder."""
    return _PROJECT / said.get(INTEGRATIONS_SETTING, FILE)


def passed_over(said: Mapping[str, str], made: Iterable[str]) -> list[str]:
    """Return the settings that are said, and that the stack makes for itself."""
    return sorted({*made, *_ITS_PLACE} & said.keys())


def mails_go_to(said: Mapping[str, str], mailbox: Path) -> str:
    """Say where mails go: to the server that is set, without its password, or into the stack's own folder."""
    if SMTP_SETTING not in said:
        return f"Mails that arrived: {mailbox}"
    return f"Mails go out, to {urlsplit(said[SMTP_SETTING]).netloc.rpartition('@')[2]}: {SMTP_SETTING} says so"
