"""As what Zalo is asked, by the file that `OCOP_ZALO_FILE` names: application, secrets, a template a kind of alert."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlencode, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    model_validator,
)

from services.notifications.channels.exchange import Request
from services.notifications.channels.secret_file import secret_in
from services.notifications.channels.subscriptions import https_url
from services.notifications.channels.zalo_fields import fields_of, value
from services.notifications.delivery import Delivery
from services.notifications.told import BY_TYPE
from shared.errors import SettingsError
from shared.yaml_file import load_file

#: The template of several alerts at once.
DIGEST = "digest"
_MODELS: Mapping[str, type[BaseModel] | None] = {DIGEST: None, **{kind.name: kind.model for kind in BY_TYPE.values()}}


def _parameter(written: object) -> object:
    return {"field": written} if isinstance(written, str) else written


def _host(url: str) -> str:
    """Return a URL that is nothing but a host. Raise ValueError."""
    if urlsplit(https_url(url)).path.strip("/") or "?" in url:
        raise ValueError("must be https://host[:port]")
    return url.rstrip("/")


_Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]
_Host = Annotated[str, AfterValidator(_host)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Parameter(_Written):
    """What is put into a parameter: a field, and the letters that Zalo allows there."""

    field: str
    max: int | None = Field(None, ge=2)


class Template(_Written):
    """A template as Zalo has approved it, in Vietnamese and perhaps in English, and what its parameters are."""

    id: _Id
    id_en: _Id | None = None
    parameters: dict[str, Annotated[Parameter, BeforeValidator(_parameter)]] = Field(min_length=1)


class ZaloFile(_Written):
    """What the file says."""

    app_id: _Id
    #: One line: the application's secret key.
    secret_file: Path
    #: One line: the refresh token of the authorisation; good for one use, after which the database has the next.
    refresh_token_file: Path
    #: Kind of alert → its template. Alerts of other kinds go by other channels.
    templates: dict[str, Template] = Field(min_length=1)
    #: Whether messages go to the application's administrators alone, free of charge.
    development: bool = False
    api_url: _Host = "https://business.openapi.zalo.me"
    oauth_url: _Host = "https://oauth.zaloapp.com"
    #: Whether these may stand for addresses of an own network.
    allow_private: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for kind, template in self.templates.items():
            if kind not in _MODELS:
                raise ValueError(f"templates.{kind}: there is no such alert; known: {', '.join(sorted(_MODELS))}")
            known = fields_of(_MODELS[kind])
            for name, parameter in template.parameters.items():
                if parameter.field not in known:
                    place = f"templates.{kind}.parameters.{name}"
                    raise ValueError(f"{place}: {parameter.field} is no field of it; known: {', '.join(known)}")
        return self


class ZaloApp:
    """The application as which Zalo is asked: what the file says, and its secrets."""

    def __init__(self, file: ZaloFile, secret: SecretStr, refresh_token: SecretStr) -> None:
        self.file = file
        self._secret = secret
        self.authorised = refresh_token

    @property
    def fingerprint(self) -> str:
        """What the file's refresh token is recognised by. It is long and random: nobody finds it from this."""
        return hashlib.sha256(self.authorised.get_secret_value().encode()).hexdigest()[:32]

    def message(self, delivery: Delivery, phone: str) -> dict[str, Any] | None:
        """Return a delivery as Zalo takes it, None where there is no template for it."""
        kind = delivery.first.kind if len(delivery.alerts) == 1 else DIGEST
        template = self.file.templates.get(kind)
        if template is None:
            return None
        return {
            "phone": phone,
            "template_id": template.id_en if delivery.language == "en" and template.id_en else template.id,
            "template_data": {
                name: value(each.field, delivery, each.max) for name, each in template.parameters.items()
            },
            "tracking_id": delivery.id,
            **({"mode": "development"} if self.file.development else {}),
        }

    def sending(self, message: Mapping[str, Any], access_token: str) -> Request:
        """Return the request that sends a message."""
        headers = {"Content-Type": "application/json", "access_token": access_token}
        body = json.dumps(message, ensure_ascii=False).encode()
        return Request(f"{self.file.api_url}/message/template", body, headers)

    def renewing(self, refresh_token: str) -> Request:
        """Return the request for a new pair of tokens, which uses the refresh token up."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "secret_key": self._secret.get_secret_value(),
        }
        form = {"refresh_token": refresh_token, "app_id": self.file.app_id, "grant_type": "refresh_token"}
        return Request(f"{self.file.oauth_url}/v4/oa/access_token", urlencode(form).encode(), headers)


_FILE: TypeAdapter[ZaloFile] = TypeAdapter(ZaloFile)


def load_zalo(file: Path) -> ZaloApp:
    """Return the application that a file describes.

    Raises:
        SettingsError: the file cannot be used, a line for each fault, or a secret cannot; each names file and place.
    """
    written = load_file(file, _FILE)
    secret = _secret(file, "secret_file", written.secret_file)
    return ZaloApp(written, secret, _secret(file, "refresh_token_file", written.refresh_token_file))


def _secret(file: Path, place: str, secret_file: Path) -> SecretStr:
    try:
        return secret_in(file.parent / secret_file)
    except ValueError as error:
        raise SettingsError(f"{file}: {place}: {error}") from None
