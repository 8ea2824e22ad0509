"""What notifications needs to know of the world beside what every service does."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from services.notifications.channels.rate import distances
from shared.contracts.dossier import QuietHours
from shared.errors import SettingsError
from shared.sealing import OpeningKeys
from shared.settings import Settings

#: What is published beside the code, in a clone and in the image.
OFFICES_FILE = Path(__file__).parents[2] / "deploy" / "offices.yaml"
WEBHOOKS_FILE = OFFICES_FILE.with_name("webhooks.yaml")


class NotificationsSettings(Settings):
    """Settings of notifications."""

    contact_private_keys: SecretStr = Field(description="private keys (JWK Set) that open producers' contacts")
    offices_file: Path = Field(OFFICES_FILE, description="how offices are reached, by commune, province and centre")
    webhooks_file: Path = Field(WEBHOOKS_FILE, description="who gets events by webhook")
    sms_file: Path | None = Field(None, description="the gateway for text messages; none: there are none")
    zalo_file: Path | None = Field(None, description="application and templates of Zalo; none: nothing goes by Zalo")
    channel_rates: str = Field("", description="most deliveries of a channel in a time, as email=10/s,sms=60/min")
    digest_seconds: float = Field(
        120, ge=0, description="how long alerts to one recipient wait for each other; 0: each goes out by itself"
    )

    give_up_hours: float = Field(30, ge=0, description="how long a channel is tried in vain, before the next one is")
    quiet_hours: Annotated[QuietHours | None, NoDecode] = Field(
        QuietHours(), description="when nothing is sent that can wait, in Vietnam, such as 21:00-07:00; none: never"
    )

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _are_hours(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        if written.strip().lower() == "none":
            return None
        begins, dash, ends = written.partition("-")
        if not dash:
            raise ValueError("must be two times of day, such as 21:00-07:00, or none")
        return QuietHours(begins=begins.strip(), ends=ends.strip())

    @field_validator("contact_private_keys")
    @classmethod
    def _are_private(cls, jwk_set: SecretStr) -> SecretStr:
        OpeningKeys.of(jwk_set.get_secret_value())
        return jwk_set

    @field_validator("channel_rates")
    @classmethod
    def _are_rates(cls, written: str) -> str:
        distances(written)
        return written


def opening_keys(settings: NotificationsSettings) -> OpeningKeys:
    """Return the keys that open contacts."""
    return OpeningKeys.of(settings.contact_private_keys.get_secret_value())


def notifications_settings(settings: Settings) -> NotificationsSettings:
    """Return the settings of notifications. Raise SettingsError where these are another service's."""
    if not isinstance(settings, NotificationsSettings):
        raise SettingsError("OCOP_CONTACT_PRIVATE_KEYS: Field required")
    return settings
