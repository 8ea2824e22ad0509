"""What the registry needs to know of the world beside what every service does."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from services.registry.practice import Practice
from services.registry.time_limits import DECISION_26_2026, go_by
from shared.certificate_token import Issuer, Signer
from shared.errors import SettingsError
from shared.scope_settings import ScopeSettings
from shared.sealing import SealingKey
from shared.settings import Settings

#: bytes; a key of fewer than a SHA-256 hash has would be weaker than the hash (RFC 2104, section 3)
MIN_KEY_BYTES = 32


class RegistrySettings(ScopeSettings):
    """Settings of the registry."""

    producer_key: SecretStr = Field(description="secret under which the register hashes persons' numbers, one for ever")
    contact_public_key: str = Field(description="public key (JWK) to which producers' contacts are sealed")

    refer_on: Literal["average", "stars"] = Field(
        "average", description="what sends a result to the ministry: 90 points (Art. 7.3e), or 5 stars"
    )
    five_star_re_evaluation: Literal["council", "direct"] = Field(
        "council", description="where a product of 5 stars is evaluated again: the province's council, or the centre"
    )

    time_limits: Path | None = Field(
        None,
        validate_default=True,
        description="file of days and months that the decision leaves open, in the place of the package's",
    )

    certificate_keys: SecretStr = Field(
        description="keys (JWK Set) of certificates' tokens: the first, a private one, signs; the rest are former ones"
    )
    certificate_issuer: Issuer = Field(
        "https://ocop.example.vn", description="who issues certificates, as their tokens say it: a URI"
    )

    @field_validator("time_limits")
    @classmethod
    def _is_gone_by(cls, file: Path | None) -> Path | None:
        try:
            go_by(file or DECISION_26_2026)
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return file

    @field_validator("certificate_keys")
    @classmethod
    def _sign(cls, jwk_set: SecretStr) -> SecretStr:
        Signer.of(jwk_set.get_secret_value())
        return jwk_set

    @field_validator("contact_public_key")
    @classmethod
    def _is_public(cls, jwk: str) -> str:
        SealingKey.of(jwk)
        return jwk

    @field_validator("producer_key")
    @classmethod
    def _is_long_enough(cls, key: SecretStr) -> SecretStr:
        stripped = key.get_secret_value().strip()  # a file of secrets may end with a line break, an environment not
        if len(stripped.encode()) < MIN_KEY_BYTES:
            raise ValueError(f"must have at least {MIN_KEY_BYTES} bytes; `ocop access issue` makes one")
        return SecretStr(stripped)


def producer_key(settings: Settings) -> bytes:
    """Return the key of producers' numbers. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, RegistrySettings):
        raise SettingsError("OCOP_PRODUCER_KEY: Field required")
    return settings.producer_key.get_secret_value().encode()


def sealing_key(settings: Settings) -> SealingKey:
    """Return the key to which contacts are sealed. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, RegistrySettings):
        raise SettingsError("OCOP_CONTACT_PUBLIC_KEY: Field required")
    return SealingKey.of(settings.contact_public_key)


def practice_of(settings: Settings) -> Practice:
    """Return how the offices read the decision. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, RegistrySettings):
        raise SettingsError("OCOP_REFER_ON: this service decides on no round")
    return Practice(refer_on=settings.refer_on, five_star_re_evaluation=settings.five_star_re_evaluation)


def certificate_signer(settings: Settings) -> Signer:
    """Return the key that signs certificates. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, RegistrySettings):
        raise SettingsError("OCOP_CERTIFICATE_KEYS: Field required")
    return Signer.of(settings.certificate_keys.get_secret_value())


def certificate_issuer(settings: Settings) -> str:
    """Return who issues certificates. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, RegistrySettings):
        raise SettingsError("OCOP_CERTIFICATE_ISSUER: Field required")
    return settings.certificate_issuer
