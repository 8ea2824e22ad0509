"""Who may do what, made from the code and from a file of integrations; and the files of `deploy/` that show it.

Broker and database get what is made, not what lies in the files: those are for who reviews a change.
"""

import json
from pathlib import Path
from typing import Any

from ops.access.broker import definitions
from ops.access.database import Roles, roles
from ops.access.places import require_known_places
from shared.integrations import FILE, load_integrations

_DEPLOY = Path(__file__).parents[2] / "deploy"
DEFINITIONS = _DEPLOY / "rabbitmq" / "definitions.json"
ROLES = _DEPLOY / "mongodb" / "roles.json"


def publish() -> tuple[Path, ...]:
    """Write the files and return their paths. Raise SettingsError where the integrations cannot be used, or OSError."""
    contents: dict[Path, Any] = {DEFINITIONS: published_definitions(), ROLES: published_roles()}
    for file, content in contents.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_text(content), "utf-8")
    return tuple(contents)


def published_definitions(file: Path = FILE) -> dict[str, Any]:
    """Return the broker's definitions. Raise SettingsError where the file of integrations cannot be used."""
    integrations = load_integrations(file)
    require_known_places(integrations, file)
    return definitions(integrations)


def published_roles() -> Roles:
    """Return the database's roles and users."""
    return roles()


def as_text(content: Any) -> str:
    """Return content as the text of a published file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
