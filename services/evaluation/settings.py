"""What evaluation needs to know of the world beside what every service does."""

from functools import cached_property
from pathlib import Path

from pydantic import DirectoryPath, Field, field_validator

from services.evaluation.regulations import Regulations, RegulationsError, load_regulations
from shared.errors import SettingsError
from shared.scope_settings import ScopeSettings
from shared.settings import Settings


class EvaluationSettings(ScopeSettings):
    """Settings of evaluation."""

    regulations: DirectoryPath | None = Field(
        None, description="folder with councils' own regulations, beside the defaults"
    )

    @field_validator("regulations")
    @classmethod
    def _hold(cls, folder: Path | None) -> Path | None:
        try:
            _load(folder)
        except RegulationsError as error:
            raise ValueError(str(error)) from None
        return folder

    @cached_property
    def loaded_regulations(self) -> Regulations:
        """The regulations, read once in the life of the process: sessions keep the version that they began with."""
        return _load(self.regulations)


def regulations_of(settings: Settings) -> Regulations:
    """Return the regulations of councils. Raise SettingsError where these are another service's settings."""
    if not isinstance(settings, EvaluationSettings):
        raise SettingsError("OCOP_REGULATIONS: this service knows no councils")
    return settings.loaded_regulations


def _load(folder: Path | None) -> Regulations:
    return load_regulations(*([folder] if folder else []))
