"""The database's users and roles: each service its own database, in which it may read and add to one collection.

What is derived from it has a database of its own beside it, in which the service may also replace and remove.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pymongo import AsyncMongoClient

from shared.messaging.delivery import OPERATOR
from shared.storage import database_of, now_database_of
from shared.system import SYSTEM

#: Records are never changed and never deleted, so no service may do that.
_ADD_AND_READ = ["createIndex", "find", "insert"]
#: What is derived follows the records.
_KEEP_UP_TO_DATE = [*_ADD_AND_READ, "remove", "update"]

Roles = dict[str, list[dict[str, Any]]]


def roles() -> Roles:
    """Return the roles and the users as the commands createRole and createUser take them, without passwords."""
    return {
        "roles": [_role(service, collection) for service, collection in SYSTEM.collections.items()],
        "users": [
            *(_user(service, database_of(service), [_granted(service, service)]) for service in SYSTEM.collections),
            _user(OPERATOR, "admin", [*_read_by_operators()]),
        ],
    }


async def apply(client: "AsyncMongoClient[dict[str, Any]]", content: Roles, passwords: Mapping[str, str]) -> None:
    """Create the roles and users, or bring those that are there up to date; safe to repeat.

    Raises:
        PyMongoError: the server is away, or the client's user is no administrator.
        KeyError: a user has no password.
    """
    for role in content["roles"]:
        await _create_or_update(client, "Role", role["db"], role["role"], _without(role, "db", "role"))
    for user in content["users"]:
        options = _without(user, "db", "user") | {"pwd": passwords[user["user"]]}
        await _create_or_update(client, "User", user["db"], user["user"], options)


async def create_admin(client: "AsyncMongoClient[dict[str, Any]]", name: str, password: str) -> None:
    """Create the administrator, or bring the password up to date. Raise PyMongoError."""
    await _create_or_update(client, "User", "admin", name, {"pwd": password, "roles": ["root"]})


async def _create_or_update(
    client: "AsyncMongoClient[dict[str, Any]]", kind: str, database: str, name: str, options: dict[str, Any]
) -> None:
    found = await client[database].command(f"{kind.lower()}sInfo", name)
    verb = "update" if found[f"{kind.lower()}s"] else "create"
    await client[database].command(f"{verb}{kind}", name, **options)


def _role(service: str, collection: str) -> dict[str, Any]:
    records = {"db": database_of(service), "collection": collection}
    derived = {"db": now_database_of(database_of(service)), "collection": ""}
    return {
        "db": database_of(service),
        "role": service,
        "privileges": [
            {"resource": records, "actions": _ADD_AND_READ},
            {"resource": derived, "actions": _KEEP_UP_TO_DATE},
        ],
        "roles": [],
    }


def _user(name: str, database: str, granted: list[dict[str, str]]) -> dict[str, Any]:
    return {"db": database, "user": name, "roles": granted}


def _read_by_operators() -> Iterator[dict[str, str]]:
    """Yield the right to read each service's records, and what is derived from them."""
    for service in SYSTEM.collections:
        yield _granted("read", service)
        yield {"role": "read", "db": now_database_of(database_of(service))}


def _granted(role: str, service: str) -> dict[str, str]:
    return {"role": role, "db": database_of(service)}


def _without(mapping: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name not in names}
