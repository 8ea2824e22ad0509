"""Checks the database: is it there, what is it, who are we to it, and are the indexes what the services declare."""

from collections.abc import Mapping, Sequence

from ops.access.published import published_roles
from ops.database_reader import Reader, Server
from ops.doctor.check import Check, listed, not_checked, ok, warning, wrong
from ops.operator_settings import MONGO_SETTING, OperatorSettings
from ops.typed import reviving, starting
from services.evaluation import ratings
from services.notifications import alerts
from services.registry import products
from shared.errors import OutageError, SettingsError
from shared.messaging.delivery import OPERATOR
from shared.storage import Index
from shared.system import SYSTEM

#: What the services declare, by service.
INDEXES: Mapping[str, Sequence[Index]] = {
    "registry": products.INDEXES,
    "evaluation": ratings.INDEXES,
    "notifications": alerts.INDEXES,
}
_NAMES = ("replica set", "database rights", "indexes")


async def check_database(settings: OperatorSettings) -> list[Check]:
    """Make the checks of the database."""
    if settings.mongo_url is None:
        advice = f"set it to the operator's URL of the database{settings.or_the_stack}"
        return [not_checked("database", f"{MONGO_SETTING} is not set", advice)]
    try:
        reader = Reader(settings.mongo_url, ca_file=settings.tls_ca_file)
    except SettingsError as error:
        return [wrong("database", str(error), f"mend {MONGO_SETTING}, OCOP_TLS_CA_FILE")]
    try:
        server = await reader.server()
        answers = ok("database", f"MongoDB {server.version} answers")
        return [answers, replica_set(server), await _rights(reader), await _indexes(reader)]
    except OutageError as error:
        doubt = "is it running, the password right, its certificate trusted?"
        advice = f"{reviving('mongo', otherwise=doubt)} Services hold what they have meanwhile"
        return [wrong("database", str(error), advice), *(not_checked(name, "needs the database") for name in _NAMES)]
    finally:
        reader.close()


def replica_set(server: Server) -> Check:
    """Judge the members: a service writes with `w: majority, j: true`, and what that is worth is a matter of them."""
    name, members = "replica set", len(server.members)
    if server.is_sharded:
        return ok(
            name, "a sharded cluster: writes are journaled by the majority of a shard, whose members only it knows"
        )
    if server.replica_set is None:
        return warning(name, "a server that stands alone", "beyond one machine: a replica set, so that a disk may fail")
    if not server.takes_writes:
        return warning(name, f"{server.replica_set}: this member takes no writes", "name all members in the URL")
    if members < 3:
        found = f"{server.replica_set} has {members} member{'s' if members > 1 else ''}"
        return ok(name, f"{found}: writes are journaled, but a disk that fails takes them along")
    return ok(name, f"{server.replica_set} has {members} members; writes are journaled by the majority")


async def _rights(reader: Reader) -> Check:
    found = await reader.roles()
    (issued,) = (user["roles"] for user in published_roles()["users"] if user["user"] == OPERATOR)
    wanted = frozenset((role["db"], role["role"]) for role in issued)
    if missing := wanted - found:
        return wrong("database rights", f"missing: {_names(missing)}", "ocop access apply grants them")
    if more := found - wanted:
        return warning("database rights", f"more than issued: {_names(more)}", "an operator only reads: use that user")
    return ok("database rights", f"as issued: {_names(found)}")


def _names(roles: frozenset[tuple[str, str]]) -> str:
    return listed(f"{role} of {database}" for database, role in roles)


async def _indexes(reader: Reader) -> Check:
    missing, declared = [], 0
    for service, collection in SYSTEM.collections.items():
        found = await reader.indexes(service, collection)
        declared += len(INDEXES[service])
        missing += [f"{collection} ({', '.join(index.fields)})" for index in INDEXES[service] if index not in found]
    if missing:
        return wrong(
            "indexes", f"missing: {listed(missing)}", f"{starting(SYSTEM.names)}: each makes its own when it starts"
        )
    return ok("indexes", f"all {declared} that the services declare are there")
