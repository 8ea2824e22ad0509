"""What notifications needs to know of the world beside what every service does."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator

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
    digest_seconds: float = Field(
        120, ge=0, description="how long alerts to one recipient wait for each other; 0: each goes out by itself"
    )

    @field_validator("contact_private_keys")
    @classmethod
    def _are_private(cls, jwk_set: SecretStr) -> SecretStr:
        OpeningKeys.of(jwk_set.get_secret_value())
        return jwk_set


def opening_keys(settings: NotificationsSettings) -> OpeningKeys:
    """Return the keys that open contacts."""
    return OpeningKeys.of(settings.contact_private_keys.get_secret_value())


def notifications_settings(settings: Settings) -> NotificationsSettings:
    """Return the settings of notifications. Raise SettingsError where these are another service's."""
    if not isinstance(settings, NotificationsSettings):
        raise SettingsError("OCOP_CONTACT_PRIVATE_KEYS: Field required")
    return settings
