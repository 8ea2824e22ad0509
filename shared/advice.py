"""Commands that a service advises, as they are typed where it runs."""

import os

#: Says where OCOP runs, where that is in containers: `compose` (docker-compose.yml).
SETTING = "OCOP_RUN_WITH"
#: How the operator's command is typed beside compose.
OCOP_IN_COMPOSE = "docker compose run --rm ocop"
#: What is a service of its own in docker-compose.yml, since it sees more passwords than the operator's command.
SERVICES_OF_COMPOSE = {
    "ocop access issue": "docker compose run --rm --no-deps passwords",
    "ocop access apply": "docker compose run --rm --no-deps access",
    "ocop access add": "docker compose run --rm access-add",
}


def is_compose() -> bool:
    """Return whether this runs beside the others of docker-compose.yml."""
    return os.environ.get(SETTING) == "compose"


def typed(command: str) -> str:
    """Return a command of the operator's (`ocop refile`) as it is typed here."""
    if not is_compose():
        return command
    return SERVICES_OF_COMPOSE.get(command) or command.replace("ocop", OCOP_IN_COMPOSE, 1)
