"""As whom certificates are imported: an integration in the role of a province, and what its scope reaches."""

import os
from pathlib import Path

from yarl import URL

from ops.broker_access import Access, AccessError
from ops.language import gettext as _
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.errors import SettingsError
from shared.integrations import load_integrations, user_of
from shared.messaging.connection import with_authority
from shared.scopes import EVERYWHERE, Role, Scope

#: The integration's URL, as its own program has it.
SETTING = "OCOP_AMQP_URL"


def integration_access(file: Path | None, operator: Access) -> Access:
    """Return the integration that a file's URL, or the setting's, is of.

    Raises:
        AccessError: there is none, or it is no URL of a broker.
    """
    try:
        written = file.read_text("utf-8").strip() if file else os.environ.get(SETTING, "").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise AccessError(_("{file} cannot be read: {why}").format(file=file, why=why)) from None
    if not written:
        said = _("as whom? --as FILE names the file with the URL of the province's integration, or set {setting}")
        raise AccessError(said.format(setting=SETTING))
    if not _is_url(written):
        said = _("{where} must be amqp[s]://user:password@host:port/vhost")
        raise AccessError(said.format(where=file or SETTING))
    return Access(with_authority(written, operator.ca_file), ca_file=operator.ca_file)


def scope_of(accesses: tuple[Access, Access] | None, home: str | None) -> Scope:
    """Return for which places an integration (the first) imports, by an operator's file of those who connect.

    Without, and where the file does not say, that is a province or wherever: the registry decides.

    Raises:
        AccessError: its role is none that may import.
    """
    anywhere = Scope(Role.PROVINCE, frozenset({home or EVERYWHERE}))
    if accesses is None:
        return anywhere
    integration, operator = accesses
    try:
        known = {user_of(name): each.scope for name, each in load_integrations(operator.integrations).items()}
    except SettingsError:
        return anywhere
    scope = known.get(integration.user, anywhere)
    if not scope.may_file(CERTIFICATE_IMPORTED):
        said = _("the user {user} ({scope}) may not import certificates: only a province's integration may")
        raise AccessError(said.format(user=integration.user, scope=scope))
    return scope


def home_of(scope: Scope) -> str | None:
    """Return the province of a scope that has but one."""
    provinces = {place.split("-")[0] for place in scope.places}
    return provinces.pop() if len(provinces) == 1 and EVERYWHERE not in provinces else None


def _is_url(written: str) -> bool:
    try:
        parsed = URL(written)
    except ValueError:
        return False
    return parsed.scheme in {"amqp", "amqps"} and bool(parsed.host and parsed.user)
