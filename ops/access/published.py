"""The files of `deploy/` that say who may do what, made from the code and from `deploy/integrations.yaml`."""

import json
from pathlib import Path
from typing import Any

from ops.access.broker import definitions
from ops.access.database import Roles, roles
from ops.access.places import require_known_places
from shared.integrations import load_integrations

_DEPLOY = Path(__file__).parents[2] / "deploy"
DEFINITIONS = _DEPLOY / "rabbitmq" / "definitions.json"
ROLES = _DEPLOY / "mongodb" / "roles.json"


def publish() -> tuple[Path, ...]:
    """Write the files and return their paths."""
    integrations = load_integrations()
    require_known_places(integrations)
    contents: dict[Path, Any] = {DEFINITIONS: definitions(integrations), ROLES: roles()}
    for file, content in contents.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_text(content), "utf-8")
    return tuple(contents)


def published_definitions() -> dict[str, Any]:
    """Read the broker's definitions."""
    content: dict[str, Any] = json.loads(DEFINITIONS.read_text("utf-8"))
    return content


def published_roles() -> Roles:
    """Read the database's roles and users."""
    content: Roles = json.loads(ROLES.read_text("utf-8"))
    return content


def as_text(content: Any) -> str:
    """Return content as the text of a published file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
