"""What the services that answer integrations need to know of who may file what."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator

from shared.errors import SettingsError
from shared.integrations import FILE, load_integrations
from shared.scope_file import ScopeFile
from shared.settings import Settings


class ScopeSettings(Settings):
    """Settings of a service that holds what is filed against its sender's scope."""

    integrations: Path = Field(FILE, validate_default=True, description="file that gives each integration its scope")
    anonymous_dossiers: bool = Field(True, description="whether a dossier without `user_id` is taken, of any place")

    @field_validator("integrations")
    @classmethod
    def _can_be_used(cls, file: Path) -> Path:
        try:
            load_integrations(file)
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return file

    @cached_property
    def scopes(self) -> ScopeFile:
        """The scopes of users, one for the whole life of the process: a file that breaks later changes none of them."""
        return ScopeFile(self.integrations, anonymous=self.anonymous_dossiers)


def scopes_of(settings: Settings) -> ScopeFile:
    """Return the scopes of users. Raises SettingsError where these are another service's settings."""
    if not isinstance(settings, ScopeSettings):
        raise SettingsError("OCOP_INTEGRATIONS: this service holds nothing against a scope")
    return settings.scopes
