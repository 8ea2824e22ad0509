"""What notifications needs to know of the world beside what every service does."""

from pydantic import Field, SecretStr, field_validator

from shared.errors import SettingsError
from shared.sealing import OpeningKeys
from shared.settings import Settings


class NotificationsSettings(Settings):
    """Settings of notifications."""

    contact_private_keys: SecretStr = Field(description="private keys (JWK Set) that open producers' contacts")

    @field_validator("contact_private_keys")
    @classmethod
    def _are_private(cls, jwk_set: SecretStr) -> SecretStr:
        OpeningKeys.of(jwk_set.get_secret_value())
        return jwk_set


def opening_keys(settings: Settings) -> OpeningKeys:
    """Return the keys that open contacts. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, NotificationsSettings):
        raise SettingsError("OCOP_CONTACT_PRIVATE_KEYS: Field required")
    return OpeningKeys.of(settings.contact_private_keys.get_secret_value())
