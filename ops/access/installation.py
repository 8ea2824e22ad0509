"""Which installation `ocop access` works on: the one that is named, or the stack that `make up` runs."""

from dataclasses import dataclass
from pathlib import Path

from ops.access.broker import ADMIN
from ops.access.credentials import Credentials, load
from ops.commands import LOCAL
from ops.operator_settings import OPERATOR_FILE, AccessError, OperatorSettings, said_settings, stack_settings
from shared.errors import SettingsError


@dataclass(frozen=True)
class Installation:
    """Where passwords lie, where the broker's management interface is, and which file says who connects.

    `ca_file` has the authority that servers are held to, in place of the system's.
    """

    secrets: Path
    management_url: str
    ca_file: Path | None
    integrations: Path

    @property
    def admin(self) -> Credentials:
        """The administrator's URLs. Raise SettingsError where the folder has none."""
        try:
            return load(self.secrets)[ADMIN]
        except (OSError, KeyError):
            raise SettingsError(f"{self.secrets} has no credentials of {ADMIN}: ocop access issue makes them") from None


def installation(
    secrets: Path | None, *, management_url: str | None, ca_file: Path | None, integrations: Path | None
) -> Installation:
    """Return the installation of a folder of passwords; without one, the stack that `make up` runs.

    What is not given is as environment and `.env` say it, or as the stack does.

    Raises:
        AccessError: no folder is named and nothing is up, or a setting cannot be used.
        SettingsError: nothing says where the broker's management interface is.
    """
    settings = settings_beside(secrets)
    url = management_url or settings.management_url
    if url is None:
        raise SettingsError("--management-url, or OCOP_MANAGEMENT_URL, says where the broker's management interface is")
    return Installation(
        secrets or LOCAL / "secrets", url, ca_file or settings.tls_ca_file, integrations or settings.integrations
    )


def settings_beside(secrets: Path | None) -> OperatorSettings:
    """Return what is known beside a folder of passwords: of a stack that is up, what that says. Raise AccessError."""
    stack = secrets.parent if secrets else LOCAL
    if (stack / OPERATOR_FILE).exists():
        return stack_settings(stack)
    if secrets is None:
        raise AccessError(
            f"nothing is up in {LOCAL}: start it with `make up`, or name the folder of another installation's passwords"
        )
    return said_settings()
