"""What is brought to a broker, and what is told of the difference between it and the file of integrations."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.access.bindings import surplus
from ops.access.broker import ADMIN, with_passwords
from ops.access.credentials import folder_of, load
from ops.access.installation import Installation
from ops.access.management import import_definitions, look, unbind
from ops.access.published import published_definitions
from ops.typed import on_the_broker, removing
from shared.errors import SettingsError
from shared.integrations import queue_of, user_of

_INTEGRATION = user_of("")


def definitions_of(where: Installation) -> dict[str, Any]:
    """Return the broker's definitions with the passwords of an installation.

    Raises:
        SettingsError: the file of integrations cannot be used, or a user has no password.
    """
    passwords = {each.user: each.amqp_password for each in load(where.secrets).values() if each.user != ADMIN}
    try:
        return with_passwords(published_definitions(where.integrations), passwords)
    except KeyError as missing:
        (user,) = missing.args
        raise SettingsError(f"{where.secrets} has no password of {user}: ocop access issue makes it") from None


def apply_to_broker(where: Installation, content: Mapping[str, Any]) -> Iterator[str]:
    """Bring definitions to the broker, and yield in a line each what came of it. Raise ManagementError."""
    known, wanted = users_on_broker(where), {user["name"] for user in content["users"]}
    import_definitions(where.management_url, dict(content), **_as_admin(where))
    yield "The broker has its queues, policies, users and rights."
    if new := sorted(wanted - known):
        yield f"It did not know before: {', '.join(new)}"
    yield from settle(where, content)


def settle(where: Installation, content: Mapping[str, Any]) -> Iterator[str]:
    """Take away what an import of definitions leaves, and yield in a line each what, and who is left over.

    Raises:
        ManagementError: the broker does not answer, or refuses.
    """
    no_longer = surplus(content["bindings"], look(where.management_url, "bindings/%2F", **_as_admin(where)))
    unbind(where.management_url, no_longer, **_as_admin(where))
    for binding in no_longer:
        yield f"{binding['destination']} is no longer bound to {binding['routing_key']}"
    for user in sorted(users_on_broker(where) - {user["name"] for user in content["users"]}):
        if user.startswith(_INTEGRATION):
            yield _left_over(user, where)


def _left_over(user: str, where: Installation) -> str:
    """Say of a user of the broker that the file does not know that it can still log in, and what ends it."""
    name = user.removeprefix(_INTEGRATION)
    return (
        f"{user} can log in to the broker and is not in {where.integrations}. To end that: "
        f"{on_the_broker(f'rabbitmqctl delete_user {user}')}; once nobody needs what waits for it, "
        f"{on_the_broker(f'rabbitmqctl delete_queue {queue_of(name)}')}; {removing(folder_of(where.secrets, user))}"
    )


def users_on_broker(where: Installation) -> set[str]:
    """Return the names of the broker's users. Raise ManagementError, also where our user is no administrator."""
    return {user["name"] for user in look(where.management_url, "users", **_as_admin(where))}


def _as_admin(where: Installation) -> dict[str, Any]:
    return {"user": ADMIN, "password": where.admin.amqp_password, "ca_file": where.ca_file}
