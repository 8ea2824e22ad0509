"""Who gets events by webhook, from `deploy/webhooks.yaml`."""

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, TypeAdapter, field_validator

from services.notifications.channels.secret_file import secrets_in
from services.notifications.plan import Alert, compose
from services.notifications.told import BY_TYPE, AlertedEvent
from shared.contracts.alert import AlertFailed
from shared.contracts.event import Event, derived_id
from shared.errors import SettingsError
from shared.integrations import IntegrationName, Listener
from shared.yaml_file import load_file

_PREFIX = "whsec_"
#: bytes of a secret (Standard Webhooks 1.0, "Signature scheme")
_SECRET_BYTES = range(24, 64 + 1)
#: Secrets of one subscription: the one in use, and another while receivers change to it.
_MAX_SECRETS = 2
_ALERTED = {kind.name for kind in BY_TYPE.values()}


def https_url(url: str) -> str:
    """Return a URL of a server that encrypts. Raise ValueError, which repeats none of it: it may hold a secret."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("must be https://host[:port]/…") from None
    if parts.scheme != "https" or not parts.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("must be https://host[:port]/…, in ASCII")
    if parts.username or parts.password or parts.fragment:
        raise ValueError("no user, password or fragment may stand in it")
    return url


class _Written(Listener):
    """A subscription as the file has it."""

    url: Annotated[str, AfterValidator(https_url)]
    #: Secrets of Standard Webhooks (`whsec_…`), one a line, beside the file that names it or anywhere.
    secret_file: Path
    #: Whether its name may stand for an address of an own network.
    allow_private: bool = False

    @field_validator("listens_to")
    @classmethod
    def _are_alerted(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if unknown := [name for name in names or () if name not in _ALERTED]:
            raise ValueError(f"nobody is alerted to {', '.join(unknown)}; known: {', '.join(sorted(_ALERTED))}")
        return names


_FILE: TypeAdapter[dict[IntegrationName, _Written]] = TypeAdapter(dict[IntegrationName, _Written])


@dataclass(frozen=True)
class Subscription:
    """Who gets which events where, signed by which secrets: by each of them, while one replaces the other."""

    name: str
    url: str = field(repr=False)
    secrets: tuple[SecretStr, ...]
    listener: Listener
    allow_private: bool = False


def load_subscriptions(file: Path) -> tuple[Subscription, ...]:
    """Return the subscriptions.

    Raises:
        SettingsError: the file cannot be used, a line for each fault, or a secret cannot; each names file and place.
    """
    return tuple(_subscription(file, name, each) for name, each in load_file(file, _FILE).items())


def alerts_of_subscriptions(
    among: Iterable[Subscription], event: Event, event_data: AlertedEvent, now: datetime
) -> Iterator[Alert]:
    """Yield the alerts of an event to subscriptions; of one that failed to reach a subscription, none is made."""
    if isinstance(event_data, AlertFailed) and event_data.audience == "subscription":
        return
    for each in subscriptions_for(event, among):
        yield alert_of_subscription(each.name, event, event_data, now)


def alert_of_subscription(name: str, event: Event, event_data: AlertedEvent, now: datetime) -> Alert:
    """Return the alert of an event to a subscription, which gets the event itself."""
    alert_id = derived_id(event.key, "alert", "subscription", name)
    alert = compose(event_data, None, alert_id=alert_id, about=event.id, time=event.time or now)
    return replace(alert, audience="subscription", to=name, event=event)


def subscriptions_for(event: Event, among: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """Return who gets an event: whose scope and wishes it fits, by its place and its kind."""
    return tuple(each for each in among if each.listener.is_shown(event))


def _subscription(file: Path, name: str, written: _Written) -> Subscription:
    try:
        secrets = _signing(file.parent / written.secret_file)
    except ValueError as error:
        raise SettingsError(f"{file}: {name}.secret_file: {error}") from None
    listener = Listener(scope=written.scope, listens_to=written.listens_to)
    return Subscription(name, written.url, secrets, listener, written.allow_private)


def _signing(file: Path) -> tuple[SecretStr, ...]:
    secrets = secrets_in(file)
    if len(secrets) > _MAX_SECRETS or not all(map(_is_secret, secrets)):
        raise ValueError(f"{file}: must be one or two lines whsec_… with 24 to 64 bytes in Base64")
    return secrets


def _is_secret(secret: SecretStr) -> bool:
    text = secret.get_secret_value()
    try:
        key = b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(_PREFIX) and len(key) in _SECRET_BYTES
